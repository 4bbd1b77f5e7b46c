// det-speed: nanoseconds a call of mm::det and of the C library, in the same run on the same
// arguments. Throughput has independent calls; latency feeds each result into the next argument.
// Each figure is the least of several rounds.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <vector>

#include "engine/det/math.hpp"
#include "tests/engine/det/inputs.hpp"
#include "tests/engine/det/oracle.hpp"

namespace mm::det::test {
namespace {

constexpr std::size_t count = 1 << 14;
constexpr int rounds = 60;

struct Speed {
  double throughput_ns = 1e9;
  double latency_ns = 1e9;
};

template <typename Body>
double ns_per_call(Body body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  return took.count() / count;
}

/// 0, but only once `x` is known.
std::uint64_t zero_after(double x) {
  static volatile std::uint64_t none = 0;
  return std::bit_cast<std::uint64_t>(x) & none;
}

template <typename Call>
Speed speed_of(Call call, const std::vector<Arguments>& arguments, std::vector<double>& results) {
  Speed speed;
  for (int round = 0; round < rounds; ++round) {
    speed.throughput_ns = std::min(speed.throughput_ns, ns_per_call([&] {
                                     for (std::size_t k = 0; k < count; ++k)
                                       results[k] = call(arguments[k].x, arguments[k].y);
                                   }));
    speed.latency_ns = std::min(
        speed.latency_ns, ns_per_call([&] {
          double last = 0;
          for (const auto& [x, y] : arguments) {
            last =
                call(std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) | zero_after(last)), y);
          }
          results[0] = last;
        }));
  }
  return speed;
}

template <typename Ours, typename Theirs>
void compare(const Named& of, Ours ours, Theirs theirs) {
  Inputs inputs(3);
  std::vector<Arguments> arguments(count);
  for (auto& each : arguments) each = inputs.next(of.function, Region::usual);
  std::vector<double> results(count);
  const Speed det = speed_of(ours, arguments, results);
  const Speed libm = speed_of(theirs, arguments, results);
  fmt::print("{:<8}{:>14.1f}{:>12.1f}{:>14.1f}{:>12.1f}\n", of.name, det.throughput_ns,
             det.latency_ns, libm.throughput_ns, libm.latency_ns);
}

void run() {
  fmt::print("{:<8}{:>14}{:>12}{:>14}{:>12}\n", "ns/call", "det, apart", "chained", "libm, apart",
             "chained");
  for (const Named& of : functions) {
    switch (of.function) {
      case Function::exp:
        compare(
            of, [](double x, double) { return det::exp(x); },
            [](double x, double) { return std::exp(x); });
        break;
      case Function::expm1:
        compare(
            of, [](double x, double) { return det::expm1(x); },
            [](double x, double) { return std::expm1(x); });
        break;
      case Function::log:
        compare(
            of, [](double x, double) { return det::log(x); },
            [](double x, double) { return std::log(x); });
        break;
      case Function::log1p:
        compare(
            of, [](double x, double) { return det::log1p(x); },
            [](double x, double) { return std::log1p(x); });
        break;
      case Function::pow:
        compare(
            of, [](double x, double y) { return det::pow(x, y); },
            [](double x, double y) { return std::pow(x, y); });
        break;
      case Function::tanh:
        compare(
            of, [](double x, double) { return det::tanh(x); },
            [](double x, double) { return std::tanh(x); });
        break;
    }
  }
}

}  // namespace
}  // namespace mm::det::test

int main() {
  mm::det::test::run();
}
