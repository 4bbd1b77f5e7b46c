#pragma once

// Event: what happened. The core is a pure function of a sequence of these.
//
// An event is a header and one of the structs below. Spans and text are *views*: they borrow from
// whoever produced the event (a decoded block, the journal's tail, a codec's buffer) and are valid
// until that producer moves on. Who needs one for longer copies it.
//
// Every struct lists its fields once, in `describe`: the canonical bytes (record.hpp), the printed
// form, comparison field by field and the Cap'n Proto codec's tests all follow that list. Fields
// only grow at the end (docs/journal_format.md).

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "engine/instrument.hpp"
#include "engine/types.hpp"

namespace mm {

/// Every kind of record, inputs below 128 and outputs from 128. Values are written to disk.
enum class RecordKind : std::uint8_t {
  unspecified = 0,
  // market (input)
  book_snapshot = 1,
  book_delta = 2,
  best_quote = 3,
  trade = 4,
  asset_context = 5,
  liquidation = 6,
  // venue (input)
  feed_status = 16,
  clock_step = 17,
  rate_limit = 18,
  // ours (input)
  order_ack = 32,
  order_reject = 33,
  order_done = 34,
  cancel_reject = 35,
  fill = 36,
  position_report = 37,
  balance_report = 38,
  funding_payment = 39,
  // control (input)
  session_start = 64,
  instrument_defined = 65,
  parameter_change = 66,
  timer = 67,
  annotation = 68,
  kill_switch = 69,
  session_end = 70,
  // decisions and notes (output)
  place_order = 128,
  cancel_order = 129,
  replace_order = 130,
  set_timer = 131,
  alert = 132,
  // what is seen of the market (output)
  wall_appeared = 133,
  wall_moved = 134,
  wall_pulled = 135,
  wall_filled = 136,
  wall_gone = 137,
  flush_started = 138,
  flush_ended = 139,
  liquidity_changed = 140,
  regime_changed = 141,
  regime_state = 142,
  // what is expected of our orders, and what surrounded their fills (output)
  prediction = 144,
  predicted_level = 145,
  fill_note = 146,
};

constexpr bool is_output(RecordKind kind) {
  return static_cast<std::uint8_t>(kind) >= 128;
}
/// Stable snake_case name ("book_delta"), as printed and as key of `by_kind`; "unknown" otherwise.
std::string_view name_of(RecordKind kind);

struct EventHeader {
  Seq seq;                  ///< assigned by whoever orders the stream; the core does not read it
  Time recv_time;           ///< our clock, never decreasing within a session: *now* for the core
  Time exchange_time;       ///< the venue's stamp (Binance T, else E; 0 = none); may go back
  InstrumentId instrument;  ///< 0 where the event has none
  bool operator==(const EventHeader&) const = default;
};

// ---------------------------------------------------------------- market

/// A whole book (or the window of it the venue sends): replaces what was known.
struct BookSnapshot {
  static constexpr RecordKind kind = RecordKind::book_snapshot;
  std::int64_t update_id = 0;      ///< Binance lastUpdateId; 0 where the venue has none
  std::int64_t event_time_ns = 0;  ///< the venue's send time where it differs from exchange_time
  std::span<const Level> bids;     ///< best (highest) first, quantities > 0
  std::span<const Level> asks;     ///< best (lowest) first
  std::span<const std::uint32_t> bid_orders;  ///< resting orders per level (Hyperliquid n) or empty
  std::span<const std::uint32_t> ask_orders;
};

/// Changed levels with their new totals; quantity 0 deletes. Deletes of unknown levels are normal.
struct BookDelta {
  static constexpr RecordKind kind = RecordKind::book_delta;
  std::int64_t first_id = 0;  ///< Binance U
  std::int64_t last_id = 0;   ///< Binance u
  std::int64_t prev_id = 0;   ///< Binance pu; 0 where the venue has none (spot)
  std::int64_t event_time_ns = 0;
  std::span<const Level> bids;  ///< touch outwards: prices non-increasing
  std::span<const Level> asks;  ///< touch outwards: prices non-decreasing
};

/// Best bid and ask. A side that is empty has quantity 0 and price 0.
struct BestQuote {
  static constexpr RecordKind kind = RecordKind::best_quote;
  std::int64_t update_id = 0;
  std::int64_t event_time_ns = 0;
  Level bid;
  Level ask;
  std::int64_t bid_orders = 0;  ///< Hyperliquid n; 0 where the venue has none
  std::int64_t ask_orders = 0;
};

/// A public trade. `aggressor` is the taking side.
struct Trade {
  static constexpr RecordKind kind = RecordKind::trade;
  std::int64_t trade_id = 0;  ///< Binance t (or a for aggregates), Hyperliquid tid
  std::int64_t event_time_ns = 0;
  Price price;
  Qty qty;
  Side aggressor = Side::buy;
  std::int64_t first_id = 0;  ///< aggregates only: first and last trade id inside
  std::int64_t last_id = 0;
};

/// Value for "the venue did not say" in the fixed-point fields of AssetContext.
inline constexpr std::int64_t absent_e = INT64_MIN;

struct AssetContext {
  static constexpr RecordKind kind = RecordKind::asset_context;
  std::int64_t mark_e8 = absent_e;           ///< mark price, 1e-8 of the quote currency
  std::int64_t oracle_e8 = absent_e;         ///< oracle or index price, 1e-8
  std::int64_t mid_e8 = absent_e;            ///< the venue's own mid, 1e-8
  std::int64_t funding_e12 = absent_e;       ///< predicted funding rate of one interval, 1e-12
  std::int64_t premium_e12 = absent_e;       ///< premium over the oracle, 1e-12
  std::int64_t open_interest_e8 = absent_e;  ///< in base units (linear) or contracts, 1e-8
  std::int64_t day_volume_e8 = absent_e;     ///< quote currency traded in 24 h, 1e-8
  std::int64_t next_funding_ns = 0;          ///< 0 = not given
  std::int64_t event_time_ns = 0;
};

/// A forced order of somebody. `side` is the side of the liquidation order (sell: a long fell).
struct Liquidation {
  static constexpr RecordKind kind = RecordKind::liquidation;
  Side side = Side::buy;
  Price price;          ///< limit price of the order
  Price average_price;  ///< average fill price, 0 = not given
  Qty qty;              ///< filled quantity
  std::int64_t event_time_ns = 0;
};

// ---------------------------------------------------------------- venue

enum class FeedState : std::uint8_t {
  unspecified = 0,
  connected = 1,
  lost = 2,
  gap = 3,             ///< updates are missing: the book is invalid until resynchronised
  resynchronised = 4,  ///< the book follows the venue again
  stale = 5,           ///< no message for the session's stale time
  anomaly = 6,         ///< something the protocol does not allow was seen and handled; see detail
};

struct FeedStatus {
  static constexpr RecordKind kind = RecordKind::feed_status;
  FeedState state = FeedState::unspecified;
  std::int64_t expected_id = 0;  ///< gap: the id that should have followed; 0 = not applicable
  std::int64_t found_id = 0;
  std::string_view detail;
};

/// Our clock was stepped against the monotonic one.
struct ClockStep {
  static constexpr RecordKind kind = RecordKind::clock_step;
  std::int64_t step_ns = 0;
};

struct RateLimit {
  static constexpr RecordKind kind = RecordKind::rate_limit;
  std::int64_t used = 0;
  std::int64_t limit = 0;
  std::int64_t retry_after_ns = 0;
  std::string_view detail;
};

// ---------------------------------------------------------------- ours

enum class TimeInForce : std::uint8_t { post_only = 0, gtc = 1, ioc = 2, fok = 3 };

struct OrderAck {
  static constexpr RecordKind kind = RecordKind::order_ack;
  ClientOrderId order;
  std::int64_t venue_order_id = 0;
  Price price;
  Qty remaining;
};

enum class RejectReason : std::uint8_t {
  unspecified = 0,
  post_only_would_cross = 1,
  below_min_notional = 2,
  off_tick = 3,
  off_lot = 4,
  rate_limited = 5,
  insufficient_margin = 6,
  market_closed = 7,  ///< no valid book to trade against
  unknown_order = 8,
  other = 9,
};

struct OrderReject {
  static constexpr RecordKind kind = RecordKind::order_reject;
  ClientOrderId order;
  RejectReason reason = RejectReason::unspecified;
  std::string_view detail;
};

enum class DoneReason : std::uint8_t {
  unspecified = 0,
  cancelled = 1,        ///< we asked for it
  expired = 2,          ///< IOC or FOK rest
  venue_cancelled = 3,  ///< the venue did it (self-trade, margin, dead man's switch, ...)
  replaced = 4,         ///< a replace took its place
};

/// An order left the book without being filled to the end.
struct OrderDone {
  static constexpr RecordKind kind = RecordKind::order_done;
  ClientOrderId order;
  DoneReason reason = DoneReason::unspecified;
  Qty remaining;  ///< quantity that was never filled
  std::string_view detail;
};

/// A cancel or replace came too late or named nothing; the order's end is told by its own event.
struct CancelReject {
  static constexpr RecordKind kind = RecordKind::cancel_reject;
  ClientOrderId order;
  RejectReason reason = RejectReason::unspecified;
  std::string_view detail;
};

/// Why a simulated order filled; `venue` for real fills.
enum class FillCause : std::uint8_t {
  unspecified = 0,
  venue = 1,
  queue = 2,    ///< a trade at our price reached us
  through = 3,  ///< a trade printed beyond our price
  cross = 4,    ///< the opposite touch moved through our price without a print
  taker = 5,    ///< we took
};

/// Our execution.
struct Fill {
  static constexpr RecordKind kind = RecordKind::fill;
  ClientOrderId order;
  std::int64_t trade_id = 0;
  Side side = Side::buy;
  Price price;
  Qty qty;
  Qty remaining;  ///< of the order after this fill
  bool maker = true;
  Money fee;  ///< settlement currency, negative = rebate
  FillCause cause = FillCause::unspecified;
};

struct PositionReport {
  static constexpr RecordKind kind = RecordKind::position_report;
  Qty position;
  Price average_price;  ///< 0 when flat
};

struct BalanceReport {
  static constexpr RecordKind kind = RecordKind::balance_report;
  Money balance;
  std::string_view currency;
};

struct FundingPayment {
  static constexpr RecordKind kind = RecordKind::funding_payment;
  Money cash;  ///< change of our balance: negative = paid
  std::int64_t rate_e12 = 0;
};

// ---------------------------------------------------------------- control

/// First event of a session: everything the core needs to be built again.
///
/// What identifies the run (session id, wall clock, build, host) is not here but in the segment
/// header, so that two recordings of the same input have the same digests.
struct SessionStart {
  static constexpr RecordKind kind = RecordKind::session_start;
  std::string_view strategy;    ///< name in strategies/registry
  std::string_view parameters;  ///< "name=value" lines by name, defaults included
  std::string_view execution;   ///< "none", "paper" or "live"
  std::string_view settings;    ///< "name=value" lines: latency, queue model, limits, seed, ...
};

struct InstrumentDefined {
  static constexpr RecordKind kind = RecordKind::instrument_defined;
  std::string_view venue;
  std::string_view symbol;
  InstrumentRole role = InstrumentRole::quoted;
  ContractKind contract = ContractKind::linear;
  std::int64_t price_decimals = 0;
  std::int64_t lot_decimals = 0;
  Price tick;
  Qty qty_step;
  std::int64_t significant_figures = 0;
  std::int64_t contract_size = 1;
  Money min_notional;
  Qty min_qty;
  std::int64_t maker_fee_e8 = 0;
  std::int64_t taker_fee_e8 = 0;
  std::string_view settlement;
};

struct ParameterChange {
  static constexpr RecordKind kind = RecordKind::parameter_change;
  std::string_view name;
  std::string_view value;
};

/// A timer the core asked for (output SetTimer) has come due.
struct Timer {
  static constexpr RecordKind kind = RecordKind::timer;
  std::int64_t id = 0;
};

struct Annotation {
  static constexpr RecordKind kind = RecordKind::annotation;
  std::string_view author;
  std::string_view text;
};

struct KillSwitch {
  static constexpr RecordKind kind = RecordKind::kill_switch;
  bool engaged = true;
  std::string_view reason;
};

struct SessionEnd {
  static constexpr RecordKind kind = RecordKind::session_end;
  std::string_view reason;
};

using EventBody =
    std::variant<BookSnapshot, BookDelta, BestQuote, Trade, AssetContext, Liquidation, FeedStatus,
                 ClockStep, RateLimit, OrderAck, OrderReject, OrderDone, CancelReject, Fill,
                 PositionReport, BalanceReport, FundingPayment, SessionStart, InstrumentDefined,
                 ParameterChange, Timer, Annotation, KillSwitch, SessionEnd>;

struct Event {
  EventHeader header;
  EventBody body;

  RecordKind kind() const {
    return std::visit([](const auto& body_of) { return body_of.kind; }, body);
  }
};

InstrumentDefined definition_of(const Instrument& instrument);  ///< views into `instrument`
Instrument instrument_of(const InstrumentDefined& definition);

}  // namespace mm
