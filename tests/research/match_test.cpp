#include "research/analytics/match.hpp"

#include <gtest/gtest.h>

namespace mm::research {
namespace {

FillMark fill(std::int64_t ms, std::uint64_t order, std::int64_t lots) {
  return {ClientOrderId{order}, time_from_ns(ms * 1'000'000), Qty::from_lots(lots)};
}

// The worked example of models.md (P-SIM-1) in tenths: one late fill, one that never was.
TEST(MatchFills, CountsSizeWithinTheToleranceOnce) {
  const FillMark recorded[] = {fill(1000, 1, 5), fill(2000, 2, 3), fill(5000, 3, 10)};
  const FillMark simulated[] = {fill(1100, 1, 5), fill(2600, 2, 3), fill(5050, 3, 4),
                                fill(5200, 3, 4), fill(9000, 9, 2)};
  const MatchResult result = match_fills(recorded, simulated);
  EXPECT_EQ(result.matched, Qty::from_lots(13));
  EXPECT_NEAR(result.precision, 0.722222222222, 1e-9);
  EXPECT_NEAR(result.recall, 0.722222222222, 1e-9);
  EXPECT_NEAR(result.f1, 0.722222222222, 1e-9);
  EXPECT_NEAR(result.mean_abs_time_error_ms.value(), 115.384615385, 1e-6);
}

TEST(MatchFills, NothingSimulatedAndNothingRecordedAgree) {
  const MatchResult result = match_fills({}, {});
  EXPECT_EQ(result.precision, 1);
  EXPECT_EQ(result.recall, 1);
  EXPECT_FALSE(result.mean_abs_time_error_ms.has_value());
}

TEST(MatchFills, AFillTheRecordingDoesNotHaveHasNoPrecision) {
  const FillMark simulated[] = {fill(1000, 1, 5)};
  const MatchResult result = match_fills({}, simulated);
  EXPECT_EQ(result.precision, 0);
  EXPECT_EQ(result.recall, 0);
  EXPECT_EQ(result.f1, 0);
}

}  // namespace
}  // namespace mm::research
