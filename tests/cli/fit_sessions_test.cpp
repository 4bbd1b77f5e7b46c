// mmctl fit over a window of several sessions: what they tell adds up, and nothing leads across a
// border or a gap.

#include <gtest/gtest.h>

#include <cmath>

#include "engine/det/math.hpp"
#include "engine/market.hpp"
#include "engine/outlook/outlook.hpp"
#include "engine/random.hpp"
#include "sim/synthetic/takers.hpp"
#include "tests/cli/fit_document.hpp"
#include "tests/cli/made_session.hpp"
#include "tests/cli/mmctl_runner.hpp"
#include "venues/instruments.hpp"

namespace mm::test {
namespace {

constexpr std::int64_t price = 600'000;

/// Two-sided Hawkes arrivals (mu 0.5, alpha 0.4, beta 1.5) at a touch that flickers, and a leader
/// 309 ms ahead of it; prices start at `level` times their usual.
void make_session(const std::string& directory, double offset_s, double seconds, double level,
                  std::uint64_t seed, double gap_at = 0) {
  MadeSession session{directory, offset_s};
  sim::FlowSettings law;
  law.alpha = 0.4;
  law.beta = 1.5;
  sim::TakerProcess takers{law, SplitMix64{seed}, Time{}};
  takers.set_baseline(Time{}, 0.5, 0.5);
  SplitMix64 random{seed + 100};
  std::vector<double> path = {0};  // of the leader, log, every 20 ms
  const auto units = [&](double log_price, double base) {
    return static_cast<std::int64_t>(base * level * det::exp(log_price));
  };
  std::int64_t bid = units(0, static_cast<double>(price));
  double next_order = sim::seconds_of(takers.next() - Time{});
  bool gone = false;
  double last = 0;
  for (int step = 1; step < 50 * static_cast<int>(seconds); ++step) {
    const double second = step * 0.02;
    if (gap_at > 0 && !gone && second > gap_at) {
      // A minute of which nothing is known; the price is elsewhere behind it.
      gone = true;
      session.gap(second);
      session.gap(second, MadeSession::lead);
      level *= 1.05;
    }
    path.push_back(path.back() + 4e-5 * random.normal());
    while (next_order <= second) {
      if (const auto side = takers.arrive()) {
        takers.excite(*side, takers.size_mark(1));
        // How far they go falls off exponentially, as kappa has it.
        const auto away = static_cast<std::int64_t>(-120 * det::log(random.uniform()));
        last = std::max(last, next_order);
        session.trade(last, *side, *side == Side::buy ? bid + 1 + away : bid - away, 100);
      }
      next_order = sim::seconds_of(takers.next() - Time{});
    }
    const std::int64_t leads = units(path.back(), 300'000);
    session.book(second, leads, leads + 1, 1000, 1000, MadeSession::lead);
    last = second;
    if (step % 5 < 3) continue;
    bid = units(step < 15 ? 0 : 0.8 * path[static_cast<std::size_t>(step) - 15],
                static_cast<double>(price));
    last = second + 0.009;
    session.book(last, bid, bid + 1, 500 + step % 7, 500 + step % 11);
  }
  session.end(seconds);
}

class FitSessions : public testing::Test {
 protected:
  static constexpr double length = 1200;
  static constexpr double pause = 3600;

  static void SetUpTestSuite() {
    directory_ = new TempDir();
    journal_ = *directory_ / "journal";
    make_session(journal_, 0, length, 1, 31);
    make_session(journal_, pause, length, 1.2, 32);
    make_session(journal_, 2 * pause, length, 0.9, 33);
  }
  static void TearDownTestSuite() {
    delete directory_;
    directory_ = nullptr;
  }
  static Json of_window(const std::string& model, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {model, "--journal", journal_, "--from", "2026-01-05T12:00:00Z"});
    return fitted(more);
  }
  static inline TempDir* directory_ = nullptr;
  static inline std::string journal_;
};

TEST_F(FitSessions, ArrivalsKnowNothingOfThePauses) {
  const Json all = of_window("hawkes");
  ASSERT_EQ(all["sessions"].size(), 3u);
  EXPECT_EQ(all["set"]["provenance"]["sessions"], all["sessions"]);
  EXPECT_EQ(all["sessions"][1]["from"], "2026-01-05T13:30:00.000000000Z");
  // The last quarter of the time covered, not of the time on the clock.
  EXPECT_EQ(all["set"]["provenance"]["fitted_to"].get<std::string>().substr(0, 19),
            "2026-01-05T14:35:00");
  for (const auto& [name, truth] : {std::pair{"alpha", 0.4}, {"beta", 1.5}, {"mu0", 0.5}}) {
    const auto [value, error] = estimate_of(all, name);
    EXPECT_NEAR(value, truth, 3 * error + 0.03 * truth) << name;
    EXPECT_LT(error, 0.2 * truth) << name;
  }
  const Json last = fitted({"hawkes", "--journal", journal_});
  EXPECT_EQ(last["sessions"].size(), 1u);
  EXPECT_LT(estimate_of(all, "mu0").error, 0.8 * estimate_of(last, "mu0").error);
  EXPECT_EQ(all["set"]["hash"],
            fitted({"hawkes", "--journal", journal_, "--session", "all"})["set"]["hash"]);
}

TEST_F(FitSessions, CountsAndLikelihoodsAddUp) {
  const std::vector<std::pair<std::string, std::string>> counted = {
      {"kappa", "taker_orders"}, {"microprice", "transitions"}, {"lead_lag", "leader_changes"}};
  for (const auto& [model, what] : counted) {
    std::int64_t sum = 0;
    for (const char* number : {"1", "2", "3"})
      sum += fitted({model, "--journal", journal_, "--session", number, "--holdout",
                     "0"})["set"]["provenance"]["counts"][what]
                 .get<std::int64_t>();
    EXPECT_EQ(of_window(model, {"--holdout", "0"})["set"]["provenance"]["counts"][what], sum)
        << model;
  }
}

TEST_F(FitSessions, NoMoveLeadsFromOneToTheNext) {
  // Between them prices jump by a fifth: one such move would outweigh all others together.
  const Json all = of_window("lead_lag");
  const auto [lag, lag_error] = estimate_of(all, "lag_ms");
  EXPECT_NEAR(lag, 309, 2 * lag_error + 3);
  const auto [beta, beta_error] = estimate_of(all, "beta");
  EXPECT_NEAR(beta, 0.8, 3 * beta_error + 0.04);
  EXPECT_LT(beta_error, 0.1);
}

TEST_F(FitSessions, AWindowMayBeginAndEndInsideOfSessions) {
  const Json some = fitted({"hawkes", "--journal", journal_, "--from", "2026-01-05T12:40:00Z",
                            "--to", "2026-01-05T13:45:00Z"});
  ASSERT_EQ(some["sessions"].size(), 2u);
  EXPECT_EQ(some["sessions"][0]["from"], "2026-01-05T12:40:00.000000000Z");
  EXPECT_EQ(some["sessions"][1]["to"], "2026-01-05T13:45:00.000000000Z");
  // Times that need a session mean the latest.
  EXPECT_EQ(fitted({"kappa", "--journal", journal_, "--from", "-10m"})["sessions"].size(), 1u);
  expect_refusal(mmctl({"fit", "hawkes", "--journal", journal_, "--from", "2026-01-05T13:00:00Z",
                        "--to", "2026-01-05T13:10:00Z"}),
                 2, "nothing of any session");
  expect_refusal(mmctl({"fit", "hawkes", "--journal", journal_, "--from", "2027-01-01"}), 2,
                 "--from");
}

TEST(FitSessionsApart, AGapBreaksWhatLeadsAcrossIt) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  make_session(journal, 0, 900, 1, 5, 400);
  const Json fit = fitted({"lead_lag", "--journal", journal, "--holdout", "0"});
  EXPECT_NEAR(estimate_of(fit, "lag_ms").value, 309, 2 * estimate_of(fit, "lag_ms").error + 3);
  EXPECT_NEAR(estimate_of(fit, "beta").value, 0.8, 0.08);
  EXPECT_EQ(
      fitted({"hawkes", "--journal", journal})["set"]["provenance"]["counts"]["runs_without_a_gap"],
      2);
}

TEST(FitSessionsApart, OfSessionsOfOneTimeTheLaterCounts) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  make_session(journal, 0, 900, 1, 6);
  make_session(journal, 0, 900, 1, 6);
  const Json fit = fitted({"hawkes", "--journal", journal, "--session", "all"});
  EXPECT_EQ(fit["sessions"].size(), 1u);
  EXPECT_NE(fit["notes"].dump().find("Session 1 was left out: session 2"), std::string::npos)
      << fit["notes"];
}

