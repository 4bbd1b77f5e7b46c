#include "journal/columns_encoder.hpp"

#include <variant>

namespace mm::journal {
namespace {

constexpr std::array all_layout_times = {
    std::array{Column::delta_exchange_time, Column::delta_event_time},
    std::array{Column::quote_exchange_time, Column::quote_event_time},
    std::array{Column::trade_exchange_time, Column::trade_event_time},
    std::array{Column::snapshot_exchange_time, Column::snapshot_event_time}};

/// `special` values first, then the difference from `expected`; what is too far off stands wide and
/// as it is.
void push_near(ColumnWriter& column, std::uint64_t value, std::uint64_t expected,
               std::uint32_t specials) {
  const std::uint64_t code = zigzag(value - expected);
  if (code < wide_escape - specials)
    column.push(code + specials);
  else
    column.push_wide(value);
}

/// The coarsest unit of which all but a few of the values are multiples.
template <class Values, class Get>
std::uint32_t suitable_unit(const Values& values, Get&& get) {
  for (std::uint32_t unit : {1'000'000u, 1'000u, 100u}) {
    std::size_t odd = 0;
    const std::size_t tolerated = values.size() / 8;
    for (const auto& value : values) {
      odd += get(value) % unit != 0 ? 1u : 0u;
      if (odd > tolerated) break;
    }
    if (odd <= tolerated) return unit;
  }
  return 1;
}

}  // namespace

void ColumnEncoder::clear() {
  for (ColumnWriter& column : columns_) column.clear();
  references_ = {};
  for (Snapshots& snapshots : snapshots_) snapshots.changeable = false;
  recv_ns_.clear();
  for (auto& times : venue_times_) times.clear();
  predictions_.clear();
}

bool ColumnEncoder::add(const Event& event) {
  return std::visit([&](const auto& body) { return add_body(event.header, body); }, event.body);
}

bool ColumnEncoder::add(const Output& output) {
  // Only an input has a time of the venue.
  if (output.header.exchange_time != Time{}) return false;
  Layout layout = Layout::prediction;
  if (const auto* head = std::get_if<Prediction>(&output.body)) {
    predictions_.add(*head);
  } else if (const auto* level = std::get_if<PredictedLevel>(&output.body)) {
    predictions_.add(*level);
    layout = Layout::predicted_level;
  } else {
    return false;
  }
  at(Column::kind).push(kind_byte(layout, output.header.instrument, false));
  recv_ns_.push_back(to_ns(output.header.recv_time));
  return true;
}

void ColumnEncoder::finish_predictions() {
  predictions_.finish(at(Column::predictions), at(Column::predicted_levels));
}

void ColumnEncoder::add_row(const EventHeader& header) {
  at(Column::kind).push(kind_byte(Layout::row, header.instrument, false));
  recv_ns_.push_back(to_ns(header.recv_time));
}

void ColumnEncoder::add_head(Layout layout, const EventHeader& header, bool flag,
                             std::int64_t event_ns) {
  at(Column::kind).push(kind_byte(layout, header.instrument, flag));
  const std::int64_t recv_ns = to_ns(header.recv_time);
  recv_ns_.push_back(recv_ns);
  venue_times_[static_cast<std::size_t>(layout)].push_back(
      {recv_ns, to_ns(header.exchange_time), event_ns});
}

void ColumnEncoder::add_side(Side side, std::span<const Level> levels,
                             InstrumentReferences& references, Column touch, Column price,
                             Column qty) {
  if (levels.empty()) return;
  const std::uint64_t first = bits(levels.front().price.units());
  at(touch).push(zigzag(outward(side, references.touch[index_of(side)].price, first)));
  ColumnWriter& prices = at(price);
  std::uint64_t previous = first;
  for (const Level& level : levels.subspan(1)) {
    const std::uint64_t current = bits(level.price.units());
    prices.push(outward(side, previous, current));
    previous = current;
  }
  ColumnWriter& quantities = at(qty);
  for (const Level& level : levels) quantities.push(bits(level.qty.lots()));
}

bool ColumnEncoder::add_body(const EventHeader& header, const BookDelta& delta) {
  if (!goes_outwards(Side::buy, delta.bids) || !goes_outwards(Side::sell, delta.asks)) return false;
  add_head(Layout::delta, header, false, delta.event_time_ns);
  InstrumentReferences& references = references_[header.instrument.value];

  const std::uint64_t last = bits(delta.last_id);
  const std::uint64_t previous = references.has_delta ? references.delta_last_id : last;
  at(Column::delta_last_id).push(zigzag(last - references.update_id));
  at(Column::delta_first_id).push(zigzag(bits(delta.first_id) - previous - 1));
  if (bits(delta.prev_id) == previous)
    at(Column::delta_prev_id).push(0);
  else if (delta.prev_id == 0)
    at(Column::delta_prev_id).push(1);
  else
    push_near(at(Column::delta_prev_id), bits(delta.prev_id), previous, 2);
  references.update_id = references.delta_last_id = last;
  references.has_delta = true;

  at(Column::delta_bids).push(delta.bids.size());
  at(Column::delta_asks).push(delta.asks.size());
  for (const Side side : {Side::buy, Side::sell}) {
    const auto levels = side == Side::buy ? delta.bids : delta.asks;
    add_side(side, levels, references, Column::delta_touch, Column::delta_price, Column::delta_qty);
    if (!levels.empty()) references.hint_touch(side, bits(levels.front().price.units()));
  }
  return true;
}

bool ColumnEncoder::add_body(const EventHeader& header, const BestQuote& quote) {
  add_head(Layout::quote, header, false, quote.event_time_ns);
  InstrumentReferences& references = references_[header.instrument.value];
  at(Column::quote_id).push(zigzag(bits(quote.update_id) - references.update_id));
  references.update_id = bits(quote.update_id);
  references.has_quote = true;
  for (const Side side : {Side::buy, Side::sell}) {
    const Level& level = side == Side::buy ? quote.bid : quote.ask;
    TouchReference& touch = references.touch[index_of(side)];
    const TouchReference now{bits(level.price.units()), bits(level.qty.lots()),
                             bits(side == Side::buy ? quote.bid_orders : quote.ask_orders)};
    at(Column::quote_price).push(zigzag(now.price - touch.price));
    at(Column::quote_qty).push(zigzag(now.qty - touch.qty));
    at(Column::quote_orders).push(zigzag(now.orders - touch.orders));
    touch = now;
  }
  return true;
}

bool ColumnEncoder::add_body(const EventHeader& header, const Trade& trade) {
  add_head(Layout::trade, header, trade.aggressor == Side::sell, trade.event_time_ns);
  InstrumentReferences& references = references_[header.instrument.value];
  const std::uint64_t price = bits(trade.price.units());
  const Side taken = taken_side(trade.aggressor);
  at(Column::trade_id).push(zigzag(bits(trade.trade_id) - references.trade_id - 1));
  at(Column::trade_price).push(zigzag(price - references.touch[index_of(taken)].price));
  at(Column::trade_qty).push(bits(trade.qty.lots()));
  if (trade.first_id == 0)
    at(Column::trade_first_id).push(0);
  else
    push_near(at(Column::trade_first_id), bits(trade.first_id), references.aggregate_id + 1, 1);
  if (trade.last_id == 0)
    at(Column::trade_last_id).push(0);
  else
    push_near(at(Column::trade_last_id), bits(trade.last_id), bits(trade.first_id), 1);
  references.trade_id = bits(trade.trade_id);
  references.aggregate_id = bits(trade.last_id);
  references.hint_touch(taken, price);
  return true;
}

bool ColumnEncoder::add_body(const EventHeader& header, const BookSnapshot& snapshot) {
  const std::array levels = {snapshot.bids, snapshot.asks};
  const std::array orders = {snapshot.bid_orders, snapshot.ask_orders};
  const bool with_orders = !orders[0].empty() || !orders[1].empty();
  if (with_orders && (orders[0].size() != levels[0].size() || orders[1].size() != levels[1].size()))
    return false;
  if (!goes_outwards(Side::buy, levels[0]) || !goes_outwards(Side::sell, levels[1])) return false;

  InstrumentReferences& references = references_[header.instrument.value];
  Snapshots& before = snapshots_[header.instrument.value];
  const bool changeable =
      can_be_changed(Side::buy, levels[0]) && can_be_changed(Side::sell, levels[1]);
  bool as_changes = changeable && before.changeable && before.with_orders == with_orders;
  if (as_changes) {
    for (const Side side : {Side::buy, Side::sell})
      find_changes(side, before.sides[index_of(side)], levels[index_of(side)],
                   orders[index_of(side)], changes_[index_of(side)]);
    as_changes =
        changes_[0].levels.size() + changes_[1].levels.size() < levels[0].size() + levels[1].size();
  }

  add_head(Layout::snapshot, header, as_changes, snapshot.event_time_ns);
  at(Column::snapshot_id).push(zigzag(bits(snapshot.update_id) - references.update_id));
  references.update_id = bits(snapshot.update_id);
  at(Column::snapshot_form).push(with_orders ? 1 : 0);
  for (const Side side : {Side::buy, Side::sell}) {
    const std::size_t index = index_of(side);
    const auto stored = as_changes ? std::span<const Level>{changes_[index].levels} : levels[index];
    const auto stored_orders =
        as_changes ? std::span<const std::uint32_t>{changes_[index].orders} : orders[index];
    const std::uint64_t grown =
        as_changes ? levels[index].size() - before.sides[index].levels.size() : 0;
    at(index == 0 ? Column::snapshot_bids : Column::snapshot_asks).push(stored.size());
    at(index == 0 ? Column::snapshot_bids_grown : Column::snapshot_asks_grown).push(zigzag(grown));
    add_side(side, stored, references, Column::snapshot_touch, Column::snapshot_price,
             Column::snapshot_qty);
    for (std::uint32_t count : stored_orders) at(Column::snapshot_orders).push(count);
    if (!levels[index].empty())
      references.hint_touch(side, bits(levels[index].front().price.units()));
    before.sides[index].assign(levels[index], orders[index]);
  }
  before.changeable = changeable;
  before.with_orders = with_orders;
  return true;
}

ColumnEncoder::TimeUnits ColumnEncoder::finish_times() {
  TimeUnits units;
  ColumnWriter& recv = at(Column::recv_time);
  recv.clear();
  std::vector<std::int64_t>& deltas = recv_deltas_;
  deltas.clear();
  std::int64_t previous = recv_ns_.front();
  for (std::int64_t time : recv_ns_) {
    deltas.push_back(value_of(bits(time) - bits(previous)));
    previous = time;
  }
  units.recv = suitable_unit(deltas, [](std::int64_t delta) { return delta; });
  for (std::int64_t delta : deltas) {
    const std::uint64_t ticks = bits(delta) / units.recv;
    if (delta >= 0 && delta % units.recv == 0 && ticks < wide_escape)
      recv.push(ticks);
    else
      recv.push_wide(bits(delta));
  }

  units.venue = 1'000'000;
  for (const auto& times : venue_times_) {
    const std::uint32_t suitable =
        suitable_unit(times, [](const VenueTimes& of) { return of.exchange_ns; });
    units.venue = suitable < units.venue ? suitable : units.venue;
  }
  for (std::size_t layout = 0; layout < market_layouts; ++layout)
    finish_venue_times(layout, units.venue);
  return units;
}

void ColumnEncoder::finish_venue_times(std::size_t layout, std::uint32_t unit) {
  ColumnWriter& exchange = at(all_layout_times[layout][0]);
  ColumnWriter& event = at(all_layout_times[layout][1]);
  exchange.clear();
  event.clear();
  std::uint64_t lag = 0;
  for (const VenueTimes& times : venue_times_[layout]) {
    if (times.exchange_ns == 0) {
      exchange.push(0);
    } else {
      const std::uint64_t exchange_ns = bits(times.exchange_ns);
      const std::uint64_t now = in_units(exchange_ns, unit) - in_units(bits(times.recv_ns), unit);
      const std::uint64_t code = zigzag(now - lag);
      if (exchange_ns % unit == 0 && code < wide_escape - 1) {
        exchange.push(code + 1);
        lag = now;
      } else {
        exchange.push_wide(exchange_ns);
      }
    }
    const std::uint64_t behind = bits(times.event_ns) - bits(times.exchange_ns);
    const std::int64_t units_behind = value_of(behind) / unit;
    const std::uint64_t code = zigzag(bits(units_behind));
    if (times.event_ns == 0)
      event.push(0);
    else if (value_of(behind) % unit == 0 && code < wide_escape - 1)
      event.push(code + 1);
    else
      event.push_wide(bits(times.event_ns));
  }
}

}  // namespace mm::journal
