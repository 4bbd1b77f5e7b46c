#include "sim/exchange.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/numeric.hpp"
#include "engine/random.hpp"
#include "tests/sim/stage.hpp"

namespace mm::sim {
namespace {

using testing::prompt;
using testing::Stage;

struct Scenario {
  const char* what;
  const char* steps;
  const char* heard;
};

class Scenarios : public ::testing::TestWithParam<Scenario> {};

TEST_P(Scenarios, AreHeardAsWritten) {
  Stage stage;
  EXPECT_EQ(stage.run(GetParam().steps), GetParam().heard) << GetParam().what;
}

const Scenario queue_scenarios[] = {
    {"what was displayed when we came trades first",
     "book 100x5,99x7|102x4; buy 1 100x2; trade sell 100x5; trade sell 100x2",
     "ack 1 100x2\nfill 1 2@100 queue left 0\n"},
    {"a print that reaches us in part fills us in part",
     "book 100x5,99x7|102x4; buy 1 100x3; trade sell 100x6; trade sell 100x1; trade sell 100x9",
     "ack 1 100x3\nfill 1 1@100 queue left 2\nfill 1 1@100 queue left 1\nfill 1 1@100 queue left "
     "0\n"},
    {"a new price level has nobody in front", "book 100x5|103x4; buy 1 101x3; trade sell 101x2",
     "ack 1 101x3\nfill 1 2@101 queue left 1\n"},
    {"the mirror on the ask side", "book 100x5|102x4,103x9; sell 1 102x2; trade buy 102x5",
     "ack 1 102x2\nfill 1 1@102 queue left 1\n"},
    {"trades of the other aggressor do not touch us",
     "book 100x5|102x4; buy 1 100x2; trade buy 100x50; trade buy 102x50", "ack 1 100x2\n"},
    {"two own orders at a price: the earlier first, the later behind both",
     "book 100x5|102x4; buy 1 100x2; buy 2 100x3; trade sell 100x8",
     "ack 1 100x2\nack 2 100x3\nfill 1 2@100 queue left 0\nfill 2 1@100 queue left 2\n"},
    {"others who came between two own orders stand between them",
     "book 100x5|102x4; buy 1 100x2; delta b100x9; buy 2 100x3; trade sell 100x10; trade sell "
     "100x3",
     "ack 1 100x2\nack 2 100x3\nfill 1 2@100 queue left 0\nfill 2 3@100 queue left 0\n"},
    {"a level that is deleted and comes back leaves us in front",
     "book 100x5,99x7|102x4; buy 1 100x2; delta b100x0; delta b100x8; trade sell 100x1",
     "ack 1 100x2\nfill 1 1@100 queue left 1\n"},
    {"a price the venue does not show has no queue until it is shown",
     "book 100x5,99x7|102x4; buy 1 90x2; trade sell 90x50; book 91x3,90x4,89x1|102x4; trade sell "
     "90x5",
     "ack 1 90x2\nfill 1 1@90 queue left 1\n"},
};
// Where a reduced order keeps its place, it is the same order but for its name.
TEST(Exchange, AReducedOrderKeepsItsPlaceWhereTheVenueSaysSo) {
  const char* steps =
      "book 100x5|102x4; buy 1 100x4; delta b100x9; replace 1 2 buy 100x3; trade sell 100x7";
  const auto run = [&](ReplaceQueue rule, std::string_view venue, const char* script) {
    Settings settings = prompt("risk_averse");
    settings.replace_queue = rule;
    Instrument instrument = testing::plain_instrument();
    instrument.venue = venue;
    Stage stage(settings, instrument);
    const std::string heard = stage.run(script);
    EXPECT_TRUE(stage.exchange().totals().holds());
    return heard;
  };
  const std::string moved = "ack 1 100x4\ndone 1 replaced 4\nack 2 100x3\n";
  const std::string filled = moved + "fill 2 2@100 queue left 1\n";
  EXPECT_EQ(run(ReplaceQueue::keep, "any", steps), filled);
  EXPECT_EQ(run(ReplaceQueue::back, "binance-usdm", steps), moved);
  EXPECT_EQ(run(ReplaceQueue::venue, "binance-usdm", steps), filled);
  EXPECT_EQ(run(ReplaceQueue::venue, "hyperliquid", steps), moved);
  // Larger, or elsewhere: the back of the queue.
  EXPECT_EQ(run(ReplaceQueue::keep, "any",
                "book 100x5|102x4; buy 1 100x4; delta b100x9; replace 1 2 buy 100x5; "
                "trade sell 100x9"),
            "ack 1 100x4\ndone 1 replaced 4\nack 2 100x5\n");
  EXPECT_EQ(run(ReplaceQueue::keep, "any",
                "book 100x5,99x5|102x4; buy 1 100x4; replace 1 2 buy 99x3; trade sell 99x5"),
            "ack 1 100x4\ndone 1 replaced 4\nack 2 99x3\n");
}

TEST(Exchange, AboveTheVenuesRateOrdersAreRefusedAndCancelsTaken) {
  Settings settings = prompt();
  settings.venue_orders_per_minute = 2;
  Stage stage(settings);
  EXPECT_EQ(
      stage.run("book 100x5|102x4; buy 1 100x1; buy 2 99x1; buy 3 98x1; replace 1 4 buy 97x1; "
                "cancel 2"),
      "ack 1 100x1\nack 2 99x1\nreject 3 rate_limited\ncancel_reject 1\n"
      "reject 4 rate_limited\ndone 2 cancelled 1\n");
  EXPECT_EQ(stage.exchange().resting(Side::buy).size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Queue, Scenarios, ::testing::ValuesIn(queue_scenarios));

const Scenario through_scenarios[] = {
    // A public simulator filled 52 lots of own orders from one print of one lot.
    {"one lot printed below fills one lot, however much stands above",
     "book 100x5,99x7|102x4; buy 1 100x20; buy 2 99x32; trade sell 98x1",
     "ack 1 100x20\nack 2 99x32\nfill 1 1@100 through left 19\n"},
    {"one lot printed at the price fills one lot of several own orders",
     "book 100x0,99x7|102x4; buy 1 100x26; buy 2 100x26; trade sell 100x1",
     "ack 1 100x26\nack 2 100x26\nfill 1 1@100 queue left 25\n"},
    {"a print beyond us empties what was ahead, nearest price first",
     "book 100x5,99x7,98x3|102x4; buy 1 99x2; buy 2 100x2; trade sell 98x3",
     "ack 1 99x2\nack 2 100x2\nfill 2 2@100 through left 0\nfill 1 1@99 through left 1\n"},
    {"what the orders beyond leave of the print goes on to those at its price",
     "book 100x5,99x2|102x4; buy 1 100x2; buy 2 99x9; trade sell 99x6",
     "ack 1 100x2\nack 2 99x9\nfill 1 2@100 through left 0\nfill 2 2@99 queue left 7\n"},
    {"a sweep of several prints gives each lot once",
     "book 100x5,99x7|102x4; buy 1 100x9; trade sell 100x5; trade sell 99x4; trade sell 98x2",
     "ack 1 100x9\nfill 1 4@100 through left 5\nfill 1 2@100 through left 3\n"},
};
INSTANTIATE_TEST_SUITE_P(Through, Scenarios, ::testing::ValuesIn(through_scenarios));

const Scenario cross_scenarios[] = {
    {"the ask moves to our price without a print: its displayed size fills us",
     "book 100x5,99x7|102x4; buy 1 100x9; delta b100x0,a100x3,a102x0",
     "ack 1 100x9\nfill 1 3@100 cross left 6\n"},
    {"the same displayed lots fill us once; only new ones fill more",
     "book 100x5,99x7|102x4; buy 1 100x9; delta b100x0,a100x3; delta a100x3; delta a100x5; delta "
     "a100x1; delta a100x2",
     "ack 1 100x9\nfill 1 3@100 cross left 6\nfill 1 2@100 cross left 4\nfill 1 1@100 cross left "
     "3\n"},
    {"through several prices, all of them count, at our own price",
     "book 100x5|102x4; buy 1 100x9; delta b100x0,b97x1,a98x2,a100x3,a102x0",
     "ack 1 100x9\nfill 1 5@100 cross left 4\n"},
    {"two own orders share what crossed",
     "book 100x5|102x4; buy 1 100x2; buy 2 100x4; delta b100x0,b97x1,a99x3",
     "ack 1 100x2\nack 2 100x4\nfill 1 2@100 cross left 0\nfill 2 1@100 cross left 3\n"},
    {"a best quote crosses like a book", "book 100x5,99x7|102x4; sell 1 102x2; bbo 102x1|103x4",
     "ack 1 102x2\nfill 1 1@102 cross left 1\n"},
    {"a crossed book is an error of the feed and fills nobody",
     "book 100x5|102x4; buy 1 100x2; bbo 103x1|102x4", "ack 1 100x2\n"},
};
INSTANTIATE_TEST_SUITE_P(Cross, Scenarios, ::testing::ValuesIn(cross_scenarios));

const Scenario order_scenarios[] = {
    {"post-only at or through the touch is refused",
     "book 100x5|102x4; buy 1 102x1; buy 2 103x1; buy 3 101x1; sell 4 100x1; sell 5 101x1",
     "reject 1 post_only_would_cross\nreject 2 post_only_would_cross\nack 3 101x1\nreject 4 "
     "post_only_would_cross\nreject 5 post_only_would_cross\n"},
    {"grid and minimum are checked on arrival", "book 100x5|102x4; buy 1 0x1; buy 2 100x0",
     "reject 1 off_tick\nreject 2 off_lot\n"},
    {"without a book nothing can be placed, but cancelled",
     "buy 1 100x1; book 100x5|102x4; buy 2 100x1; gap; buy 3 100x1; cancel 2",
     "reject 1 market_closed\nack 2 100x1\nreject 3 market_closed\ndone 2 cancelled 1\n"},
    {"an ioc takes what it reaches at each level's price and expires",
     "book 100x5|102x4,103x9,105x1; buy 1 103x15 ioc",
     "ack 1 103x15\nfill 1 4@102 taker left 11\nfill 1 9@103 taker left 2\ndone 1 expired 2\n"},
    {"an ioc that reaches nothing expires whole", "book 100x5|102x4; buy 1 101x3 ioc",
     "ack 1 101x3\ndone 1 expired 3\n"},
    {"a fok fills whole or not at all",
     "book 100x5|102x4,103x9; buy 1 103x14 fok; buy 2 103x13 fok",
     "ack 1 103x14\ndone 1 expired 14\nack 2 103x13\nfill 2 4@102 taker left 9\nfill 2 9@103 taker "
     "left 0\n"},
    {"a gtc takes and rests with the rest, first at its new price",
     "book 100x5|102x4,103x9; buy 1 102x6 gtc; delta a102x0,b102x3; trade sell 102x1",
     "ack 1 102x6\nfill 1 4@102 taker left 2\nfill 1 1@102 queue left 1\n"},
    {"displayed lots can be taken once",
     "book 100x5|102x4,103x9; buy 1 102x3 ioc; buy 2 102x3 ioc; delta a102x2; buy 3 102x3 ioc; "
     "delta "
     "a102x6; buy 4 102x9 ioc",
     "ack 1 102x3\nfill 1 3@102 taker left 0\nack 2 102x3\nfill 2 1@102 taker left 2\ndone 2 "
     "expired "
     "2\nack 3 102x3\ndone 3 expired 3\nack 4 102x9\nfill 4 4@102 taker left 5\ndone 4 expired "
     "5\n"},
    {"our orders never trade with each other",
     "book 100x5|105x4; sell 1 103x1; buy 2 103x1; buy 3 104x1 ioc",
     "ack 1 103x1\nreject 2 post_only_would_cross\nreject 3 other\n"},
    {"cancel of what is gone is refused",
     "book 100x5|103x4; buy 1 101x1; trade sell 101x1; cancel 1",
     "ack 1 101x1\nfill 1 1@101 queue left 0\ncancel_reject 1\n"},
    {"a replace queues again behind what is displayed",
     "book 100x5|102x4; buy 1 100x2; trade sell 100x4; delta b100x3; replace 1 2 buy 100x2; trade "
     "sell "
     "100x4",
     "ack 1 100x2\ndone 1 replaced 2\nack 2 100x2\nfill 2 1@100 queue left 1\n"},
    {"a replace that would cross loses both",
     "book 100x5|102x4; buy 1 100x2; replace 1 2 buy 102x2",
     "ack 1 100x2\ndone 1 replaced 2\nreject 2 post_only_would_cross\n"},
    {"a replace of what is gone places nothing",
     "book 100x5|103x4; buy 1 101x1; trade sell 101x1; replace 1 2 buy 100x2",
     "ack 1 101x1\nfill 1 1@101 queue left 0\ncancel_reject 1\nreject 2 unknown_order\n"},
};
INSTANTIATE_TEST_SUITE_P(Orders, Scenarios, ::testing::ValuesIn(order_scenarios));

const Scenario gap_scenarios[] = {
    {"nothing fills in a gap; after it nobody stands in front who did not before",
     "book 100x5,99x1|102x4; buy 1 100x2; gap; trade sell 100x50; trade sell 99x50; book "
     "100x9,99x1|102x4; trade sell 100x6",
     "ack 1 100x2\nfill 1 1@100 queue left 1\n"},
    {"fewer displayed after the gap means fewer in front",
     "book 100x5,99x1|102x4; buy 1 100x2; gap; book 100x2,99x1|102x4; trade sell 100x3",
     "ack 1 100x2\nfill 1 1@100 queue left 1\n"},
    {"a market that moved through us in the gap fills us at its end",
     "book 100x5|102x4; buy 1 100x2; gap; book 97x9|98x9",
     "ack 1 100x2\nfill 1 2@100 cross left 0\n"},
};
INSTANTIATE_TEST_SUITE_P(Gap, Scenarios, ::testing::ValuesIn(gap_scenarios));

TEST(Exchange, ChecksTickLotAndMinimumOfTheInstrument) {
  Instrument coarse = testing::plain_instrument();
  coarse.tick = Price::from_units(5);
  coarse.qty_step = Qty::from_lots(10);
  coarse.min_qty = Qty::from_lots(20);
  coarse.min_notional = Money::from_units(Int128{3000} * Money::per_one);
  Stage stage{prompt(), coarse};
  EXPECT_EQ(stage.run("book 100x50|110x50; buy 1 101x30; buy 2 100x35; buy 3 100x10; buy 4 95x30;"
                      "buy 5 100x30"),
            "reject 1 off_tick\nreject 2 off_lot\nreject 3 off_lot\nreject 4 below_min_notional\n"
            "ack 5 100x30\n");
}

TEST(Exchange, ChargesMakerAndTakerFees) {
  Stage stage;
  stage.run("book 100x0,99x5|102x4; buy 1 100x3; trade sell 100x2; buy 2 102x4 ioc");
  std::vector<Money> fees;
  for (const Event& event : stage.heard()) {
    if (const auto* fill = std::get_if<Fill>(&event.body)) fees.push_back(fill->fee);
  }
  // 200 * 2e-4 and 408 * 5e-4.
  EXPECT_EQ(fees, (std::vector<Money>{parse_money("0.04").value(), parse_money("0.204").value()}));
}

/// A random walk of books, trades, gaps and orders; returns the script.
std::string random_script(std::uint64_t seed, int steps) {
  SplitMix64 random{seed};
  const auto pick = [&](std::uint64_t n) { return static_cast<std::int64_t>(random.next() % n); };
  std::int64_t mid = 200;
  std::uint64_t next_order = 1;
  std::string script = "book 199x9,198x4|201x9,202x4\n";
  for (int i = 0; i < steps; ++i) {
    mid = std::max<std::int64_t>(50, mid + pick(3) - 1);
    const std::string size = "x" + std::to_string(pick(9) + 1);
    const auto price = [&](std::int64_t at) { return std::to_string(at) + size; };
    const std::string next = std::to_string(next_order);
    const std::string some =
        std::to_string(next_order < 6 ? 1 : next_order - static_cast<std::uint64_t>(pick(6)));
    switch (pick(10)) {
      case 0:
      case 1:
        script += "book " + price(mid - 1) + "," + price(mid - 3) + "|" + price(mid + 1) + "," +
                  price(mid + 2);
        break;
      case 2:
        script += "bbo " + price(mid - 1) + "|" + price(mid + 1);
        break;
      case 3:
        script += "delta b" + std::to_string(mid - 1) + "x" + std::to_string(pick(6)) + ",a" +
                  std::to_string(mid + 1) + "x" + std::to_string(pick(6));
        break;
      case 4:
        script += "trade sell " + price(mid - 1 - pick(3));
        break;
      case 5:
        script += "trade buy " + price(mid + 1 + pick(3));
        break;
      case 6:
      case 7: {
        constexpr const char* kinds[] = {" post", " post", " post", " gtc", " ioc", " fok"};
        const bool buy = pick(2) == 0;
        script += (buy ? "buy " : "sell ") + next + " " +
                  price(buy ? mid + 1 - pick(4) : mid - 1 + pick(4)) + kinds[pick(6)];
        ++next_order;
        break;
      }
      case 8:
        script += "cancel " + some;
        break;
      default:
        if (pick(4) == 0) {
          script += "gap";
        } else {
          script +=
              "replace " + some + " " + next + (pick(2) == 0 ? " buy " : " sell ") + price(mid);
          ++next_order;
        }
    }
    script += "\n";
  }
  return script;
}

// The exchange asserts its own totals after every event; here they must also be what we heard.
TEST(Exchange, WhatWeHeardAddsUpToWhatWasOrdered) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Stage stage{prompt(seed % 2 == 0 ? "power:2" : "log2")};
    stage.run(random_script(seed, 600));
    Conservation heard;
    for (const Event& event : stage.heard()) {
      if (const auto* ack = std::get_if<OrderAck>(&event.body))
        heard.ordered += ack->remaining.lots();
      if (const auto* fill = std::get_if<Fill>(&event.body)) heard.filled += fill->qty.lots();
      if (const auto* done = std::get_if<OrderDone>(&event.body))
        heard.cancelled += done->remaining.lots();
    }
    for (const Side side : {Side::buy, Side::sell}) {
      for (const RestingOrder& order : stage.exchange().resting(side))
        heard.resting += order.remaining.lots();
    }
    EXPECT_EQ(heard, stage.exchange().totals()) << "seed " << seed;
    EXPECT_GT(heard.filled, 0) << "seed " << seed;
  }
}

// No print gives out more than its size, whatever stands in the book.
TEST(Exchange, TradesNeverFillMoreThanTheyPrint) {
  for (std::uint64_t seed = 100; seed < 120; ++seed) {
    Stage stage;
    std::int64_t printed = 0;
    std::int64_t filled = 0;
    const std::string script = random_script(seed, 600);
    for (std::size_t at = 0; at < script.size();) {
      const std::size_t end = script.find('\n', at);
      const std::string step = script.substr(at, end - at);
      at = end + 1;
      const std::size_t before = stage.heard().size();
      stage.run(step);
      if (!step.starts_with("trade")) continue;
      printed = std::stoll(step.substr(step.rfind('x') + 1));
      filled = 0;
      for (std::size_t i = before; i < stage.heard().size(); ++i)
        filled += std::get<Fill>(stage.heard()[i].body).qty.lots();
      ASSERT_LE(filled, printed) << "seed " << seed << ": " << step;
    }
  }
}

TEST(Exchange, TheSameScriptIsHeardTheSameTwice) {
  const std::string script = random_script(7, 2000);
  EXPECT_EQ(Stage{}.run(script), Stage{}.run(script));
}

// A copy is a fork: both go on as if the other were not there.
TEST(Exchange, ACopyGoesOnAlone) {
  const std::string start = random_script(8, 300);
  const std::string rest = random_script(9, 300);
  Stage original;
  original.run(start);
  Stage fork = original;
  fork.run("trade sell 1x1000000; gap");
  Stage alone;
  alone.run(start);
  EXPECT_EQ(original.run(rest), alone.run(rest));
}

}  // namespace
}  // namespace mm::sim
