// The JSON document of a what-if (docs/cli.md lists its keys).

#include "cli/time_spec.hpp"
#include "cli/what_if_result.hpp"
#include "engine/numeric.hpp"

namespace mm::cli {
namespace {

using research::CounterfactualResult;
using research::CounterfactualRow;

Json money(const std::optional<Money>& value) {
  return value ? Json(format_money(*value)) : Json(nullptr);
}
Json number(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}
Json interval(const std::optional<research::MoneyInterval>& value) {
  return value ? Json{format_money(value->first), format_money(value->second)} : Json(nullptr);
}

Json curve(const std::vector<research::FillProbability>& buckets) {
  Json list = Json::array();
  for (const research::FillProbability& bucket : buckets)
    list.push_back(Json{{"from_bps", bucket.depth_bps},
                        {"to_bps", bucket.depth_bps + 1},
                        {"orders", bucket.orders},
                        {"effective_orders", bucket.effective_orders},
                        {"probability", bucket.probability},
                        {"ci95", Json{bucket.low, bucket.high}}});
  return list;
}

Json row_json(const CounterfactualRow& row, const Instrument& instrument) {
  if (!row.complete) return Json{{"name", row.name}, {"complete", false}};
  return Json{{"name", row.name},
              {"pnl", format_money(row.pnl)},
              {"delta", money(row.delta)},
              {"ci95", interval(row.ci95)},
              {"fills", row.fills},
              {"volume", format_money(row.volume)},
              {"adverse_share", number(row.adverse_share)},
              {"spread_capture", format_money(row.spread_capture)},
              {"adverse_selection", format_money(row.adverse_selection)},
              {"inventory", format_money(row.inventory)},
              {"fees", format_money(row.fees)},
              {"funding", format_money(row.funding)},
              {"max_position", format_qty(instrument, row.max_position)},
              {"delta_window", money(row.delta_window)},
              {"p", number(row.p)},
              {"p_holm", number(row.p_adjusted)},
              {"pnl_band", interval(row.pnl_band)},
              {"delta_band", interval(row.delta_band)},
              {"delta_bounds", interval(row.delta_bounds)},
              {"support", number(row.support)},
              {"identified", row.identified},
              {"warnings", row.warnings},
              {"fill_probability", curve(row.fill_probability)}};
}

Json fidelity_json(const research::Fidelity& fidelity, const Instrument& instrument) {
  Json slices = Json::array();
  for (const research::FidelitySlice& slice : fidelity.slices)
    slices.push_back(
        Json{{"of", slice.name},
             {"recorded",
              slice.recorded_known ? Json(format_qty(instrument, slice.recorded)) : Json(nullptr)},
             {"simulated", format_qty(instrument, slice.simulated)},
             {"matched", format_qty(instrument, slice.matched)}});
  return Json{{"orders", fidelity.orders},
              {"refused", fidelity.refused},
              {"recorded_fills", fidelity.recorded_fills},
              {"simulated_fills", fidelity.simulated_fills},
              {"precision", fidelity.precision},
              {"recall", fidelity.recall},
              {"f1", fidelity.f1},
              {"precision_of_fills", fidelity.precision_of_fills},
              {"recall_of_fills", fidelity.recall_of_fills},
              {"time_error_ms", Json{{"mean", number(fidelity.time_error_mean_ms)},
                                     {"p50", number(fidelity.time_error_p50_ms)},
                                     {"p95", number(fidelity.time_error_p95_ms)}}},
              {"pnl_error", format_money(fidelity.pnl_error)},
              {"log_score", number(fidelity.log_score)},
              {"null_log_score", number(fidelity.null_log_score)},
              {"by", std::move(slices)}};
}

}  // namespace

Json document_of(const SessionAnswer& answer, const CounterfactualResult& result) {
  Json rows = Json::array();
  bool complete = true;
  for (const CounterfactualRow& row : result.rows) {
    complete = complete && row.complete;
    rows.push_back(row_json(row, result.instrument));
  }
  Json calibration = nullptr;
  if (result.calibration) {
    calibration = Json{{"precision", result.calibration->precision},
                       {"recall", result.calibration->recall},
                       {"time_error_ms", number(result.calibration->time_error_ms)},
                       {"pnl_error", format_money(result.calibration->pnl_error)},
                       {"f1", result.calibration->f1}};
    calibration["quote_replay"] =
        result.fidelity ? fidelity_json(*result.fidelity, result.instrument) : Json(nullptr);
  }
  return Json{{"session", answer.number},
              {"window", Json{{"from", format_time(result.from)}, {"to", format_time(result.to)}}},
              {"currency", result.instrument.settlement},
              {"instrument", result.instrument.venue + ":" + result.instrument.symbol},
              {"ensemble", result.members},
              {"complete", complete},
              {"rows", std::move(rows)},
              {"regimes", Json::array()},
              {"calibration", std::move(calibration)},
              {"fill_probability", curve(result.fill_probability)},
              {"block_seconds", static_cast<double>(result.block.count()) / 1e9},
              {"blocks", result.blocks},
              {"blocks_with_gaps", result.blocks_with_gaps},
              {"warnings", result.warnings},
              {"not_modelled", result.not_modelled},
              {"insight", result.insight},
              {"recommendation", result.recommendation}};
}

}  // namespace mm::cli
