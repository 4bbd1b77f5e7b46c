// mmctl counterfactual: what if we had quoted with other parameters?

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/progress.hpp"
#include "cli/session.hpp"
#include "cli/table.hpp"
#include "cli/what_if.hpp"
#include "engine/numeric.hpp"
#include "engine/result.hpp"
#include "engine/settings.hpp"
#include "research/counterfactual.hpp"

namespace mm::cli {
namespace {

using research::CounterfactualResult;
using research::CounterfactualRow;

Json money(const std::optional<Money>& value) {
  return value ? Json(format_money(*value)) : Json(nullptr);
}

Json row_json(const CounterfactualRow& row, const Instrument& instrument) {
  return Json{
      {"name", row.name},
      {"pnl", format_money(row.pnl)},
      {"delta", money(row.delta)},
      {"ci95", row.ci95 ? Json{format_money(row.ci95->first), format_money(row.ci95->second)}
                        : Json(nullptr)},
      {"fills", row.fills},
      {"volume", format_money(row.volume)},
      {"adverse_share", row.adverse_share ? Json(*row.adverse_share) : Json(nullptr)},
      {"spread_capture", format_money(row.spread_capture)},
      {"adverse_selection", format_money(row.adverse_selection)},
      {"inventory", format_money(row.inventory)},
      {"fees", format_money(row.fees)},
      {"funding", format_money(row.funding)},
      {"max_position", format_qty(instrument, row.max_position)}};
}

Json document(const CounterfactualResult& result) {
  Json rows = Json::array();
  for (const CounterfactualRow& row : result.rows) rows.push_back(row_json(row, result.instrument));
  Json calibration = nullptr;
  if (result.calibration)
    calibration = Json{{"precision", result.calibration->precision},
                       {"recall", result.calibration->recall},
                       {"time_error_ms", result.calibration->time_error_ms
                                             ? Json(*result.calibration->time_error_ms)
                                             : Json(nullptr)},
                       {"pnl_error", format_money(result.calibration->pnl_error)}};
  return Json{{"window", Json{{"from", format_time(result.from)}, {"to", format_time(result.to)}}},
              {"currency", result.instrument.settlement},
              {"instrument", result.instrument.venue + ":" + result.instrument.symbol},
              {"rows", std::move(rows)},
              {"calibration", std::move(calibration)},
              {"blocks", result.blocks},
              {"blocks_with_gaps", result.blocks_with_gaps},
              {"warnings", result.warnings},
              {"insight", result.insight}};
}

/// Money for a table: `decimals` of it, sign always shown for differences.
std::string rounded(Money value, int decimals) {
  const Int128 step = power_of_ten(12 - decimals);
  return format_decimal(divide_half_even(value.units(), step), decimals);
}

std::vector<TableRow> table_rows(const CounterfactualResult& result, bool exact) {
  // Coins are worth thousands: an inverse contract's P&L needs more decimals than dollars do.
  const int decimals = result.instrument.contract == ContractKind::inverse ? 8 : 2;
  const auto text = [&](Money value) {
    return exact ? format_money(value) : rounded(value, decimals);
  };
  std::vector<TableRow> rows{{"row", "pnl", "delta", "ci95", "fills", "volume", "adverse",
                              "spread_capture", "adverse_selection", "inventory", "fees",
                              "max_position"}};
  for (const CounterfactualRow& row : result.rows)
    rows.push_back(
        {row.name, text(row.pnl), row.delta ? text(*row.delta) : "",
         row.ci95 ? fmt::format("[{}, {}]", text(row.ci95->first), text(row.ci95->second)) : "",
         std::to_string(row.fills), text(row.volume),
         row.adverse_share ? fmt::format("{:.0f} %", *row.adverse_share * 100) : "",
         text(row.spread_capture), text(row.adverse_selection), text(row.inventory), text(row.fees),
         format_qty(result.instrument, row.max_position)});
  return rows;
}

void print_text(const CounterfactualResult& result) {
  fmt::print("window    {} .. {}\n", format_time(result.from), format_time(result.to));
  fmt::print("quoted    {}:{}, amounts in {}\n\n{}\n", result.instrument.venue,
             result.instrument.symbol, result.instrument.settlement,
             format_table(table_rows(result, false)));
  if (result.calibration) {
    fmt::print(
        "simulator against recording: precision {:.3f}, recall {:.3f}, time error {}, "
        "P&L error {}\n",
        result.calibration->precision, result.calibration->recall,
        result.calibration->time_error_ms
            ? fmt::format("{:.1f} ms", *result.calibration->time_error_ms)
            : "unknown",
        format_money(result.calibration->pnl_error));
  }
  for (const std::string& warning : result.warnings) fmt::print("warning: {}\n", warning);
  fmt::print("{}\n", result.insight);
}

}  // namespace

int counterfactual(const Globals& globals, const CounterfactualOptions& options) {
  if (globals.json && options.csv)
    throw Error(ErrorKind::usage, "counterfactual: --json and --csv do not go together");
  const auto variants = variants_of(options.spread, options.parameters);
  const journal::Journal journal = open_journal(globals);
  const journal::SessionInfo* session = chosen_session(journal, globals);
  if (session == nullptr || session->end_seq.value == 0) {
    fmt::print(stderr, "mmctl: the journal holds no events\n");
    if (globals.json)
      fmt::print("{}\n", Json{{"window", nullptr},
                              {"currency", nullptr},
                              {"rows", Json::array()},
                              {"calibration", nullptr},
                              {"warnings", {"the journal holds no events"}},
                              {"insight", ""}}
                             .dump(2));
    return 0;
  }
  const journal::TimeWindow window = time_window(options.window, *session);
  research::CounterfactualRequest request;
  request.from = window.from;
  request.to = window.to;
  request.variants = variants;
  Progress progress("simulating", "bytes");
  auto result = research::run_counterfactual(
      request, recording_of(journal, *session, [&](std::uint64_t done, std::uint64_t total) {
        progress.update(total == 0 ? -1.0 : static_cast<double>(done) / static_cast<double>(total),
                        done);
      }));
  if (!result) throw result.error();
  if (globals.json) {
    fmt::print("{}\n", document(*result).dump(2));
  } else if (options.csv) {
    fmt::print("{}", format_csv(table_rows(*result, true)));
  } else {
    print_text(*result);
  }
  return 0;
}

}  // namespace mm::cli