// Open interest comes and goes and funding changes; both sides' baselines follow their scores and
// the funding clock (8 h here) as the online model would read them.
TEST(FitBaseline, TheCommandFindsTheWeights) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  constexpr double length = 17 * 3600;
  const HawkesBaseline law{.mu0 = 0.12, .weight_funding = 0.3, .weight_open_interest = -0.3};
  FundingPhase phase{.weight_cos = 0.5, .weight_sin = -0.3, .period = std::chrono::hours{8}};
  {
    MadeSession session{journal};
    // What a session would read of the same contexts.
    OutlookSettings settings;
    Outlook outlook{settings};
    Market market;
    std::vector<Output> unused;
    const auto hear = [&](double second, EventBody body) {
      const Event event{{.recv_time = time_from_ns(MadeSession::start_ns +
                                                   static_cast<std::int64_t>(second * 1e9 + 0.5))},
                        std::move(body)};
      market.apply(event);
      outlook.apply(event, market, unused);
      unused.clear();
      return event.header.recv_time;
    };
    hear(0, definition_of(venues::Instruments::built_in().find("binance-usdm", "BTCUSDT", "test")));
    sim::FlowSettings flow;
    flow.alpha = 0.4;
    flow.beta = 1.5;
    sim::TakerProcess takers{flow, SplitMix64{41}, Time{}};
    SplitMix64 random{42};
    const Time origin = time_from_ns(MadeSession::start_ns);
    double interest = 0;
    double funding = 1e-4;
    double last = 0;
    for (int second = 1; second < static_cast<int>(length); ++second) {
      if (second % 10 == 1) {
        interest = 0.9 * interest + 1e-3 * random.normal();
        funding = 1e-4 + 0.99 * (funding - 1e-4) + 5e-6 * random.normal();
        const double open = 1e5 * (1 + interest);
        session.context(second, funding, open);
        hear(second, AssetContext{.funding_e12 = static_cast<std::int64_t>(funding * 1e12),
                                  .open_interest_e8 = static_cast<std::int64_t>(open * 1e8)});
      }
      session.book(second, price, price + 1, 1000 + second % 3);
      const std::array levels = {Level{Price::from_units(price), Qty::from_lots(1000)}};
      const std::array asks = {Level{Price::from_units(price + 1), Qty::from_lots(1000)}};
      const Time now = hear(second, BookSnapshot{.bids = levels, .asks = asks});
      phase.to_settlement = outlook.funding_clock().to_settlement(now);
      const double mu = hawkes_baseline(law, outlook.reading().context.funding_z,
                                        outlook.open_interest_z(), &phase, 1);
      takers.set_baseline(Time{} + (now - origin), mu, mu);
      last = std::max(last, static_cast<double>(second));
      while (sim::seconds_of(takers.next() - Time{}) < second + 1) {
        last = std::max(last, sim::seconds_of(takers.next() - Time{}));
        const auto side = takers.arrive();
        if (!side) continue;
        takers.excite(*side, takers.size_mark(1));
        session.trade(last, *side, *side == Side::buy ? price + 1 : price, 100);
      }
    }
    session.end(length);
  }
  const Json fit = fitted({"hawkes", "--journal", journal, "--holdout", "0.05"});
  for (const auto& [name, truth] : {std::pair{"weight_funding", law.weight_funding},
                                    {"weight_open_interest", law.weight_open_interest},
                                    {"weight_cos", phase.weight_cos},
                                    {"weight_sin", phase.weight_sin}}) {
    const auto [value, error] = estimate_of(fit, name);
    EXPECT_GT(error, 0) << name;
    EXPECT_LT(error, 0.1) << name;
    EXPECT_NEAR(value, truth, 3 * error) << name;
    EXPECT_EQ(fit["set"]["values"][name], value) << name;
    EXPECT_EQ(fit["set"]["provenance"]["errors"][name], error) << name;
  }
  const auto gain = [&](const char* name) {
    for (const Json& each : fit["scores"])
      if (each["name"] == name) return each["in_sample"].get<double>();
    return 0.0;
  };
  EXPECT_GT(gain("gain"), gain("gain_flat") + 0.01);
}

