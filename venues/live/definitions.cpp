#include "venues/live/definitions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/result.hpp"
#include "venues/binance/live_plan.hpp"
#include "venues/hyperliquid/info.hpp"
#include "venues/hyperliquid/live_plan.hpp"
#include "venues/time_text.hpp"

namespace mm::venues {
namespace {

using std::chrono::milliseconds;

/// One thing asked of a venue.
struct Question {
  std::string venue;
  net::HttpRequest request;
  bool answered = false;
  std::string body;
  std::string problem;
  Time asked;
  Time heard;
};

bool is_hyperliquid(std::string_view venue) {
  return venue == "hyperliquid";
}

net::HttpRequest definition_request(const FeedSpec& spec) {
  return is_hyperliquid(spec.venue) ? hyperliquid::meta_request()
                                    : binance::exchange_info_request(spec.venue, spec.symbol);
}

net::HttpRequest time_request(std::string_view venue) {
  if (!is_hyperliquid(venue)) return binance::time_request(venue);
  net::HttpRequest request = hyperliquid::meta_request();
  request.body = hyperliquid::info_request("exchangeStatus");
  return request;
}

/// Venues' answers name the time differently; the lag is how far behind true time it may stand.
std::optional<ClockOffset> offset_of(const Question& time) {
  const bool lags = is_hyperliquid(time.venue);
  const auto json = nlohmann::json::parse(time.body, nullptr, false);
  const char* const key = lags ? "time" : "serverTime";
  if (!json.is_object() || !json.contains(key) || !json[key].is_number_integer()) {
    return std::nullopt;
  }
  const auto ms = json[key].get<std::int64_t>();
  if (!is_milliseconds(ms)) return std::nullopt;
  const Time there{milliseconds{ms}};
  const Duration trip = time.heard - time.asked;
  const Duration lag = lags ? Duration{milliseconds{300}} : Duration{milliseconds{1}};
  return ClockOffset{time.venue, there - (time.asked + trip / 2), trip / 2 + lag};
}

const Instrument* known(const Instruments& table, const FeedSpec& spec) {
  for (const Instrument& of : table.all()) {
    if (of.venue == spec.venue && of.symbol == spec.symbol) return &of;
  }
  return nullptr;
}

/// Reads one instrument into the definitions.
void define(const FeedSpec& spec, const std::string& body, const Instruments& table,
            Definitions& definitions) {
  const auto checked = [&](const auto& read) {
    if (read.has_error())
      throw Error(read.error().kind(), quoted_flag(spec) + ": " + read.error().message());
    return *read;
  };
  const Instrument* const built_in = known(table, spec);
  if (is_hyperliquid(spec.venue)) {
    const hyperliquid::Listing of = checked(hyperliquid::listing_of(spec.symbol, body, built_in));
    definitions.instruments.push_back(of.instrument);
    definitions.assets.push_back(of.index);
    std::string note = fmt::format(
        "hyperliquid: {} entries of other coins in meta could not be "
        "read and were ignored",
        of.odd_entries);
    if (of.odd_entries != 0 && std::find(definitions.notes.begin(), definitions.notes.end(),
                                         note) == definitions.notes.end())
      definitions.notes.push_back(std::move(note));
  } else {
    definitions.instruments.push_back(
        checked(binance::definition_of(spec.venue, spec.symbol, body, built_in)));
    definitions.assets.push_back(0);
  }
  definitions.instruments.back().role = spec.role;
}

}  // namespace

std::optional<Definitions> ask_for_definitions(net::Loop& loop, RestGates& gates,
                                               const std::vector<FeedSpec>& specs,
                                               const Network& network, const Instruments& table,
                                               Duration timeout,
                                               const std::function<bool()>& stop) {
  check_distinct(specs);
  // Shared with the answers, which may come when we are no longer here.
  const auto questions = std::make_shared<std::vector<Question>>();
  std::vector<std::size_t> defines;  // a spec's question
  for (const FeedSpec& spec : specs) {
    const auto add = [&](net::HttpRequest request) {
      for (std::size_t at = 0; at < questions->size(); ++at) {
        const Question& other = (*questions)[at];
        if (other.venue == spec.venue && other.request.target == request.target &&
            other.request.body == request.body) {
          return at;
        }
      }
      questions->push_back({spec.venue, std::move(request)});
      return questions->size() - 1;
    };
    defines.push_back(add(definition_request(spec)));
  }
  /// Asks what stands from `from` on and waits. False if the time is up.
  const auto answered = [&](std::size_t from) {
    for (std::size_t at = from; at < questions->size(); ++at) {
      Question& question = (*questions)[at];
      question.asked = std::chrono::system_clock::now();
      const auto gate = gates.at(endpoints_of(question.venue, network).rest);
      gate->ask(question.request, [questions, at](RestGate::Answer answer) {
        Question& of = (*questions)[at];
        of.answered = true;
        of.heard = std::chrono::system_clock::now();
        of.body = std::move(answer.body);
        of.problem = std::move(answer.problem);
      });
    }
    const auto deadline = net::Loop::Instant::clock::now() + timeout;
    while (!stop() && std::any_of(questions->begin(), questions->end(),
                                  [](const Question& of) { return !of.answered; })) {
      const auto now = net::Loop::Instant::clock::now();
      if (now >= deadline) return false;
      loop.run_one_until(std::min(deadline, now + milliseconds{100}));
    }
    return true;
  };
  if (!answered(0)) {
    throw Error(ErrorKind::venue, "the venues did not define the instruments in time");
  }
  if (stop()) return std::nullopt;

  Definitions definitions;
  for (std::size_t at = 0; at < specs.size(); ++at) {
    const Question& question = (*questions)[defines[at]];
    if (question.problem.empty()) {
      define(specs[at], question.body, table, definitions);
      continue;
    }
    // Spot answers 400 for a symbol it does not have.
    const std::size_t code = question.problem.find("{\"code\":-1121");
    if (code != std::string::npos)
      define(specs[at], question.problem.substr(code), table, definitions);
    throw Error(ErrorKind::venue, quoted_flag(specs[at]) + ": " + question.problem);
  }
  // The times come last, over connections that stand, so that a round trip is no more than that. A
  // venue that does not tell is no reason not to begin.
  const std::size_t first_time = questions->size();
  for (const FeedSpec& spec : specs) {
    const auto asked =
        std::find_if(questions->begin() + static_cast<std::ptrdiff_t>(first_time), questions->end(),
                     [&](const Question& of) { return of.venue == spec.venue; });
    if (asked == questions->end()) questions->push_back({spec.venue, time_request(spec.venue)});
  }
  answered(first_time);
  for (std::size_t at = first_time; at < questions->size(); ++at) {
    if (const auto offset = offset_of((*questions)[at])) definitions.clocks.push_back(*offset);
  }
  return definitions;
}

}  // namespace mm::venues
