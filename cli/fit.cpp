// mmctl fit: parameters of a model from a recording, written down as a parameter set.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "cli/build_info.hpp"
#include "cli/commands.hpp"
#include "cli/parameter_set.hpp"
#include "cli/progress.hpp"
#include "cli/session.hpp"
#include "cli/table.hpp"
#include "cli/what_if.hpp"
#include "engine/describe.hpp"
#include "engine/models/model_schema.hpp"
#include "engine/numeric.hpp"
#include "engine/result.hpp"
#include "engine/settings.hpp"
#include "research/fit/model_fit.hpp"

namespace mm::cli {
namespace {

using research::FitEstimate;
using research::FitRequest;
using research::FitScore;
using research::ModelFit;

using Fitter = Result<ModelFit> (*)(const FitRequest&);

struct FitterOf {
  std::string_view model;
  Fitter fit;
  bool needs_lead = false;
};

constexpr std::array fitters = {
    FitterOf{"gamma", research::fit_gamma_model},
    FitterOf{"hawkes", research::fit_hawkes_model},
    FitterOf{"kappa", research::fit_kappa_model},
    FitterOf{"lead_lag", research::fit_lead_lag_model, true},
    FitterOf{"liquidation", research::fit_liquidation_model},
    FitterOf{"microprice", research::fit_microprice_model},
    FitterOf{"queue", research::fit_queue_model},
    FitterOf{"regime", research::fit_regime_model},
    FitterOf{"trades", research::fit_trades_model},
};

const FitterOf& fitter_of(const std::string& model) {
  const auto found = std::ranges::find(fitters, model, &FitterOf::model);
  if (found != fitters.end()) return *found;
  std::string names;
  for (const FitterOf& each : fitters)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", each.model);
  throw Error(ErrorKind::usage,
              fmt::format("fit: there is no model '{}' to fit; there are {}", model, names));
}

/// The instrument of that name in a session; throws Error(usage) listing them.
InstrumentId instrument_named(std::string_view flag, const std::string& name,
                              const Instruments& instruments) {
  std::string known;
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    const InstrumentId id{static_cast<std::uint16_t>(i)};
    const std::string of = instrument_name(id, instruments);
    if (of == name) return id;
    known += (known.empty() ? "" : ", ") + of;
  }
  throw Error(ErrorKind::usage, fmt::format("{}: the session has no '{}'; it has {}", flag, name,
                                            known.empty() ? "none" : known));
}

/// The largest inventory in orders' sizes: as asked for, else as the session's strategy has it.
double clips_of(const FitOptions& options, const SessionHead& head) {
  if (options.clips) return *options.clips;
  const auto number = [&](std::string_view name) {
    const auto text = find_setting(head.parameters, name);
    return text ? parse_number(*text) : std::nullopt;
  };
  const auto size = number("size");
  const auto limit = number("max_position");
  if (!size || !limit || !(*size > 0) || !(*limit >= *size))
    throw Error(ErrorKind::usage,
                "--clips: the session's strategy has no max_position above its size; say how many "
                "orders' sizes the largest inventory is");
  return *limit / *size;
}

/// Looked at, and leading where a model needs it, by name.
struct Looked {
  std::string instrument;
  std::string lead;  ///< empty: none is needed
};

std::optional<InstrumentId> find_instrument(const std::string& name,
                                            const Instruments& instruments) {
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    const InstrumentId id{static_cast<std::uint16_t>(i)};
    if (instrument_name(id, instruments) == name) return id;
  }
  return std::nullopt;
}

/// By the options and what the last of the sessions has.
Looked looked_at(const FitOptions& options, const FitterOf& fitter,
                 const Instruments& instruments) {
  const InstrumentId instrument =
      options.instrument ? instrument_named("--instrument", *options.instrument, instruments)
                         : InstrumentId{};
  Looked looked{.instrument = instrument_name(instrument, instruments)};
  if (!fitter.needs_lead) {
    if (options.lead)
      throw Error(ErrorKind::usage,
                  fmt::format("--lead: a fit of {} looks at no leader", fitter.model));
    return looked;
  }
  std::optional<InstrumentId> lead;
  if (options.lead) {
    lead = instrument_named("--lead", *options.lead, instruments);
  } else {
    for (std::size_t i = 0; i < instruments.size() && !lead; ++i)
      if (i != instrument.value) lead = InstrumentId{static_cast<std::uint16_t>(i)};
  }
  if (!lead)
    throw Error(ErrorKind::usage,
                fmt::format("fit {}: the session watches no second instrument that could lead; "
                            "record it with --lead",
                            fitter.model));
  if (*lead == instrument)
    throw Error(ErrorKind::usage, "--lead: an instrument does not lead itself; name another one");
  looked.lead = instrument_name(*lead, instruments);
  return looked;
}

