#include "engine/models/hawkes.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "engine/models/hawkes_queue.hpp"
#include "engine/random.hpp"
#include "tests/engine/models/saved.hpp"

namespace mm {
namespace {

using std::chrono::seconds;

const HawkesIntensity::Settings settings;

TEST(HawkesMarks, GrowWithSizeUpToTheCap) {
  const HawkesMarks marks;
  EXPECT_DOUBLE_EQ(hawkes_mark(marks, 4, true, false), 3);
  EXPECT_DOUBLE_EQ(hawkes_mark(marks, 1e9, true, false), 4.5);
  double last = 0;
  for (double size = 0.01; size < 20; size *= 1.1) {
    EXPECT_GE(hawkes_mark(marks, size, false, true), last);
    last = hawkes_mark(marks, size, false, true);
  }
  HawkesMarks linear = marks;
  linear.size_power = 1;
  EXPECT_NEAR(size_sweep_mark(linear, 2.5, false), 2.5, 1e-12);
}

struct Order {
  Time time;
  Side consumed;
  double mark;
};

// Against the sum over all orders it stands for.
TEST(HawkesIntensity, IsTheSumOverItsOrders) {
  SplitMix64 random{1};
  HawkesIntensity hawkes;
  hawkes.set_baseline(settings, at_seconds(0), 0.4, 1.3);
  std::vector<Order> orders;
  Time now = at_seconds(0);
  DecayedLogHistogram sizes;
  for (int i = 0; i < 400; ++i) {
    now += Duration{static_cast<std::int64_t>(-std::log(random.uniform()) * 4e8)};
    const Side side = random.below(2) == 0 ? Side::buy : Side::sell;
    const double size = std::exp(random.normal());
    const bool sweep = random.below(3) == 0;
    for (const Side of : {Side::buy, Side::sell}) {
      double sum = 0;
      for (const Order& order : orders)
        sum += 0.3 * order.mark * (order.consumed == of ? 1.5 : 0.8) *
               std::exp(-2 * seconds_of(now - order.time));
      EXPECT_NEAR(hawkes.intensity(settings, now, of), 1.3 * (0.4 + sum), 1e-12);
      EXPECT_GT(hawkes.intensity(settings, now, of), 0);
    }
    const double median = sizes.quantile(0.5).value_or(size);
    orders.push_back({now, side, size_sweep_mark(settings.marks, size / median, sweep)});
    sizes.add(now, size, settings.size_tau);
    hawkes.on_order(settings, now, side, size, sweep);
  }
  HawkesIntensity copy = restored(hawkes);
  EXPECT_EQ(copy.intensity(settings, now + seconds{1}, Side::buy),
            hawkes.intensity(settings, now + seconds{1}, Side::buy));
}

// The residual is the integral of the intensity, here by small steps.
TEST(HawkesIntensity, ResidualIsTheIntegral) {
  HawkesIntensity hawkes;
  hawkes.set_baseline(settings, at_seconds(0), 0.5);
  hawkes.on_order(settings, at_seconds(1), Side::buy, 3, false);
  hawkes.on_order(settings, at_seconds(1.5), Side::sell, 5, true);
  double integral = 0;
  const double step = 0.001;
  HawkesIntensity between;
  between.set_baseline(settings, at_seconds(0), 0.5);
  between.on_order(settings, at_seconds(1), Side::buy, 3, false);
  for (double t = 1; t < 3; t += step) {
    const HawkesIntensity& now = t < 1.5 ? between : hawkes;
    integral += now.intensity(settings, at_seconds(t + step / 2), Side::buy) * step;
  }
  EXPECT_NEAR(hawkes.residual(settings, at_seconds(3), Side::buy), integral, 1e-3);
  EXPECT_EQ(hawkes.residual(settings, at_seconds(1.5), Side::sell), 0);
}

TEST(ExpectedOrders, IsContinuousThroughCriticality) {
  // theta = 0 at alpha = 2, and series and closed form meet.
  for (const double h : {0.1, 1.0, 10.0}) {
    const double at = expected_orders(h, 0.5, 1, {2, 2}, 1);
    EXPECT_NEAR(at, 1.5 * h + 2 * 0.5 * h * h / 2, 1e-12);
    EXPECT_NEAR(expected_orders(h, 0.5, 1, {2 + 1e-7, 2}, 1), at, 1e-4);
    for (const double theta : {0.0099 / h, 0.0101 / h, -0.0099 / h, -0.0101 / h}) {
      const double stationary = 0.5 * 2 / theta;
      const double closed =
          stationary * h + (1.5 - stationary) * (1 - std::exp(-theta * h)) / theta;
      EXPECT_NEAR(expected_orders(h, 0.5, 1, {2 - theta, 2}, 1), closed, 1e-9 * closed);
    }
  }
}

TEST(TwoSidedCounts, KeepOrderAndRiseWithTheHorizon) {
  SplitMix64 random{2};
  for (int i = 0; i < 2000; ++i) {
    const double mu = 0.01 + random.uniform();
    const double bid = 3 * random.uniform();
    const double ask = 3 * random.uniform();
    const HawkesKernel kernel{0.5 * random.uniform(), 0.2 + 2 * random.uniform()};
    double expected = 0;
    double quiet = 0;
    for (const double h : {0.0, 0.1, 1.0, 10.0}) {
      const TwoSidedCounts counts = two_sided_counts(h, mu, 0.7 * mu, bid, ask, kernel, {}, 1.3);
      EXPECT_GE(counts.bid.quiet, 0);
      EXPECT_LE(counts.bid.quiet, counts.bid.expected);
      EXPECT_GE(counts.bid.expected, expected);
      EXPECT_GE(counts.bid.quiet, quiet);
      EXPECT_TRUE(std::isfinite(counts.ask.expected));
      expected = counts.bid.expected;
      quiet = counts.bid.quiet;
    }
  }
}

TEST(StableKernel, KeepsTheBranchingRatioBelowOne) {
  const HawkesKernel wild = stable_kernel({5, 2}, {}, 1.45, 1.2);
  EXPECT_NEAR(branching_ratio(wild, {}, 1.45) * 1.2, 0.98, 1e-12);
  EXPECT_EQ(stable_kernel({0.3, 2}, {}, 1.45, 1).alpha, 0.3);
}

TEST(HawkesBaseline, IsBoundedAndIgnoresWhatIsAbsent) {
  HawkesBaseline baseline{.weight_funding = 0.2, .weight_open_interest = 5};
  EXPECT_EQ(hawkes_baseline(baseline, std::nullopt, std::nullopt, nullptr, 0), 0.5);
  EXPECT_NEAR(hawkes_baseline(baseline, 1, 100, nullptr, 0), 0.5 * std::exp(3), 1e-12);
  EXPECT_NEAR(hawkes_baseline(baseline, 1, -100, nullptr, 0), 0.5 * std::exp(-3), 1e-12);
}

/// The kernel's sum, written out.
struct BruteForce {
  struct Event {
    double time;
    double weight;
    double consumed;
  };
  std::vector<Event> events;
  double consumed = 0;
  double at(double now, double beta, double q, double theta) const {
    double sum = 0;
    for (const Event& event : events)
      sum += event.weight * std::exp(-beta * (now - event.time)) *
             (1 + q * std::clamp((consumed - event.consumed) / theta, 0.0, 1.0));
    return sum;
  }
};

// Over several rebuilds and requotes, to rounding.
TEST(HawkesQueueKernel, AgreesWithTheSumItStandsFor) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SplitMix64 random{seed};
    const HawkesQueueKernel::Settings kernel{.beta = 0.3 * static_cast<double>(seed)};
    double theta = 5;
    HawkesQueueKernel fast{theta};
    BruteForce slow;
    std::int64_t ns = 0;
    double worst = 0;
    for (int i = 0; i < 10'000; ++i) {
      ns += static_cast<std::int64_t>(random.below(500'000'000));
      const Time now = time_from_ns(ns);
      const double at = seconds_of(now.time_since_epoch());
      const auto what = random.below(1000);
      if (what == 0) {
        theta = 1 + 10 * random.uniform();
        fast.requote(kernel, now, theta);
        for (auto& event : slow.events) event.consumed = slow.consumed;
      } else if (what < 400) {
        const double weight = 0.3 * random.uniform();
        fast.on_order(kernel, now, weight);
        slow.events.push_back({at, weight, slow.consumed});
      } else {
        const double volume = random.below(4) == 0 ? 3 * random.uniform() : 0.1;
        fast.on_consumed(kernel, now, volume);
        slow.consumed += volume;
      }
      if (i % 7 != 0) continue;
      while (slow.events.size() > 400) slow.events.erase(slow.events.begin());
      const double wanted = slow.at(at + 0.1, kernel.beta, kernel.sensitivity, theta);
      const double got = fast.excitation(kernel, now + std::chrono::milliseconds{100});
      worst = std::max(worst, std::fabs(got - wanted) / (1e-9 + wanted));
    }
    EXPECT_LT(worst, 1e-9) << "seed " << seed;
    HawkesQueueKernel copy = restored(fast);
    copy.on_order(kernel, time_from_ns(ns), 1);
    fast.on_order(kernel, time_from_ns(ns), 1);
    EXPECT_EQ(saved(copy), saved(fast));
    EXPECT_LT(fast.events(), 6000u);
  }
}

TEST(HawkesQueueKernel, IsNothingBeforeTheFirstOrder) {
  HawkesQueueKernel kernel{5};
  EXPECT_EQ(kernel.excitation({}, at_seconds(1)), 0);
  kernel.on_consumed({}, at_seconds(1), 100);
  kernel.requote({}, at_seconds(2), 4);
  EXPECT_EQ(kernel.excitation({}, at_seconds(3)), 0);
}

}  // namespace
}  // namespace mm
