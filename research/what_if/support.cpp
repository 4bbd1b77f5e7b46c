#include "research/what_if/support.hpp"

#include <algorithm>
#include <tuple>

#include "engine/assert.hpp"
#include "research/analytics/proportion.hpp"

namespace mm::research {
namespace {

constexpr double heaviest = 20;

struct Outcome {
  std::int64_t ms = 0;
  std::int64_t fills = 0;
  std::int64_t others = 0;  // cancelled then, or alive at the horizon
};

FillProbability probability_of(std::int64_t depth, const std::vector<Outcome>& outcomes) {
  FillProbability result{.depth_bps = depth};
  for (const Outcome& outcome : outcomes) result.orders += outcome.fills + outcome.others;
  std::int64_t at_risk = result.orders;
  double uncancelled = 1;  // G just before the time looked at
  double weights = 0;
  double squares = 0;
  double filled = 0;
  const auto add = [&](std::int64_t orders, bool fills) {
    const double weight = std::min(1 / uncancelled, heaviest);
    const auto count = static_cast<double>(orders);
    weights += count * weight;
    squares += count * weight * weight;
    if (fills) filled += count * weight;
  };
  for (const Outcome& outcome : outcomes) {
    if (outcome.fills > 0) add(outcome.fills, true);
    at_risk -= outcome.fills;
    if (outcome.others == 0) continue;
    if (outcome.ms >= curve_horizon_ms) {
      add(outcome.others, false);
      continue;
    }
    uncancelled *= 1 - static_cast<double>(outcome.others) / static_cast<double>(at_risk);
    at_risk -= outcome.others;
  }
  if (weights == 0) return result;  // all of them were cancelled within the second
  result.effective_orders = weights * weights / squares;
  result.probability = std::min(1.0, filled / static_cast<double>(result.orders));
  std::tie(result.low, result.high) =
      wilson(result.probability * result.effective_orders, result.effective_orders);
  return result;
}

}  // namespace

std::optional<double> support(std::span<const double> actual, std::span<const double> variant,
                              double cap) {
  MM_ASSERT(actual.size() == variant.size(), "both stand in the same cells");
  double shared = 0;
  double all = 0;
  for (std::size_t cell = 0; cell < actual.size(); ++cell) {
    shared += std::min(variant[cell], cap * actual[cell]);
    all += variant[cell];
  }
  if (!(all > 0)) return std::nullopt;
  return shared / all;
}

std::optional<double> support_of(const Exposure& actual, const Exposure& variant) {
  std::vector<double> theirs;
  std::vector<double> ours;
  for (const auto& [cell, seconds] : variant) {
    const auto same = actual.find(cell);
    ours.push_back(static_cast<double>(seconds));
    theirs.push_back(same == actual.end() ? 0.0 : static_cast<double>(same->second));
  }
  return support(theirs, ours);
}

std::vector<FillProbability> fill_probabilities(const FillCurve& curve) {
  std::vector<FillProbability> result;
  std::vector<Outcome> outcomes;
  for (auto at = curve.begin(); at != curve.end();) {
    const std::int64_t depth = at->first / (curve_horizon_ms + 1);
    outcomes.clear();
    for (; at != curve.end() && at->first / (curve_horizon_ms + 1) == depth; ++at)
      outcomes.push_back({at->first % (curve_horizon_ms + 1), at->second[0], at->second[1]});
    result.push_back(probability_of(depth, outcomes));
  }
  return result;
}

}  // namespace mm::research
