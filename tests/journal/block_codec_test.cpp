#include "journal/block_codec.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "tests/journal/random_records.hpp"

namespace mm::journal {
namespace {

/// Payload bytes of their own, eight-byte aligned and not a byte longer, so that a sanitizer sees
/// any read beyond them.
class Payload {
 public:
  explicit Payload(std::span<const std::byte> bytes)
      : words_(std::make_unique<std::uint64_t[]>(bytes.size() / 8)), size_(bytes.size()) {
    std::memcpy(words_.get(), bytes.data(), bytes.size());
  }
  std::span<std::byte> bytes() { return {reinterpret_cast<std::byte*>(words_.get()), size_}; }

 private:
  std::unique_ptr<std::uint64_t[]> words_;
  std::size_t size_;
};

Payload encode(BlockBuilder& builder, std::span<const Record> records) {
  builder.reset();
  for (const Record& record : records) builder.add(record);
  return Payload{builder.finish()};
}

std::vector<std::byte> canonical(const Record& record) {
  ByteWriter writer;
  write_record(writer, record);
  return {writer.bytes().begin(), writer.bytes().end()};
}

/// Decodes and compares the canonical bytes of every record: all fields, as describe.hpp lists
/// them.
void expect_decodes_to(std::span<const std::byte> payload, std::span<const Record> records,
                       BlockCursor& cursor, const std::string& context) {
  const auto loaded = cursor.load(payload, header_of(records[0]).seq);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message() << ", " << context;
  ASSERT_EQ(cursor.records(), records.size()) << context;
  for (std::size_t index = 0; index < records.size(); ++index) {
    ASSERT_TRUE(cursor.next()) << "record " << index << ", " << context;
    ASSERT_EQ(canonical(cursor.record()), canonical(records[index]))
        << name_of(kind_of(records[index])) << " at " << index << ", " << context;
    ASSERT_EQ(cursor.is_output(), std::holds_alternative<Output>(records[index]));
  }
  ASSERT_FALSE(cursor.next()) << context;
  ASSERT_FALSE(cursor.damaged()) << context;
}

// Every kind with arbitrary fields: extreme integers, times in any order, unsorted and duplicate
// levels, order counts that do not match, text with any bytes.
TEST(BlockCodec, EveryKindWithAnyFieldsComesBackExactly) {
  BlockCursor cursor;
  for (const Packing packing : {Packing::fast, Packing::small}) {
    BlockBuilder builder{packing};
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      RandomRecords source{seed};
      const auto records = source.wild(1 + source.below(400), Seq{source.below(1000)});
      expect_decodes_to(encode(builder, records).bytes(), records, cursor,
                        "seed " + std::to_string(seed));
      if (HasFatalFailure()) return;
    }
  }
}

TEST(BlockCodec, MarketDataComesBackExactly) {
  BlockCursor cursor;
  for (const Packing packing : {Packing::fast, Packing::small}) {
    BlockBuilder builder{packing};
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      RandomRecords source{seed};
      const auto records = source.market(1 + source.below(800), Seq{seed});
      expect_decodes_to(encode(builder, records).bytes(), records, cursor,
                        "seed " + std::to_string(seed));
      if (HasFatalFailure()) return;
    }
  }
}

Event event_at(std::uint64_t seq, EventBody body, std::uint16_t instrument = 0) {
  const auto ns = 1'700'000'000'000'000'000 + static_cast<std::int64_t>(seq) * 1'000'000;
  return Event{{Seq{seq}, time_from_ns(ns), time_from_ns(ns - 5'000'000), InstrumentId{instrument}},
               body};
}

