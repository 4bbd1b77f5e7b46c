// mmctl params: what is in parameter sets, how two differ, whether one is fit for use.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/commands.hpp"
#include "cli/parameter_set.hpp"
#include "cli/table.hpp"
#include "engine/models/model_schema.hpp"
#include "engine/numeric.hpp"
#include "engine/result.hpp"

namespace mm::cli {
namespace {

/// A change this much larger than both errors together matters; where errors are not known, one of
/// a twentieth.
constexpr double errors_that_matter = 2;
constexpr double share_that_matters = 0.05;

std::string number_text(const MaybeNumber& number) {
  return number ? format_double(*number) : "absent";
}

/// "beta", or "mean[3]".
std::string place_name(const std::string& name, std::size_t index, std::size_t count) {
  return count == 1 ? name : fmt::format("{}[{}]", name, index);
}

std::string doc_of(const std::string& model, const std::string& name) {
  const auto fields = find_model_schema(model)->fields;
  const auto field = std::ranges::find(fields, name, &ModelField::name);
  return field == fields.end() ? "" : std::string{field->doc};
}

/// The standard error the fit noted of a value, if it did.
std::optional<double> error_of(const ParameterSet& set, const std::string& name) {
  const auto errors = set.provenance.find("errors");
  if (errors == set.provenance.end() || !errors->is_object()) return std::nullopt;
  const auto error = errors->find(name);
  if (error == errors->end() || !error->is_number()) return std::nullopt;
  return error->get<double>();
}

std::string list_text(const std::vector<MaybeNumber>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size() && i < 8; ++i)
    text += (i == 0 ? "" : " ") +
            (numbers[i] ? fmt::format("{:.6g}", *numbers[i]) : std::string{"absent"});
  if (numbers.size() > 8) text += fmt::format(" … ({} numbers)", numbers.size());
  return numbers.empty() ? "none" : text;
}

struct Change {
  std::string name;
  MaybeNumber a;
  MaybeNumber b;
  std::optional<double> difference;
  std::optional<double> relative;  ///< of a
  std::optional<double> errors;    ///< the difference over the error of both
  bool matters = false;
};

Change change_of(const ParameterSet& a, const ParameterSet& b, const std::string& name,
                 MaybeNumber value_a, MaybeNumber value_b) {
  Change change{.name = name, .a = value_a, .b = value_b};
  if (!value_a || !value_b) {
    change.matters = value_a.has_value() != value_b.has_value();
    return change;
  }
  change.difference = *value_b - *value_a;
  if (*value_a != 0) change.relative = *change.difference / std::fabs(*value_a);
  const auto error_a = error_of(a, name);
  const auto error_b = error_of(b, name);
  if (error_a && error_b && *error_a + *error_b > 0) {
    change.errors =
        std::fabs(*change.difference) / std::sqrt(*error_a * *error_a + *error_b * *error_b);
    change.matters = *change.errors > errors_that_matter;
  } else {
    change.matters = *change.difference != 0 &&
                     (!change.relative || std::fabs(*change.relative) > share_that_matters);
  }
  return change;
}

std::vector<Change> changes_of(const ParameterSet& a, const ParameterSet& b) {
  std::vector<std::string> names;
  for (const ParameterSet* set : {&a, &b})
    for (const ModelValues::Entry& entry : set->values.entries())
      if (std::ranges::find(names, entry.name) == names.end()) names.push_back(entry.name);
  std::ranges::sort(names);
  std::vector<Change> changes;
  for (const std::string& name : names) {
    static const std::vector<MaybeNumber> nothing;
    const auto* in_a = a.values.find(name);
    const auto* in_b = b.values.find(name);
    const auto& list_a = in_a != nullptr ? *in_a : nothing;
    const auto& list_b = in_b != nullptr ? *in_b : nothing;
    const std::size_t count = std::max(list_a.size(), list_b.size());
    for (std::size_t i = 0; i < count; ++i)
      changes.push_back(change_of(a, b, place_name(name, i, count),
                                  i < list_a.size() ? list_a[i] : std::nullopt,
                                  i < list_b.size() ? list_b[i] : std::nullopt));
  }
  return changes;
}

Json maybe(const std::optional<double>& number) {
  return number ? Json(*number) : Json(nullptr);
}

}  // namespace

