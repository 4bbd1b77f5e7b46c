// A flipped bit anywhere in a journal: detected, located, never a crash, never a silently different
// replay; what is outside the damaged place stays readable.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <random>

#include "engine/record.hpp"
#include "journal/reader.hpp"
#include "journal/replay.hpp"
#include "journal/verify.hpp"
#include "strategies/session_engine.hpp"
#include "tests/cli/mmctl_runner.hpp"

namespace mm::test {
namespace {

Engine engine_of(const SessionStart& start) {
  auto engine = make_engine(start);
  if (!engine) throw engine.error();
  return std::move(*engine);
}

std::vector<char> read_bytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const fs::path& path, const std::vector<char>& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

struct Original {
  std::uint64_t records = 0;
  std::uint64_t digest = 0;
  std::vector<std::vector<std::byte>> canonical;  // every record's bytes, by seq
};

Original read_original(const fs::path& path) {
  Original original;
  const journal::Journal journal = journal::Journal::open(path);
  const journal::SessionInfo& session = journal.sessions().back();
  journal::RecordCursor cursor = journal.read(session);
  ByteWriter scratch;
  while (cursor.next() == journal::RecordCursor::Item::record) {
    scratch.clear();
    if (cursor.is_output()) {
      write_record(scratch, cursor.output());
    } else {
      write_record(scratch, cursor.event());
    }
    original.canonical.emplace_back(scratch.bytes().begin(), scratch.bytes().end());
  }
  original.records = original.canonical.size();
  original.digest = journal::replay(journal, session, journal::TimeWindow{}, engine_of).digest;
  return original;
}

/// Reads on past damage: whatever comes out must be as it was recorded.
std::uint64_t read_survivors(const fs::path& path, const Original& original) {
  const journal::Journal journal = journal::Journal::open(path);
  std::uint64_t survivors = 0;
  ByteWriter scratch;
  for (const journal::SessionInfo& session : journal.sessions()) {
    journal::RecordCursor cursor =
        journal.read(session, journal::SeqWindow{}, journal::OnDamage::skip);
    while (true) {
      const auto item = cursor.next();
      if (item == journal::RecordCursor::Item::end) break;
      if (item == journal::RecordCursor::Item::damage) continue;
      scratch.clear();
      if (cursor.is_output()) {
        write_record(scratch, cursor.output());
      } else {
        write_record(scratch, cursor.event());
      }
      const auto& expected = original.canonical.at(cursor.header().seq.value);
      EXPECT_TRUE(std::ranges::equal(scratch.bytes(), expected))
          << "seq " << cursor.header().seq.value << " reads differently";
      ++survivors;
    }
  }
  return survivors;
}

TEST(Damage, AThousandFlippedBitsAreAllFoundAndNamed) {
  const unsigned seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937_64 random(seed);
  const TempDir directory;
  const fs::path path = directory.path() / "journal";
  ASSERT_EQ(mmctl({"record", "--venue", usdm_feed(), "--for", "6s", "--spread", "3bps",
                   "--block-rows", "512", "--journal", path.string()})
                .exit_code,
            0);
  const Original original = read_original(path);
  std::vector<fs::path> files;
  std::uint64_t size = 0;
  for (const auto& entry : fs::directory_iterator(path)) {
    if (entry.path().extension() != ".mmj") continue;
    files.push_back(entry.path());
    size += fs::file_size(entry.path());
  }
  std::ranges::sort(files);
  ASSERT_FALSE(files.empty());
  std::uint64_t lost = 0;
  std::uint64_t replays_unharmed = 0;
  for (int i = 0; i < 1000; ++i) {
    const fs::path& file = files[random() % files.size()];
    std::vector<char> bytes = read_bytes(file);
    const std::size_t at = random() % bytes.size();
    const int bit = static_cast<int>(random() % 8);
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
    write_bytes(file, bytes);
    SCOPED_TRACE(file.filename().string() + " byte " + std::to_string(at) + " bit " +
                 std::to_string(bit));

    const journal::Verification verification = journal::verify(path);
    EXPECT_FALSE(verification.ok);
    const bool located = std::ranges::any_of(verification.problems, [&](const auto& problem) {
      return problem.file == file.filename().string() && problem.offset <= at;
    });
    EXPECT_TRUE(located) << (verification.problems.empty() ? "no problem"
                                                           : verification.problems.front().what);
    try {
      const journal::Journal journal = journal::Journal::open(path);
      if (!journal.sessions().empty()) {
        const journal::ReplayResult replay =
            journal::replay(journal, journal.sessions().back(), journal::TimeWindow{}, engine_of);
        // Checkpoints and what lies behind the end are not folded; the rest must have thrown.
        EXPECT_EQ(replay.digest, original.digest);
        ++replays_unharmed;
      }
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data) << error.message();
    }
    try {
      lost += original.records - read_survivors(path, original);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data) << error.message();
    }
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
    write_bytes(file, bytes);
  }
  EXPECT_TRUE(journal::verify(path).ok) << "the test must leave the journal as it was";
  std::printf(
      "%llu bytes, %llu records; on average %.1f records lost a flip, %llu replays "
      "untouched by it\n",
      static_cast<unsigned long long>(size), static_cast<unsigned long long>(original.records),
      static_cast<double>(lost) / 1000.0, static_cast<unsigned long long>(replays_unharmed));
  EXPECT_LT(static_cast<double>(lost) / 1000.0, static_cast<double>(original.records) / 4.0);
}

}  // namespace
}  // namespace mm::test
