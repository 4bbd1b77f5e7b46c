// What happens to a journal whose files are cut, flipped, lost, doubled or swapped.

#include <gtest/gtest.h>

#include <algorithm>

#include "journal/block_header.hpp"
#include "journal/segment.hpp"
#include "journal/verify.hpp"
#include "tests/journal/journal_fixture.hpp"

namespace mm::journal {
namespace {

using namespace testing;
namespace fs = std::filesystem;

constexpr std::uint64_t record_count = 3000;

/// Every record read is one of the recorded ones, in order, and those missing lie in the damages.
void expect_honest(const ReadBack& back, const std::vector<Bytes>& all, const std::string& what) {
  std::vector<bool> excused(all.size(), false);
  for (const Damage& damage : back.damages)
    for (std::uint64_t seq = damage.first_seq.value;
         seq < std::min<std::uint64_t>(damage.end_seq.value, all.size()); ++seq)
      excused[seq] = true;
  std::size_t at = 0;
  for (const Bytes& record : back.records) {
    std::uint64_t seq = 0;
    std::memcpy(&seq, record.data() + 8, 8);
    ASSERT_LT(seq, all.size()) << what;
    for (; at < seq; ++at) ASSERT_TRUE(excused[at]) << what << ": record " << at << " vanished";
    ASSERT_EQ(record, all[seq]) << what;
    at = seq + 1;
  }
  for (; at < all.size(); ++at)
    ASSERT_TRUE(excused[at]) << what << ": record " << at << " vanished";
}

std::string text_of(const Verification& v) {
  std::string text = v.ok ? "ok" : v.readable ? "damaged" : "unreadable";
  for (const std::uint64_t count :
       {v.segments, v.blocks, v.events, v.outputs, v.checkpoints, v.raw_frames})
    text += ' ' + std::to_string(count);
  for (const Problem& problem : v.problems)
    text += '\n' + problem.file + ' ' + std::to_string(problem.offset) + ' ' + problem.what + ' ' +
            problem.action;
  for (const std::string& note : v.notes) text += '\n' + note;
  return text;
}

/// By one thread, and by two, which must come to the same.
Verification verify(const fs::path& dir) {
  Verification one = journal::verify(dir, {}, ReadAhead::no);
  EXPECT_EQ(text_of(one), text_of(journal::verify(dir, {}, ReadAhead::yes)));
  return one;
}

class DamagedJournal : public ::testing::Test {
 protected:
  void SetUp() override {
    WriterOptions options = small_options();
    options.segment_bytes = 40'000;
    JournalWriter writer = JournalWriter::open(dir_ / "good", options);
    SampleStream stream{21};
    for (std::uint64_t i = 0; i < record_count; ++i) {
      if (i % 700 == 0) writer.add_checkpoint(writer.next_seq(), std::vector<std::byte>(300), i);
      const std::string frame = "frame " + std::to_string(i);
      if (i % 4 == 0) writer.add_raw(time_from_ns(1), 0, std::as_bytes(std::span{frame}));
      append(writer, stream.next());
    }
    writer.close();
    all_ = sample(21, record_count);
    copy();
  }
  void copy() {
    fs::remove_all(dir_ / "j");
    fs::copy(dir_ / "good", dir_ / "j", fs::copy_options::recursive);
  }
  fs::path j(const std::string& name = "") const { return (dir_ / "j") / name; }
  std::vector<std::string> segments() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator{dir_ / "good"})
      if (entry.path().extension() == ".mmj") names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }
  static std::string text(const Verification& v) {
    std::string all;
    for (const Problem& p : v.problems)
      all += p.file + "@" + std::to_string(p.offset) + ": " + p.what + "\n";
    return all;
  }

  TempDir dir_;
  std::vector<Bytes> all_;
};

