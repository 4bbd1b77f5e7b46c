#include "engine/models/log_histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/random.hpp"
#include "tests/engine/models/saved.hpp"

namespace mm {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

TEST(DecayedLogHistogram, HasNothingToSayWhenEmpty) {
  const DecayedLogHistogram empty;
  EXPECT_FALSE(empty.quantile(0.5));
  EXPECT_FALSE(empty.share_above(1));
  EXPECT_FALSE(empty.mean_up_to(1));
  EXPECT_EQ(empty.weight(), 0);
}

// Within 4.5 %, the width of a bin, of the sorted sample; heavy tails and tiny values included.
TEST(DecayedLogHistogram, AgreesWithTheSortedSample) {
  SplitMix64 random{2};
  DecayedLogHistogram histogram;
  std::vector<double> sample;
  for (int i = 0; i < 20'000; ++i) {
    const double value = std::exp(3 * random.normal());
    histogram.add(at_seconds(0), value, hours{1});
    sample.push_back(value);
  }
  std::sort(sample.begin(), sample.end());
  for (const double q : {0.01, 0.1, 0.5, 0.9, 0.99, 0.999}) {
    const double exact = sample[static_cast<std::size_t>(q * 20'000)];
    EXPECT_NEAR(*histogram.quantile(q) / exact, 1, 0.045) << q;
    EXPECT_NEAR(*histogram.share_above(exact), 1 - q, 0.004) << q;
    double mass = 0;
    for (const double value : sample) mass += value <= exact ? value : 0;
    EXPECT_NEAR(*histogram.mean_up_to(exact) / (mass / 20'000), 1, 0.03) << q;
  }
  EXPECT_NEAR(histogram.weight(), 20'000, 1e-6);
}

TEST(DecayedLogHistogram, TailsFallAndQuantilesRise) {
  SplitMix64 random{3};
  DecayedLogHistogram histogram;
  for (int i = 0; i < 300; ++i)
    histogram.add(at_seconds(i), std::exp(2 * random.normal()), seconds{60});
  double share = 1;
  double mass = 0;
  for (double x = 1e-4; x < 1e4; x *= 1.07) {
    EXPECT_LE(*histogram.share_above(x), share + 1e-15);
    EXPECT_GE(*histogram.mean_up_to(x), mass - 1e-15);
    share = *histogram.share_above(x);
    mass = *histogram.mean_up_to(x);
    EXPECT_GE(share, 0);
  }
  double value = 0;
  for (int i = 0; i <= 100; ++i) {
    EXPECT_GE(*histogram.quantile(i / 100.0), value);
    value = *histogram.quantile(i / 100.0);
  }
  EXPECT_EQ(*histogram.share_above(0), 1);
}

// Old values lose their weight, also over gaps that overflow any scale.
TEST(DecayedLogHistogram, Forgets) {
  DecayedLogHistogram histogram;
  for (int i = 0; i < 1000; ++i) histogram.add(at_seconds(0), 1, seconds{10});
  histogram.add(at_seconds(100), 64, seconds{10});
  EXPECT_NEAR(histogram.weight(), 1 + 1000 * std::exp(-10), 1e-9);
  EXPECT_GT(*histogram.quantile(0.5), 60);
  histogram.add(at_seconds(1e6), 0.5, seconds{10});
  EXPECT_NEAR(histogram.weight(), 1, 1e-9);
  EXPECT_NEAR(*histogram.quantile(0.5), 0.5, 0.03);
  EXPECT_NEAR(histogram.weight(at_seconds(1e6 + 10), seconds{10}), std::exp(-1), 1e-9);
  for (int i = 0; i < 5000; ++i)  // through many changes of scale
    histogram.add(at_seconds(1e6 + 20 * i), 4, seconds{10});
  EXPECT_NEAR(histogram.weight(), 1 / (1 - std::exp(-2)), 1e-9);
}

TEST(DecayedLogHistogram, TakesWhatIsOutOfRangeAtItsEnds) {
  DecayedLogHistogram histogram;
  histogram.add(at_seconds(0), 1e-30, seconds{10});
  histogram.add(at_seconds(0), 1e30, seconds{10});
  EXPECT_LT(*histogram.quantile(0.4), 1e-9);
  EXPECT_GT(*histogram.quantile(0.9), 4e9);
  EXPECT_NEAR(*histogram.share_above(1), 0.5, 1e-12);
  EXPECT_EQ(*histogram.share_above(1e40), 0);
}

TEST(DecayedLogHistogram, ComesBackFromItsSavedBytes) {
  SplitMix64 random{4};
  DecayedLogHistogram histogram;
  for (int i = 0; i < 500; ++i)
    histogram.add(at_seconds(i), std::exp(random.normal()), seconds{60});
  DecayedLogHistogram copy = restored(histogram);
  copy.add(at_seconds(600), 2, seconds{60});
  histogram.add(at_seconds(600), 2, seconds{60});
  EXPECT_EQ(saved(copy), saved(histogram));
}

}  // namespace
}  // namespace mm
