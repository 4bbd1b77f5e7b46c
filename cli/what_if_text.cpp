// A what-if for a terminal and as CSV.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli/table.hpp"
#include "cli/text_file.hpp"
#include "cli/time_spec.hpp"
#include "cli/what_if_result.hpp"
#include "engine/numeric.hpp"

namespace mm::cli {
namespace {

using research::CounterfactualResult;
using research::CounterfactualRow;

/// Money for a table: `decimals` of it.
std::string rounded(Money value, int decimals) {
  const Int128 step = power_of_ten(12 - decimals);
  return format_decimal(divide_half_even(value.units(), step), decimals);
}

class Amounts {
 public:
  // Coins are worth thousands: an inverse contract's P&L needs more decimals than dollars do.
  Amounts(const CounterfactualResult& result, bool exact)
      : decimals_(result.instrument.contract == ContractKind::inverse ? 8 : 2), exact_(exact) {}
  std::string operator()(Money value) const {
    return exact_ ? format_money(value) : rounded(value, decimals_);
  }
  std::string operator()(const std::optional<research::MoneyInterval>& value) const {
    return value ? fmt::format("[{}, {}]", (*this)(value->first), (*this)(value->second)) : "";
  }

 private:
  int decimals_;
  bool exact_;
};

/// Whether any row has this interval.
bool has(const CounterfactualResult& result,
         std::optional<research::MoneyInterval> CounterfactualRow::*interval) {
  return std::ranges::any_of(
      result.rows, [&](const CounterfactualRow& row) { return (row.*interval).has_value(); });
}

std::vector<TableRow> table_rows(const CounterfactualResult& result, bool exact) {
  const Amounts text{result, exact};
  const bool band = has(result, &CounterfactualRow::delta_band);
  const bool bounds = has(result, &CounterfactualRow::delta_bounds);
  TableRow head{"row", "pnl", "delta", "ci95"};
  if (exact || band) head.push_back("band");
  if (exact || bounds) head.push_back("bounds");
  for (const char* name : {"fills", "volume", "adverse", "spread_capture", "adverse_selection",
                           "inventory", "fees", "max_position"})
    head.push_back(name);
  if (exact)
    for (const char* name : {"funding", "pnl_band", "p", "p_holm", "support", "identified"})
      head.push_back(name);
  std::vector<TableRow> rows{head};
  for (const CounterfactualRow& row : result.rows) {
    if (!row.complete) {
      rows.push_back({row.name, "not computed"});
      continue;
    }
    const bool show = exact || row.identified;
    TableRow cells{row.name, text(row.pnl),
                   !row.delta ? ""
                   : show     ? text(*row.delta)
                              : "not identified",
                   show ? text(row.ci95) : ""};
    if (exact || band) cells.push_back(text(row.delta_band));
    if (exact || bounds) cells.push_back(text(row.delta_bounds));
    cells.push_back(std::to_string(row.fills));
    cells.push_back(text(row.volume));
    cells.push_back(row.adverse_share ? fmt::format("{:.0f} %", *row.adverse_share * 100) : "");
    for (const Money part : {row.spread_capture, row.adverse_selection, row.inventory, row.fees})
      cells.push_back(text(part));
    cells.push_back(format_qty(result.instrument, row.max_position));
    if (exact) {
      cells.push_back(text(row.funding));
      cells.push_back(text(row.pnl_band));
      cells.push_back(row.p ? fmt::format("{:.6g}", *row.p) : "");
      cells.push_back(row.p_adjusted ? fmt::format("{:.6g}", *row.p_adjusted) : "");
      cells.push_back(row.support ? fmt::format("{:.4f}", *row.support) : "");
      cells.push_back(row.identified ? "yes" : "no");
    }
    rows.push_back(std::move(cells));
  }
  return rows;
}

std::string milliseconds(const std::optional<double>& value) {
  return value ? fmt::format("{:.1f} ms", *value) : "unknown";
}

std::string fidelity_text(const CounterfactualResult& result) {
  if (!result.calibration) return "";
  std::string text;
  if (const auto& replay = result.fidelity) {
    text += fmt::format(
        "recorded orders in the simulator: {} orders, {} fills recorded, {} simulated\n"
        "  precision {:.3f}, recall {:.3f}, F1 {:.3f} (by number {:.3f}, {:.3f}); time error mean "
        "{}, median {}, p95 {}; P&L error {}\n",
        replay->orders, replay->recorded_fills, replay->simulated_fills, replay->precision,
        replay->recall, replay->f1, replay->precision_of_fills, replay->recall_of_fills,
        milliseconds(replay->time_error_mean_ms), milliseconds(replay->time_error_p50_ms),
        milliseconds(replay->time_error_p95_ms), format_money(replay->pnl_error));
    if (replay->log_score)
      text += fmt::format("  log score {:.4f} an order ({:.4f} without a simulator)\n",
                          *replay->log_score, *replay->null_log_score);
    std::vector<TableRow> rows{{"  of", "recorded", "simulated", "matched"}};
    for (const research::FidelitySlice& slice : replay->slices)
      rows.push_back({"  " + slice.name,
                      slice.recorded_known ? format_qty(result.instrument, slice.recorded) : "?",
                      format_qty(result.instrument, slice.simulated),
                      format_qty(result.instrument, slice.matched)});
    if (rows.size() > 1) text += format_table(rows);
  }
  text += fmt::format(
      "recorded parameters in the simulator: precision {:.3f}, recall {:.3f}, time error {}, P&L "
      "error {}\n\n",
      result.calibration->precision, result.calibration->recall,
      milliseconds(result.calibration->time_error_ms), format_money(result.calibration->pnl_error));
  return text;
}

/// A bar a bucket, '#' up to the estimate, '-' up to the interval's end.
std::string curve_text(const std::vector<research::FillProbability>& curve) {
  constexpr double width = 40;
  double largest = 0;
  for (const auto& bucket : curve)
    if (bucket.effective_orders > 0) largest = std::max(largest, bucket.high);
  if (largest == 0) return "";
  std::string text =
      "chance to fill within a second, by distance from the mid (all simulated "
      "orders; # estimate, - up to the end of its 95 % interval)\n";
  for (const auto& bucket : curve) {
    if (bucket.effective_orders == 0) continue;
    const auto bar = static_cast<std::size_t>(std::lround(bucket.probability / largest * width));
    const auto end = static_cast<std::size_t>(std::lround(bucket.high / largest * width));
    text += fmt::format("  {:>3}-{:<3}bps |{}{}{}| {:.3f} [{:.3f}, {:.3f}] of {} orders\n",
                        bucket.depth_bps, bucket.depth_bps + 1, std::string(bar, '#'),
                        std::string(end > bar ? end - bar : 0, '-'),
                        std::string(40 - std::max(bar, end), ' '), bucket.probability, bucket.low,
                        bucket.high, bucket.orders);
  }
  return text + '\n';
}

}  // namespace

std::string text_of(const CounterfactualResult& result) {
  std::string text =
      fmt::format("window    {} .. {}\nquoted    {}:{}, amounts in {}\n", format_time(result.from),
                  format_time(result.to), result.instrument.venue, result.instrument.symbol,
                  result.instrument.settlement);
  for (std::size_t i = 0; i < result.members.size(); ++i)
    text += fmt::format("{}{}\n", i == 0 ? "simulator " : "   or     ", result.members[i]);
  text += '\n' + fidelity_text(result);
  text += format_table(table_rows(result, false)) + '\n';
  text += fmt::format("delta and ci95 are over {} of {} blocks of {:g} s",
                      result.blocks - result.blocks_with_gaps, result.blocks,
                      static_cast<double>(result.block.count()) / 1e9);
  if (has(result, &CounterfactualRow::delta_band)) text += "; band: over the ensemble";
  if (has(result, &CounterfactualRow::delta_bounds))
    text += "; bounds: worst and best queue there can be";
  text += "\n\n" + curve_text(result.fill_probability);
  for (const std::string& warning : result.warnings) text += "warning: " + warning + '\n';
  for (const CounterfactualRow& row : result.rows)
    for (const std::string& warning : row.warnings) text += "warning: " + warning + '\n';
  for (const std::string& missing : result.not_modelled) text += "not modelled: " + missing + '\n';
  return text + '\n' + result.insight + '\n' + result.recommendation + '\n';
}

std::string csv_of(const CounterfactualResult& result) {
  return format_csv(table_rows(result, true));
}

void print_answer(const WhatIfAnswer& answer, const PrintOptions& options) {
  const bool list = answer.all_sessions;
  Json documents = Json::array();
  for (const SessionAnswer& session : answer.sessions) {
    const CounterfactualResult result = research::report(session.request, session.record);
    if (options.json) {
      documents.push_back(document_of(session, result));
    } else {
      if (list && !options.csv)
        fmt::print("session   {} ({})\n", session.number, session.id.substr(0, 8));
      fmt::print("{}", options.csv ? csv_of(result) : text_of(result));
    }
    if (options.plot.empty()) continue;
    std::string file = options.plot;
    if (list) {
      const std::size_t dot = file.rfind(".svg");
      file.insert(dot == std::string::npos ? file.size() : dot, fmt::format("-{}", session.number));
    }
    write_text(file, svg_of(result, session.request.variants));
  }
  if (options.json)
    fmt::print("{}\n", (list ? Json{{"sessions", documents}} : documents.front()).dump(2));
}

}  // namespace mm::cli
