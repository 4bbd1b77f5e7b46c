#include "research/analytics/match.hpp"

#include <algorithm>
#include <vector>

namespace mm::research {
namespace {

Qty total(std::span<const FillMark> fills) {
  Qty sum;
  for (const FillMark& fill : fills) sum += fill.qty;
  return sum;
}

double ratio(Qty part, Qty whole, Qty other) {
  if (whole == Qty{}) return other == Qty{} ? 1.0 : 0.0;
  return static_cast<double>(part.lots()) / static_cast<double>(whole.lots());
}

}  // namespace

MatchResult match_fills(std::span<const FillMark> recorded, std::span<const FillMark> simulated,
                        Duration tolerance) {
  // Recorded fills by order, each order's in time: the candidates of one order stand together.
  std::vector<FillMark> open(recorded.begin(), recorded.end());
  std::stable_sort(open.begin(), open.end(),
                   [](const FillMark& a, const FillMark& b) { return a.order < b.order; });

  MatchResult result{.recorded = total(recorded), .simulated = total(simulated)};
  double weighted_error_ns = 0;
  for (const FillMark& fill : simulated) {
    Qty left = fill.qty;
    auto candidate =
        std::lower_bound(open.begin(), open.end(), fill,
                         [](const FillMark& a, const FillMark& b) { return a.order < b.order; });
    for (; candidate != open.end() && candidate->order == fill.order && left > Qty{}; ++candidate) {
      const Duration error =
          fill.time > candidate->time ? fill.time - candidate->time : candidate->time - fill.time;
      if (error > tolerance) continue;
      const Qty size = std::min(left, candidate->qty);
      candidate->qty -= size;
      left -= size;
      result.matched += size;
      weighted_error_ns += static_cast<double>(size.lots()) * static_cast<double>(error.count());
    }
  }
  result.precision = ratio(result.matched, result.simulated, result.recorded);
  result.recall = ratio(result.matched, result.recorded, result.simulated);
  const double both = result.precision + result.recall;
  result.f1 = both == 0 ? 0 : 2 * result.precision * result.recall / both;
  if (result.matched > Qty{}) {
    result.mean_abs_time_error_ms =
        weighted_error_ns / static_cast<double>(result.matched.lots()) / 1e6;
  }
  return result;
}

}  // namespace mm::research
