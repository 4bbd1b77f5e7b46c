// det-accuracy [points per function] [seed] [function ...]: mm::det against MPFR, over all regions
// in equal parts. Prints one line a function and exits 1 if any result is not correctly rounded.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/engine/det/inputs.hpp"
#include "tests/engine/det/oracle.hpp"

#ifdef MM_HAS_LLVM_LIBC
#include "engine/det/math.hpp"
#include "tests/engine/det/llvm_libc.hpp"
#endif

namespace mm::det::test {
namespace {

#ifdef MM_HAS_LLVM_LIBC
const std::string other = "LLVM libc 19";

constexpr bool measures_ulp = false;

bool is_known(Function function) {
  return is_in_llvm_libc(function);
}

struct Other {
  double value = 0;
  void compute(Function function, double x, double) { value = canonical(llvm_libc(function, x)); }
  double nearest() const { return value; }
  double error_ulp(double) const { return 0; }
};
#else
const std::string other = fmt::format("MPFR {}", mpfr_get_version());

constexpr bool measures_ulp = true;

bool is_known(Function) {
  return true;
}

using Other = Oracle;
#endif

struct Score {
  std::uint64_t points = 0;
  std::uint64_t misrounded = 0;
  double worst_ulp = 0;
};

Score score(Function function, std::uint64_t points, std::uint64_t seed) {
  Inputs inputs(seed);
  Other oracle;
  Score result;
  for (; result.points < points; ++result.points) {
    const Region region = regions[result.points % regions.size()];
    const auto [x, y] = inputs.next(function, region);
    const double got = evaluate(function, x, y);
    oracle.compute(function, x, y);
    if (!same(got, oracle.nearest())) {
      if (++result.misrounded <= 10) {
        fmt::print("  x {:a} y {:a}: got {:a}, nearest is {:a}\n", x, y, got, oracle.nearest());
      }
    }
    result.worst_ulp = std::max(result.worst_ulp, oracle.error_ulp(got));
  }
  return result;
}

int run(int count, char** arguments) {
  const std::uint64_t points = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 100'000;
  const std::uint64_t seed = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 1;
  fmt::print("against {}, seed {}\n", other, seed);
  fmt::print("{:<8}{:>12}{:>12}{:>16}{:>10}\n", "function", "points", "misrounded", "worst ulp",
             "seconds");
  bool all_right = true;
  for (const auto& [function, name] : functions) {
    if (!is_known(function)) continue;
    if (count > 3 && std::find(arguments + 3, arguments + count, name) == arguments + count) {
      continue;
    }
    const auto start = std::chrono::steady_clock::now();
    const Score result = score(function, points, seed);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    fmt::print("{:<8}{:>12}{:>12}{:>16}{:>10.1f}\n", name, result.points, result.misrounded,
               measures_ulp ? fmt::format("{:.12f}", result.worst_ulp) : "-", took.count());
    std::fflush(stdout);
    all_right = all_right && result.misrounded == 0;
  }
  return all_right ? 0 : 1;
}

}  // namespace
}  // namespace mm::det::test

int main(int count, char** arguments) {
  return mm::det::test::run(count, arguments);
}