// The same bytes with every kernel (the ctest entry with MM_CPU=baseline runs this too) and with
// every compiler: a payload is part of the physical identity of a journal. No random source here:
// the order in which a compiler evaluates arguments must not matter.
TEST(BlockCodec, BytesDoNotDependOnTheMachine) {
  BlockBuilder builder;
  std::vector<Level> bids(40);
  std::vector<Level> asks(40);
  std::uint64_t state = 1;
  const auto next = [&state](std::uint64_t bound) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::int64_t>((state >> 33) % bound);
  };
  for (std::uint64_t seq = 0; seq < 400; ++seq) {
    std::int64_t distance = 0;
    for (std::size_t index = 0; index < bids.size(); ++index) {
      distance += next(400);
      bids[index] = {Price::from_units(60'000 - distance), Qty::from_lots(next(100'000))};
      asks[index] = {Price::from_units(60'001 + distance), Qty::from_lots(next(9'000'000))};
    }
    const auto id = static_cast<std::int64_t>(seq) * 1'000'000;
    if (seq % 3 == 0)
      builder.add(event_at(seq, BookDelta{id, id + 9, id - 1, 0, bids, asks}));
    else if (seq % 3 == 1)
      builder.add(event_at(seq, BestQuote{id, 0, bids[0], asks[0], 0, 0}));
    else
      builder.add(event_at(seq, FeedStatus{FeedState::gap, id, next(1 << 30), "detail"}));
  }
  Payload payload{builder.finish()};
  EXPECT_EQ(hash64(payload.bytes()), 2213367655052292395u);
}

