// mmctl fit finds what made the recording: sessions of known law, fitted by the command.

#include <gtest/gtest.h>

#include <cmath>

#include "engine/det/math.hpp"
#include "engine/random.hpp"
#include "research/fit/microprice_fit.hpp"
#include "sim/synthetic/takers.hpp"
#include "tests/cli/fit_document.hpp"
#include "tests/cli/made_session.hpp"
#include "tests/cli/mmctl_runner.hpp"

namespace mm::test {
namespace {

constexpr std::int64_t price = 600'000;  // 60,000.0

/// Taker orders of a two-sided Hawkes process with marks of their sides.
void make_hawkes(const std::string& directory, double seconds, std::uint64_t seed) {
  MadeSession session{directory};
  sim::FlowSettings law;
  law.alpha = 0.4;
  law.beta = 1.5;
  sim::TakerProcess takers{law, SplitMix64{seed}, Time{}};
  takers.set_baseline(Time{}, 0.5, 0.5);
  session.book(0.001, price, price + 1);
  double last = 0;
  for (;;) {
    const double second = sim::seconds_of(takers.next() - Time{});
    if (second > seconds) break;
    const auto side = takers.arrive();
    if (!side) continue;
    takers.excite(*side, takers.size_mark(1));
    // A book behind each order ends it.
    if (second > last + 0.006) session.book(last + 0.006, price, price + 1);
    session.trade(second, *side, *side == Side::buy ? price + 1 : price, 100);
    last = second;
  }
  session.end(seconds);
}

TEST(Fit, HawkesFindsTheLawOfTheOrders) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  make_hawkes(journal, 4000, 3);
  const Json fit = fitted({"hawkes", "--journal", journal});
  const auto expect_near = [&](const char* name, double truth) {
    const Estimate found = estimate_of(fit, name);
    EXPECT_GT(found.error, 0) << name;
    // The median of equal sizes is known to a hundredth only, and with it their marks.
    EXPECT_NEAR(found.value, truth, 3 * found.error + 0.02 * truth) << name;
    EXPECT_LT(found.error, 0.15 * truth) << name;
  };
  expect_near("alpha", 0.4);
  expect_near("beta", 1.5);
  expect_near("mu0", 0.5);
  EXPECT_NEAR(estimate_of(fit, "branching").value, 2.3 * 0.4 / 1.5, 0.06);
  const Json gain = score_of(fit, "gain");
  EXPECT_GT(gain["in_sample"], 0.05);
  EXPECT_GT(gain["out_of_sample"], 0.05);
  const Json ks = score_of(fit, "ks");
  EXPECT_LT(ks["in_sample"], 0.03);
  EXPECT_LT(ks["out_of_sample"], 0.05);
  EXPECT_GT(score_of(fit, "ljung_box_p")["in_sample"], 0.001);
}

TEST(Fit, AFitIsTheSameWheneverItIsMadeAndJudgesOtherWindows) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  make_hawkes(journal, 3000, 4);
  const std::string a = directory / "a.json", b = directory / "b.json";
  const Json first = fitted({"hawkes", "--journal", journal, "--to", "-25m", "--output", a});
  const Json again = fitted({"hawkes", "--journal", journal, "--to", "-25m", "--output", b});
  EXPECT_EQ(first["set"]["hash"], again["set"]["hash"]);
  EXPECT_EQ(first["set"]["hash"].get<std::string>().size(), 32u);
  EXPECT_EQ(Json::parse(file_text(a))["values"], first["set"]["values"]);
  // Judged on the window it comes from and on the one behind it.
  const Json there = fitted({"hawkes", "--journal", journal, "--from", "-25m", "--judge", a});
  EXPECT_GT(score_of(there, "gain")["judged"], 0.03);
  const Json everything = fitted({"hawkes", "--journal", journal, "--holdout", "0", "--judge", a});
  EXPECT_TRUE(score_of(everything, "gain")["out_of_sample"].is_null());
  EXPECT_NE(everything["set"]["hash"], first["set"]["hash"]);
}

/// A touch of one tick whose imbalance wanders over the ten buckets and whose mid moves by a tick,
/// the more often to the heavier side's.
class TouchLaw {
 public:
  static constexpr int buckets = microprice_imbalances;
  static double move_up(int bucket) { return 0.05 + 0.05 * bucket; }  // 0.05 to 0.5
  static double move_down(int bucket) { return move_up(buckets - 1 - bucket); }