/// A session that is fitted and what it has of the window.
struct Used {
  SessionPart part;
  research::FitSession session;
};

struct Sessions {
  std::vector<Used> used;  ///< at least one
  std::vector<std::string> left_out;
  Looked looked;
  SessionHead last;  ///< of the last of them
};

/// The window's sessions that watched what is looked at. `on_step` is told the share read.
Sessions sessions_of(const journal::Journal& journal, const Globals& globals,
                     const FitOptions& options, const FitterOf& fitter, const OnStep& on_step) {
  SessionParts parts = sessions_in(journal, globals, options.window);
  Sessions sessions{.left_out = std::move(parts.left_out),
                    .last = read_head(journal, *parts.parts.back().session)};
  sessions.looked = looked_at(options, fitter, sessions.last.instruments);
  if (fitter.model == "queue" &&
      find_instrument(sessions.looked.instrument, sessions.last.instruments) != InstrumentId{})
    throw Error(ErrorKind::usage, "--instrument: our orders are on the quoted one");
  for (const SessionPart& part : parts.parts) {
    const SessionHead head = read_head(journal, *part.session);
    const auto instrument = find_instrument(sessions.looked.instrument, head.instruments);
    const auto lead = find_instrument(sessions.looked.lead, head.instruments);
    if (!instrument || (fitter.needs_lead && !lead)) {
      sessions.left_out.push_back(
          fmt::format("Session {} was left out: it does not watch {}.", part.session->number,
                      instrument ? sessions.looked.lead : sessions.looked.instrument));
      continue;
    }
    if (fitter.model == "queue" && *instrument != InstrumentId{}) {
      sessions.left_out.push_back(fmt::format("Session {} was left out: it does not quote {}.",
                                              part.session->number, sessions.looked.instrument));
      continue;
    }
    sessions.used.push_back({part,
                             {.recording = recording_of(journal, *part.session, on_step),
                              .from = part.from,
                              .to = part.to,
                              .instrument = *instrument,
                              .lead = lead}});
  }
  return sessions;
}

Json maybe(const std::optional<double>& number) {
  return number ? Json(*number) : Json(nullptr);
}

Json scores_json(const std::vector<FitScore>& scores, bool judged) {
  Json list = Json::array();
  for (const FitScore& score : scores) {
    Json row{{"name", score.name},
             {"in_sample", maybe(score.in_sample)},
             {"out_of_sample", maybe(score.out_of_sample)}};
    if (judged) row["judged"] = maybe(score.judged);
    list.push_back(std::move(row));
  }
  return list;
}

Json counts_json(const ModelFit& fit) {
  Json counts = Json::object();
  for (const auto& [name, count] : fit.counts) counts[name] = count;
  return counts;
}

Json sessions_json(const Sessions& sessions) {
  Json list = Json::array();
  for (const Used& each : sessions.used)
    list.push_back(Json{{"session", each.part.session->id},
                        {"input_digest", fmt::format("{:016x}", each.part.session->input_digest)},
                        {"from", format_time(each.part.from)},
                        {"to", format_time(each.part.to)}});
  return list;
}

ParameterSet set_of(const ModelFit& fit, const FitRequest& request, const Sessions& sessions) {
  Json errors = Json::object();
  for (const FitEstimate& estimate : fit.estimates)
    if (estimate.standard_error) errors[estimate.name] = *estimate.standard_error;
  ParameterSet set{
      .model = fit.model, .instrument = sessions.looked.instrument, .values = fit.values};
  set.provenance = Json{{"sessions", sessions_json(sessions)},
                        {"from", format_time(request.from())},
                        {"fitted_to", format_time(request.split())},
                        {"to", format_time(request.to())}};
  if (!sessions.looked.lead.empty()) set.provenance["lead"] = sessions.looked.lead;
  set.provenance["counts"] = counts_json(fit);
  set.provenance["scores"] = scores_json(fit.scores, false);
  set.provenance["errors"] = std::move(errors);
  set.provenance["notes"] = fit.notes;
  set.provenance["program"] = build_fingerprint();
  set.fitted = format_time(std::chrono::time_point_cast<Duration>(
      std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())));
  return set;
}