int params_show(const Globals& globals, const ParamsOptions& options) {
  const ParameterSet set = read_parameter_set("params show", options.files.front());
  if (globals.json) {
    fmt::print("{}\n", document_of(set).dump(2));
    return 0;
  }
  fmt::print("model       {} ({})\n", set.model, find_model_schema(set.model)->doc);
  fmt::print("instrument  {}\nhash        {}\nfitted      {}\n\n", set.instrument, set.hash,
             set.fitted.empty() ? "unknown" : set.fitted);
  std::vector<TableRow> rows;
  for (const ModelValues::Entry& entry : set.values.entries()) {
    const auto error = error_of(set, entry.name);
    rows.push_back({entry.name, list_text(entry.numbers),
                    error ? fmt::format("± {:.3g}", *error) : "", doc_of(set.model, entry.name)});
  }
  fmt::print("{}", format_table(rows));
  fmt::print("\nprovenance\n");
  for (const auto& [name, value] : set.provenance.items())
    fmt::print("  {:<14} {}\n", name, value.is_string() ? value.get<std::string>() : value.dump());
  return 0;
}

int params_diff(const Globals& globals, const ParamsOptions& options) {
  const ParameterSet a = read_parameter_set("params diff", options.files[0]);
  const ParameterSet b = read_parameter_set("params diff", options.files[1]);
  if (a.model != b.model)
    throw Error(ErrorKind::usage,
                fmt::format("params diff: {} is of model '{}' and {} of '{}'; compare two of one",
                            options.files[0], a.model, options.files[1], b.model));
  const std::vector<Change> changes = changes_of(a, b);
  const auto same = [](const Change& change) { return change.a == change.b; };
  const auto different = std::ranges::count_if(changes, std::not_fn(same));
  const auto matter = std::ranges::count_if(changes, &Change::matters);
  if (globals.json) {
    Json list = Json::array();
    for (const Change& change : changes)
      list.push_back(Json{{"name", change.name},
                          {"a", maybe(change.a)},
                          {"b", maybe(change.b)},
                          {"change", maybe(change.difference)},
                          {"relative", maybe(change.relative)},
                          {"errors", maybe(change.errors)},
                          {"matters", change.matters}});
    fmt::print("{}\n", Json{{"model", a.model},
                            {"a", Json{{"instrument", a.instrument}, {"hash", a.hash}}},
                            {"b", Json{{"instrument", b.instrument}, {"hash", b.hash}}},
                            {"different", different},
                            {"matter", matter},
                            {"values", std::move(list)}}
                           .dump(2));
    return 0;
  }
  if (a.instrument != b.instrument)
    fmt::print(stderr, "mmctl: note: the sets are of {} and of {}\n", a.instrument, b.instrument);
  std::vector<TableRow> rows{{a.model, "a", "b", "change", "relative", "errors", "matters"}};
  for (const Change& change : changes) {
    if (same(change)) continue;
    rows.push_back({change.name, number_text(change.a), number_text(change.b),
                    change.difference ? fmt::format("{:+.4g}", *change.difference) : "",
                    change.relative ? fmt::format("{:+.1f}%", *change.relative * 100) : "",
                    change.errors ? fmt::format("{:.1f}", *change.errors) : "",
                    change.matters ? "yes" : "no"});
  }
  if (different > 0) fmt::print("{}\n", format_table(rows));
  fmt::print("{} of {} values differ, {} of them by more than {} standard errors (or {:.0f} %)\n",
             different, changes.size(), matter, errors_that_matter, share_that_matters * 100);
  return 0;
}

int params_validate(const Globals& globals, const ParamsOptions& options) {
  bool valid = true;
  Json list = Json::array();
  for (const std::string& file : options.files) {
    const ParameterSet set = read_parameter_set("params validate", file);
    const std::vector<std::string> problems = problems_of(set.model, set.values);
    valid = valid && problems.empty();
    if (globals.json) {
      list.push_back(Json{{"file", file},
                          {"model", set.model},
                          {"hash", set.hash},
                          {"valid", problems.empty()},
                          {"problems", problems}});
      continue;
    }
    fmt::print("{}: {} ({})\n", file, problems.empty() ? "valid" : "not valid", set.model);
    for (const std::string& problem : problems) fmt::print("  {}\n", problem);
  }
  if (globals.json) fmt::print("{}\n", Json{{"valid", valid}, {"files", std::move(list)}}.dump(2));
  return valid ? 0 : 1;
}

}  // namespace mm::cli
