// Predictions in blocks: every field comes back, whatever stands in between, and a value out of
// range is damage, not a wrong prediction.

#include <gtest/gtest.h>

#include <vector>

#include "journal/block_codec.hpp"
#include "journal/columns_prediction.hpp"
#include "tests/journal/random_records.hpp"

namespace mm::journal {
namespace {

/// Sets every field to whatever the source makes of it.
struct AnyValue {
  RandomRecords& source;
  void operator()(const char*, std::int64_t& value) { value = source.integer(); }
  void operator()(const char*, bool& value) { value = source.one_in(2); }
  void operator()(const char*, Price& value) { value = Price::from_units(source.integer()); }
  void operator()(const char*, Qty& value) { value = Qty::from_lots(source.integer()); }
  void operator()(const char*, ClientOrderId& value) {
    value.value = static_cast<std::uint64_t>(source.integer());
  }
  void operator()(const char*, Side& value) { value = source.one_in(2) ? Side::buy : Side::sell; }
};

/// Cycles as a strategy makes them between market records; now and then anything at all.
std::vector<Record> session(RandomRecords& source, std::size_t cycles) {
  std::vector<Record> records;
  std::uint64_t seq = 1;
  std::int64_t now = 1'723'161'255'030'000'000;
  Prediction head;
  std::array<PredictedLevel, 4> levels;
  for (std::size_t i = 0; i < levels.size(); ++i)
    levels[i] = {.side = i % 2 == 0 ? Side::buy : Side::sell,
                 .level = static_cast<std::int64_t>(i / 2),
                 .price = Price::from_units(618'000)};
  const auto put = [&](auto record) {
    record.header.seq = Seq{seq++};
    record.header.recv_time = time_from_ns(now);
    records.emplace_back(record);
  };
  for (std::size_t cycle = 0; cycle < cycles; ++cycle) {
    now += 100'000'000;
    put(Event{{}, Trade{.trade_id = static_cast<std::int64_t>(cycle), .price = levels[0].price}});
    head.cycle = static_cast<std::int64_t>(cycle) + 1;
    head.mid_twice = 1'236'001 + static_cast<std::int64_t>(source.below(40));
    head.sigma_e8 = source.one_in(4) ? absent_e : static_cast<std::int64_t>(source.below(20'000));
    head.inventory = Qty::from_lots(static_cast<std::int64_t>(source.below(7)) - 3);
    if (source.one_in(10)) describe(head, AnyValue{source});
    put(Output{{}, head});
    for (PredictedLevel& level : levels) {
      level.p_fill_1s_e6 = static_cast<std::int64_t>(source.below(1'000'000));
      level.price = Price::from_units(618'000 + static_cast<std::int64_t>(source.below(20)));
      PredictedLevel written = level;
      if (source.one_in(10)) describe(written, AnyValue{source});
      put(Output{{}, written});
    }
    if (source.one_in(5)) put(Output{{}, FillNote{.shelter = FillShelter::shielded}});
  }
  return records;
}

TEST(PredictionColumns, EveryFieldComesBack) {
  BlockCursor cursor;
  for (const Packing packing : {Packing::fast, Packing::small}) {
    BlockBuilder builder{packing};
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      SCOPED_TRACE(seed);
      RandomRecords source{seed};
      const std::vector<Record> records = session(source, 1 + source.below(120));
      builder.reset();
      for (const Record& record : records) builder.add(record);
      const auto payload = builder.finish();
      const auto loaded = cursor.load(payload, Seq{1});
      ASSERT_TRUE(loaded.has_value()) << loaded.error().message();
      ASSERT_EQ(cursor.records(), records.size());
      for (const Record& record : records) {
        ASSERT_TRUE(cursor.next());
        ASSERT_EQ(cursor.is_output(), std::holds_alternative<Output>(record));
        if (cursor.is_output()) {
          ASSERT_EQ(std::get<Output>(cursor.record()), std::get<Output>(record));
        }
      }
      ASSERT_FALSE(cursor.next());
      ASSERT_FALSE(cursor.damaged());
      // finish() again gives the same block.
      const std::vector<std::byte> once{payload.begin(), payload.end()};
      const auto again = builder.finish();
      ASSERT_TRUE(std::equal(once.begin(), once.end(), again.begin(), again.end()));
    }
  }
}

// Calm cycles, of which most fields stay: a few bytes a record after zstd, and not many before.
TEST(PredictionColumns, WhatDoesNotChangeCostsLittle) {
  BlockBuilder builder;
  Prediction head;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    ++head.cycle;
    builder.add(Record{Output{{.seq = Seq{i}}, head}});
  }
  // A byte a field and record would be 44,000; streamvbyte's two bits a value are on top.
  EXPECT_LT(builder.finish().size(), 1000u * (prediction_words + prediction_words / 4 + 4));
}

TEST(PredictionColumns, AValueOutOfRangeIsDamage) {
  std::array<std::uint64_t, level_words> words{};
  PredictedLevel level;
  EXPECT_TRUE([&] {
    WordReader reader{words.data()};
    describe(level, reader);
    return reader.valid;
  }());
  words[0] = 2;  // no such side
  WordReader reader{words.data()};
  describe(level, reader);
  EXPECT_FALSE(reader.valid);
}

}  // namespace
}  // namespace mm::journal
