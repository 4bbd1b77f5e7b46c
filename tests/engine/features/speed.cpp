// features-speed: what the fold over features costs beside the plain book fold, in one process.
//
//   features-speed [ROUNDS]     on the USD-M captures of $MM_DATA, else the repository's sample
//
// Interleaved rounds, medians, thread CPU time. The decision clock is 100 ms.

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "engine/features/microstructure.hpp"
#include "tests/engine/features/recorded_market.hpp"

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

struct Cost {
  std::vector<double> plain, fold, decide, all;
  std::size_t events = 0;
  int decisions = 0;
};

void measure(const test::RecordedMarket& recorded, int rounds, Cost& cost) {
  cost.events = recorded.events.size();
  for (int round = 0; round < rounds; ++round) {
    const auto run = [&](bool features, bool decisions) {
      Market market;
      Microstructure fold;
      ChangeList changes;
      int decided = 0;
      const double from = cpu_seconds();
      test::fold_with_decisions(
          recorded, market,
          [&](const Event& event) {
            if (features) fold.on_event(event, market.quoted());
          },
          [&](Time now) {
            // Without decisions the sums are not kept: one reading places the windows.
            if (decisions || (features && decided == 20)) {
              changes.clear();
              fold.decide(now, market.quoted(), changes);
            }
            ++decided;
          });
      cost.decisions = decided;
      return cpu_seconds() - from;
    };
    cost.plain.push_back(run(false, false));
    cost.fold.push_back(run(true, false));
    cost.all.push_back(run(true, true));
  }
}

int main_of(int rounds) {
  std::vector<test::Capture> captures;
  for (const test::Capture& capture : test::data_captures())
    if (capture.venue == "binance-usdm" && capture.files[0].find("multi") == std::string::npos &&
        test::present(capture))
      captures.push_back(capture);
  if (captures.empty()) captures.push_back(test::fixture_captures().front());
  double plain_sum = 0;
  double quoted_extra = 0;
  for (const test::Capture& capture : captures) {
    const test::RecordedMarket recorded{capture};
    Cost cost;
    measure(recorded, rounds, cost);
    const double plain = median(cost.plain);
    const double fold = median(cost.fold);
    const double all = median(cost.all);
    plain_sum += plain;
    if (quoted_extra == 0) quoted_extra = all - plain;
    const auto ns = [&](double seconds) {
      return seconds * 1e9 / static_cast<double>(cost.events);
    };
    fmt::print(
        "{} {}: {} events, {} decisions; ns an event: book {:.1f}, with feature sums {:.1f}, with "
        "decisions {:.1f}; a decision {:.0f} ns; ratio {:.2f}\n",
        capture.venue, capture.symbol, cost.events, cost.decisions, ns(plain), ns(fold), ns(all),
        (all - fold) * 1e9 / cost.decisions, all / plain);
  }
  fmt::print("all captures folded, features of the first: ratio {:.2f}\n",
             (plain_sum + quoted_extra) / plain_sum);
  return 0;
}

}  // namespace
}  // namespace mm

int main(int argc, char** argv) {
  return mm::main_of(argc > 1 ? std::max(std::atoi(argv[1]), 1) : 11);
}
