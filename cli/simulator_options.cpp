#include "cli/simulator_options.hpp"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "cli/sim_params.hpp"
#include "engine/numeric.hpp"
#include "engine/result.hpp"
#include "engine/settings.hpp"
#include "venues/capture/capture_bytes.hpp"

namespace mm::cli {
namespace {

[[noreturn]] void usage(std::string message) {
  throw Error(ErrorKind::usage, std::move(message));
}

/// Rows "request,exchange,response" in ns: when we sent, when it was there, when we heard.
std::vector<sim::RoundTrip> read_round_trips(const std::string& path) {
  std::vector<sim::RoundTrip> trips;
  venues::LineReader lines(path);
  const auto fail = [&](const std::string& what) {
    throw Error(ErrorKind::data, fmt::format("{}:{}: {}", path, lines.number(), what));
  };
  for (std::string_view line; lines.next(line);) {
    const bool words = line.front() < '0' || line.front() > '9';
    if (line.front() == '#' || (words && trips.empty())) continue;  // a comment or a heading
    std::array<std::int64_t, 3> ns{};
    for (std::size_t i = 0; i < ns.size(); ++i) {
      const std::size_t comma = line.find(',');
      const auto value = parse_integer(line.substr(0, comma));
      const bool last = i + 1 == ns.size();
      if (!value || *value < 0 || last != (comma == std::string_view::npos))
        fail("a row is request,exchange,response, each in ns since the epoch");
      ns[i] = *value;
      if (!last) line.remove_prefix(comma + 1);
    }
    const auto longest = sim::LatencyModel::longest;
    if (ns[1] < ns[0] || ns[2] < ns[1])
      fail("a message cannot arrive before it leaves; are the clocks of the columns one?");
    if (ns[1] - ns[0] > longest.count() || ns[2] - ns[1] > longest.count())
      fail("a message travels longer than a minute");
    if (trips.size() == sim::LatencyModel::most_rows)
      fail(fmt::format("more than {} rows; thin them out, a session's settings hold them all",
                       sim::LatencyModel::most_rows));
    trips.push_back({time_from_ns(ns[0]), Duration{ns[1] - ns[0]}, Duration{ns[2] - ns[1]}});
  }
  if (trips.empty()) throw Error(ErrorKind::data, path + ": there are no round trips in it");
  return trips;
}

/// The flag's value as the settings write it.
std::string latency_text(const std::string& flag) {
  using Form = sim::LatencyModel::Form;
  if (flag == "recorded")
    usage(
        "--latency recorded: there is no journal here whose orders could tell; give durations, "
        "rows:FILE or empirical:FILE");
  for (const auto& [prefix, form] :
       {std::pair{"rows:", Form::interpolated}, {"empirical:", Form::drawn}}) {
    if (!flag.starts_with(prefix)) continue;
    const std::string path = flag.substr(std::string_view(prefix).size());
    if (path.empty()) usage(fmt::format("--latency {}: name a file of round trips", flag));
    return sim::LatencyModel::of(form, read_round_trips(path)).name();
  }
  return flag;
}

}  // namespace

sim::Settings simulator_settings(const SimulatorOptions& options) {
  sim::Settings settings;
  const auto take = [&](std::string_view flag, std::string_view name, const std::string& value) {
    if (value.find('\n') != std::string::npos) usage(fmt::format("{}: more than a line", flag));
    const auto error = sim::Settings::parse(fmt::format("{}={}\n", name, value), settings);
    // The setting's name opens the message; the flag's is what the user knows.
    if (error) usage(fmt::format("{}{}", flag, error->substr(name.size())));
  };
  if (!options.sim_params.empty()) {
    const SimParams params = read_sim_params(options.sim_params);
    settings.queue = params.queue;
    settings.latency = params.latency;
  }
  if (options.latency) take("--latency", "latency", latency_text(*options.latency));
  if (options.queue == "l3_fifo")
    usage("--queue l3_fifo: needs a feed that shows every order; this one shows levels");
  if (options.queue) take("--queue", "queue", *options.queue);
  if (options.replace_queue) take("--replace-queue", "replace_queue", *options.replace_queue);
  if (options.venue_orders_per_minute)
    take("--venue-orders-per-minute", "venue_orders_per_minute",
         std::to_string(*options.venue_orders_per_minute));
  if (options.seed) settings.seed = *options.seed;
  return settings;
}

void apply_fees(const SimulatorOptions& options, const venues::Instruments& table,
                Instrument& instrument) {
  if (!options.fees) return;
  const std::string& text = *options.fees;
  if (text.starts_with("tier:")) {
    const auto tiers = table.fee_tiers(instrument.venue);
    const auto tier = parse_integer(std::string_view(text).substr(5));
    if (tiers.empty())
      usage(
          fmt::format("--fees {}: no tiers are known of {}; give the rates as in --fees 2bps,5bps",
                      text, instrument.venue));
    if (!tier || *tier < 0 || static_cast<std::size_t>(*tier) >= tiers.size())
      usage(fmt::format("--fees {}: {} has the tiers 0 to {}", text, instrument.venue,
                        tiers.size() - 1));
    instrument.maker_fee_e8 = tiers[static_cast<std::size_t>(*tier)].maker_e8;
    instrument.taker_fee_e8 = tiers[static_cast<std::size_t>(*tier)].taker_e8;
    return;
  }
  // The unit must be named: 0.0002 might mean a fraction.
  const auto rate = [&](std::string_view part) {
    constexpr std::int64_t most_e8 = 10'000'000;  // a tenth
    const bool named = part.ends_with("bps");
    const auto value =
        named ? parse_decimal(part.substr(0, part.size() - 3), 4) : std::optional<std::int64_t>{};
    if (!value || *value > most_e8 || *value < -most_e8)
      usage(
          fmt::format("--fees must be maker and taker rates such as 2bps,5bps (a rebate is "
                      "negative, at most four digits behind the point) or tier:N, not '{}'",
                      text));
    return *value;
  };
  const std::size_t comma = text.find(',');
  instrument.maker_fee_e8 = rate(std::string_view(text).substr(0, comma));
  instrument.taker_fee_e8 =
      rate(comma == std::string::npos ? "" : std::string_view(text).substr(comma + 1));
}

}  // namespace mm::cli
