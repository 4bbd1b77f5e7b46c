#include "journal/columns_decoder.hpp"

#include <algorithm>
#include <variant>

namespace mm::journal {
namespace {

constexpr std::array time_columns = {
    std::array{Column::delta_exchange_time, Column::delta_event_time},
    std::array{Column::quote_exchange_time, Column::quote_event_time},
    std::array{Column::trade_exchange_time, Column::trade_event_time},
    std::array{Column::snapshot_exchange_time, Column::snapshot_event_time}};

constexpr std::array delta_columns = {Column::delta_exchange_time, Column::delta_event_time,
                                      Column::delta_last_id,       Column::delta_first_id,
                                      Column::delta_prev_id,       Column::delta_bids,
                                      Column::delta_asks};
constexpr std::array quote_columns = {Column::quote_exchange_time, Column::quote_event_time,
                                      Column::quote_id};
constexpr std::array quote_side_columns = {Column::quote_price, Column::quote_qty,
                                           Column::quote_orders};
constexpr std::array trade_columns = {
    Column::trade_exchange_time, Column::trade_event_time, Column::trade_id,
    Column::trade_price,         Column::trade_qty,        Column::trade_first_id,
    Column::trade_last_id};
constexpr std::array snapshot_columns = {
    Column::snapshot_exchange_time, Column::snapshot_event_time, Column::snapshot_id,
    Column::snapshot_form,          Column::snapshot_bids,       Column::snapshot_asks,
    Column::snapshot_bids_grown,    Column::snapshot_asks_grown};

/// For each kind byte a one in the lane of its layout, or in the lane behind them if no kind is
/// like that: sums of these count everything at once.
constexpr unsigned kind_lane_bits = 8;
static_assert((layout_count + 1) * kind_lane_bits <= 64);
constexpr std::array<std::uint64_t, 256> make_kind_lanes() {
  std::array<std::uint64_t, 256> lanes{};
  for (std::size_t kind = 0; kind < lanes.size(); ++kind) {
    const std::size_t layout = kind & 7;
    const bool may_be_flagged =
        layout == index_of(Layout::trade) || layout == index_of(Layout::snapshot);
    const bool known = layout < layout_count && (kind < 128 || may_be_flagged);
    lanes[kind] = std::uint64_t{1} << kind_lane_bits * (known ? layout : layout_count);
  }
  return lanes;
}
constexpr std::array<std::uint64_t, 256> kind_lanes = make_kind_lanes();

/// Message columns that are decoded to differences.
constexpr bool is_difference_column(Column column) {
  switch (column) {
    case Column::delta_last_id:
    case Column::delta_first_id:
    case Column::quote_id:
    case Column::quote_price:
    case Column::quote_qty:
    case Column::quote_orders:
    case Column::trade_id:
    case Column::trade_price:
    case Column::snapshot_id:
    case Column::snapshot_bids_grown:
    case Column::snapshot_asks_grown:
    case Column::predictions:
    case Column::predicted_levels:
      return true;
    default:
      return false;
  }
}

/// What the columns of level counts say, per side and in all.
struct LevelTotals {
  std::uint64_t levels = 0;
  std::uint64_t sides = 0;  ///< that have levels
  std::uint64_t most = 0;   ///< levels in one message
};

LevelTotals total_levels(const ColumnReader& bids, const ColumnReader& asks, std::size_t count) {
  LevelTotals totals;
  for (std::size_t index = 0; index < count; ++index) {
    const std::uint64_t bid = bids.narrow_at(index);
    const std::uint64_t ask = asks.narrow_at(index);
    totals.levels += bid + ask;
    totals.sides += (bid != 0 ? 1u : 0u) + (ask != 0 ? 1u : 0u);
    totals.most = std::max(totals.most, bid + ask);
  }
  return totals;
}

InstrumentId instrument_of_kind(std::uint32_t kind) {
  return InstrumentId{static_cast<std::uint16_t>(kind >> 3 & 15)};
}

/// A value that is absolute where it stands wide; else specials, which mean zero, come first.
std::uint64_t read_near(ColumnReader& column, std::size_t index, std::uint64_t expected,
                        std::uint32_t specials) {
  const std::uint32_t code = column.narrow_at(index);
  if (code == wide_escape) [[unlikely]]
    return column.next_wide();
  return code < specials ? 0 : expected + unzigzag(code - specials);
}

Price price_of(std::uint64_t units) {
  return Price::from_units(value_of(units));
}
Qty qty_of(std::uint64_t lots) {
  return Qty::from_lots(value_of(lots));
}

}  // namespace

ColumnCursor::ColumnCursor()
    : delta_levels_{at(Column::delta_touch), at(Column::delta_price), at(Column::delta_qty)},
      snapshot_levels_{at(Column::snapshot_touch), at(Column::snapshot_price),
                       at(Column::snapshot_qty)},
      delta_{{}, BookDelta{}},
      quote_{{}, BestQuote{}},
      trade_{{}, Trade{}},
      snapshot_{{}, BookSnapshot{}} {}

const char* ColumnCursor::load(const Block& block) {
  records_ = index_ = 0;
  damage_ = nullptr;
  first_seq_ = block.first_seq;
  first_recv_ns_ = block.first_recv_ns;
  recv_ns_ = bits(block.first_recv_ns);
  recv_unit_ns_ = block.recv_unit_ns;
  venue_unit_ns_ = block.venue_unit_ns;
  lags_ = {};
  references_ = {};
  taken_ = {};
  next_orders_ = 0;
  for (Snapshots& snapshots : snapshots_) snapshots.seen = false;
  if (!is_time_unit(recv_unit_ns_) || !is_time_unit(venue_unit_ns_)) return "unknown unit of time";

  // One byte each and never absent, so the number of records follows from the column's size.
  const auto kinds = block.columns[index_of(Column::kind)];
  if (kinds.size() < 2) return "no records";
  records_ = kinds.size() - 1;
  const char* wrong = nullptr;
  kind_values_.start(records_, 0);
  if (!kind_values_.decode(kinds, records_, at(Column::kind)) || at(Column::kind).has_wide())
    wrong = "the kind column is not one byte a record";
  if (wrong == nullptr) wrong = count_layouts();
  if (wrong == nullptr) wrong = load_message_columns(block);
  if (wrong == nullptr) wrong = load_level_columns(block);
  if (wrong != nullptr) records_ = 0;
  return wrong;
}

const char* ColumnCursor::count_layouts() {
  layouts_ = {};
  const std::uint32_t* kind = at(Column::kind).narrow_from(0);
  for (std::size_t left = records_; left != 0;) {
    std::uint64_t lanes = 0;
    const std::size_t some = std::min<std::size_t>(left, (1u << kind_lane_bits) - 1);
    for (const std::uint32_t* const end = kind + some; kind != end; ++kind)
      lanes += kind_lanes[*kind & 255];
    for (std::size_t lane = 0; lane <= layout_count; ++lane) {
      const std::uint64_t count = lanes >> (lane * kind_lane_bits) & ((1u << kind_lane_bits) - 1);
      if (lane < layout_count)
        layouts_[lane] += static_cast<std::size_t>(count);
      else if (count != 0)
        return "an unknown kind";
    }
    left -= some;
  }
  return nullptr;
}

bool ColumnCursor::decode(const Block& block, Column column, std::size_t count) {
  const auto bytes = block.columns[index_of(column)];
  if (bytes.empty()) {
    if (is_level_column(column) && count != 0) return false;
    message_values_.absent(at(column));
    message_values_.absent(differences_[index_of(column)]);
    return true;
  }
  if (count == 0) return false;
  ColumnDecoder& values = is_level_column(column) ? level_values_ : message_values_;
  if (is_difference_column(column))
    return values.decode(bytes, count, differences_[index_of(column)]);
  return values.decode(bytes, count, at(column));
}

const char* ColumnCursor::load_message_columns(const Block& block) {
  const auto [deltas, quotes, trades, snapshots, rows, heads, levels] = layouts_;
  message_values_.start(records_ + deltas * delta_columns.size() + quotes * quote_columns.size() +
                            2 * quotes * quote_side_columns.size() + trades * trade_columns.size() +
                            snapshots * snapshot_columns.size(),
                        2 * records_);
  bool fit = decode(block, Column::recv_time, records_);
  all_times_ = at(Column::recv_time);
  for (const Column column : delta_columns) fit = fit && decode(block, column, deltas);
  for (const Column column : quote_columns) fit = fit && decode(block, column, quotes);
  for (const Column column : quote_side_columns) fit = fit && decode(block, column, 2 * quotes);
  for (const Column column : trade_columns) fit = fit && decode(block, column, trades);
  for (const Column column : snapshot_columns) fit = fit && decode(block, column, snapshots);
  if (!fit) return "a message column is damaged or does not have a value for each message";
  for (const Column column : {Column::delta_bids, Column::delta_asks, Column::snapshot_bids,
                              Column::snapshot_asks, Column::snapshot_form})
    if (at(column).has_wide()) return "a count of levels is wide";
  quotes_have_orders_ = !block.columns[index_of(Column::quote_orders)].empty();
  if (!quotes_have_orders_) {
    BestQuote& quote = *std::get_if<BestQuote>(&quote_.body);
    quote.bid_orders = quote.ask_orders = 0;
  }
  if (at(Column::snapshot_form).exceeds(snapshots, 2)) return "an unknown form of snapshot";
  return nullptr;
}

const char* ColumnCursor::load_level_columns(const Block& block) {
  const std::size_t deltas = layouts_[index_of(Layout::delta)];
  const std::size_t snapshots = layouts_[index_of(Layout::snapshot)];
  const LevelTotals delta = total_levels(at(Column::delta_bids), at(Column::delta_asks), deltas);
  const LevelTotals snapshot =
      total_levels(at(Column::snapshot_bids), at(Column::snapshot_asks), snapshots);
  std::uint64_t with_orders = 0;
  for (std::size_t index = 0; index < snapshots; ++index)
    if (at(Column::snapshot_form).narrow_at(index) != 0)
      with_orders += std::uint64_t{at(Column::snapshot_bids).narrow_at(index)} +
                     at(Column::snapshot_asks).narrow_at(index);

  struct Expected {
    Column column;
    std::uint64_t count;
  };
  const std::size_t heads = layouts_[index_of(Layout::prediction)];
  const std::size_t predicted = layouts_[index_of(Layout::predicted_level)];
  const std::array expected = {Expected{Column::delta_touch, delta.sides},
                               Expected{Column::delta_price, delta.levels - delta.sides},
                               Expected{Column::delta_qty, delta.levels},
                               Expected{Column::snapshot_touch, snapshot.sides},
                               Expected{Column::snapshot_price, snapshot.levels - snapshot.sides},
                               Expected{Column::snapshot_qty, snapshot.levels},
                               Expected{Column::snapshot_orders, with_orders},
                               Expected{Column::predictions, heads * prediction_words},
                               Expected{Column::predicted_levels, predicted * level_words}};
  // Before any memory is taken: no column can hold more values than it has bytes.
  std::size_t total = 0;
  for (const Expected& of : expected) {
    const auto bytes = block.columns[index_of(of.column)];
    if (of.count > ColumnDecoder::most_values(bytes)) return "a level column is too short";
    total += static_cast<std::size_t>(of.count);
  }
  level_values_.start(total, 0);
  for (const Expected& of : expected)
    if (!decode(block, of.column, static_cast<std::size_t>(of.count)))
      return "a level column is damaged or does not have a value for each level";
  const std::size_t most = static_cast<std::size_t>(delta.most) + level_overrun;
  if (levels_.size() < most) levels_.resize(most);
  delta_levels_.start();
  snapshot_levels_.start();
  predictions_.start(differences_[index_of(Column::predictions)], heads,
                     differences_[index_of(Column::predicted_levels)], predicted);
  return nullptr;
}

ColumnCursor::Found ColumnCursor::find(const Block& block, std::int64_t recv_ns) {
  records_ = index_ = 0;  // whatever was loaded is gone
  step_ = Step::end;
  damage_ = nullptr;
  first_recv_ns_ = block.first_recv_ns;
  recv_unit_ns_ = block.recv_unit_ns;
  if (!is_time_unit(recv_unit_ns_)) return {.wrong = "unknown unit of time"};
  const auto kinds = block.columns[index_of(Column::kind)];
  if (kinds.size() < 2) return {.wrong = "no records"};
  const std::size_t records = kinds.size() - 1;
  message_values_.start(records, records);
  if (!decode(block, Column::recv_time, records))
    return {.wrong = "the time column is damaged or does not have a value for each message"};
  all_times_ = at(Column::recv_time);
  records_ = records;
  const Found found{.records = records, .before = records_before(recv_ns)};
  records_ = 0;
  return found;
}

std::size_t ColumnCursor::records_before(std::int64_t recv_ns) const {
  ColumnReader times = all_times_;
  std::uint64_t now = bits(first_recv_ns_);
  std::size_t before = 0;
  for (; before < records_; ++before) {
    const std::uint32_t ticks = times.narrow_at(before);
    now += ticks == wide_escape ? times.next_wide() : std::uint64_t{ticks} * recv_unit_ns_;
    if (value_of(now) >= recv_ns) break;
  }
  return before;
}

const Event* ColumnCursor::next() {
  if (index_ == records_) [[unlikely]] {
    step_ = damage_ == nullptr ? Step::end : Step::damaged;
    return nullptr;
  }
  const std::uint32_t kind = at(Column::kind).narrow_at(index_);
  const std::uint32_t ticks = at(Column::recv_time).narrow_at(index_);
  if (ticks == wide_escape) [[unlikely]]
    recv_ns_ += at(Column::recv_time).next_wide();
  else
    recv_ns_ += std::uint64_t{ticks} * recv_unit_ns_;
  ++index_;
  // Nearly every message is one of these three. A jump through a table would wait for one more load
  // where it was guessed wrong.
  const auto layout = static_cast<Layout>(kind & 7);
  if (layout == Layout::quote) {
    read_quote(kind);
    return &quote_;
  }
  if (layout == Layout::delta) {
    read_delta(kind);
    return &delta_;
  }
  if (layout == Layout::trade) {
    read_trade(kind);
    return &trade_;
  }
  return next_rare(layout, kind);
}

[[gnu::noinline]] const Event* ColumnCursor::next_rare(Layout layout, std::uint32_t kind) {
  if (layout == Layout::prediction || layout == Layout::predicted_level)
    return read_prediction(layout, kind);
  if (layout == Layout::snapshot) {
    if (read_snapshot(kind)) return &snapshot_;
    damage_ = "changes of a snapshot do not fit the one before";
    records_ = index_;
    step_ = Step::damaged;
    return nullptr;
  }
  row_header_.seq = Seq{first_seq_ + index_ - 1};
  row_header_.recv_time = time_from_ns(value_of(recv_ns_));
  row_header_.instrument = instrument_of_kind(kind);
  step_ = Step::row;
  return nullptr;
}

const Event* ColumnCursor::read_prediction(Layout layout, std::uint32_t kind) {
  const bool whole = layout == Layout::prediction
                         ? predictions_.read(output_.body.emplace<Prediction>())
                         : predictions_.read(output_.body.emplace<PredictedLevel>());
  output_.header = {.seq = Seq{first_seq_ + index_ - 1},
                    .recv_time = time_from_ns(value_of(recv_ns_)),
                    .instrument = instrument_of_kind(kind)};
  step_ = whole ? Step::output : Step::damaged;
  if (!whole) {
    damage_ = "a prediction has a value out of range";
    records_ = index_;
  }
  return nullptr;
}

template <Layout layout>
[[gnu::always_inline]] inline std::size_t ColumnCursor::read_head(Event& event, std::uint32_t kind,
                                                                  std::int64_t& event_ns) {
  constexpr Column exchange_column = time_columns[index_of(layout)][0];
  constexpr Column event_column = time_columns[index_of(layout)][1];
  const std::size_t index = taken_[index_of(layout)]++;
  const std::uint32_t unit = venue_unit_ns_;
  const std::uint32_t exchange_code = at(exchange_column).narrow_at(index);
  const std::uint32_t event_code = at(event_column).narrow_at(index);
  std::uint64_t exchange_ns = 0;
  // One comparison for both specials: 0 (no time) and the escape (absolute).
  if (exchange_code - 1 < wide_escape - 1) [[likely]] {
    std::uint64_t& lag = lags_[index_of(layout)];
    lag += unzigzag(exchange_code - 1);
    exchange_ns = (in_units(recv_ns_, unit) + lag) * unit;
  } else if (exchange_code != 0) {
    exchange_ns = at(exchange_column).next_wide();
  }
  event.header.seq = Seq{first_seq_ + index_ - 1};
  event.header.recv_time = time_from_ns(value_of(recv_ns_));
  event.header.exchange_time = time_from_ns(value_of(exchange_ns));
  event.header.instrument = instrument_of_kind(kind);
  if (event_code - 1 < wide_escape - 1) [[likely]]
    event_ns = value_of(exchange_ns + unzigzag(event_code - 1) * unit);
  else
    event_ns = event_code == 0 ? 0 : value_of(at(event_column).next_wide());
  return index;
}

template <Side side, bool narrow>
[[gnu::always_inline]] inline void ColumnCursor::read_side(Level* out, std::size_t count,
                                                           std::uint64_t reference,
                                                           LevelColumns& columns) {
  std::uint64_t price = step_out(side, reference, unzigzag(columns.touch.at(columns.next_touch++)));
  if constexpr (narrow) {
    const std::uint32_t* const distances = columns.price.narrow_from(columns.next_price);
    const std::uint32_t* const quantities = columns.qty.narrow_from(columns.next_qty);
    out[0] = Level{price_of(price), Qty::from_lots(quantities[0])};
    // In groups of fixed size, whose last one reads and writes beyond the side: how many levels a
    // message has is hard to predict, and a wrong guess costs more than the surplus.
    for (std::size_t start = 1; start < count; start += level_overrun) {
      for (std::size_t lane = 0; lane < level_overrun; ++lane) {
        price = step_out(side, price, distances[start + lane - 1]);
        out[start + lane] = Level{price_of(price), Qty::from_lots(quantities[start + lane])};
      }
    }
  } else {
    out[0] = Level{price_of(price), qty_of(columns.qty.at(columns.next_qty))};
    for (std::size_t index = 1; index < count; ++index) {
      price = step_out(side, price, columns.price.at(columns.next_price + index - 1));
      out[index] = Level{price_of(price), qty_of(columns.qty.at(columns.next_qty + index))};
    }
  }
  columns.next_price += count - 1;
  columns.next_qty += count;
}

template <Side side>
[[gnu::always_inline]] inline std::span<const Level> ColumnCursor::read_delta_side(
    Level* out, std::size_t count, InstrumentReferences& references) {
  if (count == 0) return {};
  const std::uint64_t reference = references.touch[index_of(side)].price;
  if (delta_levels_.narrow) [[likely]]
    read_side<side, true>(out, count, reference, delta_levels_);
  else
    read_side<side, false>(out, count, reference, delta_levels_);
  references.hint_touch(side, bits(out->price.units()));
  return {out, count};
}

[[gnu::always_inline]] inline void ColumnCursor::read_delta(std::uint32_t kind) {
  BookDelta& delta = *std::get_if<BookDelta>(&delta_.body);
  const std::size_t index = read_head<Layout::delta>(delta_, kind, delta.event_time_ns);
  InstrumentReferences& references = references_[kind >> 3 & 15];

  const std::uint64_t last = references.update_id + difference(Column::delta_last_id, index);
  const std::uint64_t previous = references.has_delta ? references.delta_last_id : last;
  delta.last_id = value_of(last);
  delta.first_id = value_of(previous + 1 + difference(Column::delta_first_id, index));
  const std::uint32_t prev_code = at(Column::delta_prev_id).narrow_at(index);
  delta.prev_id = prev_code == 0
                      ? value_of(previous)
                      : value_of(read_near(at(Column::delta_prev_id), index, previous, 2));
  references.update_id = references.delta_last_id = last;
  references.has_delta = true;

  const std::size_t bids = at(Column::delta_bids).narrow_at(index);
  const std::size_t asks = at(Column::delta_asks).narrow_at(index);
  delta.bids = read_delta_side<Side::buy>(levels_.data(), bids, references);
  delta.asks = read_delta_side<Side::sell>(levels_.data() + bids, asks, references);
}

[[gnu::always_inline]] inline void ColumnCursor::read_touch(std::size_t index,
                                                            TouchReference& touch, Level& level,
                                                            std::int64_t& orders) {
  // Kept in registers on the way: a level read back from the reference just written would wait for
  // the stores.
  const std::uint64_t price = touch.price + difference(Column::quote_price, index);
  const std::uint64_t qty = touch.qty + difference(Column::quote_qty, index);
  touch.price = price;
  touch.qty = qty;
  level = Level{price_of(price), qty_of(qty)};
  if (quotes_have_orders_) {
    touch.orders += difference(Column::quote_orders, index);
    orders = value_of(touch.orders);
  }
}

[[gnu::always_inline]] inline void ColumnCursor::read_quote(std::uint32_t kind) {
  BestQuote& quote = *std::get_if<BestQuote>(&quote_.body);
  const std::size_t index = read_head<Layout::quote>(quote_, kind, quote.event_time_ns);
  InstrumentReferences& references = references_[kind >> 3 & 15];
  const std::uint64_t id = references.update_id + difference(Column::quote_id, index);
  references.update_id = id;
  references.has_quote = true;
  quote.update_id = value_of(id);
  read_touch(2 * index, references.touch[0], quote.bid, quote.bid_orders);
  read_touch(2 * index + 1, references.touch[1], quote.ask, quote.ask_orders);
}

[[gnu::always_inline]] inline void ColumnCursor::read_trade(std::uint32_t kind) {
  Trade& trade = *std::get_if<Trade>(&trade_.body);
  const std::size_t index = read_head<Layout::trade>(trade_, kind, trade.event_time_ns);
  InstrumentReferences& references = references_[kind >> 3 & 15];
  trade.aggressor = kind >= 128 ? Side::sell : Side::buy;
  const Side taken = taken_side(trade.aggressor);
  const std::uint64_t price =
      references.touch[index_of(taken)].price + difference(Column::trade_price, index);
  references.hint_touch(taken, price);
  references.trade_id += 1 + difference(Column::trade_id, index);
  trade.trade_id = value_of(references.trade_id);
  trade.price = price_of(price);
  trade.qty = qty_of(at(Column::trade_qty).at(index));
  const std::uint64_t first =
      read_near(at(Column::trade_first_id), index, references.aggregate_id + 1, 1);
  const std::uint64_t last = read_near(at(Column::trade_last_id), index, first, 1);
  references.aggregate_id = last;
  trade.first_id = value_of(first);
  trade.last_id = value_of(last);
}

[[gnu::noinline]] bool ColumnCursor::read_snapshot(std::uint32_t kind) {
  BookSnapshot& snapshot = *std::get_if<BookSnapshot>(&snapshot_.body);
  const std::size_t index = read_head<Layout::snapshot>(snapshot_, kind, snapshot.event_time_ns);
  InstrumentReferences& references = references_[kind >> 3 & 15];
  Snapshots& snapshots = snapshots_[kind >> 3 & 15];
  references.update_id += difference(Column::snapshot_id, index);
  snapshot.update_id = value_of(references.update_id);

  const bool as_changes = kind >= 128;
  const bool with_orders = at(Column::snapshot_form).narrow_at(index) != 0;
  if (as_changes && (!snapshots.seen || snapshots.with_orders != with_orders)) return false;
  snapshots.seen = true;
  snapshots.with_orders = with_orders;
  for (const Side side : {Side::buy, Side::sell})
    if (!read_snapshot_side(side, index, as_changes, references, snapshots)) return false;
  snapshot.bids = snapshots.sides[0].levels;
  snapshot.asks = snapshots.sides[1].levels;
  snapshot.bid_orders = snapshots.sides[0].orders;
  snapshot.ask_orders = snapshots.sides[1].orders;
  return true;
}

bool ColumnCursor::read_snapshot_side(Side side, std::size_t index, bool as_changes,
                                      InstrumentReferences& references, Snapshots& snapshots) {
  const bool bids = side == Side::buy;
  SnapshotSide& whole = snapshots.sides[index_of(side)];
  SnapshotSide& stored = as_changes ? changes_ : whole;
  const std::size_t count =
      at(bids ? Column::snapshot_bids : Column::snapshot_asks).narrow_at(index);
  const std::uint64_t grown =
      difference(bids ? Column::snapshot_bids_grown : Column::snapshot_asks_grown, index);
  stored.levels.resize(count);
  stored.orders.resize(snapshots.with_orders ? count : 0);
  if (count != 0) {
    const std::uint64_t reference = references.touch[index_of(side)].price;
    if (bids)
      read_side<Side::buy, false>(stored.levels.data(), count, reference, snapshot_levels_);
    else
      read_side<Side::sell, false>(stored.levels.data(), count, reference, snapshot_levels_);
    for (std::uint32_t& orders : stored.orders)
      orders = static_cast<std::uint32_t>(at(Column::snapshot_orders).at(next_orders_++));
  }
  if (as_changes && !apply_changes(side, changes_, whole.levels.size() + grown, whole, merged_))
    return false;
  if (!whole.levels.empty()) references.hint_touch(side, bits(whole.levels.front().price.units()));
  return true;
}

}  // namespace mm::journal
