#include "journal/segment.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "journal/fixed_layout.hpp"

namespace mm::journal {
namespace {

constexpr std::uint64_t segment_magic = 0x0a0d47455352'4d4dull;  // "MMRSEG\r\n"
constexpr std::size_t build_at = 144;
constexpr std::size_t checksum_at = 504;

}  // namespace

std::array<std::byte, segment_header_bytes> encode_segment_header(const SegmentHeader& header) {
  std::array<std::byte, segment_header_bytes> bytes{};
  std::byte* at = bytes.data();
  put(at, segment_magic);
  put(at + 8, format_version);
  put(at + 12, static_cast<std::uint32_t>(segment_header_bytes));
  put(at + 16, header.journal);
  put(at + 32, header.session);
  put(at + 48, header.session_number);
  put(at + 56, header.number);
  put(at + 64, header.index_in_session);
  put(at + 72, header.first_seq.value);
  put(at + 80, header.first_block);
  put(at + 88, header.chain.low);
  put(at + 96, header.chain.high);
  put(at + 104, header.input_digest);
  put(at + 112, header.output_digest);
  put(at + 120, to_ns(header.started));
  put(at + 128, header.first_raw);
  put(at + 136, header.flags);
  const std::size_t length = std::min(header.build.size(), build_text_bytes);
  put(at + 140, static_cast<std::uint32_t>(length));
  std::memcpy(at + build_at, header.build.data(), length);
  put(at + checksum_at, hash64({at, checksum_at}));
  return bytes;
}

std::optional<SegmentHeader> decode_segment_header(std::span<const std::byte> bytes,
                                                   std::string* why) {
  const auto no = [&](std::string reason) {
    if (why != nullptr) *why = std::move(reason);
    return std::nullopt;
  };
  if (bytes.size() < segment_header_bytes)
    return no(fmt::format("file ends after {} of the 512 header bytes", bytes.size()));
  const std::byte* at = bytes.data();
  if (get<std::uint64_t>(at) != segment_magic) return no("file does not start like a segment");
  const auto found = get<std::uint64_t>(at + checksum_at);
  if (const auto expected = hash64({at, checksum_at}); found != expected)
    return no(fmt::format("file header has checksum {:016x}, expected {:016x}", found, expected));
  if (const auto version = get<std::uint32_t>(at + 8); version != format_version)
    return no(fmt::format("file is of format version {}, this program reads {}", version,
                          format_version));
  SegmentHeader header;
  header.journal = get<Uuid>(at + 16);
  header.session = get<Uuid>(at + 32);
  header.session_number = get<std::uint64_t>(at + 48);
  header.number = get<std::uint64_t>(at + 56);
  header.index_in_session = get<std::uint64_t>(at + 64);
  header.first_seq = Seq{get<std::uint64_t>(at + 72)};
  header.first_block = get<std::uint64_t>(at + 80);
  header.chain = {.high = get<std::uint64_t>(at + 96), .low = get<std::uint64_t>(at + 88)};
  header.input_digest = get<std::uint64_t>(at + 104);
  header.output_digest = get<std::uint64_t>(at + 112);
  header.started = time_from_ns(get<std::int64_t>(at + 120));
  header.first_raw = get<std::uint64_t>(at + 128);
  header.flags = get<std::uint32_t>(at + 136);
  const auto length = get<std::uint32_t>(at + 140);
  if (length > build_text_bytes) return no("file header has a build text that does not fit it");
  header.build.assign(reinterpret_cast<const char*>(at + build_at), length);
  return header;
}

SegmentWriter::SegmentWriter(Disk& disk, const std::filesystem::path& dir,
                             const SegmentHeader& header, std::uint64_t preallocate)
    : disk_(disk),
      number_(header.number),
      end_(segment_header_bytes),
      allocated_(segment_header_bytes),
      preallocate_(preallocate) {
  const std::filesystem::path path = dir / segment_file_name(header.number);
  std::filesystem::path temporary = path;
  temporary += temporary_extension;
  file_ = File::open(temporary, O_RDWR | O_CREAT | O_TRUNC);
  file_.write_at(disk_, encode_segment_header(header), 0);
  allocate_ahead(segment_header_bytes);
  file_.sync_all();
  if (::rename(temporary.c_str(), path.c_str()) != 0) throw io_error("write", path, errno);
  sync_directory(dir);
  file_ = File::open(path, O_RDWR);
}

SegmentWriter::SegmentWriter(Disk& disk, const std::filesystem::path& dir, std::uint64_t number,
                             std::uint64_t end)
    : disk_(disk),
      file_(File::open(dir / segment_file_name(number), O_RDWR)),
      number_(number),
      end_(end),
      allocated_(end),
      preallocate_(0) {
  file_.truncate(end);
}

void SegmentWriter::allocate_ahead(std::uint64_t needed) {
  // A disk that has no room for the whole step may still have room for the records.
  for (std::uint64_t step = preallocate_; needed + step > allocated_ && step >= 4096; step /= 4) {
    const std::uint64_t to = needed + step;
    int result = 0;
    do {
      result = disk_.fallocate(file_.fd(), static_cast<off_t>(allocated_),
                               static_cast<off_t>(to - allocated_));
    } while (result != 0 && errno == EINTR);
    if (result == 0) {
      allocated_ = to;
      return;
    }
    if (errno != ENOSPC && errno != EDQUOT && errno != EFBIG) break;
  }
}

void SegmentWriter::append(std::span<const std::byte> bytes) {
  if (end_ + bytes.size() > allocated_) allocate_ahead(end_ + bytes.size());
  try {
    file_.write_at(disk_, bytes, end_);
  } catch (const Error&) {
    abandon(end_);
    throw;
  }
  end_ += bytes.size();
  allocated_ = std::max(allocated_, end_);
}

bool SegmentWriter::sync() {
  int result = 0;
  do {
    result = disk_.fdatasync(file_.fd());
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

bool SegmentWriter::finish() {
  file_.truncate(end_);
  allocated_ = end_;
  return sync();
}

void SegmentWriter::abandon(std::uint64_t end) {
  if (::ftruncate(file_.fd(), static_cast<off_t>(end)) == 0) allocated_ = end;
  end_ = end;
}

}  // namespace mm::journal
