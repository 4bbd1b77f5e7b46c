// mmctl fit on labelled orders, forced orders, our own queue and the rule for gamma; parameter sets
// used in sessions.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <sstream>

#include "cli/parameter_set.hpp"
#include "engine/det/math.hpp"
#include "engine/outlook/parameters.hpp"
#include "engine/random.hpp"
#include "tests/cli/fit_document.hpp"
#include "tests/cli/made_session.hpp"
#include "tests/cli/mmctl_runner.hpp"

namespace mm::test {
namespace {

constexpr std::int64_t price = 600'000;

// Large orders are followed by a move their way four times of five, small ones hardly ever: what a
// classifier that knows the size can know.
TEST(FitTrades, LearnsWhatLargeOrdersAnnounce) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  {
    MadeSession session{journal};
    SplitMix64 random{11};
    std::int64_t bid = price;
    double second = 0;
    for (int order = 0; order < 1600; ++order) {
      second += 30;
      const bool large = random.uniform() < 0.4;
      const Side side = random.uniform() < 0.5 ? Side::buy : Side::sell;
      const bool moves = random.uniform() < (large ? 0.8 : 0.05);
      session.book(second, bid, bid + 1);
      session.trade(second + 0.1, side, side == Side::buy ? bid + 1 : bid, large ? 5000 : 50);
      session.book(second + 0.2, bid, bid + 1, 1001);
      if (moves) bid += side == Side::buy ? 1200 : -1200;  // 20 bps
      session.book(second + 3, bid, bid + 1);
      for (int later = 4; later < 30; later += 4) session.book(second + later, bid, bid + 1);
    }
    session.end(second + 60);
  }
  const Json fit = fitted({"trades", "--journal", journal});
  const Json loss = score_of(fit, "log_loss");
  const Json shares = score_of(fit, "log_loss_shares");
  // 0.4 H(0.8) + 0.6 H(0.05) nats; knowing shares alone costs about 0.65.
  const double bayes = 0.4 * 0.5004 + 0.6 * 0.1985;
  EXPECT_NEAR(loss["in_sample"].get<double>(), bayes, 0.06);
  EXPECT_NEAR(loss["out_of_sample"].get<double>(), bayes, 0.08);
  EXPECT_GT(shares["out_of_sample"].get<double>(), bayes + 0.2);
  EXPECT_NEAR(estimate_of(fit, "Informed share").value, 0.4 * 0.8 + 0.6 * 0.05, 0.06);
  EXPECT_NEAR(estimate_of(fit, "temperature").value, 1, 0.4);
  EXPECT_EQ(fit["set"]["values"]["weights"].size(), 72u);

  const Outcome few = mmctl({"fit", "trades", "--journal", journal, "--from", "-1h"});
  EXPECT_EQ(few.exit_code, 1);
  EXPECT_NE(few.err.find("1000"), std::string::npos) << few.err;
}

// Forced orders come when open interest falls, and only then.
TEST(FitLiquidation, LearnsThatOpenInterestFallsWithForcedOrders) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  {
    MadeSession session{journal};
    SplitMix64 random{12};
    double interest = 1e6;
    std::int64_t bid = price;
    for (int second = 1; second < 3 * 3600; ++second) {
      const bool cascade = second % 600 > 560;
      if (cascade) interest *= 1 - 0.0012;  // some 4 % in all
      if (!cascade && interest < 1e6) interest = std::min(1e6, interest * 1.0003);
      bid += random.uniform() < 0.5 ? -2 : 2;
      session.book(second, bid, bid + 1);
      session.context(second + 0.1, 1e-4, interest);
      if (cascade && random.uniform() < 0.7)
        session.liquidation(second + 0.2, Side::sell, bid, 100);
    }
    session.end(3 * 3600);
  }
  const Json fit = fitted({"liquidation", "--journal", journal});
  EXPECT_GT(estimate_of(fit, "open_interest").value, 1);
  EXPECT_LT(estimate_of(fit, "bias").value, 0);
  const Json& errors = fit["set"]["provenance"]["errors"];
  // Thirteen cascades: known, but not well; funding never changed, so that only the penalty holds
  // it.
  EXPECT_GT(errors["open_interest"], 0.02);
  EXPECT_LT(errors["open_interest"].get<double>(), 0.5 * estimate_of(fit, "open_interest").value);
  for (const char* name : {"bias", "funding", "move"}) EXPECT_TRUE(errors.contains(name)) << name;
  const Json loss = score_of(fit, "log_loss");
  for (const char* column : {"in_sample", "out_of_sample"}) {
    EXPECT_LT(loss[column], score_of(fit, "log_loss_default")[column]) << column;
    EXPECT_LT(loss[column].get<double>(), 0.2) << column;  // -ln p by the share alone: about 0.27
  }
  EXPECT_GE(fit["set"]["provenance"]["counts"]["cascades"], 10);

