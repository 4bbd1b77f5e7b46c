#include "engine/det/self_check.hpp"

#include <gtest/gtest.h>

#include <cfenv>
#include <chrono>

namespace mm::det {
namespace {

TEST(SelfCheck, PassesInThisBuild) {
  const auto failure = self_check();
  EXPECT_FALSE(failure.has_value()) << describe(*failure);
}

// The functions are integers inside, so that a changed rounding mode is seen as such, not as a
// wrong result.
TEST(SelfCheck, ElementaryFunctionsDoNotNoticeTheRoundingMode) {
  const auto digest = elementary_functions_digest();
  for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    ASSERT_EQ(std::fesetround(mode), 0);
    const auto rounded = elementary_functions_digest();
    const auto failure = self_check();
    std::fesetround(FE_TONEAREST);
    EXPECT_EQ(rounded, digest) << "mode " << mode;
    EXPECT_EQ(failure, SelfCheckFailure::floating_point_control);
  }
}

#ifdef __SSE2__
// A shared object built with -ffast-math does this to the whole process when it is loaded.
TEST(SelfCheck, RefusesFlushToZero) {
  const unsigned control = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(control | 0x8040);
  const auto failure = self_check();
  __builtin_ia32_ldmxcsr(control);
  EXPECT_EQ(failure, SelfCheckFailure::floating_point_control);
}

TEST(SelfCheck, IgnoresStickyFlags) {
  const unsigned control = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(control | 0x3F);
  const bool is_default = floating_point_control_is_default();
  __builtin_ia32_ldmxcsr(control);
  EXPECT_TRUE(is_default);
}
#endif

TEST(SelfCheck, DescribesEveryFailure) {
  for (const auto failure : {SelfCheckFailure::floating_point_control, SelfCheckFailure::arithmetic,
                             SelfCheckFailure::elementary_functions}) {
    EXPECT_FALSE(describe(failure).empty());
  }
}

}  // namespace
}  // namespace mm::det
