#include <gtest/gtest.h>

#ifndef MM_HAS_LLVM_LIBC

TEST(LlvmLibc, AgreesWithUs) {
  GTEST_SKIP() << "did not run: this build has no LLVM libc (package libllvmlibc-19-dev)";
}

#else

#include <fmt/format.h>

#include <cstdint>

#include "engine/det/math.hpp"
#include "tests/engine/det/inputs.hpp"
#include "tests/engine/det/llvm_libc.hpp"

namespace mm::det::test {
namespace {

TEST(LlvmLibc, AgreesWithUs) {
  constexpr std::uint64_t seed = 11;
  for (const auto& [function, name] : functions) {
    if (!is_in_llvm_libc(function)) continue;
    Inputs inputs(seed);
    for (int k = 0; k < 300'000; ++k) {
      const double x = inputs.next(function, regions[static_cast<std::size_t>(k) % 6]).x;
      const double ours = evaluate(function, x, 0);
      const double theirs = canonical(llvm_libc(function, x));
      ASSERT_TRUE(same(ours, theirs))
          << fmt::format("{}({:a}): ours {:a}, theirs {:a}, seed {}", name, x, ours, theirs, seed);
    }
  }
}

}  // namespace
}  // namespace mm::det::test

#endif