TEST(FitBaseline, WeightsThatCannotBeToldStayZeroAndItSaysWhy) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  make_session(journal, 0, 900, 1, 9);
  const Json fit = fitted({"hawkes", "--journal", journal});
  for (const char* name : {"weight_cos", "weight_funding", "weight_open_interest", "weight_sin"}) {
    EXPECT_EQ(fit["set"]["values"][name], 0.0);
    EXPECT_NE(fit["notes"].dump().find(std::string{name} + " stays 0"), std::string::npos)
        << fit["notes"];
  }
}

/// Ten-second windows of a market that is calm, then wild.
void make_regimes(const std::string& directory, double offset_s, int seconds, std::uint64_t seed) {
  MadeSession session{directory, offset_s};
  SplitMix64 random{seed};
  double value = 0;
  for (int second = 0; second < seconds; ++second) {
    const bool wild = second / 600 % 2 == 1;
    value += (wild ? 4e-4 : 0.5e-4) * random.normal();
    const auto bid = static_cast<std::int64_t>(static_cast<double>(price) * det::exp(value) + 0.5);
    session.book(second + 0.05, bid, bid + 1);
    for (double at = second + 0.06; at < second + 0.9; at += wild ? 0.2 : 0.8)
      session.trade(at, random.uniform() < 0.5 ? Side::buy : Side::sell, bid, 100);
  }
  session.end(seconds);
}

