#include "research/what_if/fidelity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <utility>

#include "engine/det/math.hpp"
#include "engine/numeric.hpp"
#include "research/analytics/marks.hpp"
#include "research/analytics/match.hpp"
#include "research/what_if/blocks.hpp"
#include "research/what_if/footprint.hpp"
#include "research/what_if/recorded_orders.hpp"
#include "sim/exchange.hpp"
#include "sim/world.hpp"

namespace mm::research {
namespace {

/// A fill of either sort with what it is counted by.
struct CountedFill {
  Time at;
  Fill fill;
  std::int64_t depth_bps = 0;  // of its order when it was accepted, whole bps
};

constexpr Duration one_second = std::chrono::seconds{1};

/// What is remembered of an order until nothing can happen to it any more.
struct OrderRow {
  std::int64_t block = -1;  // -1: accepted outside the window
  std::int64_t depth_bps = 0;
  Time accepted;
  std::optional<Time> ended;
  std::optional<Time> over_at;
  std::vector<std::int64_t> recorded;                // seconds of its life with a fill, ascending
  std::vector<std::vector<std::int64_t>> simulated;  // by candidate

  void note(std::vector<std::int64_t>& seconds, Time at) const {
    const std::int64_t second = std::max<std::int64_t>(0, (at - accepted) / one_second);
    if (seconds.empty() || seconds.back() < second) seconds.push_back(second);
  }
};

/// One candidate's exchange and what is still to be put to it.
class Replica {
 public:
  explicit Replica(const QuoteCandidate& candidate)
      : shift_(candidate.shift), exchange_(without_latency(candidate.settings)) {}

  /// Behind what is planned for the same moment, but a replace before it: the cancel of the order
  /// it moves was heard first.
  void plan(Time at, OutputBody body) {
    const Action action{at + shift_, std::move(body)};
    const auto earlier = [](const Action& a, const Action& b) { return a.at < b.at; };
    const bool first = std::holds_alternative<ReplaceOrder>(action.body);
    actions_.insert(first ? std::lower_bound(actions_.begin(), actions_.end(), action, earlier)
                          : std::upper_bound(actions_.begin(), actions_.end(), action, earlier),
                    action);
  }
  bool has_due(Time limit, bool including) const {
    return !actions_.empty() &&
           (including ? actions_.front().at <= limit : actions_.front().at < limit);
  }
  /// Puts what is due to the exchange, `market` standing as it is then.
  void act(Time limit, bool including, const InstrumentState& market) {
    while (has_due(limit, including)) {
      Output message{{}, actions_.front().body};
      const auto* replace = std::get_if<ReplaceOrder>(&message.body);
      // The recording moved an order that has filled here: the new one was placed all the same.
      if (replace != nullptr && !rests(replace->side, replace->order))
        message.body = PlaceOrder{.order = replace->replacement,
                                  .side = replace->side,
                                  .price = replace->price,
                                  .qty = replace->qty,
                                  .time_in_force = replace->time_in_force};
      exchange_.send(actions_.front().at, message);
      actions_.pop_front();
      exchange_.arrive(market);
    }
  }
  void on_market(const Event& event, const InstrumentState& after) {
    exchange_.on_market(event, after);
  }
  Duration shift() const { return shift_; }
  bool has_answer() const { return exchange_.next_answer() != Time::max(); }
  Event take_answer() { return exchange_.take_answer(); }

  std::vector<CountedFill> fills;
  std::int64_t refused = 0;
  FillTable fit{};
  FillTable report{};

 private:
  struct Action {
    Time at;
    OutputBody body;
  };
  static sim::Settings without_latency(sim::Settings settings) {
    settings.latency = {.entry = Duration{0}, .response = Duration{0}};
    settings.venue_orders_per_minute = 0;  // the venue took them
    return settings;
  }
  bool rests(Side side, ClientOrderId id) const {
    return std::ranges::any_of(exchange_.resting(side),
                               [&](const sim::RestingOrder& order) { return order.id == id; });
  }

  Duration shift_;
  sim::Exchange exchange_;
  std::deque<Action> actions_;
};

struct Cash {
  Int128 units = 0;
  std::int64_t lots = 0;

