#include "bench/journals.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "bench/blocks.hpp"
#include "engine/result.hpp"
#include "journal/block_header.hpp"
#include "journal/format.hpp"
#include "journal/replay.hpp"
#include "journal/segment.hpp"
#include "journal/writer.hpp"

namespace mm::bench {

ScratchDirectory::ScratchDirectory(const std::string& parent)
    : path_(std::filesystem::path{parent} / fmt::format("mm-bench-{}", ::getpid())) {
  std::error_code failed;
  std::filesystem::create_directories(path_, failed);
  if (failed)
    throw Error{ErrorKind::data,
                fmt::format("bench: cannot create {}: {}", path_.string(), failed.message())};
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path ScratchDirectory::fresh() {
  return path_ / fmt::format("{}", given_++);
}

void record_repeatedly(const std::filesystem::path& dir, const Recording& recording,
                       std::size_t times) {
  journal::JournalWriter writer = journal::JournalWriter::open(dir, {});
  Engine engine = make_null_engine();
  std::vector<Output> outputs;
  ByteWriter state;
  std::size_t rows = 0;
  const Duration length = recording.events.back().header.recv_time -
                          recording.events.front().header.recv_time + std::chrono::milliseconds{1};
  for (std::size_t round = 0; round < times; ++round) {
    for (Event event : recording.events) {
      event.header.recv_time += length * static_cast<std::int64_t>(round);
      writer.append(event);
      engine.apply(event, outputs);
      rows += rows_of(event);
      if (rows < 48 * block_rows) continue;  // as live/recorder.hpp
      rows = 0;
      state.clear();
      engine.save(state);
      writer.add_checkpoint(writer.next_seq(), state.bytes(), journal::state_digest_of(engine));
    }
  }
  writer.close();
}

void record_session(const std::filesystem::path& dir, const Recording& recording) {
  journal::JournalWriter writer = journal::JournalWriter::open(dir, {});
  writer.append(Event{{.recv_time = recording.events.front().header.recv_time},
                      SessionStart{.strategy = "none", .execution = "none"}});
  for (const Event& event : recording.events) writer.append(event);
  writer.close();
}

std::vector<BlockOnDisk> blocks_on_disk(const std::filesystem::path& dir) {
  std::vector<BlockOnDisk> blocks;
  for (const auto& entry : std::filesystem::directory_iterator{dir}) {
    if (entry.path().extension() != journal::segment_extension) continue;
    const int file = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    std::uint64_t at = journal::segment_header_bytes;
    std::array<std::byte, journal::block_header_bytes> head{};
    while (::pread(file, head.data(), head.size(), static_cast<off_t>(at)) ==
           static_cast<ssize_t>(head.size())) {
      const auto header = journal::decode_header(head);
      if (!header) break;
      if (header->type == journal::BlockType::records)
        blocks.push_back({entry.path(), at + head.size() + header->prefix_bytes,
                          header->payload_bytes, header->raw_bytes, header->first_time});
      at += header->total_bytes();
    }
    ::close(file);
  }
  std::sort(blocks.begin(), blocks.end(), [](const BlockOnDisk& a, const BlockOnDisk& b) {
    return a.first_time < b.first_time;  // the order of equal ones does not matter here
  });
  return blocks;
}

}  // namespace mm::bench
