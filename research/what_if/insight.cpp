#include "research/what_if/insight.hpp"

#include <fmt/format.h>

#include "engine/numeric.hpp"

namespace mm::research {
namespace {

std::string amount(Money money, const Instrument& instrument) {
  // Four decimals for the eye; the table has the exact value.
  const Int128 rounded = divide_half_even(money.units(), 100'000'000);
  return (money > Money{} ? "+" : "") + format_decimal(rounded, 4) + " " + instrument.settlement;
}

bool excludes_zero(const CounterfactualRow& row) {
  return row.ci95 && (row.ci95->first > Money{} || row.ci95->second < Money{});
}

struct Extremes {
  const CounterfactualRow* best = nullptr;  // of the identified variants
  const CounterfactualRow* worst = nullptr;
  const CounterfactualRow* any = nullptr;  // of all of them, the best point estimate
  bool intervals = true;
};

Extremes extremes_of(const CounterfactualResult& result) {
  Extremes found;
  for (std::size_t i = 2; i < result.rows.size(); ++i) {
    const CounterfactualRow& row = result.rows[i];
    if (!row.complete) continue;
    found.intervals = found.intervals && row.ci95.has_value();
    if (found.any == nullptr || *row.delta > *found.any->delta) found.any = &row;
    if (!row.identified) continue;
    if (found.best == nullptr || *row.delta > *found.best->delta) found.best = &row;
    if (found.worst == nullptr || *row.delta < *found.worst->delta) found.worst = &row;
  }
  return found;
}

std::string sentence(const CounterfactualRow& row, const char* word, const Instrument& instrument) {
  return fmt::format(
      "{} would have earned {} than the recorded parameters in this window ({}, 95 % interval {} "
      "to "
      "{}, p {:.3f} among {}).",
      row.name, word, amount(*row.delta, instrument), amount(row.ci95->first, instrument),
      amount(row.ci95->second, instrument), *row.p_adjusted, "all variants");
}

}  // namespace

std::string insight_of(const CounterfactualResult& result) {
  const Extremes found = extremes_of(result);
  if (found.any == nullptr) return "No variant was run.";
  const Instrument& instrument = result.instrument;
  if (!found.intervals && found.best == nullptr)
    return "Not distinguishable: the window is too short for an interval, and no variant is "
           "identified.";
  if (!found.intervals)
    return fmt::format(
        "Not distinguishable: the window is too short for an interval ({}: {} against the recorded "
        "parameters).",
        found.best->name, amount(*found.best->delta, instrument));
  if (found.best == nullptr)
    return "Not identified: every variant has two warnings or more, so only its bounds count.";
  if (excludes_zero(*found.best) && *found.best->delta > Money{})
    return sentence(*found.best, "more", instrument);
  if (excludes_zero(*found.worst) && *found.worst->delta < Money{})
    return "No variant was distinguishably better; " + sentence(*found.worst, "less", instrument);
  return fmt::format(
      "Not distinguishable: every interval contains 0 (best: {}, {}, 95 % interval {} to {}).",
      found.best->name, amount(*found.best->delta, instrument),
      amount(found.best->ci95->first, instrument), amount(found.best->ci95->second, instrument));
}

std::string recommendation_of(const CounterfactualResult& result) {
  const Extremes found = extremes_of(result);
  if (found.any == nullptr) return "Name variants with --spread or --set.";
  constexpr const char* keep =
      "No evidence for a change: keep the recorded parameters, or look at a longer window.";
  if (found.best == nullptr || !found.intervals || !excludes_zero(*found.best) ||
      *found.best->delta < Money{})
    return keep;
  const auto holds = [](const std::optional<MoneyInterval>& interval) {
    return !interval || interval->first > Money{};
  };
  if (*found.best->p_adjusted > 0.05)
    return fmt::format(
        "Weak evidence for {}: its interval excludes 0, but among {} variants one such is to be "
        "expected (adjusted p {:.3f}). Try it on other windows first.",
        found.best->name, result.rows.size() - 2, *found.best->p_adjusted);
  if (!holds(found.best->delta_band) || !holds(found.best->delta_bounds))
    return fmt::format(
        "Evidence for {} in this window, but not under every assumption about the queue: the other "
        "runs of it contain 0. Calibrate first (mmctl calibrate-sim), then try other windows.",
        found.best->name);
  return fmt::format(
      "Evidence for {} in this window, under every assumption about the queue that was tried. It "
      "says "
      "nothing of other days: try it on other windows, then live against the recorded parameters.",
      found.best->name);
}

}  // namespace mm::research