  /// G of each bucket, in ticks, by the same algebra from the true probabilities.
  static std::vector<double> truth() {
    research::MicropriceTransitions law{.q = Eigen::MatrixXd::Zero(buckets, buckets),
                                        .r1 = Eigen::MatrixXd::Zero(buckets, 2),
                                        .k = Eigen::Vector2d{-1, 1},
                                        .r2 = Eigen::MatrixXd::Zero(buckets, buckets)};
    for (int i = 0; i < buckets; ++i) {
      const double up = move_up(i), down = move_down(i);
      law.r1(i, 0) = down;
      law.r1(i, 1) = up;
      for (int j = 0; j < buckets; ++j) law.r2(i, j) = (up + down) / buckets;
      for (const int step : {-1, 1})
        law.q(i, std::clamp(i + step, 0, buckets - 1)) += (1 - up - down) / 2;
    }
    const auto solved = research::solve_microprice(law);
    return {solved->g.data(), solved->g.data() + buckets};
  }
};

TEST(Fit, MicropriceFindsWhereTheMidGoes) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  {
    MadeSession session{journal};
    SplitMix64 random{5};
    std::int64_t bid = price;
    int bucket = 5;
    double second = 0;
    for (int change = 0; change < 40'000; ++change) {
      second += 0.4;
      // Sizes differ from change to change, so that every step is one.
      const std::int64_t all = 1000 + 20 * (change % 7);
      session.book(second, bid, bid + 1, (2 * bucket + 1) * all / 20, (19 - 2 * bucket) * all / 20);
      const double draw = random.uniform();
      const double up = TouchLaw::move_up(bucket), down = TouchLaw::move_down(bucket);
      if (draw < up + down) {
        bid += draw < up ? 1 : -1;
        bucket = static_cast<int>(random.uniform() * TouchLaw::buckets);
      } else {
        bucket = std::clamp(bucket + (random.uniform() < 0.5 ? -1 : 1), 0, TouchLaw::buckets - 1);
      }
    }
    session.end(second + 1);
  }
  const Json fit = fitted({"microprice", "--journal", journal});
  const std::vector<double> truth = TouchLaw::truth();
  for (int bucket = 0; bucket < TouchLaw::buckets; ++bucket) {
    const Estimate found =
        estimate_of(fit, "g[" + std::to_string(bucket * microprice_spreads) + "]");
    const double expected = truth[static_cast<std::size_t>(bucket)];
    EXPECT_GT(found.error, 0) << bucket;
    EXPECT_NEAR(found.value, expected, 4 * found.error + 0.005) << bucket;
    EXPECT_LT(found.error, 0.05) << bucket;
  }
  EXPECT_LT(truth[0], -0.2);  // there was something to find
  const Json skill = score_of(fit, "skill");
  EXPECT_GT(skill["out_of_sample"], 0);
}

TEST(Fit, KappaFindsHowOrdersThinOutWithDepth) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  constexpr double kappa = 5000;
  {
    MadeSession session{journal};
    SplitMix64 random{6};
    double second = 0;
    for (int order = 0; order < 5000; ++order) {
      second += 0.1;
      session.book(second, price - 1, price + 1);
      const double reach = -det::log(random.uniform()) / kappa * static_cast<double>(price);
      const Side side = random.uniform() < 0.5 ? Side::buy : Side::sell;
      const auto away = static_cast<std::int64_t>(reach + 0.5);
      session.trade(second + 0.01, side, side == Side::buy ? price + away : price - away, 10);
      session.book(second + 0.02, price - 1, price + 1);
    }
    session.end(second + 1);
  }
  const Json fit = fitted({"kappa", "--journal", journal});
  EXPECT_NEAR(estimate_of(fit, "robust").value, kappa, 0.1 * kappa);
  EXPECT_NEAR(estimate_of(fit, "prior").value, kappa, 0.1 * kappa);
  const Json score = score_of(fit, "reach");
  EXPECT_LT(score["out_of_sample"], score_of(fit, "reach_default")["out_of_sample"]);
}