TEST(BlockCodec, AMessageMayHaveMoreLevelsThanSixteenBitsCount) {
  RandomRecords source{3};
  const auto bids = source.side_levels(Side::buy, 70'000, false, true);
  const auto asks = source.side_levels(Side::sell, 66'000, false, false);
  const std::vector<Record> records = {event_at(0, BookDelta{1, 2, 0, 0, bids, asks}),
                                       event_at(1, BookSnapshot{2, 0, {}, asks, {}, {}}),
                                       event_at(2, BookDelta{3, 4, 2, 0, asks, bids})};
  BlockBuilder builder;
  BlockCursor cursor;
  expect_decodes_to(encode(builder, records).bytes(), records, cursor, "many levels");
}

// The rule for levels beyond the window: they are not named when they leave it, and come back as
// new levels.
TEST(BlockCodec, SnapshotsComeBackWhenLevelsEnterAndLeaveTheWindow) {
  const auto book = [](std::initializer_list<std::pair<std::int64_t, std::int64_t>> of) {
    std::vector<Level> levels;
    for (const auto& [price, qty] : of)
      levels.push_back({Price::from_units(price), Qty::from_lots(qty)});
    return levels;
  };
  const std::vector<std::vector<Level>> bids = {
      book({{100, 5}, {99, 1}, {98, 2}, {97, 4}}),   // full
      book({{101, 7}, {100, 5}, {99, 1}, {98, 2}}),  // one enters at the touch, the last leaves
      book({{100, 5}, {99, 1}, {98, 2}, {97, 4}}),   // the reverse
      book({{100, 5}, {99, 1}, {98, 2}}),            // shorter
      book({{98, 2}}),
      book({}),
      book({{50, 1}, {40, 2}}),
      book({{50, 1}, {40, 2}}),
      book({{50, 0}, {40, 2}}),  // a quantity of zero cannot be told from a deletion
      book({{50, 1}, {50, 2}}),  // nor one of two levels at a price be named
      book({{50, 1}, {40, 3}})};
  std::vector<Record> records;
  for (const auto& levels : bids)
    records.push_back(event_at(records.size(), BookSnapshot{0, 0, levels, {}, {}, {}}));
  BlockBuilder builder;
  BlockCursor cursor;
  expect_decodes_to(encode(builder, records).bytes(), records, cursor, "window");
}

TEST(BlockCodec, BlocksDecodeAloneAndInAnyOrder) {
  RandomRecords source{11};
  const auto records = source.market(3000, Seq{0});
  BlockBuilder builder;
  std::vector<std::pair<std::size_t, Payload>> blocks;
  constexpr std::size_t each = 500;
  for (std::size_t from = 0; from < records.size(); from += each)
    blocks.emplace_back(from, encode(builder, std::span{records}.subspan(
                                                  from, std::min(each, records.size() - from))));
  BlockCursor cursor;
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
    const std::size_t count = std::min(each, records.size() - block->first);
    expect_decodes_to(block->second.bytes(), std::span{records}.subspan(block->first, count),
                      cursor, "block at " + std::to_string(block->first));
  }
}

TEST(BlockCodec, ABuilderThatWasUsedBeforeGivesTheSameBytes) {
  RandomRecords source{12};
  const auto first = source.market(700, Seq{0});
  const auto second = source.wild(300, Seq{7});
  BlockBuilder used;
  encode(used, first);
  Payload again = encode(used, second);
  BlockBuilder fresh;
  Payload expected = encode(fresh, second);
  ASSERT_EQ(again.bytes().size(), expected.bytes().size());
  EXPECT_EQ(std::memcmp(again.bytes().data(), expected.bytes().data(), again.bytes().size()), 0);
}

TEST(BlockCodec, FinishMayBeFollowedByMoreRecords) {
  RandomRecords source{13};
  const auto records = source.market(200, Seq{0});
  BlockBuilder builder;
  BlockCursor cursor;
  for (std::size_t index = 0; index < records.size(); ++index) {
    builder.add(records[index]);
    if (index % 50 != 49) continue;
    Payload payload{builder.finish()};
    expect_decodes_to(payload.bytes(), std::span{records}.first(index + 1), cursor, "growing");
  }
}

TEST(BlockCodec, TheBuilderCountsRowsRecordsAndKinds) {
  RandomRecords source{1};
  BlockBuilder builder;
  EXPECT_TRUE(builder.empty());
  const auto levels = source.side_levels(Side::buy, 7, false, false);
  builder.add(event_at(5, BookDelta{1, 2, 0, 0, levels, levels.first(0)}));
  builder.add(event_at(6, BookDelta{}));
  builder.add(event_at(7, BestQuote{}));
  builder.add(event_at(8, Trade{}));
  builder.add(event_at(9, Timer{}));
  builder.add(Output{event_at(10, Timer{}).header, CancelOrder{}});
  EXPECT_EQ(builder.rows(), 7u + 1 + 2 + 1 + 1 + 1);
  EXPECT_EQ(builder.records(), 6u);
  EXPECT_EQ(builder.first_seq(), Seq{5});
  EXPECT_EQ(builder.last_seq(), Seq{10});
  EXPECT_EQ(builder.first_time(), event_at(5, Timer{}).header.recv_time);
  EXPECT_EQ(builder.last_time(), event_at(10, Timer{}).header.recv_time);
  EXPECT_EQ(builder.counts().of(RecordKind::book_delta), 2u);
  EXPECT_EQ(builder.counts().of(RecordKind::cancel_order), 1u);
  builder.reset();
  EXPECT_TRUE(builder.empty());
  EXPECT_EQ(builder.rows(), 0u);
  EXPECT_EQ(builder.counts(), KindCounts{});
}

TEST(BlockCodec, RecordsBeforeATimeAreFoundFromTheTimeColumn) {
  std::vector<Record> records;
  for (std::uint64_t seq = 0; seq < 50; ++seq) records.push_back(event_at(seq, Timer{}));
  BlockBuilder builder;
  Payload payload = encode(builder, records);
  BlockCursor cursor;
  ASSERT_TRUE(cursor.load(payload.bytes(), Seq{0}).has_value());
  for (std::uint64_t seq = 0; seq < 50; ++seq) {
    const Time time = header_of(records[seq]).recv_time;
    EXPECT_EQ(cursor.records_before(time), seq);
    EXPECT_EQ(cursor.records_before(time + Duration{1}), seq + 1);
  }
  EXPECT_EQ(cursor.records_before(time_from_ns(0)), 0u);
  ASSERT_TRUE(cursor.next());  // looking does not move the cursor
  EXPECT_EQ(cursor.header().seq, Seq{0});
}

// A seek needs one column of a block; it must not say anything else than the whole block would.
TEST(BlockCodec, FindingARecordByTimeAgreesWithLoadingTheBlock) {
  std::vector<Record> records;
  for (std::uint64_t seq = 0; seq < 50; ++seq) records.push_back(event_at(seq, Timer{}));
  BlockBuilder builder;
  Payload payload = encode(builder, records);
  BlockCursor cursor;
  for (std::uint64_t seq = 0; seq < 50; ++seq) {
    const Time time = header_of(records[seq]).recv_time;
    EXPECT_EQ(cursor.find(payload.bytes(), 50, time).value(), seq);
    EXPECT_EQ(cursor.find(payload.bytes(), 50, time + Duration{1}).value(), seq + 1);
  }
  EXPECT_FALSE(cursor.find(payload.bytes(), 49, Time{}).has_value());
  EXPECT_FALSE(cursor.find(payload.bytes().first(16), 50, Time{}).has_value());
  // The cursor holds no block then, and loads one as ever.
  ASSERT_TRUE(cursor.find(payload.bytes(), 50, Time{}).has_value());
  EXPECT_FALSE(cursor.next());
  EXPECT_FALSE(cursor.damaged());
  ASSERT_TRUE(cursor.load(payload.bytes(), Seq{0}).has_value());
  ASSERT_TRUE(cursor.next());
  EXPECT_EQ(cursor.header().seq, Seq{0});
}

/// Walks whatever a payload turns out to be and reads all of it.
std::size_t walk(std::span<const std::byte> payload, BlockCursor& cursor) {
  if (!cursor.load(payload, Seq{1}).has_value()) return 0;
  std::size_t bytes = 0;
  ByteWriter writer;
  while (cursor.next()) {
    writer.clear();
    write_record(writer, cursor.record());
    bytes += writer.size();
    // Made-up changes of snapshots may add up; what was read is enough.
    if (bytes > 64u << 20) break;
  }
  return bytes;
}

// Behind a valid checksum stands whatever its writer put there. Mutants decode to something or are
// refused; they never crash, hang or read outside of the payload (the sanitizer builds run this).
TEST(BlockCodec, MutilatedPayloadsAreHarmless) {
  BlockBuilder builder;
  BlockCursor cursor;
  std::size_t refused = 0;
  constexpr std::size_t rounds = 24'000;
  std::mt19937_64 random{99};
  std::vector<Payload> originals;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    RandomRecords source{seed};
    originals.push_back(encode(
        builder, seed % 3 == 0 ? source.wild(40, Seq{1}) : source.market(20 * seed, Seq{1})));
  }
  for (std::size_t round = 0; round < rounds; ++round) {
    std::span<std::byte> bytes = originals[random() % originals.size()].bytes();
    if (round % 4 == 0) bytes = bytes.first(random() % (bytes.size() / 8 + 1) * 8);
    Payload mutant{bytes};
    const std::size_t changes = round % 4 == 0 ? random() % 2 : 1 + random() % 6;
    for (std::size_t change = 0; change < changes && !bytes.empty(); ++change) {
      // Half of the changes hit the first words: pointers, the column list, tags.
      const std::size_t range =
          random() % 2 == 0 ? std::min<std::size_t>(512, bytes.size()) : bytes.size();
      std::byte& target = mutant.bytes()[random() % range];
      target = random() % 2 == 0 ? target ^ static_cast<std::byte>(1u << random() % 8)
                                 : static_cast<std::byte>(random());
    }
    refused += walk(mutant.bytes(), cursor) == 0 ? 1u : 0u;
  }
  EXPECT_GT(refused, rounds / 10);
}

TEST(BlockCodec, ACursorThatRefusedAPayloadTakesTheNext) {
  RandomRecords source{5};
  const auto records = source.market(100, Seq{1});
  BlockBuilder builder;
  Payload payload = encode(builder, records);
  BlockCursor cursor;
  std::vector<std::uint64_t> zeros(16);
  EXPECT_FALSE(cursor.load(std::as_bytes(std::span{zeros}), Seq{1}).has_value());
  EXPECT_FALSE(cursor.load({}, Seq{1}).has_value());
  EXPECT_FALSE(cursor.load(payload.bytes().first(payload.bytes().size() - 1), Seq{1}).has_value());
  EXPECT_FALSE(cursor.next());
  expect_decodes_to(payload.bytes(), records, cursor, "after refusals");
}

}  // namespace
}  // namespace mm::journal