  void add(const Instrument& instrument, const Fill& fill) {
    units -= sign(fill.side) * position_value(instrument, fill.price, fill.qty).units() +
             fill.fee.units();
    lots += sign(fill.side) * fill.qty.lots();
  }
  Int128 value(Int128 mark) const { return units + lots * mark; }
};

class Pass {
 public:
  Pass(Time from, Time to, const std::vector<QuoteCandidate>& candidates)
      : from_(from), to_(to), block_(block_length_of(to - from)) {
    for (const QuoteCandidate& candidate : candidates) replicas_.emplace_back(candidate);
  }

  std::optional<Error> fold(const Recording& recording);
  QuoteReplay result() const;

 private:
  void on_own(const Event& event);
  void on_market(const Event& event);
  void take_changes();
  void act(const Event& event);
  void hear();
  void settle(Time now);
  void count(const OrderRow& row, const std::vector<std::int64_t>& simulated,
             FillTable& table) const;
  bool counts(Time at) const { return from_ <= at && at < to_; }
  Fidelity fidelity_of(const Replica& replica) const;

  Time from_;
  Time to_;
  Duration block_;
  bool live_ = false;
  std::optional<RecordedOrders> orders_;
  std::optional<Footprint> footprint_;
  Market market_;
  MarkHistory marks_;
  Instrument instrument_;
  Int128 last_mark_ = 0;
  std::vector<Replica> replicas_;
  std::map<ClientOrderId, OrderRow> rows_;
  std::vector<CountedFill> recorded_;
  std::int64_t orders_in_window_ = 0;
  std::vector<Duration> entries_;
  std::vector<Duration> round_trips_;
  Time settle_at_{Duration::min()};
};

std::optional<Error> Pass::fold(const Recording& recording) {
  const EventStream events = recording.inputs();
  const Event* event = events();
  const auto* session = event == nullptr ? nullptr : std::get_if<SessionStart>(&event->body);
  if (session == nullptr)
    return Error{ErrorKind::data,
                 "quote replay: the recording does not begin with the start of a session"};
  live_ = session->execution == "live";
  if (session->execution == "none") return std::nullopt;
  orders_.emplace(recording.records());
  orders_->take_changes();
  if (live_) footprint_.emplace(recording.records());
  for (; event != nullptr; event = events()) {
    const Time now = event->header.recv_time;
    if (now > to_ + RecordedOrders::kept) break;
    if (sim::is_simulated(event->kind())) {
      on_own(*event);
    } else {
      on_market(*event);
    }
    if (now >= settle_at_) settle(now);
  }
  settle(Time::max());
  return std::nullopt;
}

void Pass::on_own(const Event& event) {
  const auto* fill = std::get_if<Fill>(&event.body);
  if (fill == nullptr) return;
  const auto row = rows_.find(fill->order);
  const Time at = happened_at(event.header, *fill);
  if (row != rows_.end()) row->second.note(row->second.recorded, at);
  if (!counts(at)) return;
  recorded_.push_back({at, *fill, row == rows_.end() ? 0 : row->second.depth_bps});
}

void Pass::on_market(const Event& event) {
  orders_->reach(event.header.recv_time);
  take_changes();
  const Event& seen = footprint_ ? footprint_->without_us(event, market_) : event;
  act(seen);
  market_.apply(seen);
  if (std::holds_alternative<InstrumentDefined>(seen.body))
    instrument_ = market_.quoted().definition();
  if (seen.header.instrument.value == 0) {
    switch (seen.kind()) {
      case RecordKind::book_snapshot:
      case RecordKind::book_delta:
      case RecordKind::best_quote:
      case RecordKind::trade:
      case RecordKind::feed_status:
        marks_.update(seen.header.recv_time, market_.quoted());
        break;
      default:
        break;
    }
  }
  const Mark* mark = marks_.latest();
  if (mark != nullptr && mark->present && seen.header.recv_time < to_) last_mark_ = mark->value;
  for (Replica& replica : replicas_) replica.on_market(seen, market_.quoted());
  hear();
}

void Pass::take_changes() {
  for (const OrderChange& change : orders_->take_changes()) {
    const OrderLife& life = change.life;
    for (Replica& replica : replicas_) {
      if (change.kind == OrderChange::Kind::accepted && life.replaces.value != 0) {
        replica.plan(life.accepted, ReplaceOrder{.order = life.replaces,
                                                 .replacement = life.order,
                                                 .side = life.side,
                                                 .price = life.price,
                                                 .qty = life.qty,
                                                 .time_in_force = life.time_in_force});
      } else if (change.kind == OrderChange::Kind::accepted) {
        replica.plan(life.accepted, PlaceOrder{.order = life.order,
                                               .side = life.side,
                                               .price = life.price,
                                               .qty = life.qty,
                                               .time_in_force = life.time_in_force});
      } else {
        replica.plan(life.cancelled ? *life.ended : *life.ended + match_tolerance,
                     CancelOrder{.order = life.order});
      }
    }
    OrderRow& row = rows_[life.order];
    row.simulated.resize(replicas_.size());
    row.accepted = life.accepted;
    if (change.kind == OrderChange::Kind::accepted && counts(life.accepted)) {
      row.block = (life.accepted - from_) / block_;
      ++orders_in_window_;
      entries_.push_back(life.accepted - life.sent);
      round_trips_.push_back(life.accepted_heard - life.sent);
    }
    row.ended = life.ended;
    if (change.kind == OrderChange::Kind::ended)
      row.over_at = std::max(*life.ended, life.accepted_heard) + RecordedOrders::lookahead;
  }
}

void Pass::act(const Event& event) {
  // On our clock an arrival meets the market as it was before what is received later; on the
  // venue's, what it accepted at a stamp stands before the takers of that stamp.
  if (live_ && (event.header.instrument.value != 0 || event.header.exchange_time == Time{})) return;
  const Time limit = live_ ? event.header.exchange_time : event.header.recv_time;
  for (Replica& replica : replicas_) {
    if (replica.has_due(limit, live_)) replica.act(limit, live_, market_.quoted());
  }
  hear();
}

void Pass::hear() {
  for (std::size_t i = 0; i < replicas_.size(); ++i) {
    Replica& replica = replicas_[i];
    while (replica.has_answer()) {
      const Event answer = replica.take_answer();
      if (const auto* ack = std::get_if<OrderAck>(&answer.body)) {
        // The same for every candidate but for the mid a shift later; the first one says it.
        const auto row = rows_.find(ack->order);
        const Mark* mark = marks_.latest();
        if (i == 0 && row != rows_.end() && mark != nullptr && mark->present)
          row->second.depth_bps = depth_in_bps(*mark, ack->price);
      } else if (std::holds_alternative<OrderReject>(answer.body)) {
        const auto& reject = std::get<OrderReject>(answer.body);
        const auto row = rows_.find(reject.order);
        if (row != rows_.end() && row->second.block >= 0) ++replica.refused;
      } else if (const auto* fill = std::get_if<Fill>(&answer.body)) {
        const auto row = rows_.find(fill->order);
        if (row != rows_.end())
          row->second.note(row->second.simulated[i], answer.header.exchange_time - replica.shift());
        if (counts(answer.header.exchange_time))
          replica.fills.push_back(
              {answer.header.exchange_time, *fill, row == rows_.end() ? 0 : row->second.depth_bps});
      }
    }
  }
}

void Pass::count(const OrderRow& row, const std::vector<std::int64_t>& simulated,
                 FillTable& table) const {
  // What never ended lasts to the end of the window.
  const Time end = std::max(row.ended.value_or(to_), row.accepted);
  const std::int64_t last = (end - row.accepted) / one_second;
  std::int64_t both = 0;
  std::int64_t recorded_only = 0;
  // A fill on the edge of the last second belongs to it.
  const auto in = [&](const std::vector<std::int64_t>& seconds, std::int64_t second) {
    return std::any_of(seconds.begin(), seconds.end(),
                       [&](std::int64_t one) { return std::min(one, last) == second; });
  };
  std::int64_t counted = -1;
  for (const std::int64_t each : row.recorded) {
    const std::int64_t second = std::min(each, last);
    if (second == counted) continue;
    counted = second;
    ++(in(simulated, second) ? both : recorded_only);
  }
  std::int64_t simulated_only = 0;
  counted = -1;
  for (const std::int64_t each : simulated) {
    const std::int64_t second = std::min(each, last);
    if (second == counted) continue;
    counted = second;
    if (!in(row.recorded, second)) ++simulated_only;
  }
  table.seconds[1][1] += both;
  table.seconds[0][1] += recorded_only;
  table.seconds[1][0] += simulated_only;
  table.seconds[0][0] += last + 1 - both - recorded_only - simulated_only;
  ++table.orders;
}

void Pass::settle(Time now) {
  if (now != Time::max()) settle_at_ = now + std::chrono::seconds{1};
  for (auto row = rows_.begin(); row != rows_.end();) {
    const OrderRow& of = row->second;
    // What never ended is counted at the end of the recording.
    if (now != Time::max() && (!of.over_at || *of.over_at >= now)) {
      ++row;
      continue;
    }
    if (of.block >= 0) {
      for (std::size_t i = 0; i < replicas_.size(); ++i)
        count(of, of.simulated[i], of.block % 2 == 1 ? replicas_[i].fit : replicas_[i].report);
    }
    row = rows_.erase(row);
  }
}

// ---------------------------------------------------------------- from fills to figures

std::vector<FillMark> marks_of(const std::vector<CountedFill>& fills) {
  std::vector<FillMark> marks;
  marks.reserve(fills.size());
  for (const CountedFill& fill : fills) marks.push_back({fill.fill.order, fill.at, fill.fill.qty});
  return marks;
}

/// Share of fills of which at least half the size was matched; 1 where neither side has any.
double share_matched(const std::vector<CountedFill>& fills, const std::vector<Qty>& matched,
                     bool other_is_empty) {
  if (fills.empty()) return other_is_empty ? 1.0 : 0.0;
  std::int64_t count = 0;
  for (std::size_t i = 0; i < fills.size(); ++i) {
    if (2 * matched[i].lots() >= fills[i].fill.qty.lots()) ++count;
  }
  return static_cast<double>(count) / static_cast<double>(fills.size());
}

class Slices {
 public:
  template <class Key>
  void add(const std::vector<CountedFill>& recorded, const std::vector<CountedFill>& simulated,
           const MatchResult& match, Key&& key) {
    // By rank, so that depths come in their order.
    std::map<std::pair<std::int64_t, std::string>, FidelitySlice> slices;
    for (const CountedFill& fill : recorded)
      if (const auto name = key(fill); name.first >= 0) slices[name].recorded += fill.fill.qty;
    for (const CountedFill& fill : simulated) slices[key(fill)].simulated += fill.fill.qty;
    for (const MatchedPart& part : match.parts)
      slices[key(simulated[part.simulated])].matched += part.qty;
    for (auto& [name, slice] : slices) {
      slice.name = name.second;
      all_.push_back(std::move(slice));
    }
  }
  std::vector<FidelitySlice> take() { return std::move(all_); }

