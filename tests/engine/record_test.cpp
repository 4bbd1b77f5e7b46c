// Every kind of record has canonical bytes that read back as the same record.

#include "engine/record.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "engine/describe.hpp"
#include "tests/engine/samples.hpp"

namespace mm {
namespace {

using namespace testing_samples;

std::vector<Output> every_output() {
  const EventHeader header{.seq = {9}, .recv_time = at_ms(3), .instrument = {2}};
  return {
      {header,
       PlaceOrder{
           {1}, Side::sell, units(2), lots(3), TimeInForce::ioc, DecisionReason::requote, 4}},
      {header, CancelOrder{{5}, DecisionReason::loss_limit}},
      {header, ReplaceOrder{{6},
                            {7},
                            Side::sell,
                            units(8),
                            lots(9),
                            TimeInForce::gtc,
                            DecisionReason::stale_feed,
                            10}},
      {header, SetTimer{11, at_ms(12)}},
      {header, Alert{AlertCode::liquidation_blind, 13, 14, {15}}},
      {header, WallAppeared{Side::sell, units(16), lots(17), 18, 19, 20, 21, absent_e}},
      {header, WallMoved{Side::buy, units(22), lots(23), 24, -25, 26, -27, absent_e}},
      {header, WallPulled{Side::sell, units(28), lots(29), 30, 31, 32, 0, 900'000}},
      {header, WallFilled{Side::buy, units(33), lots(34), 35, 36, 37, 0, 100'000}},
      {header, WallGone{Side::buy, units(38), lots(39), 40, 41, 42, 0, 500'000}},
      {header, FlushStarted{Side::sell, 600'000, 800'000, 0}},
      {header, Prediction{.cycle = 1, .defensive = true, .mid_twice = 2, .inventory = lots(-3)}},
      {header, PredictedLevel{.side = Side::sell,
                              .level = 1,
                              .order = {2},
                              .price = units(3),
                              .qty = lots(4),
                              .p_fill_1s_e6 = 5}},
      {header, FillNote{.order = {1},
                        .trade_id = 2,
                        .shelter = FillShelter::last_remaining,
                        .wall = WallPlace::outside,
                        .wall_lots = 3}},
      {header, FlushEnded{Side::sell, 43, 44, 45}},
      {header,
       LiquidityChanged{LiquidityName::thick, LiquidityName::collapsing, 46, 47, 48, absent_e}},
      {header, RegimeChanged{RegimeName::quiet, RegimeName::cascade, 49, 50, 51, 52}},
      {header, RegimeState{RegimeName::trending, 53, 54, 55, 56, 57, 58, absent_e}}};
}

std::vector<std::byte> bytes_of(const Record& record) {
  ByteWriter out;
  write_record(out, record);
  return {out.bytes().begin(), out.bytes().end()};
}

std::vector<Record> every_record() {
  std::vector<Record> records;
  for (const EventBody& body : every_kind()) {
    Event event = event_of(1234, body, 3);
    event.header.seq = Seq{77};
    event.header.exchange_time = at_ms(1200);
    records.emplace_back(event);
  }
  for (const Output& output : every_output()) records.emplace_back(output);
  return records;
}

TEST(Record, TheSamplesCoverEveryKind) {
  EXPECT_EQ(every_kind().size(), std::variant_size_v<EventBody>);
  EXPECT_EQ(every_output().size(), std::variant_size_v<OutputBody>);
  std::set<std::size_t> seen;
  for (const EventBody& body : every_kind()) seen.insert(body.index());
  EXPECT_EQ(seen.size(), std::variant_size_v<EventBody>);
}

TEST(Record, EveryKindReadsBackAsItWasWritten) {
  for (const Record& record : every_record()) {
    SCOPED_TRACE(name_of(kind_of(record)));
    const std::vector<std::byte> bytes = bytes_of(record);
    EXPECT_EQ(bytes.size() % 8, 0u);
    const std::optional<Record> read = read_record(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->index(), record.index());
    EXPECT_EQ(header_of(*read), header_of(record));
    EXPECT_EQ(kind_of(*read), kind_of(record));
    EXPECT_EQ(bytes_of(*read), bytes);
    if (const Event* event = std::get_if<Event>(&record)) {
      EXPECT_EQ(record_bytes(*event), bytes.size());
    }
  }
}

TEST(Record, ACutOrLongerRecordIsNone) {
  for (const Record& record : every_record()) {
    SCOPED_TRACE(name_of(kind_of(record)));
    const std::vector<std::byte> bytes = bytes_of(record);
    for (std::size_t size = 0; size < bytes.size(); size += 8)
      EXPECT_FALSE(read_record(std::span{bytes}.first(size))) << size;
    // A size field that claims eight bytes more or less than the fields take.
    for (const int wrong : {-8, 8}) {
      std::vector<std::byte> other = bytes;
      other.resize(bytes.size() + 8);
      const auto size = static_cast<std::uint32_t>(static_cast<int>(bytes.size()) + wrong);
      std::memcpy(other.data(), &size, 4);
      EXPECT_FALSE(read_record(other)) << wrong;
    }
  }
}

TEST(Record, UnknownKindsAndEnumsOutOfRangeAreRefused) {
  std::vector<std::byte> bytes = bytes_of(every_record().front());
  bytes[4] = std::byte{13};
  EXPECT_FALSE(read_record(bytes));
  std::vector<std::byte> trade = bytes_of(every_record()[3]);
  trade[32 + 4 * 8] = std::byte{2};  // aggressor
  EXPECT_FALSE(read_record(trade));
}

// Damage may change what a record says, never what is touched.
TEST(Record, EveryFlippedBitIsReadOrRefused) {
  for (const Record& record : every_record()) {
    const std::vector<std::byte> bytes = bytes_of(record);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::vector<std::byte> damaged = bytes;
      damaged[bit / 8] ^= std::byte{1} << (bit % 8);
      const std::optional<Record> read = read_record(damaged);
      if (read) {
        EXPECT_LE(bytes_of(*read).size(), bytes.size() + 8);
      }
    }
  }
}

TEST(RollingDigest, DependsOnContentAndOrderNotOnSeq) {
  const std::vector<Record> records = every_record();
  const auto digest = [&](std::vector<std::size_t> order, std::uint64_t seq) {
    RollingDigest rolling;
    for (const std::size_t index : order) {
      Record record = records[index];
      std::visit([&](auto& of) { of.header.seq = Seq{seq++}; }, record);
      rolling.add(bytes_of(record));
    }
    return rolling.value();
  };
  EXPECT_EQ(digest({0, 1, 2}, 0), digest({0, 1, 2}, 55));
  EXPECT_NE(digest({0, 1, 2}, 0), digest({0, 2, 1}, 0));
  EXPECT_NE(digest({0, 1}, 0), digest({0, 1, 2}, 0));
  EXPECT_NE(digest({0}, 0), digest({1}, 0));
}

template <class E>
void expect_names(const std::set<std::string>& known) {
  std::set<std::string> names;
  const auto last = static_cast<unsigned>(last_of(E{}));
  for (unsigned value = 0; value <= last; ++value) {
    const std::string name{name_of(static_cast<E>(value))};
    EXPECT_NE(name, "?") << value;
    EXPECT_TRUE(names.insert(name).second) << name << " twice";
  }
  EXPECT_EQ(name_of(static_cast<E>(last + 1)), "?");
  for (const std::string& name : known) EXPECT_TRUE(names.contains(name)) << name;
}

TEST(Describe, EveryEnumValueHasItsOwnName) {
  expect_names<Side>({"buy", "sell"});
  expect_names<FeedState>({"gap", "resynchronised"});
  expect_names<TimeInForce>({"post_only"});
  expect_names<RejectReason>({"post_only_would_cross"});
  expect_names<DoneReason>({"cancelled"});
  expect_names<FillCause>({"queue", "through", "cross", "taker"});
  expect_names<InstrumentRole>({"quoted", "lead"});
  expect_names<ContractKind>({"linear", "inverse"});
  expect_names<DecisionReason>({"new_quote", "requote", "loss_limit"});
  expect_names<AlertCode>({"position_limit", "parameter_refused", "fill_refused"});
}

TEST(Describe, EveryKindHasItsOwnName) {
  std::set<std::string> names;
  for (const Record& record : every_record()) {
    const std::string name{name_of(kind_of(record))};
    EXPECT_NE(name, "unknown");
    EXPECT_TRUE(names.insert(name).second) << name;
  }
  EXPECT_EQ(name_of(static_cast<RecordKind>(99)), "unknown");
}

}  // namespace
}  // namespace mm
