#include <gtest/gtest.h>

#include "tests/journal/journal_fixture.hpp"

namespace mm::journal {
namespace {

using namespace testing;

TEST(RoundTrip, EveryRecordComesBackAsItWasWritten) {
  const TempDir dir;
  const WriterSummary summary = record_session(dir / "j", 1, 5000);
  EXPECT_EQ(summary.inputs + summary.outputs, 5000u);
  EXPECT_GT(summary.blocks, 10u);

  const ReadBack back = read_all(dir / "j");
  EXPECT_EQ(back.records, sample(1, 5000));

  RollingDigest input;
  RollingDigest output;
  for (const Bytes& record : back.records)
    (is_output(static_cast<RecordKind>(record[4])) ? output : input).add(record);
  EXPECT_EQ(input.value(), summary.input_digest);
  EXPECT_EQ(output.value(), summary.output_digest);
}

// How records are cut into blocks must not show in the digests.
TEST(RoundTrip, DigestsDoNotDependOnBlocks) {
  const TempDir dir;
  WriterOptions coarse = small_options();
  coarse.block_rows = 4096;
  const WriterSummary a = record_session(dir / "a", 2, 3000);
  const WriterSummary b = record_session(dir / "b", 2, 3000, coarse);
  EXPECT_NE(a.blocks, b.blocks);
  EXPECT_EQ(a.input_digest, b.input_digest);
  EXPECT_EQ(a.output_digest, b.output_digest);
}

TEST(RoundTrip, ACleanStopLeavesSegmentLockAndIndexOnly) {
  const TempDir dir;
  record_session(dir / "j", 3, 100);
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{dir / "j"})
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"000000.mmj", "LOCK", "index"}));
}

TEST(RoundTrip, AnEmptySessionIsAJournal) {
  const TempDir dir;
  record_session(dir / "j", 3, 0);
  const Journal journal = Journal::open(dir / "j");
  ASSERT_EQ(journal.sessions().size(), 1u);
  EXPECT_EQ(journal.sessions()[0].end_seq, Seq{0});
  EXPECT_TRUE(journal.sessions()[0].closed);
  EXPECT_TRUE(drain(journal.read(journal.sessions()[0])).records.empty());
  EXPECT_FALSE(journal.info().first.has_value());
}

TEST(RoundTrip, ASessionRunsOverManySegments) {
  const TempDir dir;
  WriterOptions options = small_options();
  options.segment_bytes = 20'000;
  const WriterSummary summary = record_session(dir / "j", 4, 8000, options);
  EXPECT_GT(summary.segments, 3u);
  EXPECT_EQ(read_all(dir / "j").records, sample(4, 8000));
  const Journal journal = Journal::open(dir / "j");
  EXPECT_TRUE(journal.damages().empty());
  EXPECT_EQ(journal.info().segments, summary.segments);
}

TEST(RoundTrip, SessionsFollowEachOther) {
  const TempDir dir;
  for (const std::uint64_t seed : {5u, 6u, 7u}) record_session(dir / "j", seed, 1000 + seed);
  const Journal journal = Journal::open(dir / "j");
  ASSERT_EQ(journal.sessions().size(), 3u);
  EXPECT_TRUE(journal.damages().empty());
  for (std::size_t i = 0; i < 3; ++i) {
    const SessionInfo& session = journal.sessions()[i];
    EXPECT_EQ(session.number, i + 1);
    EXPECT_EQ(drain(journal.read(session)).records, sample(5 + i, 1005 + i));
    EXPECT_EQ(journal.find_session(std::to_string(i + 1)), &session);
    EXPECT_EQ(journal.find_session(session.id.substr(0, 12)), &session);
  }
  EXPECT_EQ(journal.find_session("4"), nullptr);
  EXPECT_EQ(journal.info(&journal.sessions()[1]).inputs, journal.sessions()[1].inputs);
  EXPECT_EQ(journal.info().inputs, journal.sessions()[0].inputs + journal.sessions()[1].inputs +
                                       journal.sessions()[2].inputs);
}

class Windows : public ::testing::TestWithParam<bool> {};

