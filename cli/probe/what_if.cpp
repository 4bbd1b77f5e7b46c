// boot.*, mtest.*, calib.wilson, cf.support, sim.match: what counterfactuals are judged by.

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "cli/probe/family.hpp"
#include "engine/random.hpp"
#include "research/analytics/bootstrap.hpp"
#include "research/analytics/match.hpp"
#include "research/analytics/proportion.hpp"
#include "research/what_if/support.hpp"

namespace mm::probe {
namespace {

/// The series itself ("x"), or the second of the two coupled autoregressions of the recipe.
std::vector<double> series(const Json& input) {
  if (input.contains("x")) return numbers(input.at("x"));
  const auto seed = input.at("seed").get<std::uint64_t>();
  const auto phi = input.at("phi").get<double>();
  const auto n = input.at("n").get<std::size_t>();
  if (n < 2 || n > 1'000'000) throw BadInput{"n must be 2 to 1000000"};
  SplitMix64 first{seed};
  SplitMix64 second{seed + 1};
  std::vector<double> y(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double e1 = first.normal();
    const double e2 = second.normal();
    y[i] = i == 0 ? e2 : phi * y[i - 1] + 0.3 * e1 + e2;
  }
  return y;
}

Json block_length_of(const Json& input) {
  const std::vector<double> values = series(input);
  if (values.size() < 2) throw BadInput{"a block length needs two values"};
  const research::BlockLength length = research::block_length(values);
  return {{"m", length.significant_lags}, {"M", length.window}, {"b", length.mean_block}};
}

Json stationary(const Json& input) {
  const std::vector<double> values = series(input);
  const auto mean_block = input.at("mean_block").get<double>();
  const auto resamples = input.at("B").get<std::int64_t>();
  if (values.empty() || !(mean_block >= 1) || resamples < 2 || resamples > 1'000'000)
    throw BadInput{"x must not be empty, mean_block at least 1, B 2 to 1000000"};
  const research::BootstrapResult result = research::stationary_bootstrap(
      values, mean_block, resamples, input.at("seed").get<std::uint64_t>());
  return {{"first", result.means.front()},
          {"mean", result.mean},
          {"se", result.standard_error},
          {"lo", result.low},
          {"hi", result.high},
          {"p", research::bootstrap_p(result)}};
}

Json adjust(const Json& input) {
  const std::vector<double> p = numbers(input.at("p"));
  if (std::ranges::any_of(p, [](double one) { return one < 0 || one > 1; }))
    throw BadInput{"a p-value lies in [0, 1]"};
  return {{"bh", research::benjamini_hochberg(p)},
          {"by", research::benjamini_yekutieli(p)},
          {"holm", research::holm(p)}};
}

Json wilson_intervals(const Json& input) {
  const double level = input.value("level", 0.95);
  if (!(level > 0 && level < 1)) throw BadInput{"level lies inside (0, 1)"};
  Json intervals = Json::array();
  for (const Json& row : input.at("rows")) {
    const auto successes = row.at(0).get<double>();
    const auto trials = row.at(1).get<double>();
    if (!(trials > 0 && successes >= 0 && successes <= trials))
      throw BadInput{"a row is [successes, trials] with trials above 0"};
    const auto [low, high] = research::wilson(successes, trials, level);
    intervals.push_back({low, high});
  }
  return {{"ci", std::move(intervals)}};
}

Json support(const Json& input) {
  const std::vector<double> actual = numbers(input.at("actual_exposure"));
  const std::vector<double> variant = numbers(input.at("cf_exposure"));
  if (actual.size() != variant.size()) throw BadInput{"both exposures have the same cells"};
  return {{"support", nullable(research::support(actual, variant, input.value("cap", 2.0)))}};
}

/// Fills [time in s, order, size] in order of time; sizes count in 1e-9.
std::vector<research::FillMark> fills(const Json& rows,
                                      std::map<std::string, std::uint64_t>& names) {
  std::vector<research::FillMark> marks;
  for (const Json& row : rows) {
    const auto name = row.at(1).get<std::string>();
    const auto id = names.try_emplace(name, names.size() + 1).first->second;
    const double lots = std::round(row.at(2).get<double>() * 1e9);
    if (!(lots > 0 && lots < 9e18)) throw BadInput{"a fill has a size above 0"};
    marks.push_back({ClientOrderId{id}, time_of_seconds(row.at(0).get<double>()),
                     Qty::from_lots(static_cast<std::int64_t>(lots))});
  }
  if (!std::ranges::is_sorted(marks, {}, &research::FillMark::time))
    throw BadInput{"fills must be in order of time"};
  return marks;
}

Json match(const Json& input) {
  std::map<std::string, std::uint64_t> names;
  const auto recorded = fills(input.at("recorded"), names);
  const auto simulated = fills(input.at("simulated"), names);
  const Time tolerance = time_of_seconds(input.value("tol_s", 0.25));
  const research::MatchResult result =
      research::match_fills(recorded, simulated, tolerance - Time{});
  const auto& error = result.mean_abs_time_error_ms;
  return {{"matched", static_cast<double>(result.matched.lots()) / 1e9},
          {"precision", result.precision},
          {"recall", result.recall},
          {"f1", result.f1},
          {"mean_abs_time_error", error ? Json(*error / 1e3) : Json(nullptr)}};
}

constexpr Function functions[] = {
    {"boot.block_length", block_length_of},
    {"boot.stationary", stationary},
    {"mtest.adjust", adjust},
    {"calib.wilson", wilson_intervals},
    {"cf.support", support},
    {"sim.match", match},
};

}  // namespace

std::span<const Function> what_if_functions() {
  return functions;
}

}  // namespace mm::probe
