// The synthetic market obeys the laws it states: regimes, Hawkes parameters and lag are found again
// in what it makes, within their errors.

#include <gtest/gtest.h>

#include <cmath>

#include "sim/synthetic/market.hpp"
#include "tests/sim/synthetic/rig.hpp"

namespace mm::sim {
namespace {

using testing::lead_btc;
using testing::quoted_btc;
using testing::settings_of;

const Time start = testing::synthetic_start;

TEST(SyntheticLaw, RegimesLastAndFollowAsTheMatrixSays) {
  const SyntheticSettings settings = settings_of(17, "step=1s\n");
  MarketPath path(settings, start);
  constexpr int steps = 8'000'000;  // three months
  std::array<double, regime_count> spent{};
  std::array<std::array<double, regime_count>, regime_count> went{};
  Regime before = path.regime();
  for (int i = 0; i < steps; ++i) {
    path.step();
    const auto at = static_cast<std::size_t>(path.regime());
    spent[at] += 1;
    if (path.entered()) went[static_cast<std::size_t>(before)][at] += 1;
    before = path.regime();
  }
  // The law of models.md 13.2.
  const std::array<double, regime_count> law{0.6939, 0.2036, 0.0920, 0.0105};
  for (std::size_t from = 0; from < regime_count; ++from) {
    EXPECT_NEAR(MarketPath::stationary(settings)[from], law[from], 1e-4);
    EXPECT_NEAR(spent[from] / steps / law[from], 1, 0.06) << from;
    double left = 0;
    for (const double times : went[from]) left += times;
    const double stays = 60 / (1 - settings.transition[from][from]);
    // A step is a second and regimes change at its end.
    EXPECT_NEAR(spent[from] / left, stays + 0.5, 4 * stays / std::sqrt(left)) << from;
    for (std::size_t to = 0; to < regime_count; ++to) {
      if (to == from) {
        EXPECT_EQ(went[from][to], 0);
        continue;
      }
      const double chance = settings.transition[from][to] / (1 - settings.transition[from][from]);
      EXPECT_NEAR(went[from][to] / left, chance,
                  4 * std::sqrt(chance * (1 - chance) / left) + 1e-9);
    }
  }
}

TEST(SyntheticLaw, TheValueHasItsVolatilityAndFundingItsSpread) {
  const SyntheticSettings settings = settings_of(
      18, "first_regime=0\nregime_speed=0\nsigma=2bps\nquiet.volatility=1\nfunding_memory=60s\n");
  MarketPath path(settings, start);
  double squares = 0, funding = 0, funding_squares = 0;
  constexpr int steps = 400'000;
  double last = path.value();
  for (int i = 0; i < steps; ++i) {
    path.step();
    const double r = path.value() / last - 1;
    last = path.value();
    squares += r * r;
    funding += path.funding_rate();
    funding_squares += path.funding_rate() * path.funding_rate();
  }
  EXPECT_NEAR(std::sqrt(squares / (steps * settings.step_s)) * 1e4, 2, 0.02);
  const double mean = funding / steps;
  EXPECT_NEAR(mean * 1e4, 0.125, 0.06);
  EXPECT_NEAR(std::sqrt(funding_squares / steps - mean * mean) * 1e4, 0.3, 0.06);
}

/// Two-sided Hawkes with unit marks, as models.md 9.5 states its likelihood.
struct Points {
  std::vector<double> times;
  std::vector<bool> sells;
  double length = 0;
};

double log_likelihood(const Points& points, const SyntheticSettings& truth, double mu, double alpha,
                      double beta) {
  const double same = alpha * truth.quoted.mark_same, other = alpha * truth.quoted.mark_other;
  double bid = 0, ask = 0, last = 0, sum = 0, gone = 0;
  for (std::size_t i = 0; i < points.times.size(); ++i) {
    const double decay = std::exp(-beta * (points.times[i] - last));
    bid *= decay;
    ask *= decay;
    last = points.times[i];
    sum += std::log(mu + (points.sells[i] ? bid : ask));
    bid += points.sells[i] ? same : other;
    ask += points.sells[i] ? other : same;
    gone += 1 - std::exp(-beta * (points.length - last));
  }
  return sum - 2 * mu * points.length - (same + other) / beta * gone;
}

/// The largest value along one coordinate, by golden section on its logarithm.
template <class F>
double best_of(F&& f, double low, double high) {
  const double golden = 0.6180339887498949;
  double a = std::log(low), b = std::log(high);
  for (int i = 0; i < 24; ++i) {
    const double c = b - golden * (b - a), d = a + golden * (b - a);
    (f(std::exp(c)) > f(std::exp(d)) ? b : a) = f(std::exp(c)) > f(std::exp(d)) ? d : c;
  }
  return std::exp((a + b) / 2);
}

TEST(SyntheticLaw, HawkesParametersAreFoundAgainInTheTrades) {
  const SyntheticSettings settings =
      settings_of(19,
                  "first_regime=0\nregime_speed=0\nquiet.intensity=1\ngap_weight=0\n"
                  "mark_power=0\nmark_sweep=1\nwalls_per_min=0\n");
  SyntheticMarket market(quoted_btc(), lead_btc(), settings, start);
  Points points;
  points.length = 5000;
  market.set_truth([&](const Truth& of) {
    const auto* taker = std::get_if<TruthTaker>(&of);
    if (taker == nullptr || taker->instrument != InstrumentRole::quoted) return;
    points.times.push_back(seconds_of(taker->time - start));
    points.sells.push_back(taker->side == Side::sell);
    EXPECT_EQ(taker->mark, 1);
  });
  testing::run_market(market, duration_of(points.length), [](const Event&) {});
  while (points.times.back() > points.length) points.times.pop_back(), points.sells.pop_back();
  // 2 mu T / (1 - n), n = 2.3 * 0.3 / 2.
  EXPECT_NEAR(static_cast<double>(points.times.size()) / 6107, 1, 0.06);
  double mu = 0.3, alpha = 0.2, beta = 1;
  for (int round = 0; round < 12; ++round) {
    mu = best_of([&](double x) { return log_likelihood(points, settings, x, alpha, beta); }, 0.05,
                 2);
    // Along constant branching beta moves with alpha.
    const double ratio = alpha / beta;
    beta = best_of([&](double x) { return log_likelihood(points, settings, mu, ratio * x, x); },
                   0.2, 20);
    alpha = best_of([&](double x) { return log_likelihood(points, settings, mu, x, beta); }, 0.02,
                    beta / 2.4);
  }
  // Standard errors of this length are about 0.015, 0.03 and 0.2 (models.md 9.5 gives their order).
  EXPECT_NEAR(mu, 0.4, 0.045);
  EXPECT_NEAR(beta, 2, 0.6);
  EXPECT_NEAR(2.3 * alpha / beta, 0.345, 0.06);
}

/// Mids of one instrument at the moments they changed.
struct Mids {
  std::vector<double> times, logs;
  void add(double time, double mid) {
    const double log = std::log(mid);
    if (!logs.empty() && logs.back() == log) return;
    times.push_back(time);
    logs.push_back(log);
  }
};

/// The contrast of Hayashi and Yoshida with the follower shifted back by `shift` (models.md 14.1).
double contrast(const Mids& x, const Mids& y, double shift) {
  double sum = 0;
  std::size_t first = 1;
  for (std::size_t i = 1; i < x.times.size(); ++i) {
    while (first < y.times.size() && y.times[first] - shift <= x.times[i - 1]) ++first;
    for (std::size_t j = first; j < y.times.size() && y.times[j - 1] - shift < x.times[i]; ++j)
      sum += (x.logs[i] - x.logs[i - 1]) * (y.logs[j] - y.logs[j - 1]);
  }
  return sum;
}

TEST(SyntheticLaw, TheLagIsFoundAgainInTheMids) {
  const SyntheticSettings settings =
      settings_of(20,
                  "first_regime=1\nregime_speed=0\nlag=180ms\nlag_sd=10ms\n"
                  "feed_latency=1ms\nlead.feed_latency=1ms\nwalls_per_min=0\n");
  SyntheticMarket market(quoted_btc(), lead_btc(), settings, start);
  std::array<Mids, 2> mids;
  testing::run_market(market, std::chrono::minutes{10}, [&](const Event& event) {
    const auto* quote = std::get_if<BestQuote>(&event.body);
    if (quote == nullptr) return;
    mids[event.header.instrument.value].add(
        seconds_of(event.header.exchange_time - start),
        static_cast<double>(quote->bid.price.units() + quote->ask.price.units()));
  });
  double best = 0, lag = 0;
  for (int ms = -400; ms <= 1000; ms += 5) {
    const double value = contrast(mids[1], mids[0], ms * 1e-3);
    if (value > best) best = value, lag = ms;
  }
  EXPECT_NEAR(lag, 180, 25);
}

}  // namespace
}  // namespace mm::sim
