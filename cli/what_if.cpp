#include "cli/what_if.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "cli/parameter_set.hpp"
#include "engine/numeric.hpp"
#include "engine/result.hpp"
#include "engine/settings.hpp"

namespace mm::cli {
namespace {

constexpr std::size_t most_variants = 1000;

[[noreturn]] void usage(std::string message) {
  throw Error(ErrorKind::usage, std::move(message));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

/// "1bps:20bps:1bps" as its values; the unit of the first part is put behind each.
std::vector<std::string> range_values(std::string_view flag, std::string_view text) {
  const auto parts = split(text, ':');
  const bool bps = parts.front().ends_with("bps");
  const auto number = [&](std::string_view part) {
    const auto value = bps ? parse_bps(part) : parse_number(part);
    if (!value) usage(fmt::format("{}: '{}' is not a number in the range '{}'", flag, part, text));
    return *value;
  };
  if (parts.size() != 3)
    usage(fmt::format("{}: '{}' is not a range; write first:last:step", flag, text));
  const double first = number(parts[0]);
  const double last = number(parts[1]);
  const double step = number(parts[2]);
  if (!(step > 0) || first > last)
    usage(fmt::format("{}: the range '{}' is empty; write first:last:step with a step above 0",
                      flag, text));
  const double count = std::floor((last - first) / step + 1e-9) + 1;
  if (count > static_cast<double>(most_variants))
    usage(fmt::format("{}: the range '{}' has more than {} values", flag, text, most_variants));
  std::vector<std::string> values;
  for (int i = 0; i < static_cast<int>(count); ++i) {
    // Through ten decimals, so that 0.1 + 0.2 is written 0.3.
    const double value = std::round((first + step * i) * 1e10) / 1e10;
    values.push_back(bps ? format_bps(value) : format_double(value));
  }
  return values;
}

struct Axis {
  std::string name;
  std::vector<std::string> values;
};

Axis axis_of(std::string_view flag, std::string name, std::string_view text) {
  Axis axis{std::move(name), {}};
  for (const std::string_view part : split(text, ',')) {
    if (part.empty()) usage(fmt::format("{}: '{}' has an empty value", flag, text));
    if (part.find(':') == std::string_view::npos) {
      axis.values.emplace_back(part);
    } else {
      for (std::string& value : range_values(flag, part)) axis.values.push_back(std::move(value));
    }
  }
  return axis;
}

}  // namespace

std::vector<research::Variant> variants_of(const std::optional<std::string>& spread,
                                           const std::vector<std::string>& parameters) {
  std::vector<Axis> axes;
  if (spread) axes.push_back(axis_of("--spread", "spread", *spread));
  for (const std::string& parameter : parameters) {
    const std::size_t at = parameter.find('=');
    if (at == std::string::npos || at == 0)
      usage(fmt::format("--set: '{}' is not name=value", parameter));
    const std::string name = parameter.substr(0, at);
    if (std::ranges::any_of(axes, [&](const Axis& axis) { return axis.name == name; }))
      usage(fmt::format("--set: parameter '{}' is given twice; list its values with commas", name));
    axes.push_back(axis_of("--set", name, std::string_view(parameter).substr(at + 1)));
  }
  std::vector<research::Variant> variants(axes.empty() ? 0 : 1);
  for (const Axis& axis : axes) {
    std::vector<research::Variant> grown;
    for (const research::Variant& variant : variants) {
      for (const std::string& value : axis.values) {
        research::Variant next = variant;
        const std::string label = axis.name == "spread" ? value : axis.name + "=" + value;
        next.name += next.name.empty() ? label : " " + label;
        next.parameters.push_back({axis.name, value});
        grown.push_back(std::move(next));
      }
    }
    variants = std::move(grown);
    if (variants.size() > most_variants)
      usage(fmt::format("counterfactual: {} variants; at most {} run at once", variants.size(),
                        most_variants));
  }
  return variants;
}

std::vector<research::Variant> with_parameter_sets(std::vector<research::Variant> variants,
                                                   const std::vector<std::string>& lists) {
  if (lists.empty()) return variants;
  if (variants.empty()) variants.emplace_back();
  std::vector<research::Variant> grown;
  for (const research::Variant& variant : variants) {
    for (const std::string& list : lists) {
      research::Variant next = variant;
      next.name += (next.name.empty() ? "params=" : " params=") + list;
      for (const ParameterSet& set : read_parameter_sets("--params", list))
        next.parameters.push_back(model_setting(set));
      grown.push_back(std::move(next));
    }
  }
  return grown;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  for (const std::string_view part : split(text, ',')) parts.emplace_back(part);
  return parts;
}

std::vector<research::Member> members_of(const std::optional<std::string>& queue,
                                         const std::vector<std::string>& latency_texts) {
  std::vector<research::Member> members;
  if (!queue && latency_texts.empty()) return members;
  std::vector<std::optional<sim::QueueModel>> queues(queue ? 0 : 1);
  std::vector<std::optional<sim::LatencyModel>> latencies(latency_texts.empty() ? 1 : 0);
  if (queue) {
    for (const std::string& text : split_list(*queue)) {
      queues.push_back(sim::QueueModel::parse(text));
      if (!queues.back())
        usage(
            fmt::format("--queue: '{}' is no queue model; there are risk_averse, power:N, "
                        "power2:N, power3:N (N from 1 to 16), log, log2 and optimistic",
                        text));
    }
  }
  for (const std::string& text : latency_texts) {
    latencies.push_back(sim::LatencyModel::parse(text));
    if (!latencies.back())
      usage(fmt::format(
          "--latency: '{}' is neither a duration of at most a minute such as 5ms nor "
          "two of them, 5ms,7ms for the way there and back, nor recorded; for an ensemble "
          "give the flag once for each",
          text));
  }
  for (const auto& one : queues)
    for (const auto& other : latencies) members.push_back({one, other});
  if (members.size() > 64)
    usage(fmt::format("counterfactual: an ensemble of {} runs of every row; at most 64",
                      members.size()));
  return members;
}

research::Recording recording_of(const journal::Journal& journal,
                                 const journal::SessionInfo& session, OnStep on_step) {
  // Streams are copied about; a cursor is not.
  const auto open = [&journal, &session] {
    return std::make_shared<journal::RecordCursor>(journal.read(session));
  };
  return {.inputs = [open, on_step]() -> research::EventStream {
            return [cursor = open(), on_step, read = std::uint64_t{0}]() mutable -> const Event* {
              while (cursor->next() == journal::RecordCursor::Item::record) {
                if (on_step && cursor->bytes_read() != read) {
                  on_step(cursor->bytes_read() - read, cursor->bytes_total());
                  read = cursor->bytes_read();
                }
                if (!cursor->is_output()) return &cursor->event();
              }
              return nullptr;
            };
          },
          .records = [open]() -> research::RecordStream {
            return [cursor = open()]() -> research::RecordView {
              if (cursor->next() != journal::RecordCursor::Item::record) return {};
              if (cursor->is_output()) return {.output = &cursor->output()};
              return {.event = &cursor->event()};
            };
          }};
}

}  // namespace mm::cli