TEST_F(DamagedJournal, IsNotWhenNothingWasDone) {
  const Verification v = verify(j());
  EXPECT_TRUE(v.ok) << text(v);
  EXPECT_TRUE(v.notes.empty());
  EXPECT_EQ(v.events + v.outputs, record_count);
  EXPECT_EQ(v.segments, segments().size());
  EXPECT_GE(v.segments, 3u);
  EXPECT_EQ(v.checkpoints, 5u);
  EXPECT_EQ(v.raw_frames, record_count / 4);
}

// A single flipped bit anywhere in a segment: found, placed, and nothing outside its block is lost.
TEST_F(DamagedJournal, AFlippedBitIsFoundAndPlaced) {
  SampleStream dice{4711};
  const std::vector<std::string> names = segments();
  std::vector<std::vector<std::byte>> good;
  std::uint64_t total = 0;
  for (const std::string& name : names) {
    good.push_back(bytes_of(j(name)));
    total += good.back().size();
  }
  for (int i = 0; i < 400; ++i) {
    std::uint64_t at = dice.draw(total);
    std::size_t file = 0;
    while (at >= good[file].size()) at -= good[file++].size();
    std::vector<std::byte> bytes = good[file];
    bytes[at] ^= static_cast<std::byte>(1u << dice.draw(8));
    write_bytes(j(names[file]), bytes);
    const std::string what = "flip in " + names[file] + " at " + std::to_string(at);

    const Verification v = verify(j());
    ASSERT_FALSE(v.ok) << what;
    const bool placed = std::any_of(v.problems.begin(), v.problems.end(), [&](const Problem& p) {
      return p.file == names[file] && p.offset <= at && at - p.offset < 20'000;
    });
    ASSERT_TRUE(placed) << what << "\n" << text(v);
    const ReadBack back = read_all(j(), OnDamage::skip);
    expect_honest(back, all_, what);
    ASSERT_GT(back.records.size(), record_count * 8 / 10) << what;
    write_bytes(j(names[file]), good[file]);
  }
}

TEST_F(DamagedJournal, AStrictReaderThrowsAtALoss) {
  std::vector<std::byte> bytes = bytes_of(j("000001.mmj"));
  bytes[bytes.size() / 2] ^= std::byte{1};
  write_bytes(j("000001.mmj"), bytes);
  try {
    read_all(j());
    FAIL() << "read past a damaged block";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_NE(error.message().find("000001.mmj: byte "), std::string::npos) << error.message();
    EXPECT_NE(error.message().find("last intact record is "), std::string::npos);
    EXPECT_NE(error.message().find("--salvage"), std::string::npos);
  }
}

TEST_F(DamagedJournal, ACutSegmentLosesOnlyItsEnd) {
  const std::string last = segments().back();
  const std::vector<std::byte> good = bytes_of(j(last));
  for (std::size_t size = 0; size < good.size(); size += 1 + good.size() / 97) {
    std::vector<std::byte> bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    write_bytes(j(last), bytes);
    const Verification v = verify(j());
    ASSERT_FALSE(v.ok) << size;
    const Journal journal = Journal::open(j());
    const ReadBack back =
        drain(journal.read(journal.sessions().back(), SeqWindow{}, OnDamage::skip));
    ASSERT_TRUE(std::equal(back.records.begin(), back.records.end(), all_.begin())) << size;
    ASSERT_FALSE(journal.damages().empty() && back.damages.empty()) << size;
  }
  // Zeros in place of the end, as after an append that never reached the disk.
  std::vector<std::byte> bytes = good;
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(good.size() / 2), bytes.end(),
            std::byte{0});
  write_bytes(j(last), bytes);
  EXPECT_FALSE(verify(j()).ok);
}

TEST_F(DamagedJournal, AZeroedPageIsPassedOver) {
  std::vector<std::byte> bytes = bytes_of(j("000001.mmj"));
  std::fill_n(bytes.begin() + 8192, 4096, std::byte{0});
  write_bytes(j("000001.mmj"), bytes);
  EXPECT_FALSE(verify(j()).ok);
  const ReadBack back = read_all(j(), OnDamage::skip);
  EXPECT_FALSE(back.damages.empty());
  expect_honest(back, all_, "zeroed page");
}