TEST(FitSessionsApart, RegimesBeginAnewInEachSession) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  make_regimes(journal, 0, 7200, 7);
  make_regimes(journal, 10'000, 7200, 8);
  const std::string set = directory / "regime.json";
  const Json all = fitted(
      {"regime", "--journal", journal, "--session", "all", "--holdout", "0", "--output", set});
  const auto windows = [](const Json& fit) {
    return fit["set"]["provenance"]["counts"]["windows"].get<double>();
  };
  // 720 windows each, bar those before the first is whole.
  EXPECT_NEAR(windows(all), 1440, 6);
  // A set judged on both is what it is on each, added up; observations differ a little by the
  // references of their windows, which a fit of each finds for itself.
  const Json both = fitted(
      {"regime", "--journal", journal, "--session", "all", "--holdout", "0", "--judge", set});
  double sum = 0;
  double count = 0;
  for (const char* number : {"1", "2"}) {
    const Json one = fitted(
        {"regime", "--journal", journal, "--session", number, "--holdout", "0", "--judge", set});
    sum += score_of(one, "density")["judged"].get<double>() * windows(one);
    count += windows(one);
  }
  EXPECT_EQ(windows(both), count);
  EXPECT_NEAR(score_of(both, "density")["judged"].get<double>(), sum / count, 0.05);
}

}  // namespace
}  // namespace mm::test
