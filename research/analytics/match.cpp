#include "research/analytics/match.hpp"

#include <algorithm>
#include <utility>
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
  struct Open {
    FillMark fill;
    std::size_t index;
  };
  std::vector<Open> open;
  open.reserve(recorded.size());
  for (const FillMark& fill : recorded) open.push_back({fill, open.size()});
  std::stable_sort(open.begin(), open.end(),
                   [](const Open& a, const Open& b) { return a.fill.order < b.fill.order; });

  MatchResult result{.recorded = total(recorded), .simulated = total(simulated)};
  double weighted_error_ns = 0;
  for (std::size_t i = 0; i < simulated.size(); ++i) {
    const FillMark& fill = simulated[i];
    Qty left = fill.qty;
    auto candidate = std::lower_bound(
        open.begin(), open.end(), fill.order,
        [](const Open& one, ClientOrderId order) { return one.fill.order < order; });
    for (; candidate != open.end() && candidate->fill.order == fill.order && left > Qty{};
         ++candidate) {
      const Duration error = fill.time - candidate->fill.time;
      const Duration size_of_error = std::max(error, -error);
      if (size_of_error > tolerance || candidate->fill.qty == Qty{}) continue;
      const Qty size = std::min(left, candidate->fill.qty);
      candidate->fill.qty -= size;
      left -= size;
      result.matched += size;
      result.parts.push_back({candidate->index, i, size, error});
      weighted_error_ns +=
          static_cast<double>(size.lots()) * static_cast<double>(size_of_error.count());
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

std::optional<double> MatchResult::abs_time_error_ms(double q) const {
  if (matched == Qty{}) return std::nullopt;
  std::vector<std::pair<Duration, Qty>> errors;
  for (const MatchedPart& part : parts)
    errors.push_back({std::max(part.error, -part.error), part.qty});
  std::sort(errors.begin(), errors.end());
  const double wanted = q * static_cast<double>(matched.lots());
  Qty so_far;
  for (const auto& [error, qty] : errors) {
    so_far += qty;
    if (static_cast<double>(so_far.lots()) >= wanted)
      return static_cast<double>(error.count()) / 1e6;
  }
  return static_cast<double>(errors.back().first.count()) / 1e6;
}

}  // namespace mm::research
