// mmctl gate: does a component of the quote engine improve calibration or P&L?

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "cli/commands.hpp"
#include "cli/progress.hpp"
#include "cli/session.hpp"
#include "cli/table.hpp"
#include "cli/what_if.hpp"
#include "engine/describe.hpp"
#include "engine/result.hpp"
#include "research/gate.hpp"

namespace mm::cli {
namespace {

using research::GateComponent;
using research::GateMeasure;
using research::GateResult;

std::vector<const GateComponent*> components_of(const std::vector<std::string>& names) {
  std::vector<const GateComponent*> components;
  for (const std::string& name : names) {
    const GateComponent* component = research::find_gate_component(name);
    if (component == nullptr) {
      std::string known;
      for (const GateComponent& each : research::gate_components())
        known += fmt::format("{}{}", known.empty() ? "" : ", ", each.name);
      throw Error(ErrorKind::usage,
                  fmt::format("gate: there is no component '{}'; there are {}", name, known));
    }
    if (std::ranges::find(components, component) != components.end())
      throw Error(ErrorKind::usage, fmt::format("gate: '{}' is named twice", name));
    components.push_back(component);
  }
  return components;
}

Json maybe(const std::optional<double>& number) {
  return number ? Json(*number) : Json(nullptr);
}

Json measure_json(const GateMeasure& measure) {
  return Json{{"on", maybe(measure.on)},
              {"off", maybe(measure.off)},
              {"gain", maybe(measure.gain)},
              {"ci95", measure.low ? Json::array({*measure.low, *measure.high}) : Json(nullptr)},
              {"p", maybe(measure.p)},
              {"p_holm", maybe(measure.p_adjusted)},
              {"blocks", measure.blocks},
              {"records_on", measure.records_on},
              {"records_off", measure.records_off},
              {"verdict", research::name_of(measure.verdict)}};
}

TableRow measure_row(const std::string& gate, const char* what, const GateMeasure& measure) {
  // Adding 0 takes the sign off a zero.
  const auto cell = [](const std::optional<double>& number) {
    return number ? fmt::format("{:.5g}", *number + 0.0) : std::string{};
  };
  return {
      gate,
      what,
      cell(measure.on),
      cell(measure.off),
      cell(measure.gain),
      measure.low ? fmt::format("{:.3g} .. {:.3g}", *measure.low + 0.0, *measure.high + 0.0) : "",
      measure.p_adjusted ? fmt::format("{:.3f}", *measure.p_adjusted) : "",
      std::string{research::name_of(measure.verdict)}};
}

}  // namespace

int gate(const Globals& globals, const GateOptions& options) {
  research::GateRequest request;
  request.components = components_of(options.components);
  request.threads =
      options.threads > 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
  request.seed = options.seed;
  const journal::Journal journal = open_journal(globals);
  const journal::SessionInfo* session = chosen_session(journal, globals);
  if (session == nullptr || session->end_seq.value == 0)
    throw Error(ErrorKind::data, fmt::format("gate: {} holds no events", globals.journal));
  const journal::TimeWindow window = time_window(options.window, *session);
  request.from = window.from;
  request.to = window.to;
  Progress progress("comparing", "passes");
  request.tick = [&] { progress.draw_now(-1, 0); };
  const auto gates = research::run_gates(recording_of(journal, *session), request);
  if (gates.has_error()) throw gates.error();
  const SessionHead head = read_head(journal, *session);
  const std::string currency = head.instruments.empty() ? "" : head.instruments.front().settlement;

  if (globals.json) {
    Json list = Json::array();
    for (const GateResult& each : *gates)
      list.push_back(Json{{"component", each.component->name},
                          {"switch", each.component->toggle},
                          {"loss", research::describe(each.component->loss)},
                          {"calibration", measure_json(each.calibration)},
                          {"pnl", measure_json(each.pnl)},
                          {"notes", each.notes}});
    fmt::print(
        "{}\n",
        Json{{"window", Json{{"from", format_time(window.from)}, {"to", format_time(window.to)}}},
             {"strategy", head.strategy},
             {"currency", currency},
             {"gates", std::move(list)}}
            .dump(2));
    return 0;
  }
  std::vector<TableRow> rows{
      {"component", "what", "on", "off", "gain", "95 %", "p (Holm)", "verdict"}};
  for (const GateResult& each : *gates) {
    const std::string name{each.component->name};
    rows.push_back(measure_row(name, "calibration", each.calibration));
    rows.push_back(measure_row(name, "P&L", each.pnl));
  }
  fmt::print("{}\n", format_table(rows));
  for (const GateResult& each : *gates) {
    fmt::print("{}: {}; less is better, gain is off - on. P&L in {}.\n", each.component->name,
               research::describe(each.component->loss), currency);
    for (const std::string& note : each.notes) fmt::print("  {}\n", note);
  }
  return 0;
}

}  // namespace mm::cli