TEST_F(DamagedJournal, BytesBehindTheEndAreAProblemUnlessZero) {
  std::vector<std::byte> bytes = bytes_of(j("000000.mmj"));
  bytes.resize(bytes.size() + 4096);
  write_bytes(j("000000.mmj"), bytes);
  EXPECT_TRUE(verify(j()).ok) << text(verify(j()));
  bytes.back() = std::byte{1};
  write_bytes(j("000000.mmj"), bytes);
  EXPECT_FALSE(verify(j()).ok);
  expect_honest(read_all(j(), OnDamage::skip), all_, "bytes behind the end");
}

TEST_F(DamagedJournal, MissingSegmentsAreNamed) {
  for (const std::string& name : segments()) {
    copy();
    fs::remove(j(name));
    const Verification v = verify(j());
    ASSERT_FALSE(v.ok) << name;
    EXPECT_TRUE(std::any_of(v.problems.begin(), v.problems.end(),
                            [&](const Problem& p) { return p.file == name; }))
        << name << "\n"
        << text(v);
    const Journal journal = Journal::open(j());
    EXPECT_TRUE(std::any_of(journal.damages().begin(), journal.damages().end(),
                            [&](const Damage& d) { return d.file == name; }))
        << name;
  }
  copy();
  fs::remove(j("000001.mmj"));
  const ReadBack back = read_all(j(), OnDamage::skip);
  ASSERT_EQ(back.damages.size(), 1u);
  expect_honest(back, all_, "missing segment");
}

// With its whole session gone, only the index's mark remembers the last segment.
TEST_F(DamagedJournal, AMissingLastSessionIsNoticed) {
  record_session(j(), 22, 10);
  const Verification before = verify(j());
  EXPECT_TRUE(before.ok) << text(before);
  fs::remove(j(segment_file_name(before.segments - 1)));
  EXPECT_FALSE(verify(j()).ok);
}

TEST_F(DamagedJournal, CopiesRenamedAndAlienFilesAreNamed) {
  fs::copy(j("000001.mmj"), j("000077.mmj"));
  Verification v = verify(j());
  ASSERT_EQ(v.problems.size(), 1u) << text(v);
  EXPECT_EQ(v.problems[0].file, "000077.mmj");
  EXPECT_EQ(read_all(j()).records, all_);

  copy();
  fs::rename(j("000001.mmj"), j("middle.mmj"));
  v = verify(j());
  ASSERT_EQ(v.problems.size(), 1u) << text(v);
  EXPECT_EQ(v.problems[0].file, "middle.mmj");
  EXPECT_EQ(read_all(j()).records, all_);

  copy();
  record_session(dir_ / "other", 23, 500);
  fs::copy(dir_ / "other/000000.mmj", j("000042.mmj"));
  v = verify(j());
  ASSERT_EQ(v.problems.size(), 1u) << text(v);
  EXPECT_EQ(v.problems[0].file, "000042.mmj");
  EXPECT_NE(v.problems[0].what.find("another journal"), std::string::npos);
  EXPECT_EQ(read_all(j()).records, all_);

  copy();
  fs::remove(j("000001.mmj"));
  fs::copy(dir_ / "other/000000.mmj", j("000001.mmj"));
  EXPECT_FALSE(verify(j()).ok);
  expect_honest(read_all(j(), OnDamage::skip), all_, "segment of another journal");
}