// The index is a cache: with and without it every window holds the same records.
TEST_P(Windows, HoldWhatLiesInThem) {
  const TempDir dir;
  WriterOptions options = small_options();
  options.segment_bytes = 40'000;
  record_session(dir / "j", 8, 6000, options);
  if (!GetParam()) std::filesystem::remove_all(dir / "j/index");
  const Journal journal = Journal::open(dir / "j");
  EXPECT_EQ(journal.uses_index(), GetParam());
  const SessionInfo& session = journal.sessions()[0];
  const std::vector<Bytes> all = sample(8, 6000);
  const auto time_of = [&](std::size_t i) {
    std::int64_t ns = 0;
    std::memcpy(&ns, all[i].data() + 16, 8);
    return time_from_ns(ns);
  };
  RecordCursor cursor = journal.read(session);
  SampleStream dice{99};
  for (int i = 0; i < 100; ++i) {
    const std::size_t from = dice.draw(6000);
    const std::size_t to = from + dice.draw(300);
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(from);
    const auto last = all.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(to, 6000));
    const std::vector<Bytes> expected{first, last};
    const ReadBack by_seq = drain(journal.read(session, SeqWindow{Seq{from}, Seq{to}}));
    EXPECT_EQ(by_seq.records, expected) << from << ' ' << to;
    cursor.seek(SeqWindow{Seq{from}, Seq{to}});
    std::size_t count = 0;
    while (cursor.next() == RecordCursor::Item::record)
      EXPECT_EQ(current(cursor), expected[count++]);
    EXPECT_EQ(count, expected.size());

    const Time start = time_of(from);
    const Time end = start + std::chrono::milliseconds{dice.draw(400)};
    std::vector<Bytes> in_time;
    for (std::size_t k = 0; k < all.size(); ++k)
      if (time_of(k) >= start && time_of(k) < end) in_time.push_back(all[k]);
    EXPECT_EQ(drain(journal.read(session, TimeWindow{start, end})).records, in_time);
    EXPECT_EQ(time_of(journal.seq_at(session, start).value), start);
  }
  // By time, also between records and at the ends of blocks: the first record at or after it.
  std::size_t expected_at = 0;
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (time_of(expected_at) < time_of(k)) expected_at = k;
    EXPECT_EQ(journal.seq_at(session, time_of(k)), Seq{expected_at});
    if (k + 1 < all.size() && time_of(k + 1) > time_of(k)) {
      EXPECT_EQ(journal.seq_at(session, time_of(k) + Duration{1}), Seq{k + 1});
    }
  }
  EXPECT_EQ(journal.seq_at(session, time_from_ns(INT64_MAX)), session.end_seq);
}
INSTANTIATE_TEST_SUITE_P(Index, Windows, ::testing::Bool());

TEST(RoundTrip, MarkersAndInfoAgreeWithTheRecords) {
  const TempDir dir;
  record_session(dir / "j", 9, 3000);
  std::vector<std::uint64_t> expected;
  std::array<std::uint64_t, 256> kinds{};
  for (const Bytes& record : sample(9, 3000)) {
    const auto kind = static_cast<std::uint8_t>(record[4]);
    ++kinds[kind];
    std::uint64_t seq = 0;
    std::memcpy(&seq, record.data() + 8, 8);
    const RecordKind k{kind};
    if (k == RecordKind::fill || k == RecordKind::annotation || k == RecordKind::feed_status)
      expected.push_back(seq);
  }
  for (const bool indexed : {true, false}) {
    if (!indexed) std::filesystem::remove_all(dir / "j/index");
    const Journal journal = Journal::open(dir / "j");
    std::vector<std::uint64_t> found;
    for (const Marker& marker : journal.markers(journal.sessions()[0]))
      found.push_back(marker.seq.value);
    EXPECT_EQ(found, expected);
    const JournalInfo info = journal.info();
    for (const auto& [kind, count] : info.by_kind)
      EXPECT_EQ(count, kinds[static_cast<std::uint8_t>(kind)]);
    EXPECT_EQ(info.inputs + info.outputs, 3000u);
    EXPECT_EQ(info.gaps.size(), kinds[static_cast<std::uint8_t>(RecordKind::feed_status)]);
  }
}

