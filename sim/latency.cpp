#include "sim/latency.hpp"

#include <tuple>

#include "engine/assert.hpp"
#include "engine/settings.hpp"

namespace mm::sim {
namespace {

struct Kind {
  std::string_view name;
  RecordKind kind;
};
constexpr Kind message_kinds[LatencyModel::kinds] = {
    {"place", RecordKind::place_order},           {"cancel", RecordKind::cancel_order},
    {"replace", RecordKind::replace_order},       {"ack", RecordKind::order_ack},
    {"reject", RecordKind::order_reject},         {"done", RecordKind::order_done},
    {"cancel_reject", RecordKind::cancel_reject}, {"fill", RecordKind::fill}};
constexpr std::string_view interpolated_prefix = "rows:";
constexpr std::string_view drawn_prefix = "empirical:";

/// The part in front of the separator, which is taken off `text` with it.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

std::optional<Duration> parse_one(std::string_view text) {
  const auto duration = mm::parse_duration(text);
  return duration && *duration <= LatencyModel::longest ? duration : std::nullopt;
}

/// Digits, up to `most`; negative if it is something else.
std::int64_t count_of(std::string_view text, std::int64_t most) {
  const auto value = mm::parse_integer(text);
  return value && *value <= most ? *value : -1;
}

std::optional<LatencyModel> parse_rows(LatencyModel::Form form, std::string_view text) {
  constexpr std::int64_t most_latency = LatencyModel::longest.count();
  constexpr std::int64_t most_time = std::int64_t{1} << 62;
  const bool timed = form == LatencyModel::Form::interpolated;
  std::int64_t sent = timed ? count_of(take(text, ':'), most_time) : 0;
  if (sent < 0) return std::nullopt;
  std::vector<RoundTrip> trips;
  while (!text.empty()) {
    std::string_view row = take(text, ';');
    const std::int64_t gap = timed ? count_of(take(row, ','), most_time - sent) : 0;
    const std::int64_t entry = count_of(take(row, ','), most_latency);
    const std::int64_t response = count_of(row, most_latency);
    if (gap < 0 || entry < 0 || response < 0 || trips.size() == LatencyModel::most_rows)
      return std::nullopt;
    sent += gap;
    trips.push_back({time_from_ns(sent), Duration{entry}, Duration{response}});
  }
  if (trips.empty()) return std::nullopt;
  return LatencyModel::of(form, std::move(trips));
}

Duration interpolate(const std::vector<LatencyRows::Point>& points, Time at) {
  const auto after = std::upper_bound(points.begin(), points.end(), at,
                                      [](Time time, const auto& point) { return time < point.at; });
  if (after == points.begin()) return after->latency;
  const LatencyRows::Point& a = *std::prev(after);
  if (after == points.end()) return a.latency;
  const Int128 part = Int128{(after->latency - a.latency).count()} * (at - a.at).count();
  return a.latency + Duration{static_cast<std::int64_t>(part / (after->at - a.at).count())};
}

Duration of_rows(LatencyModel::Form form, const std::vector<LatencyRows::Point>& points, Time at,
                 SplitMix64& random) {
  if (form == LatencyModel::Form::interpolated) return interpolate(points, at);
  return points[random.below(points.size())].latency;
}

std::size_t index_of(RecordKind kind) {
  for (std::size_t i = 0; i < LatencyModel::kinds; ++i)
    if (message_kinds[i].kind == kind) return i;
  MM_ASSERT(false, "messages and answers have a latency");
  return 0;
}

}  // namespace

std::optional<LatencyModel> LatencyModel::parse(std::string_view text) {
  if (text.starts_with(interpolated_prefix))
    return parse_rows(Form::interpolated, text.substr(interpolated_prefix.size()));
  if (text.starts_with(drawn_prefix))
    return parse_rows(Form::drawn, text.substr(drawn_prefix.size()));
  std::string_view lanes = take(text, ';');
  const bool both = lanes.find(',') != std::string_view::npos;
  const auto entry = parse_one(take(lanes, ','));
  const auto response = both ? parse_one(lanes) : entry;
  if (!entry || !response) return std::nullopt;
  LatencyModel model{*entry, *response};
  while (!text.empty()) {
    std::string_view value = take(text, ';');
    const std::string_view name = take(value, '=');
    const auto latency = parse_one(value);
    const auto known = std::find_if(std::begin(message_kinds), std::end(message_kinds),
                                    [&](const Kind& kind) { return kind.name == name; });
    if (!latency || known == std::end(message_kinds)) return std::nullopt;
    auto& own = model.by_kind[index_of(known->kind)];
    if (own) return std::nullopt;
    own = latency;
  }
  return model;
}

LatencyModel LatencyModel::of(Form form, std::vector<RoundTrip> trips) {
  MM_ASSERT(form != Form::constant && !trips.empty() && trips.size() <= most_rows,
            "round trips to learn from");
  const auto by_all = [](const RoundTrip& trip) {
    return std::tuple{trip.sent, trip.entry, trip.response};
  };
  // total order: by all there is
  std::sort(trips.begin(), trips.end(),
            [&](const RoundTrip& a, const RoundTrip& b) { return by_all(a) < by_all(b); });
  LatencyRows rows{.trips = std::move(trips)};
  for (const RoundTrip& trip : rows.trips) {
    rows.entry.push_back({trip.sent, trip.entry});
    rows.response.push_back({trip.sent + trip.entry, trip.response});
  }
  // total order: by all there is
  std::sort(rows.response.begin(), rows.response.end(), [](const auto& a, const auto& b) {
    return std::tie(a.at, a.latency) < std::tie(b.at, b.latency);
  });
  LatencyModel model;
  model.form = form;
  model.rows = std::make_shared<const LatencyRows>(std::move(rows));
  return model;
}

std::string LatencyModel::name() const {
  if (form == Form::constant) {
    std::string text = format_duration(entry) + "," + format_duration(response);
    for (std::size_t i = 0; i < kinds; ++i) {
      if (by_kind[i])
        text += ";" + std::string{message_kinds[i].name} + "=" + format_duration(*by_kind[i]);
    }
    return text;
  }
  const bool timed = form == Form::interpolated;
  std::string text{timed ? interpolated_prefix : drawn_prefix};
  Time last = rows->trips.front().sent;
  if (timed) text += std::to_string(to_ns(last)) + ":";
  for (const RoundTrip& trip : rows->trips) {
    if (&trip != &rows->trips.front()) text += ";";
    if (timed) text += std::to_string((trip.sent - last).count()) + ",";
    text += std::to_string(trip.entry.count()) + "," + std::to_string(trip.response.count());
    last = trip.sent;
  }
  return text;
}

std::string LatencyModel::short_name() const {
  if (form == Form::constant) return name();
  return (form == Form::interpolated ? "interpolated between " : "drawn from ") +
         std::to_string(rows->trips.size()) + " round trips";
}

Duration LatencyModel::entry_of(RecordKind kind, Time sent, SplitMix64& random) const {
  if (rows) return of_rows(form, rows->entry, sent, random);
  return by_kind[index_of(kind)].value_or(entry);
}

Duration LatencyModel::response_of(RecordKind kind, Time happened, SplitMix64& random) const {
  if (rows) return of_rows(form, rows->response, happened, random);
  return by_kind[index_of(kind)].value_or(response);
}

bool LatencyModel::operator==(const LatencyModel& other) const {
  return entry == other.entry && response == other.response && by_kind == other.by_kind &&
         form == other.form && (rows == nullptr) == (other.rows == nullptr) &&
         (rows == nullptr || rows->trips == other.rows->trips);
}

}  // namespace mm::sim