TEST(Fit, LeadLagFindsLagAndSlope) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  constexpr double lag = 0.31;
  constexpr double slope = 0.8;
  {
    MadeSession session{journal};
    SplitMix64 random{7};
    std::vector<double> path = {0};  // of the leader, log, every 20 ms
    const auto units = [](double log_price, double base) {
      return static_cast<std::int64_t>(base * det::exp(log_price));
    };
    for (int step = 0; step < 50 * 600; ++step) {
      const double second = step * 0.02 + 0.02;
      path.push_back(path.back() + 2e-5 * random.normal());
      const std::int64_t leads = units(path.back(), 300'000);
      session.book(second, leads, leads + 1, 1000, 1000, MadeSession::lead);
      // The follower is asked twenty times a second, what it then says is the past.
      if (step % 5 < 3) continue;
      const double back = (second + 0.007 - lag) / 0.02;
      const double value = back < 0 ? 0 : slope * path[static_cast<std::size_t>(back)];
      const std::int64_t follows = units(value + 5e-7 * random.normal(), price);
      session.book(second + 0.007, follows, follows + 1);
    }
    session.end(601);
  }
  const Json fit = fitted({"lead_lag", "--journal", journal});
  const Estimate lag_ms = estimate_of(fit, "lag_ms");
  EXPECT_NEAR(lag_ms.value, 1000 * lag, 2 * lag_ms.error + 2);
  EXPECT_LT(lag_ms.error, 40);
  const Estimate beta = estimate_of(fit, "beta");
  EXPECT_NEAR(beta.value, slope, 3 * beta.error + 0.05 * slope);
  EXPECT_LT(beta.error, 0.1);
  EXPECT_NEAR(estimate_of(fit, "response_50pct").value, 1000 * lag, 60);
  EXPECT_EQ(fit["set"]["values"]["response"].size(), 251u);
  EXPECT_GT(score_of(fit, "r2")["out_of_sample"], 0.8);
  EXPECT_EQ(fit["set"]["provenance"]["lead"], "binance-usdm:ETHUSDT");
}

TEST(Fit, RegimesFindTheStatesAndTheirStays) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  constexpr std::array<double, 4> sigma = {0.45e-4, 1.2e-4, 2.6e-4, 6e-4};
  constexpr std::array<double, 4> rate = {0.4, 1, 1.6, 4};
  // Orders and price go one way, where a state has one.
  constexpr std::array<double, 4> bias = {0.5, 0.8, 0.5, 0.9};
  constexpr std::array<double, 4> drift = {0, 0.5, 0, 0.8};
  // A minute's chances of going over to each.
  constexpr std::array<std::array<double, 4>, 4> leave = {
      {{0, 0.06, 0.03, 0.01}, {0.14, 0, 0.05, 0.01}, {0.2, 0.08, 0, 0.02}, {0.1, 0, 0.5, 0}}};
  constexpr int length = 12 * 3600;
  std::array<double, 4> seconds_in{};
  {
    MadeSession session{journal};
    SplitMix64 random{8};
    double value = 0;
    std::size_t state = 0;
    int direction = 1;
    for (int second = 0; second < length; ++second) {
      double draw = random.uniform() * 60;
      for (std::size_t next = 0; next < 4; ++next) {
        draw -= leave[state][next];
        if (draw >= 0) continue;
        state = next;
        direction = random.uniform() < 0.5 ? -1 : 1;
        break;
      }
      if (second < length * 3 / 4) seconds_in[state] += 1;
      value += sigma[state] * (direction * drift[state] + random.normal());
      const auto bid =
          static_cast<std::int64_t>(static_cast<double>(price) * det::exp(value) + 0.5);
      session.book(second + 0.05, bid, bid + 1);
      double at = second + 0.06;
      for (;;) {
        at += -det::log(random.uniform()) / rate[state];
        if (at > second + 0.98) break;
        const bool with = random.uniform() < bias[state];
        const Side side = with == (direction > 0) ? Side::buy : Side::sell;
        session.trade(at, side, side == Side::buy ? bid + 1 : bid, 100);
      }
    }
    session.end(length);
  }
  const Json fit = fitted({"regime", "--journal", journal});
  constexpr std::array<const char*, 4> names = {"Quiet", "Trending", "Volatile", "Cascade"};
  const auto mean = [&](std::size_t state) {
    return estimate_of(fit, std::string{names[state]} + " volatility").value;
  };
  for (std::size_t state = 0; state < 4; ++state) {
    const std::string name = names[state];
    EXPECT_NEAR(estimate_of(fit, name + " share").value, seconds_in[state] / (length * 0.75), 0.12)
        << name;
    const double stay = estimate_of(fit, name + " stay").value * 60;
    const double truth =
        60 / (leave[state][0] + leave[state][1] + leave[state][2] + leave[state][3]);
    EXPECT_GT(stay, truth / 2) << name;
    for (const char* figure : {" share", " stay", " volatility", " volatility sd"}) {
      const Estimate found = estimate_of(fit, name + figure);
      EXPECT_GT(found.error, 0) << name << figure;
      EXPECT_LT(found.error, 0.5 * std::fabs(found.value) + 0.2) << name << figure;
      EXPECT_EQ(fit["set"]["provenance"]["errors"][name + figure], found.error);
    }
    EXPECT_LT(stay, truth * 2) << name;
    if (state > 0) {
      EXPECT_NEAR(mean(state) - mean(state - 1), det::log(sigma[state] / sigma[state - 1]), 0.3)
          << name;
    }
  }
  const Json density = score_of(fit, "density");
  for (const char* column : {"in_sample", "out_of_sample"}) {
    EXPECT_GT(density[column], score_of(fit, "density_one_state")[column].get<double>() + 0.1);
    EXPECT_GT(density[column], score_of(fit, "density_default")[column]);
  }
}

