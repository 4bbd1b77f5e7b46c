#include "research/what_if/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/numeric.hpp"
#include "research/analytics/bootstrap.hpp"

namespace mm::research {
namespace {

constexpr std::size_t enough_blocks = 30;
constexpr double worst_f1 = 0.9;
constexpr double most_inside_spread = 0.05;

/// A statistic, not an account: eight decimals of the currency are enough.
Money rounded_money(double amount) {
  return Money::from_units(static_cast<Int128>(std::llround(amount * 1e8)) * 10'000);
}

/// Differences of the blocks that are whole, in units of the currency.
std::vector<double> block_differences(const WindowAccount& variant, const WindowAccount& base,
                                      const RunRecord& record) {
  std::vector<double> differences;
  for (std::size_t block = 0; block < record.block_has_gap.size(); ++block) {
    if (record.block_has_gap[block]) continue;
    const Int128 difference = variant.blocks()[block] - base.blocks()[block];
    differences.push_back(static_cast<double>(difference) / static_cast<double>(Money::per_one));
  }
  return differences;
}

void add_intervals(const CounterfactualRequest& request, const Run& run, const RunRecord& record,
                   CounterfactualResult& result) {
  const std::vector<Lane>& lanes = run.lanes();
  std::vector<std::vector<double>> differences;
  double mean_block = 1;
  for (std::size_t lane = 1; lane < lanes.size(); ++lane) {
    differences.push_back(
        block_differences(lanes[lane].account(), lanes.front().account(), record));
    if (differences.back().size() < enough_blocks) return;
    mean_block = std::max(mean_block, block_length(differences.back()).mean_block);
  }
  for (std::size_t lane = 1; lane < lanes.size(); ++lane) {
    const std::vector<double>& values = differences[lane - 1];
    const BootstrapResult bootstrap =
        stationary_bootstrap(values, mean_block, request.resamples, request.seed);
    const auto blocks = static_cast<double>(values.size());
    result.rows[lane + 1].ci95 = {rounded_money(bootstrap.low * blocks),
                                  rounded_money(bootstrap.high * blocks)};
  }
}

void add_calibration(const Run& run, const RunRecord& record, CounterfactualResult& result) {
  if (!record.traded) return;
  const MatchResult match =
      match_fills(run.actual().fill_marks(), run.lanes().front().account().fill_marks());
  result.calibration = Calibration{.precision = match.precision,
                                   .recall = match.recall,
                                   .time_error_ms = match.mean_abs_time_error_ms,
                                   .pnl_error = result.rows[1].pnl - result.rows[0].pnl};
  if (match.recorded == Qty{} && match.simulated == Qty{}) {
    result.warnings.push_back(
        "Nothing filled in this window, neither recorded nor simulated: there is no fill to check "
        "the simulator against.");
  } else if (match.f1 < worst_f1) {
    result.warnings.push_back(fmt::format(
        "The simulator does not reproduce the recorded fills (precision {:.2f}, recall {:.2f}, "
        "wanted F1 of {:.1f}): differences between parameters are worth no more than that.",
        match.precision, match.recall, worst_f1));
  }
}

void add_warnings(const Run& run, const RunRecord& record, CounterfactualResult& result) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(record.block).count();
  const auto whole = static_cast<std::size_t>(result.blocks - result.blocks_with_gaps);
  if (whole < enough_blocks)
    result.warnings.push_back(
        fmt::format("The window has {} usable blocks of {} s; an interval needs {}.", whole,
                    seconds, enough_blocks));
  if (result.blocks_with_gaps > 0)
    result.warnings.push_back(fmt::format(
        "In {} of {} blocks the book did not follow the venue; they are left out of the interval.",
        result.blocks_with_gaps, result.blocks));
  for (std::size_t lane = 1; lane < run.lanes().size(); ++lane) {
    const Lane& variant = run.lanes()[lane];
    const double inside = variant.account().share_inside_spread();
    if (inside > most_inside_spread)
      result.warnings.push_back(fmt::format(
          "{}: {:.0f} % of its fills are of quotes inside the recorded spread, where no flow was "
          "recorded: not identified.",
          variant.name(), inside * 100));
    const std::int64_t minutes = variant.account().dominated_minutes(record.tape);
    if (minutes > 0)
      result.warnings.push_back(fmt::format(
          "{}: in {} {} its fills are more than a tenth of what traded: its impact is not "
          "identified.",
          variant.name(), minutes, minutes == 1 ? "minute" : "minutes"));
  }
}

std::string amount(Money money, const Instrument& instrument) {
  // Four decimals for the eye; the table has the exact value.
  const Int128 rounded = divide_half_even(money.units(), 100'000'000);
  return (money > Money{} ? "+" : "") + format_decimal(rounded, 4) + " " + instrument.settlement;
}

std::string insight_of(const CounterfactualResult& result) {
  const CounterfactualRow* best = nullptr;
  bool all_intervals = true;
  for (std::size_t row = 2; row < result.rows.size(); ++row) {
    all_intervals = all_intervals && result.rows[row].ci95.has_value();
    if (best == nullptr || *result.rows[row].delta > *best->delta) best = &result.rows[row];
  }
  if (best == nullptr) return "No variant was run.";
  if (!all_intervals)
    return fmt::format(
        "Not distinguishable: the window is too short for an interval ({}: {} against the recorded "
        "parameters).",
        best->name, amount(*best->delta, result.instrument));

  const auto excludes_zero = [](const CounterfactualRow& row) {
    return row.ci95->first > Money{} || row.ci95->second < Money{};
  };
  const auto sentence = [&](const CounterfactualRow& row, const char* word) {
    return fmt::format(
        "{} would have earned {} than the recorded parameters in this window ({}, 95 % interval {} "
        "to {}).",
        row.name, word, amount(*row.delta, result.instrument),
        amount(row.ci95->first, result.instrument), amount(row.ci95->second, result.instrument));
  };
  if (excludes_zero(*best) && *best->delta > Money{}) return sentence(*best, "more");
  const CounterfactualRow* worst = best;
  for (std::size_t row = 2; row < result.rows.size(); ++row) {
    if (*result.rows[row].delta < *worst->delta) worst = &result.rows[row];
  }
  if (excludes_zero(*worst) && *worst->delta < Money{})
    return "No variant was distinguishably better; " + sentence(*worst, "less");
  return fmt::format(
      "Not distinguishable: every interval contains 0 (best: {}, {}, 95 % interval {} to {}).",
      best->name, amount(*best->delta, result.instrument),
      amount(best->ci95->first, result.instrument), amount(best->ci95->second, result.instrument));
}

}  // namespace

CounterfactualResult report(const CounterfactualRequest& request, const Run& run,
                            const RunRecord& record) {
  CounterfactualResult result{.from = record.from,
                              .to = record.to,
                              .instrument = record.instrument,
                              .warnings = record.notes};
  result.blocks = static_cast<std::int64_t>(record.block_has_gap.size());
  result.blocks_with_gaps =
      std::count(record.block_has_gap.begin(), record.block_has_gap.end(), true);

  result.rows.push_back(run.actual().row());
  result.rows.back().name = "actual";
  for (const Lane& lane : run.lanes()) {
    CounterfactualRow row = lane.account().row();
    row.name = lane.name();
    row.output_digest = lane.output_digest();
    row.delta = row.pnl - run.lanes().front().account().net();
    result.rows.push_back(std::move(row));
  }
  add_intervals(request, run, record, result);
  add_calibration(run, record, result);
  add_warnings(run, record, result);
  result.insight = insight_of(result);
  return result;
}

}  // namespace mm::research