void print_text(const ModelFit& fit, const FitRequest& request, const FitOptions& options,
                const Sessions& sessions) {
  std::vector<TableRow> rows{{fit.model, "value", "error", "unit"}};
  for (const FitEstimate& estimate : fit.estimates)
    rows.push_back({estimate.name, fmt::format("{:.5g}", estimate.value),
                    estimate.standard_error ? fmt::format("{:.2g}", *estimate.standard_error) : "",
                    estimate.unit});
  fmt::print("{}", format_table(rows));
  if (!fit.scores.empty()) {
    const auto cell = [](const std::optional<double>& number) {
      return number ? fmt::format("{:.4g}", *number) : std::string{};
    };
    rows = {{"score", "in sample", "out of sample", request.judge ? options.judge : ""}};
    for (const FitScore& score : fit.scores)
      rows.push_back(
          {score.name, cell(score.in_sample), cell(score.out_of_sample), cell(score.judged)});
    fmt::print("\n{}", format_table(rows));
    for (const FitScore& score : fit.scores) fmt::print("  {}: {}\n", score.name, score.doc);
  }
  fmt::print("\nfitted    {} .. {}, judged up to {}\n", format_time(request.from()),
             format_time(request.split()), format_time(request.to()));
  for (const Used& each : sessions.used)
    fmt::print("session   {} ({}) {} .. {}\n", each.part.session->number,
               each.part.session->id.substr(0, 8), format_time(each.part.from),
               format_time(each.part.to));
  std::string counts;
  for (const auto& [name, count] : fit.counts)
    counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, name);
  std::ranges::replace(counts, '_', ' ');
  fmt::print("counted   {}\n", counts);
  for (const std::string& note : fit.notes) fmt::print("note      {}\n", note);
}

}  // namespace

int fit(const Globals& globals, const FitOptions& options) {
  const FitterOf& fitter = fitter_of(options.model);
  std::optional<ParameterSet> judged;
  if (!options.judge.empty()) {
    judged = read_parameter_sets("--judge", options.judge).front();
    if (judged->model != options.model)
      throw Error(ErrorKind::usage, fmt::format("--judge: {} is a set of '{}', not of '{}'",
                                                options.judge, judged->model, options.model));
  }
  const journal::Journal journal = open_journal(globals);
  Progress progress("reading", "bytes");
  std::uint64_t done = 0;
  std::size_t session_count = 1;
  const Sessions sessions =
      sessions_of(journal, globals, options, fitter, [&](std::uint64_t step, std::uint64_t total) {
        done += step;
        const auto all = static_cast<double>(total) * static_cast<double>(session_count);
        progress.update(std::min(static_cast<double>(done) / all, 1.0), done);
      });
  session_count = sessions.used.size();
  FitRequest request;
  for (const Used& each : sessions.used) request.sessions.push_back(each.session);
  request.holdout = options.holdout;
  request.seed = options.seed;
  if (judged) request.judge = judged->values;
  if (options.clips && options.model != "gamma")
    throw Error(ErrorKind::usage,
                fmt::format("--clips: a fit of {} asks for no inventory", options.model));
  if (options.model == "gamma") request.clips = clips_of(options, sessions.last);

  Result<ModelFit> fit = fitter.fit(request);
  if (fit.has_error()) throw fit.error();
  fit->notes.insert(fit->notes.begin(), sessions.left_out.begin(), sessions.left_out.end());

  ParameterSet set;
  if (fit->fitted()) {
    set = set_of(*fit, request, sessions);
    seal(set);
    if (!options.output.empty()) write_parameter_set(options.output, set);
  }
  const std::string refusal =
      fit->fitted()
          ? ""
          : fmt::format("fit {}: {}: {}{}", options.model, sessions.looked.instrument, fit->refusal,
                        options.output.empty() ? "" : "; no file was written");
  if (globals.json) {
    Json document{
        {"model", options.model},
        {"refusal", fit->fitted() ? Json(nullptr) : Json(refusal)},
        {"sessions", sessions_json(sessions)},
        {"set", fit->fitted() ? document_of(set) : Json(nullptr)},
        {"estimates", Json::array()},
        {"scores", scores_json(fit->scores, request.judge.has_value())},
        {"notes", fit->notes},
        {"file", fit->fitted() && !options.output.empty() ? Json(options.output) : Json(nullptr)}};
    for (const FitEstimate& estimate : fit->estimates)
      document["estimates"].push_back(Json{{"name", estimate.name},
                                           {"value", estimate.value},
                                           {"error", maybe(estimate.standard_error)},
                                           {"unit", estimate.unit}});
    fmt::print("{}\n", document.dump(2));
  } else if (fit->fitted()) {
    print_text(*fit, request, options, sessions);
    fmt::print("hash      {}\n", set.hash);
    if (!options.output.empty()) fmt::print("written   {}\n", options.output);
  }
  if (!fit->fitted()) fmt::print(stderr, "mmctl: {}\n", refusal);
  return fit->fitted() ? 0 : 1;
}

}  // namespace mm::cli