class FitRefusals : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new TempDir();
    journal_ = *directory_ / "journal";
    MadeSession session{journal_};
    session.book(0.5, price, price + 1);
    for (int second = 1; second < 30; ++second) {
      session.trade(second, Side::buy, price + 1, 10);
      session.book(second + 0.5, price, price + 1, 1000 + second);
    }
    session.end(30);
  }
  static void TearDownTestSuite() {
    delete directory_;
    directory_ = nullptr;
  }
  static inline TempDir* directory_ = nullptr;
  static inline std::string journal_;
};

TEST_F(FitRefusals, TooLittleDataFitsNothingAndSaysWhatIsNeeded) {
  const std::string file = *directory_ / "none.json";
  const std::vector<std::pair<std::string, std::string>> models = {{"hawkes", "500"},
                                                                   {"kappa", "100"},
                                                                   {"lead_lag", "200"},
                                                                   {"microprice", "1000"},
                                                                   {"regime", "moved"}};
  for (const auto& [model, needed] : models) {
    const Outcome run = mmctl({"fit", model, "--journal", journal_, "--output", file, "--json"});
    EXPECT_EQ(run.exit_code, 1) << model << run.err;
    EXPECT_NE(run.err.find(needed), std::string::npos) << model << run.err;
    EXPECT_NE(run.json()["refusal"].get<std::string>().find("fit " + model), std::string::npos);
    EXPECT_TRUE(run.json()["set"].is_null());
    EXPECT_FALSE(fs::exists(file));
  }
}

TEST_F(FitRefusals, WrongWordsAreNamed) {
  expect_refusal(mmctl({"fit", "weather", "--journal", journal_}), 2, "hawkes");
  expect_refusal(mmctl({"fit", "hawkes", "--journal", journal_, "--instrument", "x:Y"}), 2,
                 "binance-usdm:ETHUSDT");
  expect_refusal(mmctl({"fit", "hawkes", "--journal", journal_, "--lead", "x:Y"}), 2, "--lead");
  expect_refusal(
      mmctl({"fit", "lead_lag", "--journal", journal_, "--lead", "binance-usdm:BTCUSDT"}), 2,
      "does not lead itself");
  expect_refusal(mmctl({"fit", "hawkes", "--journal", *directory_ / "nowhere"}), 3, "nowhere");
  EXPECT_EQ(mmctl({"fit", "hawkes", "--journal", journal_, "--holdout", "2"}).exit_code, 2);
  EXPECT_EQ(
      mmctl({"fit", "hawkes", "--journal", journal_, "--from", "-5s", "--to", "-20s"}).exit_code,
      2);
}

}  // namespace
}  // namespace mm::test