  const Outcome none = mmctl({"fit", "liquidation", "--journal", journal, "--to", "12:45:00"});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_NE(none.err.find("at least 3 cascades"), std::string::npos) << none.err;
}

// Paper fills were made by a model that is known: it is found again, or one that fills alike.
TEST(FitQueue, FindsTheExponentThatMadeTheFills) {
  const TempDir directory;
  const std::string journal = directory / "journal", steep = directory / "steep";
  const auto record = [](const std::string& power, const std::string& into) {
    return mmctl({"record", "--venue", usdm_feed(), "--strategy", "fixed_spread", "--spread",
                  "0.02bps", "--queue", power, "--latency", "5ms", "--journal", into})
        .exit_code;
  };
  ASSERT_EQ(record("power:1", journal), 0);
  ASSERT_EQ(record("power:4", steep), 0);
  const Json fit = fitted({"queue", "--journal", journal});
  EXPECT_EQ(fit["set"]["values"]["queue_power"], 1.0);
  EXPECT_LT(estimate_of(fit, "loss at 1").value + 0.1, estimate_of(fit, "loss at 4").value);
  const Json other = fitted({"queue", "--journal", steep});
  EXPECT_EQ(score_of(other, "log_score")["in_sample"], estimate_of(other, "loss at 4").value);
  EXPECT_LT(estimate_of(other, "loss at 4").value + 0.1, estimate_of(other, "loss at 1").value);
  const Json score = score_of(fit, "log_score");
  EXPECT_LT(score["out_of_sample"], score_of(fit, "log_score_null")["out_of_sample"]);
  EXPECT_EQ(mmctl({"fit", "queue", "--journal", journal, "--from", "-2s"}).exit_code, 1);

  // The rule for gamma needs a volatility, which is there after a second.
  const std::string file = directory / "gamma.json";
  const Json gamma = fitted({"gamma", "--journal", journal, "--clips", "12", "--output", file});
  const double sigma = estimate_of(gamma, "sigma").value / 1e4;
  const double rule = 2 * estimate_of(gamma, "intensity").value /
                      (std::exp(1.0) * estimate_of(gamma, "kappa").value * sigma * sigma * 144) /
                      0.3;
  EXPECT_NEAR(estimate_of(gamma, "gamma_base").value / rule, 1, 1e-9);
  EXPECT_EQ(mmctl({"params", "validate", file}).exit_code, 0);
  expect_refusal(mmctl({"fit", "hawkes", "--journal", journal, "--clips", "12"}), 2, "--clips");
}

// ---------------------------------------------------------------- in sessions

std::string write_set(const TempDir& directory, const std::string& model,
                      const std::function<void(OutlookSettings&)>& change) {
  OutlookSettings settings;
  change(settings);
  cli::ParameterSet set{.model = model,
                        .instrument = "hyperliquid:BTC",
                        .values = model_values(settings, model),
                        .provenance = Json::object(),
                        .fitted = "",
                        .hash = ""};
  cli::seal(set);
  const std::string file = directory / model + ".json";
  cli::write_parameter_set(file, set);
  return file;
}

