// mmctl why, as a user runs it: on a paper session of real minutes, on a session whose orders stood
// in a market, on journals of several sessions, and with input that makes no sense.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "tests/cli/mmctl_runner.hpp"

namespace mm::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Exact decimal text as a number, for comparing within rounding.
double decimal(const Json& text) {
  return std::stod(text.get<std::string>());
}

/// Journals of the tests below: 1 a paper session on recorded minutes, 2 the same on a shorter
/// stretch, in one journal; and one whose orders stood in a made-up market.
class Why : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new TempDir();
    for (const char* length : {"1h", "60s"}) {
      const Outcome paper = mmctl({"record", "--venue", usdm_feed(), "--lead", spot_feed(),
                                   "--lead", coinm_feed(), "--strategy", "fixed_spread", "--spread",
                                   "3bps", "--for", length, "--journal", paper_journal()});
      ASSERT_EQ(paper.exit_code, 0) << paper.err;
    }
    const Outcome placed =
        mmctl({"simulate", "--market", "synthetic", "--seed", "7", "--for", "25m", "--execution",
               "exchange", "--spread", "2bps", "--journal", market_journal()});
    ASSERT_EQ(placed.exit_code, 0) << placed.err;
  }
  static void TearDownTestSuite() {
    delete directory_;
    directory_ = nullptr;
  }

  static std::string paper_journal() { return *directory_ / "paper"; }
  static std::string market_journal() { return *directory_ / "market"; }

  static Outcome why(const std::string& journal, std::vector<std::string> arguments,
                     const RunOptions& options = {}) {
    std::vector<std::string> all{"why", "--journal", journal};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return mmctl(all, options);
  }
  /// On the first session of the paper journal.
  static Outcome paper(std::vector<std::string> arguments, const RunOptions& options = {}) {
    arguments.insert(arguments.end(), {"--session", "1"});
    return why(paper_journal(), std::move(arguments), options);
  }
  static Json fills_of(const std::string& journal, const std::string& session) {
    const Outcome run =
        mmctl({"fills", "--markouts", "--json", "--journal", journal, "--session", session});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run.json()["fills"];
  }

  static inline TempDir* directory_ = nullptr;
};

/// What must hold for every story, whatever happened; `fill` is a row of `mmctl fills`.
void expect_whole(const Json& story, const Json& fill) {
  const std::string seq = fill["seq"].dump();
  EXPECT_EQ(story["fill"]["seq"], fill["seq"]);
  for (const char* key : {"trade_id", "order", "side", "price", "qty", "fee", "maker", "cause"})
    EXPECT_EQ(story["fill"][key], fill[key]) << seq << key;
  EXPECT_EQ(story["diverged"], false) << seq;
  for (const char* horizon : {"100ms", "1s", "10s", "60s"}) {
    EXPECT_EQ(story["markouts"][horizon]["bps"], fill["markout_bps"][horizon]) << seq << horizon;
    EXPECT_EQ(story["markouts"][horizon]["pnl"], fill["markout_pnl"][horizon]) << seq << horizon;
  }
  EXPECT_EQ(story["spread_capture_bps"], fill["spread_capture_bps"]) << seq;

  // The order was decided, sent, acknowledged, filled, in this order of time and number.
  const Json& decision = story["decision"];
  ASSERT_TRUE(decision.is_object()) << seq;
  EXPECT_EQ(decision["order"], fill["order"]);
  EXPECT_EQ(decision["price"], fill["price"]) << seq;
  EXPECT_LT(decision["cause"]["seq"], decision["seq"]);
  EXPECT_LT(decision["seq"], fill["seq"]);
  ASSERT_FALSE(decision["wanted"].empty()) << seq;
  EXPECT_EQ(decision["wanted"][0]["price"], decision["price"]) << seq;
  EXPECT_EQ(story["orders"]["chain"][0]["order"], fill["order"]);
  if (story["latency"]["arrived"].is_string()) {
    EXPECT_NEAR(story["latency"]["entry_ms"].get<double>(), 5, 0.001) << seq;
    EXPECT_NEAR(story["latency"]["round_trip_ms"].get<double>(), 10, 0.001) << seq;
  }

  // Money adds up.
  const Json& money = story["money"];
  if (money["adverse_10s"].is_string() && money["spread"].is_string()) {
    EXPECT_NEAR(decimal(money["spread"]) + decimal(money["adverse_10s"]),
                decimal(story["markouts"]["10s"]["pnl"]), 1e-9)
        << seq;
    EXPECT_NEAR(decimal(money["after_10s"]),
                decimal(story["markouts"]["10s"]["pnl"]) - decimal(fill["fee"]), 1e-9)
        << seq;
  }
  const double side = fill["side"] == "buy" ? 1 : -1;
  EXPECT_NEAR(decimal(story["account"]["position_after"]),
              decimal(story["account"]["position_before"]) + side * decimal(fill["qty"]), 1e-12)
      << seq;
  for (const char* horizon : {"over_10s", "over_60s"}) {
    const Json& over = story["account"][horizon];
    if (over.is_null()) continue;
    double sum = 0;
    for (const char* part : {"spread_capture", "adverse_selection", "inventory", "fees", "funding"})
      sum += decimal(over[part]);
    EXPECT_NEAR(decimal(over["pnl"]), sum, 1e-9) << seq;
  }
}

