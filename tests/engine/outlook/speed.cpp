// outlook-speed: what features and models cost beside the plain book fold, in one process.
//
//   outlook-speed [ROUNDS]     on the USD-M captures of $MM_DATA (ETHUSDT leads), else the samples
//
// Interleaved rounds, medians, thread CPU time.

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "engine/outlook/outlook.hpp"
#include "tests/engine/outlook/two_markets.hpp"

namespace mm {
namespace {

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double median(std::vector<double> values) {
  // Plain numbers: ties are equal, a total order.
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double seconds_of_fold(const std::vector<Event>& events, bool with_outlook) {
  Market market;
  Outlook outlook;
  std::vector<Output> outputs;
  const double from = cpu_seconds();
  for (const Event& event : events) {
    market.apply(event);
    if (!with_outlook) continue;
    outputs.clear();
    outlook.apply(event, market, outputs);
  }
  return cpu_seconds() - from;
}

int main_of(int rounds) {
  const auto all = test::data_captures();
  const bool real = test::present(all[0]) && test::present(all[1]);
  const test::TwoMarkets markets = real ? test::TwoMarkets{all[0], all[1]} : test::TwoMarkets{};
  const std::vector<Event>& events = markets.events();
  std::vector<double> plain, outlook, ratio;
  for (int round = 0; round < rounds; ++round) {
    plain.push_back(seconds_of_fold(events, false));
    outlook.push_back(seconds_of_fold(events, true));
    ratio.push_back(outlook.back() / plain.back());
  }
  const auto ns = [&](double seconds) {
    return seconds * 1e9 / static_cast<double>(events.size());
  };
  fmt::print("{}: {} events; ns an event: book {:.1f}, with outlook {:.1f}; ratio {:.2f}\n",
             real ? "USD-M BTCUSDT, ETHUSDT leads" : "samples", events.size(), ns(median(plain)),
             ns(median(outlook)), median(ratio));
  return 0;
}

}  // namespace
}  // namespace mm

int main(int argc, char** argv) {
  return mm::main_of(argc > 1 ? std::max(std::atoi(argv[1]), 1) : 11);
}
