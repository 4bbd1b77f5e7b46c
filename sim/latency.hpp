#pragma once

// How long our messages and their answers travel.
//
// `entry` runs from the decision to the exchange and, since the paper exchange lives on our receive
// clock, includes the delay of the feed the decision was based on; `response` runs from the
// exchange back to us. A lane is a direction. Messages on one lane never overtake each other, so a
// message that would arrive before its predecessor arrives with it.
//
// Three models, and the text that names them in a session's settings:
//
//   constant    5ms | 5ms,7ms[;KIND=DURATION...]       one for each lane; a KIND (place, cancel,
//               replace; ack, reject, done, cancel_reject, fill) may have its own
//   interpolated rows:T0:GAP,ENTRY,RESPONSE;...        round trips as they were measured: between
//               two rows, by the time at which a message leaves, linearly; outside, the nearest row
//   drawn       empirical:ENTRY,RESPONSE;...           for each message one of the rows, all
//   equally
//               likely, with the session's seed; entry and response independently
//
// The rows stand in the settings themselves, so a replay needs no other file. T0 is the time of the
// first request in ns, GAP the ns since the request before, ENTRY and RESPONSE ns.
//
// Assumes: latency does not depend on load, nor on what the other lane does.

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/event.hpp"
#include "engine/random.hpp"
#include "engine/types.hpp"

namespace mm::sim {

/// One round trip: when we sent, how long to the exchange, how long back.
struct RoundTrip {
  Time sent;
  Duration entry{};
  Duration response{};
  bool operator==(const RoundTrip&) const = default;
};

/// Round trips in the two orders in which they are looked up.
struct LatencyRows {
  struct Point {
    Time at;  ///< when a message leaves: us for `entry`, the exchange for `response`
    Duration latency{};
  };
  std::vector<RoundTrip> trips;
  std::vector<Point> entry;
  std::vector<Point> response;
};

struct LatencyModel {
  static constexpr Duration longest{60'000'000'000};
  /// More would not be a setting any more.
  static constexpr std::size_t most_rows = 20'000;
  enum class Form : std::uint8_t { constant, interpolated, drawn };
  static constexpr std::size_t kinds = 8;

  Duration entry{5'000'000};
  Duration response{5'000'000};
  /// What differs from the lane's, in the order in which KIND lists them; constant models only.
  std::array<std::optional<Duration>, kinds> by_kind{};
  Form form = Form::constant;
  std::shared_ptr<const LatencyRows> rows;  ///< shared between copies; null if constant

  /// Reads the forms above; durations as engine/settings.hpp reads them, a minute at most. Empty
  /// for anything else.
  static std::optional<LatencyModel> parse(std::string_view text);
  /// A model of round trips, which it puts in order of `sent`. Requires 1 to most_rows of them with
  /// latencies from 0 to `longest`, and a form other than constant.
  static LatencyModel of(Form form, std::vector<RoundTrip> trips);
  /// What parse() reads back.
  std::string name() const;
  /// The name, but of rows only how many they are: for people.
  std::string short_name() const;

  /// For a place_order, cancel_order or replace_order that leaves us at `sent`.
  Duration entry_of(RecordKind kind, Time sent, SplitMix64& random) const;
  /// For an order_ack, order_reject, order_done, cancel_reject or fill that leaves the exchange at
  /// `happened`.
  Duration response_of(RecordKind kind, Time happened, SplitMix64& random) const;

  bool operator==(const LatencyModel& other) const;
};

/// One direction of travel: remembers the last arrival so that nothing overtakes.
class Lane {
 public:
  Time deliver(Time sent, Duration latency) {
    last_ = std::max(last_, sent + latency);
    return last_;
  }

  bool operator==(const Lane&) const = default;

 private:
  Time last_{Duration::min()};
};

}  // namespace mm::sim