TEST(RoundTrip, CheckpointsAndRawFramesStandBesideTheRecords) {
  const TempDir dir;
  {
    JournalWriter writer = JournalWriter::open(dir / "j", small_options());
    SampleStream stream{10};
    for (std::uint64_t i = 0; i < 2000; ++i) {
      if (i % 500 == 0) {
        const std::vector<std::byte> state(100 + i, std::byte{static_cast<unsigned char>(i / 500)});
        writer.add_checkpoint(writer.next_seq(), state, i * 7);
      }
      const std::string frame = "{\"frame\":" + std::to_string(i) + "}";
      writer.add_raw(time_from_ns(1'000'000 + static_cast<std::int64_t>(i)),
                     static_cast<std::uint32_t>(i % 3), std::as_bytes(std::span{frame}));
      append(writer, stream.next());
    }
  }
  EXPECT_EQ(read_all(dir / "j").records, sample(10, 2000));
  for (const bool indexed : {true, false}) {
    if (!indexed) std::filesystem::remove_all(dir / "j/index");
    const Journal journal = Journal::open(dir / "j");
    const SessionInfo& session = journal.sessions()[0];
    const auto checkpoint = journal.checkpoint_before(session, Seq{1499});
    ASSERT_TRUE(checkpoint.has_value());
    EXPECT_EQ(checkpoint->at, Seq{1000});
    EXPECT_EQ(checkpoint->state_digest, 7000u);
    EXPECT_EQ(checkpoint->state, (std::vector<std::byte>(1100, std::byte{2})));
    RollingDigest input;
    RollingDigest output;
    const std::vector<Bytes> all = sample(10, 2000);
    for (std::size_t i = 0; i < 1000; ++i)
      (is_output(static_cast<RecordKind>(all[i][4])) ? output : input).add(all[i]);
    EXPECT_EQ(checkpoint->digests, (Digests{input.value(), output.value()}));
    EXPECT_EQ(journal.checkpoint_before(session, Seq{0})->at, Seq{0});

    RawCursor raw = journal.raw(session);
    std::uint64_t count = 0;
    while (raw.next()) {
      const std::string frame = "{\"frame\":" + std::to_string(count) + "}";
      EXPECT_EQ(raw.frame().next_seq, Seq{count});
      EXPECT_EQ(raw.frame().feed, count % 3);
      ASSERT_EQ(raw.frame().bytes.size(), frame.size());
      EXPECT_EQ(std::memcmp(raw.frame().bytes.data(), frame.data(), frame.size()), 0);
      ++count;
    }
    EXPECT_EQ(count, 2000u);
    EXPECT_EQ(journal.info().checkpoints, 4u);
    EXPECT_EQ(journal.info().raw_frames, 2000u);
  }
}

TEST(RoundTrip, SyncModesGiveTheSameJournal) {
  for (const auto mode : {SyncPolicy::Mode::interval, SyncPolicy::Mode::none}) {
    const TempDir dir;
    WriterOptions options = small_options();
    options.sync.mode = mode;
    record_session(dir / "j", 11, 2000, options);
    EXPECT_EQ(read_all(dir / "j").records, sample(11, 2000));
  }
  const TempDir dir;
  WriterOptions options = small_options();
  options.sync.mode = SyncPolicy::Mode::always;
  JournalWriter writer = JournalWriter::open(dir / "j", options);
  SampleStream stream{11};
  for (std::uint64_t i = 0; i < 5; ++i) {
    append(writer, stream.next());
    EXPECT_EQ(writer.durable_seq(), Seq{i + 1});
  }
  writer.close();
  EXPECT_EQ(read_all(dir / "j").records, sample(11, 5));
}

TEST(RoundTrip, AFullTailMakesAppendWaitAndLosesNothing) {
  const TempDir dir;
  WriterOptions options = small_options();
  options.tail_bytes = 64 << 10;
  const WriterSummary summary = record_session(dir / "j", 12, 20'000, options);
  EXPECT_GT(summary.blocked_appends, 0u);
  EXPECT_EQ(read_all(dir / "j").records, sample(12, 20'000));
}

TEST(RoundTrip, TimeMustNotGoBack) {
  const TempDir dir;
  JournalWriter writer = JournalWriter::open(dir / "j", small_options());
  Event event{.header = {.recv_time = time_from_ns(100)}, .body = Timer{.id = 1}};
  writer.append(event);
  event.header.recv_time = time_from_ns(99);
  EXPECT_THROW(writer.append(event), Error);
  event.header.recv_time = time_from_ns(100);
  EXPECT_EQ(writer.append(event), Seq{1});
}

}  // namespace
}  // namespace mm::journal