TEST_F(Why, EveryPaperFillIsExplained) {
  const Json fills = fills_of(paper_journal(), "1");
  ASSERT_EQ(fills.size(), 8U);
  for (const Json& fill : fills) {
    const Outcome run = paper({"--fill", fill["seq"].dump(), "--json"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const Json story = run.json();
    expect_whole(story, fill);
    // Where a print filled us, the queue was short enough for it.
    ASSERT_TRUE(story["queue"].is_object()) << run.out;
    EXPECT_EQ(story["queue"]["model"], "power3:3");
    ASSERT_TRUE(story["taker"].is_object()) << run.out;
    const double taken = decimal(story["taker"]["qty"]);
    EXPECT_GE(taken + 1e-9, decimal(fill["qty"]));
    if (fill["cause"] == "queue" && story["queue"]["ahead_before_fill"].is_string()) {
      EXPECT_LE(decimal(story["queue"]["ahead_before_fill"]), taken) << fill["seq"];
    }
    EXPECT_EQ(story["taker"]["side"], fill["side"] == "buy" ? "sell" : "buy");
    EXPECT_EQ(story["since_decision"]["leads"].size(), 2U);
    EXPECT_EQ(story["models"]["decision"]["source"], "computed_now");
    EXPECT_EQ(story["models"]["decision"]["used_by_strategy"], false);
    EXPECT_GT(story["models"]["decision"]["warm_up_s"], 10);
  }
}

TEST_F(Why, FillsOfOrdersThatStoodInAMarketAreExplained) {
  const Json fills = fills_of(market_journal(), "latest");
  ASSERT_GT(fills.size(), 10U);
  int known_queues = 0;
  for (std::size_t i = 0; i < fills.size(); i += 5) {
    const Outcome run = why(market_journal(), {"--fill", fills[i]["seq"].dump(), "--json"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const Json story = run.json();
    expect_whole(story, fills[i]);
    EXPECT_EQ(story["execution"], "live");
    if (!story["queue"].is_object()) continue;
    EXPECT_EQ(story["queue"]["model"], "estimate");
    known_queues += story["queue"]["ahead_before_fill"].is_string() ? 1 : 0;
  }
  EXPECT_GT(known_queues, 0);
}

// A session with models and a prediction log: what was said then, not what is computed now.
TEST_F(Why, WhatTheModelsSaidStandsBesideWhatHappened) {
  const TempDir other;
  const std::string journal = other / "journal";
  const Outcome recorded =
      mmctl({"record", "--venue", usdm_feed(), "--lead", spot_feed(), "--strategy", "enhanced",
             "--spread", "2bps", "--journal", journal});
  ASSERT_EQ(recorded.exit_code, 0) << recorded.err;
  const Json fills = fills_of(journal, "latest");
  ASSERT_GT(fills.size(), 0U);
  std::size_t predicted = 0;
  for (const Json& fill : fills) {
    const Outcome run = why(journal, {"--fill", fill["seq"].dump(), "--json"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const Json story = run.json();
    expect_whole(story, fill);
    EXPECT_EQ(story["models"]["decision"]["source"], "session");
    EXPECT_EQ(story["models"]["decision"]["used_by_strategy"], true);
    EXPECT_TRUE(story["models"]["decision"]["warm_up_s"].is_null());
    const Json& first = story["predicted"]["first"];
    if (first.is_null()) continue;
    ++predicted;
    EXPECT_LT(first["seq"], fill["seq"]);
    EXPECT_GE(first["p_fill_1s"], first["p_fill_100ms"]);
    EXPECT_GE(first["p_fill_10s"], first["p_fill_1s"]);
    EXPECT_LE(first["p_fill_10s"], 1.0);
    EXPECT_GE(story["predicted"]["before_fill"]["seq"], first["seq"]);
  }
  EXPECT_GT(predicted, 0U);
}

TEST_F(Why, FillsGoBySeqAndByTradeId) {
  const Json fills = fills_of(paper_journal(), "1");
  const std::string seq = fills[3]["seq"].dump();
  const std::string trade = fills[3]["trade_id"].dump();
  const std::string story = paper({"--fill", seq, "--json"}).out;
  EXPECT_FALSE(story.empty());
  EXPECT_EQ(paper({"--fill", "seq:" + seq, "--json"}).out, story);
  EXPECT_EQ(paper({"--fill", "trade:" + trade, "--json"}).out, story);
  EXPECT_EQ(paper({"--fill", trade, "--json"}).out, story);
  // Both are what `fills` prints.
  const Outcome list = mmctl({"fills", "--csv", "--journal", paper_journal(), "--session", "1"});
  EXPECT_THAT(list.out, HasSubstr("time,seq,trade_id,order,"));
  EXPECT_THAT(list.out, HasSubstr("," + seq + "," + trade + ","));
}

TEST_F(Why, AnUnknownFillIsAnsweredWithTheNearest) {
  const Outcome run = paper({"--fill", "30000"});
  expect_refusal(run, 2, "no fill 30000");
  for (const Json& fill : fills_of(paper_journal(), "1")) {
    const bool listed = run.err.find("seq " + fill["seq"].dump() + ",") != std::string::npos;
    EXPECT_EQ(listed, fill["seq"] < 61'017) << fill["seq"];
  }
  expect_refusal(paper({"--fill", "seq:4"}), 2, "no fill seq:4");
  expect_refusal(paper({"--fill", "the last"}), 2, "mmctl fills");
}

TEST_F(Why, WhatMakesNoSenseIsRefused) {
  expect_refusal(paper({"--at", "2020-01-01T00:00:00Z"}), 2, "outside the session");
  expect_refusal(paper({"--at", "noon"}), 2, "--at");
  expect_refusal(paper({"--at", "start", "--fill", "20976"}), 2, "exclude each other");
  expect_refusal(paper({"--at", "start", "--from", "start"}), 2, "exclude each other");
  expect_refusal(paper({"--around", "5s"}), 2, "--around");
  expect_refusal(paper({"--at", "start", "--around", "soon"}), 2, "--around");
  expect_refusal(paper({"--at", "start", "--worst", "3"}), 2, "--worst");
  expect_refusal(paper({"--whole-chain"}), 2, "--whole-chain");
  expect_refusal(why(paper_journal(), {"--session", "all"}), 2, "one session");
  EXPECT_EQ(paper({"--worst", "0"}).exit_code, 2);
}

// Session 2 is the first minute of session 1: its own numbers, its own end.
TEST_F(Why, AnotherSessionOfTheJournalHasItsOwnFills) {
  const Json second = fills_of(paper_journal(), "2");
  ASSERT_EQ(second.size(), 2U);
  const Outcome run = why(paper_journal(), {"--fill", second[0]["seq"].dump(), "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Json story = run.json();
  expect_whole(story, second[0]);
  EXPECT_EQ(story["session"], 2);
  EXPECT_TRUE(story["markouts"]["60s"]["bps"].is_null());
  EXPECT_TRUE(story["account"]["over_60s"].is_null());
  const Outcome late = why(paper_journal(), {"--fill", "45131"});
  expect_refusal(late, 2, "session 2 has no fill 45131");
}

TEST_F(Why, ASessionWithoutFillsSaysSo) {
  const TempDir other;
  const std::string journal = other / "journal";
  ASSERT_EQ(mmctl({"record", "--venue", usdm_feed(), "--execution", "none", "--for", "10s",
                   "--journal", journal})
                .exit_code,
            0);
  expect_refusal(why(journal, {"--fill", "1"}), 2, "has no fills");
  const Outcome losses = why(journal, {"--json"});
  ASSERT_EQ(losses.exit_code, 0) << losses.err;
  EXPECT_EQ(losses.json()["fills"], 0);
  EXPECT_TRUE(losses.json()["worst_fills"].empty());
  EXPECT_THAT(why(journal, {}).out, HasSubstr("no fills in this window"));
  const Outcome moment = why(journal, {"--at", "-3s", "--json"});
  ASSERT_EQ(moment.exit_code, 0) << moment.err;
  EXPECT_TRUE(moment.json()["last_message"].is_null());
  EXPECT_TRUE(moment.json()["nearest_fills"].empty());
}

TEST_F(Why, TheMomentBehindAFillHoldsItsPosition) {
  const Json fills = fills_of(paper_journal(), "1");
  const Json& fill = fills[3];
  const Json story = paper({"--fill", fill["seq"].dump(), "--json"}).json();
  const Outcome run = paper({"--at", fill["recv_time"].get<std::string>(), "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Json moment = run.json();
  EXPECT_EQ(moment["book"]["position"], story["account"]["position_after"]);
  EXPECT_GT(moment["seq"], fill["seq"]);
  EXPECT_EQ(moment["guards"]["engaged"], false);
  bool told = false;
  for (const Json& happened : moment["happened"]) told |= happened["seq"] == fill["seq"];
  EXPECT_TRUE(told);
  EXPECT_EQ(moment["around_s"], 5.0);
}

TEST_F(Why, MinutesAddUpToTheSession) {
  const Json report = paper({"--json", "--worst", "100"}).json();
  EXPECT_EQ(report["fills"], 8);
  EXPECT_EQ(report["minutes"], 4);
  double sum = 0;
  for (const Json& minute : report["worst_minutes"]) {
    EXPECT_LT(decimal(minute["change"]["pnl"]), 0);
    EXPECT_FALSE(minute["cause"].get<std::string>().empty());
    sum += decimal(minute["change"]["pnl"]);
  }
  // All four lost, so that they are the whole.
  ASSERT_EQ(report["losing_minutes"], 4);
  EXPECT_NEAR(sum, decimal(report["change"]["pnl"]), 1e-9);
  EXPECT_NEAR(decimal(report["change"]["pnl"]), -3.43538752, 1e-9);
  for (std::size_t i = 1; i < report["worst_fills"].size(); ++i)
    EXPECT_LE(decimal(report["worst_fills"][i - 1]["result"]),
              decimal(report["worst_fills"][i]["result"]));
}

TEST_F(Why, AWindowWithoutAnythingInItIsNoError) {
  const Outcome run = paper({"--from", "23:55:00", "--to", "23:55:00", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.json()["fills"], 0);
  EXPECT_EQ(run.json()["change"]["pnl"], "0");
}

std::size_t widest_line(const std::string& text) {
  std::istringstream lines{text};
  std::size_t widest = 0;
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, line.size());
  return widest;
}

// The layout: wrapped to the terminal, without colour, sections in the order of the chain.
TEST_F(Why, TheTextFitsTheTerminal) {
  const Json fills = fills_of(paper_journal(), "1");
  const std::string seq = fills[3]["seq"].dump();
  for (const int columns : {60, 80, 120}) {
    const RunOptions narrow{.environment = {"COLUMNS=" + std::to_string(columns), "NO_COLOR=1"}};
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"--fill", seq}, {"--at", "23:56:00"}, {}}) {
      const Outcome run = paper(arguments, narrow);
      ASSERT_EQ(run.exit_code, 0) << run.err;
      EXPECT_THAT(run.out, Not(HasSubstr("\x1b")));
      // Headings name an instant and an instrument; nothing else is longer than the line.
      const std::size_t body = run.out.find('\n');
      EXPECT_LE(widest_line(run.out.substr(body + 1)), static_cast<std::size_t>(columns));
    }
  }
  const std::string text = paper({"--fill", seq}).out;
  std::size_t last = 0;
  for (const char* section :
       {"\n1 decision", "\n2 latency", "\n3 since", "\n4 queue", "\n5 taker", "\n6 money"}) {
    const std::size_t at = text.find(section);
    ASSERT_NE(at, std::string::npos) << section << text;
    EXPECT_GT(at, last);
    last = at;
  }
}

/// Without what the models say: their figures change with every better model.
std::string without_models(const std::string& page) {
  std::istringstream lines{page};
  std::string text;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    inside = inside || line.starts_with("features ");
    if (!inside && line.find(" 1 s before: ") == std::string::npos) text += line + '\n';
    if (line.ends_with("seen by the strategy)") || line.ends_with("strategy)")) inside = false;
  }
  return text;
}

TEST_F(Why, TheNarrowPageIsAsItWas) {
  const RunOptions narrow{.environment = {"COLUMNS=60"}};
  const Outcome run = paper({"--fill", "45131"}, narrow);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::string page = without_models(run.out);
  EXPECT_EQ(page, file_text(repository("tests/fixtures/why/fill_45131.txt"))) << page;
}

// Names and types that scripts rely on.
TEST_F(Why, TheDocumentHasItsTypes) {
  const Json story = paper({"--fill", "45131", "--json"}).json();
  for (const char* key : {"session",
                          "session_id",
                          "strategy",
                          "execution",
                          "instrument",
                          "currency",
                          "fill",
                          "stands_out",
                          "book",
                          "models",
                          "parameters",
                          "decision",
                          "latency",
                          "orders",
                          "queue",
                          "since_decision",
                          "taker",
                          "mid_before",
                          "spread_capture_bps",
                          "markouts",
                          "money",
                          "account",
                          "folded_from",
                          "diverged"})
    EXPECT_TRUE(story.contains(key)) << key;
  EXPECT_TRUE(story["fill"]["seq"].is_number_unsigned());
  EXPECT_TRUE(story["fill"]["trade_id"].is_number_integer());
  EXPECT_TRUE(story["fill"]["price"].is_string());
  EXPECT_TRUE(story["fill"]["maker"].is_boolean());
  EXPECT_TRUE(story["fill"]["happened"].is_string());
  EXPECT_TRUE(story["stands_out"].is_array());
  EXPECT_TRUE(story["markouts"]["1s"]["bps"].is_number_float());
  EXPECT_TRUE(story["markouts"]["1s"]["pnl"].is_string());
  EXPECT_TRUE(story["latency"]["entry_ms"].is_number());
  for (const char* moment : {"decision", "arrival", "before_fill"}) {
    const Json& book = story["book"][moment];
    ASSERT_TRUE(book.is_object()) << moment;
    EXPECT_EQ(book["bids"].size(), 5U);
    EXPECT_TRUE(book["bids"][0]["price"].is_string());
    EXPECT_TRUE(book["mid"].is_string());
  }
  EXPECT_TRUE(story["queue"]["path"].is_array());
  EXPECT_TRUE(story["parameters"]["in_force"]["spread"].is_string());
  EXPECT_TRUE(story["parameters"]["changes"].is_array());
  EXPECT_TRUE(story["models"]["decision"]["fill_chance"].contains("1s"));
  EXPECT_TRUE(story["orders"]["complete"].is_boolean());
}

TEST_F(Why, TheWholeChainReachesItsFirstOrder) {
  const Json story = paper({"--fill", "45131", "--whole-chain", "--json"}).json();
  const Json& chain = story["orders"]["chain"];
  EXPECT_EQ(story["orders"]["complete"], true);
  for (std::size_t i = 0; i + 1 < chain.size(); ++i)
    EXPECT_EQ(chain[i]["replaces"], chain[i + 1]["order"]);
  EXPECT_TRUE(chain.back()["replaces"].is_null());
  EXPECT_EQ(chain.back()["message"], "place_order");
}

}  // namespace
}  // namespace mm::test