TEST_F(DamagedJournal, SwappedAndRepeatedBlocksAreFound) {
  const std::vector<std::byte> good = bytes_of(j("000000.mmj"));
  std::vector<std::pair<std::size_t, std::size_t>> blocks;
  for (std::size_t at = segment_header_bytes; at < good.size();) {
    const auto header = decode_header(std::span{good}.subspan(at));
    ASSERT_TRUE(header.has_value());
    blocks.emplace_back(at, header->total_bytes());
    at += header->total_bytes();
  }
  const auto part = [&](std::size_t i) {
    return std::span{good}.subspan(blocks[i].first, blocks[i].second);
  };
  const auto build = [&](const std::vector<std::size_t>& order) {
    std::vector<std::byte> bytes(good.begin(), good.begin() + segment_header_bytes);
    for (const std::size_t i : order) bytes.insert(bytes.end(), part(i).begin(), part(i).end());
    write_bytes(j("000000.mmj"), bytes);
  };
  std::vector<std::size_t> order(blocks.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  build(order);
  EXPECT_TRUE(verify(j()).ok);
  std::vector<std::size_t> swapped = order;
  std::swap(swapped[2], swapped[3]);
  build(swapped);
  EXPECT_FALSE(verify(j()).ok);
  std::vector<std::size_t> repeated = order;
  repeated.insert(repeated.begin() + 3, 2);
  build(repeated);
  EXPECT_FALSE(verify(j()).ok);
  EXPECT_EQ(read_all(j(), OnDamage::skip).records, all_);
  std::vector<std::size_t> left_out = order;
  left_out.erase(left_out.begin() + 4);
  build(left_out);
  EXPECT_FALSE(verify(j()).ok);
  expect_honest(read_all(j(), OnDamage::skip), all_, "block left out");
}

TEST_F(DamagedJournal, ADamagedIndexChangesNoAnswer) {
  const auto answers = [&] {
    const Journal journal = Journal::open(j());
    const SessionInfo& session = journal.sessions()[0];
    std::vector<std::uint64_t> found;
    for (const Marker& marker : journal.markers(session)) found.push_back(marker.seq.value);
    for (std::uint64_t seq = 0; seq < record_count; seq += 331) {
      const auto checkpoint = journal.checkpoint_before(session, Seq{seq});
      found.push_back(checkpoint ? checkpoint->at.value : UINT64_MAX);
      for (const Bytes& record :
           drain(journal.read(session, SeqWindow{Seq{seq}, Seq{seq + 3}})).records)
        found.push_back(hash64(record));
    }
    return found;
  };
  const auto expected = answers();
  const std::vector<std::byte> good = bytes_of(j("index/data.mdb"));
  SampleStream dice{5};
  for (int i = 0; i < 60; ++i) {
    std::vector<std::byte> bytes = good;
    if (i % 3 == 0)
      bytes.resize(dice.draw(bytes.size()));
    else
      bytes[dice.draw(bytes.size())] ^= std::byte{0x10};
    write_bytes(j("index/data.mdb"), bytes);
    ASSERT_EQ(answers(), expected) << i;
    const Verification v = verify(j());
    ASSERT_TRUE(v.ok) << text(v);
    ASSERT_EQ(v.notes.size(), 1u);
  }
  fs::remove_all(j("index"));
  EXPECT_EQ(answers(), expected);
  EXPECT_FALSE(Journal::open(j()).uses_index());
  rebuild_index(j());
  EXPECT_TRUE(Journal::open(j()).uses_index());
  EXPECT_EQ(answers(), expected);
  EXPECT_TRUE(verify(j()).notes.empty());
  // A writer starts a damaged index over and goes on.
  write_bytes(j("index/data.mdb"), std::vector<std::byte>(good.size(), std::byte{7}));
  record_session(j(), 24, 100);
  EXPECT_TRUE(Journal::open(j()).uses_index());
  EXPECT_EQ(answers(), expected);
}

TEST_F(DamagedJournal, ADestroyedFileHeaderIsAProblemAndItsBlocksStayReadable) {
  std::vector<std::byte> bytes = bytes_of(j("000000.mmj"));
  std::fill_n(bytes.begin(), segment_header_bytes, std::byte{0xee});
  write_bytes(j("000000.mmj"), bytes);
  const Verification v = verify(j());
  EXPECT_FALSE(v.ok);
  EXPECT_EQ(v.problems[0].offset, 0u) << text(v);
  EXPECT_EQ(read_all(j(), OnDamage::skip).records, all_);
  EXPECT_EQ(read_all(j()).records, all_);
}

TEST_F(DamagedJournal, WhatIsNoJournalIsSaidSo) {
  for (const std::string& name : segments()) write_bytes(j(name), std::vector<std::byte>(600));
  EXPECT_FALSE(verify(j()).ok);
  EXPECT_THROW(Journal::open(j()), Error);
  EXPECT_THROW(Journal::open(dir_ / "nowhere"), Error);
  EXPECT_FALSE(verify(dir_ / "nowhere").ok);
  EXPECT_FALSE(verify(dir_ / "nowhere").readable);
  fs::create_directory(dir_ / "empty");
  EXPECT_THROW(Journal::open(dir_ / "empty"), Error);
  fs::create_directory(dir_ / "alien");
  write_bytes(dir_ / "alien/letter.txt", std::vector<std::byte>(10));
  EXPECT_THROW(JournalWriter::open(dir_ / "alien", small_options()), Error);
  EXPECT_FALSE(fs::exists(dir_ / "alien/LOCK"));
}

TEST_F(DamagedJournal, AnotherVersionIsNamed) {
  std::vector<std::byte> bytes = bytes_of(j("000000.mmj"));
  bytes[8] = std::byte{9};
  const std::uint64_t checksum = hash64(std::span{bytes}.first(504));
  std::memcpy(bytes.data() + 504, &checksum, 8);
  write_bytes(j("000000.mmj"), bytes);
  const Verification v = verify(j());
  ASSERT_FALSE(v.ok);
  EXPECT_NE(v.problems[0].what.find("version 9"), std::string::npos) << text(v);
}

// A header whose checksum holds but which promises the moon must not cost the moon.
TEST_F(DamagedJournal, LyingSizesAreBounded) {
  const std::vector<std::byte> good = bytes_of(j("000000.mmj"));
  for (const std::uint32_t raw_bytes : {1u << 20, 60u << 20, 3u << 30}) {
    std::vector<std::byte> bytes = good;
    std::byte* at = bytes.data() + segment_header_bytes;
    std::memcpy(at + 12, &raw_bytes, 4);
    const std::uint64_t checksum = hash64({at, 120});
    std::memcpy(at + 120, &checksum, 8);
    write_bytes(j("000000.mmj"), bytes);
    EXPECT_FALSE(verify(j()).ok);
    expect_honest(read_all(j(), OnDamage::skip), all_, "lying size");
  }
}

TEST_F(DamagedJournal, SalvageKeepsWhatCanBeRead) {
  std::vector<std::byte> bytes = bytes_of(j("000001.mmj"));
  bytes[bytes.size() / 2] ^= std::byte{1};
  write_bytes(j("000001.mmj"), bytes);
  const ReadBack before = read_all(j(), OnDamage::skip);
  ASSERT_EQ(before.damages.size(), 1u);
  const SalvageReport report = salvage(j(), dir_ / "saved");
  EXPECT_EQ(report.records, before.records.size());
  EXPECT_EQ(report.lost.size(), 1u);
  EXPECT_GT(report.checkpoints, 3u);
  EXPECT_EQ(report.raw_frames, record_count / 4);
  const Verification v = verify(dir_ / "saved");
  EXPECT_TRUE(v.ok) << text(v);
  EXPECT_EQ(v.events + v.outputs, before.records.size() + 2);  // a gap event for each instrument

  const Journal saved = Journal::open(dir_ / "saved");
  std::size_t at = 0;
  RecordCursor cursor = saved.read(saved.sessions()[0]);
  while (cursor.next() == RecordCursor::Item::record) {
    if (!cursor.is_output())
      if (const auto* status = std::get_if<FeedStatus>(&cursor.event().body);
          status != nullptr && status->detail.starts_with("salvage"))
        continue;
    Bytes expected = before.records[at++];
    Bytes found = current(cursor);
    std::memset(expected.data() + 8, 0, 8);
    std::memset(found.data() + 8, 0, 8);
    ASSERT_EQ(found, expected);
  }
  EXPECT_EQ(at, before.records.size());
  EXPECT_THROW(salvage(j(), dir_ / "saved"), Error);
}

}  // namespace
}  // namespace mm::journal