 private:
  std::vector<FidelitySlice> all_;
};

std::pair<std::int64_t, std::string> cause_key(const CountedFill& fill) {
  switch (fill.fill.cause) {
    case FillCause::queue:
      return {1, "cause queue"};
    case FillCause::through:
      return {2, "cause through"};
    case FillCause::cross:
      return {3, "cause cross"};
    case FillCause::taker:
      return {4, "cause taker"};
    default:
      return {-1, ""};  // the venue does not say
  }
}

std::pair<std::int64_t, std::string> side_key(const CountedFill& fill) {
  return fill.fill.side == Side::buy ? std::pair{std::int64_t{0}, std::string{"side buy"}}
                                     : std::pair{std::int64_t{1}, std::string{"side sell"}};
}

std::pair<std::int64_t, std::string> depth_key(const CountedFill& fill) {
  return {fill.depth_bps, fmt::format("depth {}-{}bps", fill.depth_bps, fill.depth_bps + 1)};
}

Fidelity Pass::fidelity_of(const Replica& replica) const {
  const MatchResult match = match_fills(marks_of(recorded_), marks_of(replica.fills));
  std::vector<Qty> recorded_matched(recorded_.size());
  std::vector<Qty> simulated_matched(replica.fills.size());
  for (const MatchedPart& part : match.parts) {
    recorded_matched[part.recorded] += part.qty;
    simulated_matched[part.simulated] += part.qty;
  }
  Cash ours;
  Cash theirs;
  for (const CountedFill& fill : recorded_) theirs.add(instrument_, fill.fill);
  for (const CountedFill& fill : replica.fills) ours.add(instrument_, fill.fill);

  Fidelity result;
  result.orders = orders_in_window_;
  result.refused = replica.refused;
  result.recorded_fills = static_cast<std::int64_t>(recorded_.size());
  result.simulated_fills = static_cast<std::int64_t>(replica.fills.size());
  result.recorded = match.recorded;
  result.simulated = match.simulated;
  result.matched = match.matched;
  result.precision = match.precision;
  result.recall = match.recall;
  result.f1 = match.f1;
  result.precision_of_fills = share_matched(replica.fills, simulated_matched, recorded_.empty());
  result.recall_of_fills = share_matched(recorded_, recorded_matched, replica.fills.empty());
  result.time_error_mean_ms = match.mean_abs_time_error_ms;
  result.time_error_p50_ms = match.abs_time_error_ms(0.5);
  result.time_error_p95_ms = match.abs_time_error_ms(0.95);
  result.pnl_error = Money::from_units(ours.value(last_mark_) - theirs.value(last_mark_));
  result.fit = replica.fit;
  result.report = replica.report;
  result.log_score = log_score(replica.report, replica.fit);
  result.null_log_score =
      log_score(without_simulator(replica.report), without_simulator(replica.fit));
  result.fit_log_score = log_score(replica.fit, replica.fit);
  Slices slices;
  slices.add(recorded_, replica.fills, match, cause_key);
  slices.add(recorded_, replica.fills, match, side_key);
  slices.add(recorded_, replica.fills, match, depth_key);
  result.slices = slices.take();
  // A live venue does not say why a fill happened, so nothing was recorded by cause.
  if (live_) {
    for (FidelitySlice& slice : result.slices)
      if (slice.name.starts_with("cause ")) slice.recorded_known = false;
  }
  return result;
}

Duration median(std::vector<Duration> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

QuoteReplay Pass::result() const {
  QuoteReplay result;
  result.instrument = instrument_;
  result.block = block_;
  for (const Replica& replica : replicas_) result.candidates.push_back(fidelity_of(replica));
  if (entries_.empty()) return result;
  const Duration entry = median(entries_);
  const Duration round_trip = median(round_trips_);
  result.latency =
      live_ ? sim::LatencyModel{.entry = round_trip / 2, .response = round_trip - round_trip / 2}
            : sim::LatencyModel{.entry = entry, .response = round_trip - entry};
  return result;
}

}  // namespace

std::optional<double> log_score(const FillTable& judged, const FillTable& known) {
  if (judged.orders == 0) return std::nullopt;
  double sum = 0;
  for (std::size_t simulated = 0; simulated < 2; ++simulated) {
    const auto& row = known.seconds[simulated];
    const auto all = static_cast<double>(row[0] + row[1]);
    for (std::size_t recorded = 0; recorded < 2; ++recorded) {
      const double chance = (static_cast<double>(row[recorded]) + 0.5) / (all + 1);
      sum -= static_cast<double>(judged.seconds[simulated][recorded]) * det::log(chance);
    }
  }
  return sum / static_cast<double>(judged.orders);
}

FillTable without_simulator(const FillTable& table) {
  FillTable all;
  all.orders = table.orders;
  for (std::size_t recorded = 0; recorded < 2; ++recorded)
    all.seconds[0][recorded] = table.seconds[0][recorded] + table.seconds[1][recorded];
  return all;
}

Result<QuoteReplay> replay_quotes(const Recording& recording, Time from, Time to,
                                  const std::vector<QuoteCandidate>& candidates) {
  Pass pass{from, to, candidates};
  if (const auto error = pass.fold(recording)) return *error;
  return pass.result();
}

}  // namespace mm::research
