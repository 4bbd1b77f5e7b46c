#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/numeric.hpp"
#include "research/analytics/bootstrap.hpp"
#include "research/analytics/proportion.hpp"
#include "research/counterfactual.hpp"
#include "research/what_if/insight.hpp"
#include "research/what_if/support.hpp"

// From what was computed to what is printed: differences with intervals, bands, warnings,
// sentences.

namespace mm::research {
namespace {

constexpr std::size_t enough_blocks = 30;
constexpr double worst_f1 = 0.9;
constexpr double most_inside_spread = 0.05;
constexpr double least_support = 0.8;
/// At so many warnings the effect of a variant is not identified any more.
constexpr std::size_t too_many_warnings = 2;

/// A statistic, not an account: eight decimals of the currency are enough.
Money rounded_money(double amount) {
  return Money::from_units(static_cast<Int128>(std::llround(amount * 1e8)) * 10'000);
}

CounterfactualRow row_of(std::string name, const LaneRecord& lane) {
  CounterfactualRow row;
  row.name = std::move(name);
  row.pnl = Money::from_units(lane.pnl());
  row.fills = lane.fills;
  row.volume = Money::from_units(lane.volume);
  if (lane.fills_with_markout > 0)
    row.adverse_share =
        static_cast<double>(lane.adverse_fills) / static_cast<double>(lane.fills_with_markout);
  row.spread_capture = Money::from_units(lane.spread_capture);
  row.adverse_selection = Money::from_units(lane.adverse_selection);
  row.inventory = Money::from_units(lane.inventory);
  row.fees = Money::from_units(lane.fees);
  row.funding = Money::from_units(lane.funding);
  row.max_position = Qty::from_lots(lane.max_position);
  row.output_digest = lane.output_digest;
  row.fill_lines = lane.fill_lines;
  row.fill_probability = fill_probabilities(lane.curve);
  return row;
}

class Reporter {
 public:
  Reporter(const CounterfactualRequest& request, const SweepRecord& record)
      : request_(request), record_(record), base_(record.base) {}

  CounterfactualResult run() {
    result_.from = base_.from;
    result_.to = base_.to;
    result_.instrument = base_.instrument;
    result_.members = base_.members;
    result_.calibration = base_.calibration;
    result_.fidelity = base_.fidelity;
    result_.block = base_.block;
    result_.blocks = static_cast<std::int64_t>(base_.block_has_gap.size());
    result_.blocks_with_gaps =
        std::count(base_.block_has_gap.begin(), base_.block_has_gap.end(), true);
    add_rows();
    FillCurve all = base_.simulated.front().curve;
    for (const VariantRecord& variant : record_.variants)
      all = sum_of(all, variant.members.front().curve);
    result_.fill_probability = fill_probabilities(all);
    add_intervals();
    warn_of_all();
    for (const VariantRecord& variant : record_.variants) warn_of(variant);
    say_what_is_missing();
    result_.insight = insight_of(result_);
    result_.recommendation = recommendation_of(result_);
    return std::move(result_);
  }

 private:
  /// P&L of the blocks that count.
  Int128 usable_pnl(const LaneRecord& lane) const {
    Int128 sum = 0;
    for (std::size_t block = 0; block < lane.blocks.size(); ++block)
      if (!base_.block_has_gap[block]) sum += lane.blocks[block];
    return sum;
  }
  Money delta(const LaneRecord& lane, std::size_t member) const {
    return Money::from_units(usable_pnl(lane) - usable_pnl(base_.simulated[member]));
  }
  std::size_t ensemble_size() const { return base_.members.size(); }

  void add_rows();
  void add_differences(CounterfactualRow& row, const std::vector<LaneRecord>& members) const;
  std::vector<double> block_differences(const LaneRecord& lane) const;
  void add_intervals();
  void warn_of_all();
  void warn_of(const VariantRecord& variant);
  void say_what_is_missing();

  const CounterfactualRequest& request_;
  const SweepRecord& record_;
  const BaseRecord& base_;
  CounterfactualResult result_;
};

void Reporter::add_differences(CounterfactualRow& row,
                               const std::vector<LaneRecord>& members) const {
  row.delta = delta(members.front(), 0);
  row.delta_window = Money::from_units(members.front().pnl() - base_.simulated.front().pnl());
  const auto grow = [](std::optional<MoneyInterval>& interval, Money value) {
    if (!interval) interval = {value, value};
    interval->first = std::min(interval->first, value);
    interval->second = std::max(interval->second, value);
  };
  if (ensemble_size() > 1) {
    for (std::size_t member = 0; member < ensemble_size(); ++member) {
      grow(row.pnl_band, Money::from_units(members[member].pnl()));
      grow(row.delta_band, delta(members[member], member));
    }
  }
  if (!base_.bounds) return;
  for (std::size_t member = ensemble_size(); member < members.size(); ++member)
    grow(row.delta_bounds, delta(members[member], member));
}

void Reporter::add_rows() {
  result_.rows.push_back(row_of("actual", base_.actual));
  result_.rows.push_back(row_of("simulated_actual", base_.simulated.front()));
  add_differences(result_.rows.back(), base_.simulated);
  for (const Variant& variant : request_.variants) {
    result_.rows.push_back({.name = variant.name, .complete = false});
  }
  for (const VariantRecord& variant : record_.variants) {
    CounterfactualRow& row = result_.rows[variant.index + 2];
    row = row_of(row.name, variant.members.front());
    add_differences(row, variant.members);
  }
}

/// In units of the currency.
std::vector<double> Reporter::block_differences(const LaneRecord& lane) const {
  std::vector<double> differences;
  for (std::size_t block = 0; block < base_.block_has_gap.size(); ++block) {
    if (base_.block_has_gap[block]) continue;
    const Int128 difference = lane.blocks[block] - base_.simulated.front().blocks[block];
    differences.push_back(static_cast<double>(difference) / static_cast<double>(Money::per_one));
  }
  return differences;
}

void Reporter::add_intervals() {
  std::vector<std::vector<double>> differences;
  double mean_block = 1;
  for (const VariantRecord& variant : record_.variants) {
    differences.push_back(block_differences(variant.members.front()));
    if (differences.back().size() < enough_blocks) return;
    mean_block = std::max(mean_block, block_length(differences.back()).mean_block);
  }
  const std::vector<BootstrapResult> bootstraps =
      stationary_bootstrap(differences, mean_block, request_.resamples, request_.seed);
  std::vector<double> family;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    const BootstrapResult& bootstrap = bootstraps[i];
    const auto blocks = static_cast<double>(differences[i].size());
    CounterfactualRow& row = result_.rows[record_.variants[i].index + 2];
    row.ci95 = {rounded_money(bootstrap.low * blocks), rounded_money(bootstrap.high * blocks)};
    row.p = bootstrap_p(bootstrap);
    family.push_back(*row.p);
  }
  const std::vector<double> adjusted = holm(family);
  for (std::size_t i = 0; i < adjusted.size(); ++i)
    result_.rows[record_.variants[i].index + 2].p_adjusted = adjusted[i];
}

void Reporter::warn_of_all() {
  std::vector<std::string>& warnings = result_.warnings;
  if (base_.execution == "none")
    warnings.push_back(
        "The session was recorded without execution: nothing checks the simulator against it.");
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(base_.block).count();
  const auto whole = static_cast<std::size_t>(result_.blocks - result_.blocks_with_gaps);
  if (whole < enough_blocks)
    warnings.push_back(fmt::format("The window has {} usable blocks of {} s; an interval needs {}.",
                                   whole, seconds, enough_blocks));
  if (result_.blocks_with_gaps > 0)
    warnings.push_back(fmt::format(
        "In {} of {} blocks the book did not follow the venue; they are left out of delta and its "
        "interval, not of pnl.",
        result_.blocks_with_gaps, result_.blocks));
  if (base_.calibration && !base_.calibration->any_fill) {
    warnings.push_back(
        "Nothing filled in this window, neither recorded nor simulated: there is no fill to check "
        "the simulator against.");
  } else if (base_.fidelity && base_.fidelity->f1 < worst_f1) {
    warnings.push_back(fmt::format(
        "The simulator does not reproduce the recorded fills of our own orders (precision {:.2f}, "
        "recall {:.2f}, wanted F1 of {:.1f}): differences between parameters are worth no more "
        "than "
        "that. `mmctl calibrate-sim` chooses its queue model.",
        base_.fidelity->precision, base_.fidelity->recall, worst_f1));
  }
}

void Reporter::warn_of(const VariantRecord& variant) {
  const LaneRecord& lane = variant.members.front();
  CounterfactualRow& row = result_.rows[variant.index + 2];
  row.support = support_of(base_.simulated.front().exposure, lane.exposure);
  if (row.support && *row.support < least_support)
    row.warnings.push_back(fmt::format(
        "{}: the recorded parameters quoted long enough where it quotes for {:.0f} % of its time "
        "(wanted {:.0f} %): what would have filled elsewhere is a guess.",
        row.name, *row.support * 100, least_support * 100));
  const double inside = lane.fills == 0 ? 0
                                        : static_cast<double>(lane.inside_spread_fills) /
                                              static_cast<double>(lane.fills);
  if (inside > most_inside_spread)
    row.warnings.push_back(fmt::format(
        "{}: {:.0f} % of its fills are of quotes inside the recorded spread, where no flow was "
        "recorded.",
        row.name, inside * 100));
  if (lane.dominated_minutes > 0)
    row.warnings.push_back(fmt::format(
        "{}: in {} {} its fills are more than a tenth of what traded: its impact is not known.",
        row.name, lane.dominated_minutes, lane.dominated_minutes == 1 ? "minute" : "minutes"));
  const std::int64_t largest = std::max(lane.max_position, base_.simulated.front().max_position);
  const auto window = static_cast<double>((base_.to - base_.from).count());
  const double mean_distance = static_cast<double>(lane.position_distance) / window;
  if (largest > 0 && mean_distance > 0.5 * static_cast<double>(largest))
    row.warnings.push_back(fmt::format(
        "{}: its position was on average {} away from that of the recorded parameters, more than "
        "half of the largest: the two went different ways.",
        row.name, format_qty(base_.instrument, Qty::from_lots(std::llround(mean_distance)))));
  std::size_t count = row.warnings.size();
  if (static_cast<std::size_t>(result_.blocks - result_.blocks_with_gaps) < enough_blocks) ++count;
  if (base_.fidelity && base_.fidelity->f1 < worst_f1) ++count;
  row.identified = count < too_many_warnings;
}

void Reporter::say_what_is_missing() {
  result_.not_modelled = {
      "How others would have answered our quotes, and prices that our own fills would have moved.",
      "Size beyond what was displayed or traded; hidden orders appear only as their trades.",
      "A venue that is slow, down or out of order; latencies do not depend on the load."};
}

}  // namespace

CounterfactualResult report(const CounterfactualRequest& request, const SweepRecord& record) {
  return Reporter{request, record}.run();
}

}  // namespace mm::research
