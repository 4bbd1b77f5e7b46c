#include "tests/research/fit/real_lead_lag.hpp"

#include <gtest/gtest.h>

#include <iostream>

namespace mm::research::testing {
namespace {

TEST(RealLeadLag, TheFuturesMoveBeforeTheInverseContract) {
  std::vector<std::string> missing;
  const std::vector<LeadLagRow> rows = real_lead_lag(missing);
  for (const std::string& file : missing) std::cout << "skipped: no " << file << '\n';
  if (!missing.empty()) return;
  ASSERT_EQ(rows.size(), 4u);
  for (const LeadLagRow& row : rows) {
    SCOPED_TRACE(row.leader + " " + row.follower);
    EXPECT_GT(row.leader_moves, 500u);
    EXPECT_GT(row.follower_moves, 500u);
    ASSERT_TRUE(row.estimate);
    EXPECT_GT(row.estimate->best.beta - 1.96 * row.estimate->beta_error, 0);
    EXPECT_LT(row.estimate->best.beta, 1);
  }
  // On either clock the whole interval lies above 0, and most of what the two have in common comes
  // in this order.
  for (const std::size_t at : {1u, 3u}) {
    EXPECT_EQ(rows[at].leader.substr(0, 12), "binance-usdm");
    EXPECT_EQ(rows[at].follower.substr(0, 13), "binance-coinm");
    const LeadLagEstimate& found = *rows[at].estimate;
    EXPECT_GT(static_cast<double>(found.best.lag) - 1.96 * found.lag_error, 0);
    EXPECT_GT(found.ratio, 5);
  }
}

}  // namespace
}  // namespace mm::research::testing