std::vector<std::string> simulate(const std::string& journal, std::vector<std::string> more) {
  std::vector<std::string> arguments = {"simulate", "--market", "synthetic",    "--for",
                                        "90s",      "--spread", "2bps",         "--journal",
                                        journal,    "--json",   "--block-rows", "64"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(ParameterSetsInSessions, AReplayNeedsNoFile) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  const std::string hawkes =
      write_set(directory, "hawkes", [](OutlookSettings& of) { of.hawkes.kernel.beta = 2.5; });
  const std::string table = write_set(directory, "microprice", [](OutlookSettings& of) {
    MicropriceTable& made = of.microprice.emplace();
    for (std::size_t i = 0; i < 5; ++i) {
      made.g[i][0] = -0.3;
      made.g[9 - i][0] = 0.3;
    }
  });
  const std::string hash = Json::parse(file_text(hawkes))["hash"];
  ASSERT_EQ(mmctl(simulate(journal, {"--params", hawkes + "," + table})).exit_code, 0);
  fs::remove(hawkes);
  fs::remove(table);
  const Json replay = mmctl({"replay", "--journal", journal, "--json"}).json();
  EXPECT_TRUE(replay["bit_exact"].get<bool>()) << replay;
  EXPECT_GT(replay["events"], 1000);
  const Outcome tail = mmctl({"replay", "--journal", journal, "--from", "-20s", "--json"});
  EXPECT_EQ(tail.exit_code, 0) << tail.err;
  EXPECT_TRUE(tail.json()["bit_exact"].get<bool>());

  const Json sets =
      mmctl({"info", "--journal", journal, "--json"}).json()["sessions"][0]["parameter_sets"];
  ASSERT_EQ(sets.size(), 2u) << sets;
  EXPECT_EQ(sets[0]["model"], "hawkes");
  EXPECT_EQ(sets[0]["hash"], hash);
  EXPECT_EQ(sets[1]["model"], "microprice");
  EXPECT_NE(mmctl({"info", "--journal", journal}).out.find("model     hawkes " + hash),
            std::string::npos);
  // Told before any of the market, and taken.
  const Outcome told = mmctl({"cat", "--kind", "parameter_change,book_snapshot,alert", "--limit",
                              "3", "--journal", journal, "--json"});
  std::istringstream lines{told.out};
  std::string line;
  for (const char* name : {"model.hawkes", "model.microprice", "book_snapshot"}) {
    ASSERT_TRUE(std::getline(lines, line)) << told.out;
    EXPECT_NE(line.find(name), std::string::npos) << line;
  }
  EXPECT_EQ(told.out.find("parameter_refused"), std::string::npos);
}

TEST(ParameterSetsInSessions, WhatIsNoSetIsRefused) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  const std::string kappa = write_set(directory, "kappa", [](OutlookSettings& of) {
    of.kappa_prior = {.kappa = 15000, .log_variance = 0.001};
  });
  expect_refusal(mmctl(simulate(journal, {"--params", repository("README.md")})), 3, "--params");
  expect_refusal(mmctl(simulate(journal, {"--params", kappa + "," + kappa})), 2, "second set");
  expect_refusal(mmctl(simulate(journal, {"--params", directory / "none.json"})), 3, "none.json");
  EXPECT_FALSE(fs::exists(journal));
  expect_refusal(mmctl({"record", "--venue", usdm_feed(), "--params", repository("README.md"),
                        "--journal", journal}),
                 3, "--params");
}

TEST(ParameterSetsInSessions, ACounterfactualTriesThem) {
  const TempDir directory;
  const std::string journal = directory / "journal", without = directory / "without";
  const std::string kappa = write_set(directory, "kappa", [](OutlookSettings& of) {
    of.kappa_prior = {.kappa = 15000, .log_variance = 0.001};
  });
  ASSERT_EQ(mmctl(simulate(journal, {"--params", kappa})).exit_code, 0);
  ASSERT_EQ(mmctl(simulate(without, {})).exit_code, 0);
  const Outcome run = mmctl({"counterfactual", "--journal", journal, "--params", kappa, "--spread",
                             "3bps,4bps", "--no-bounds", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Json rows = run.json()["rows"];
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[2]["name"], "3bps params=" + kappa);
  // A strategy that looks at no model quotes as it does without.
  const Json plain =
      mmctl({"counterfactual", "--journal", journal, "--spread", "3bps", "--no-bounds", "--json"})
          .json();
  EXPECT_EQ(rows[2]["pnl"], plain["rows"][2]["pnl"]);
  expect_refusal(mmctl({"counterfactual", "--journal", without, "--params", kappa}), 2,
                 "without models");
}

// A strategy that looks at the models quotes by the set it is given.
TEST(ParameterSetsInSessions, TheyMoveTheQuotesOfEnhanced) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  const std::string kappa = write_set(directory, "kappa", [](OutlookSettings& of) {
    of.kappa_prior = {.kappa = 300, .log_variance = 0.001};
  });
  const auto enhanced = [](const std::string& into, const std::vector<std::string>& more) {
    std::vector<std::string> all = {"simulate", "--market",   "synthetic", "--for",
                                    "3m",       "--strategy", "enhanced",  "--seed",
                                    "3",        "--json",     "--journal", into};
    // Nothing but kappa makes the width.
    for (const char* set : {"floor_quiet=0.5bps", "floor_trending=0.5bps", "floor_volatile=0.5bps",
                            "floor_cascade=0.5bps", "fee=0bps", "premium_prior=0bps"}) {
      all.emplace_back("--set");
      all.emplace_back(set);
    }
    all.insert(all.end(), more.begin(), more.end());
    const Outcome run = mmctl(all);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run.json();
  };
  const Json usual = enhanced(journal, {});
  const Json wide = enhanced(directory / "wide", {"--params", kappa});
  // kappa 300: some 33 bps of half-spread, at which hardly anything fills.
  EXPECT_GT(usual["fills"], wide["fills"]);
  EXPECT_NE(usual["output_digest"], wide["output_digest"]);
  EXPECT_TRUE(
      mmctl({"replay", "--journal", directory / "wide", "--json"}).json()["bit_exact"].get<bool>());
  const Json rows =
      mmctl({"counterfactual", "--journal", journal, "--params", kappa, "--no-bounds", "--json"})
          .json()["rows"];
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[1]["fills"], usual["fills"]);
  EXPECT_EQ(rows[2]["fills"], wide["fills"]);
}

}  // namespace
}  // namespace mm::test
