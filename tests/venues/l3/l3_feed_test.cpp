#include "venues/l3/l3_feed.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "engine/result.hpp"

namespace mm::venues {
namespace {

/// A file with these lines, gone at the end.
class Lines {
 public:
  explicit Lines(const std::string& text)
      : path_(testing::TempDir() + "l3_feed_" + std::to_string(getpid())) {
    std::ofstream(path_) << text;
  }
  ~Lines() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

template <class Reader>
std::vector<L3Event> all_of(const std::string& text) {
  const Lines lines(text);
  Reader reader(lines.path());
  std::vector<L3Event> events;
  for (L3Event event; reader.next(event);) events.push_back(event);
  return events;
}

template <class Reader>
void expect_refusal(const std::string& text, const std::string& words) {
  try {
    all_of<Reader>(text);
    FAIL() << "was read: " << text;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_NE(error.message().find(words), std::string::npos) << error.message();
  }
}

using Kind = L3Event::Kind;

TEST(LobsterReader, ReadsEveryType) {
  const auto events = all_of<LobsterReader>(
      "34200.004241176004,1,16,18,5853300,1\n34200.1,2,16,8,5853300,1\n34201,3,16,10,5853300,1\n"
      "34201.5,4,17,5,5859100,-1\n34201.5,5,0,100,5859000,-1\n34202,7,0,0,-1,-1\n");
  ASSERT_EQ(events.size(), 6u);
  EXPECT_EQ(events[0].kind, Kind::add);
  EXPECT_EQ(to_ns(events[0].at), 34'200'004'241'176);
  EXPECT_EQ(events[0].side, Side::buy);
  EXPECT_EQ(events[0].price, Price::from_units(5'853'300));
  EXPECT_EQ(events[1].kind, Kind::reduce);
  EXPECT_EQ(events[1].qty, Qty::from_lots(8));
  EXPECT_EQ(events[2].kind, Kind::remove);
  EXPECT_EQ(events[3].kind, Kind::execute);
  EXPECT_EQ(events[3].side, Side::sell);
  EXPECT_EQ(events[4].kind, Kind::trade);
  EXPECT_EQ(events[5].kind, Kind::other);
}

TEST(LobsterReader, NamesTheLineItCannotRead) {
  const std::string good = "34200.1,1,16,18,5853300,1\n";
  expect_refusal<LobsterReader>(good + "34200.1,1,16,18,5853300\n", ":2: a LOBSTER message is");
  expect_refusal<LobsterReader>("34200.1,1,16,18,5853300,1,1\n", ":1: a LOBSTER message is");
  expect_refusal<LobsterReader>("34200.1,9,16,18,5853300,1\n", ":1: not a LOBSTER message");
  expect_refusal<LobsterReader>("34200.1,1,16,18,5853300,0\n", ":1: not a LOBSTER message");
  expect_refusal<LobsterReader>("34200.1,1,16,0,5853300,1\n", ":1: an order needs");
  expect_refusal<LobsterReader>("34200.1,1,16,18,-1,1\n", ":1: an order needs");
}

TEST(BitstampReader, TellsExecutionsByTheAmounts) {
  const auto events = all_of<BitstampReader>(
      R"(1000 order_created {"price": "236.47", "amount": "2.00000000", "id": 5, "order_type": 0}
1001 order_changed {"price": "236.47", "amount": "1.50000000", "id": 5, "order_type": 0}
1002 trade {"price": 236.47, "amount": 0.5, "id": 9}
1003 order_deleted {"price": "236.47", "amount": "0.00000000", "id": 5, "order_type": 0}
1004 order_created {"price": "237.00", "amount": "1.00000000", "id": 6, "order_type": 1}
1005 order_deleted {"price": "237.00", "amount": "1.00000000", "id": 6, "order_type": 1}
1006 order_book {"bids": [["236.00", "1.0"]], "asks": []}
1007 heartbeat {}
)");
  ASSERT_EQ(events.size(), 8u);
  EXPECT_EQ(events[0].kind, Kind::add);
  EXPECT_EQ(events[0].qty, Qty::from_lots(200'000'000));
  EXPECT_EQ(events[1].kind, Kind::execute);
  EXPECT_EQ(events[1].qty, Qty::from_lots(50'000'000));
  EXPECT_EQ(events[2].kind, Kind::trade);
  EXPECT_FALSE(events[2].side_known);
  EXPECT_EQ(events[2].price, Price::from_units(23'647));
  EXPECT_EQ(events[3].kind, Kind::execute);
  EXPECT_EQ(events[3].qty, Qty::from_lots(150'000'000));
  EXPECT_EQ(events[4].side, Side::sell);
  EXPECT_EQ(events[5].kind, Kind::remove);
  EXPECT_EQ(events[6].kind, Kind::book);
  EXPECT_EQ(events[6].bids,
            (std::vector<Level>{{Price::from_units(23'600), Qty::from_lots(100'000'000)}}));
  EXPECT_EQ(events[7].kind, Kind::other);
}

TEST(BitstampReader, NamesTheLineItCannotRead) {
  expect_refusal<BitstampReader>("1000 trade\n", ":1: a Bitstamp event is");
  expect_refusal<BitstampReader>("soon trade {}\n", ":1: a Bitstamp event is");
  expect_refusal<BitstampReader>("1000 trade {\n", ":1: a Bitstamp event without a JSON object");
  expect_refusal<BitstampReader>("1000 trade {}\n", ":1: \"price\" is missing");
  expect_refusal<BitstampReader>("1000 order_created {\"id\": -5, \"order_type\": 0}\n",
                                 ":1: an order needs an id");
  expect_refusal<BitstampReader>(
      R"(1000 order_created {"id": 5, "order_type": 0, "price": "x", "amount": "1"})",
      ":1: \"x\" is not a number");
}

}  // namespace
}  // namespace mm::venues
