#include "venues/hyperliquid/order_session.hpp"

#include <type_traits>

#include "engine/numeric.hpp"
#include "venues/hyperliquid/error_text.hpp"

namespace mm::venues::hyperliquid {
namespace {

/// How long something that has ended may still be mentioned.
constexpr Duration afterlife = std::chrono::minutes{1};

constexpr bool is_over_rate(std::string_view text) {
  return text.starts_with("Too many cumulative requests");
}

}  // namespace

OrderSession::OrderSession(const Instrument& instrument, InstrumentId id,
                           const OrderSessionSettings& settings, EventQueue& told)
    : instrument_(instrument), id_(id), settings_(settings), told_(told) {}

// ---------------------------------------------------------------- telling the core

void OrderSession::tell(Time now, const EventBody& body, std::string_view detail, Time exchange) {
  EventHeader header;
  header.recv_time = now;
  header.exchange_time = exchange;
  header.instrument = id_;
  told_.push(header, body, detail);
}

void OrderSession::tell_anomaly(Time now, std::string_view detail) {
  tell(now, FeedStatus{.state = FeedState::anomaly}, detail);
}

void OrderSession::acknowledge(Time now, Track& track, std::int64_t oid, Time exchange) {
  track.placing = false;
  if (oid != 0) track.oid = oid;
  if (std::exchange(track.acknowledged, true)) return;
  track.acknowledged_at = now;
  if (!track.cancelling && !track.cancel_refused) track.due = Time::max();
  tell(now, OrderAck{track.id, track.oid, track.price, track.size - track.filled}, {}, exchange);
}

void OrderSession::reject(Time now, Track& track, RejectReason reason, std::string_view detail) {
  tell(now, OrderReject{track.id, reason, {}}, detail);
  forget(now, track.id);
}

void OrderSession::end(Time now, Track& track, DoneReason reason, std::optional<Qty> remaining,
                       std::string_view detail, Time exchange) {
  if (track.end && (track.end->remaining || !remaining)) return;
  track.placing = track.cancelling = track.cancel_refused = false;
  if (reason == DoneReason::cancelled && track.replaced) reason = DoneReason::replaced;
  if (exchange == Time{} && track.end) exchange = track.end->exchange;
  track.end = Track::End{reason, remaining, std::string(detail), now, exchange};
  track.due = now + settings_.patience;
  settle(now, track, false);
}

void OrderSession::settle(Time now, Track& track, bool fills_complete) {
  if (!track.end) return;
  const Qty left = track.size - track.filled;
  const bool adds_up = track.end->remaining == left;
  if (!adds_up && !fills_complete) return;
  if (!adds_up && track.end->remaining)
    tell_anomaly(now, "order " + Cloid{settings_.session_tag, track.id}.text() +
                          " ended with a rest of " +
                          format_qty(instrument_, *track.end->remaining) + ", its fills leave " +
                          format_qty(instrument_, left) + "; the fills count");
  const DoneReason reason = track.end->reason == DoneReason::unspecified
                                ? DoneReason::venue_cancelled
                                : track.end->reason;
  tell(now, OrderDone{track.id, reason, left, {}}, track.end->detail, track.end->exchange);
  forget(now, track.id);
}

void OrderSession::forget(Time now, ClientOrderId order) {
  std::erase_if(ended_, [now](const auto& of) { return of.second + afterlife < now; });
  ended_[order] = now;
  tracks_.erase(order);
}

// ---------------------------------------------------------------- from the core

OrderSession::Track* OrderSession::find(ClientOrderId order) {
  const auto at = tracks_.find(order);
  return at == tracks_.end() ? nullptr : &at->second;
}

const OrderSession::Track* OrderSession::find(ClientOrderId order) const {
  const auto at = tracks_.find(order);
  return at == tracks_.end() ? nullptr : &at->second;
}

OrderSession::Track* OrderSession::begin(Time now, ClientOrderId id, Side side, Price price,
                                         Qty qty, TimeInForce lives) {
  const OrderRequest request{.asset = settings_.asset,
                             .side = side,
                             .price = price,
                             .qty = qty,
                             .time_in_force = lives,
                             .cloid = Cloid{settings_.session_tag, id}};
  auto wire = make_order(instrument_, request);
  const auto refused = [&](RejectReason reason, std::string_view why) {
    tell(now, OrderReject{id, reason, {}}, why);
    return nullptr;
  };
  if (!wire) return refused(RejectReason::other, wire.error().message());
  // What goes out is what the core decided, or nothing.
  if (floor_to_tick(instrument_, price) != price)
    return refused(RejectReason::off_tick, "the price is not on the venue's grid");
  if (floor_to_step(instrument_, qty) != qty)
    return refused(RejectReason::off_lot, "the size is not on the venue's grid");
  Track& of = tracks_[id];
  of.id = id;
  of.side = side;
  of.price = price;
  of.size = qty;
  of.wire = std::move(*wire);
  of.immediate = lives == TimeInForce::ioc;
  of.placing = true;
  of.expires = now + settings_.order_lifetime;
  return &of;
}

void OrderSession::place(Time now, const PlaceOrder& order) {
  if (begin(now, order.order, order.side, order.price, order.qty, order.time_in_force) != nullptr)
    to_place_.push_back(order.order);
}

void OrderSession::cancel(Time, ClientOrderId order) {
  Track* const of = find(order);
  // What is gone or going answers for itself.
  if (of == nullptr || of->end || std::exchange(of->cancelling, true)) return;
  of->cancel_refused = false;
  to_cancel_.push_back(order);
}

void OrderSession::replace(Time now, const ReplaceOrder& order) {
  Track* const old = find(order.order);
  if (old == nullptr || old->end) {
    tell(now, OrderReject{order.replacement, RejectReason::unknown_order, {}},
         "the order it was to replace is gone");
    return;
  }
  old->replaced = true;
  const bool placed = begin(now, order.replacement, order.side, order.price, order.qty,
                            order.time_in_force) != nullptr;
  if (placed && is_modified_by(*old, order)) {
    old->cancelling = true;
    old->successor = order.replacement;
    old->cancel_refused = false;
    to_modify_.emplace_back(order.order, order.replacement);
    return;
  }
  cancel(now, order.order);
  if (placed) to_place_.push_back(order.replacement);
}

void OrderSession::refuse(Time now, const PlaceOrder& order, RejectReason reason,
                          std::string_view why) {
  tell(now, OrderReject{order.order, reason, {}}, why);
}

void OrderSession::refuse(Time now, const ReplaceOrder& order, RejectReason reason,
                          std::string_view why) {
  tell(now, OrderReject{order.replacement, reason, {}}, why);
  if (Track* const old = find(order.order)) old->replaced = true;
  cancel(now, order.order);
}

void OrderSession::cancel_everything(Time now) {
  for (const auto& [id, of] : tracks_) cancel(now, id);
}

void OrderSession::cancel_side(Time now, Side side) {
  for (const auto& [id, of] : tracks_)
    if (of.side == side) cancel(now, id);
}

void OrderSession::send(Time now, Action action, std::size_t items,
                        std::variant<Place, Cancel, Modify, CleanUp> what, bool expires) {
  const std::uint64_t request = ++last_request_;
  in_flight_[request] = InFlight{std::move(what), items, now + settings_.reply_patience};
  requests_.push_back({request, std::move(action),
                       expires ? std::optional{now + settings_.order_lifetime} : std::nullopt});
}

void OrderSession::flush(Time now) {
  const auto chunks = [](auto& queue, auto&& each) {
    for (std::span rest{queue}; !rest.empty();) {
      const auto chunk = rest.first(std::min(rest.size(), max_batch));
      rest = rest.subspan(chunk.size());
      each(chunk);
    }
    queue.clear();
  };
  const auto cloid = [this](ClientOrderId order) { return Cloid{settings_.session_tag, order}; };
  chunks(to_cancel_, [&](std::span<const ClientOrderId> orders) {
    std::vector<CloidCancelRequest> items;
    for (const ClientOrderId order : orders) items.push_back({settings_.asset, cloid(order)});
    send(now, cancel_by_cloid_action(items), items.size(), Cancel{{orders.begin(), orders.end()}},
         false);
  });
  chunks(to_modify_, [&](std::span<const std::pair<ClientOrderId, ClientOrderId>> orders) {
    std::vector<ModifyRequest> items;
    for (const auto& [old, replacement] : orders)
      items.push_back({cloid(old), find(replacement)->wire});
    send(now, batch_modify_action(items), items.size(), Modify{{orders.begin(), orders.end()}},
         true);
  });
  chunks(to_place_, [&](std::span<const ClientOrderId> orders) {
    std::vector<hyperliquid::Order> items;
    for (const ClientOrderId order : orders) items.push_back(find(order)->wire);
    send(now, order_action(items), items.size(), Place{{orders.begin(), orders.end()}}, true);
  });
}

// ---------------------------------------------------------------- replies

void OrderSession::on_reply(Time now, std::uint64_t request, const Result<std::string>& body) {
  const auto at = in_flight_.find(request);
  if (at == in_flight_.end()) return;  // too late: its orders are being looked up
  const InFlight answered = std::move(at->second);
  in_flight_.erase(at);
  if (!body) return outcome_unknown(now, answered);
  const auto reply = decode_exchange_reply(*body, answered.items);
  if (!reply) {
    tell_anomaly(now, reply.error().message());
    return outcome_unknown(now, answered);
  }
  if (!reply->error.empty()) refused(now, reply->error);
  for (std::size_t i = 0; i < reply->statuses.size() && i < answered.items; ++i) {
    const ItemStatus& status = reply->statuses[i];
    if (const auto* const place = std::get_if<Place>(&answered.what)) {
      if (Track* const of = find(place->orders[i])) placed(now, *of, status);
    } else if (const auto* const cancel = std::get_if<Cancel>(&answered.what)) {
      if (Track* const of = find(cancel->orders[i])) cancelled(now, *of, status);
    } else if (const auto* const modify = std::get_if<Modify>(&answered.what)) {
      const auto& [old, replacement] = modify->orders[i];
      if (Track* const of = find(replacement)) modified(now, *of, status);
      if (Track* const of = find(old)) cancelled(now, *of, status);
    }
  }
}

void OrderSession::placed(Time now, Track& of, const ItemStatus& status) {
  of.placing = false;
  if (const auto* const resting = std::get_if<Resting>(&status)) {
    acknowledge(now, of, resting->oid);
  } else if (const auto* const filled = std::get_if<Filled>(&status)) {
    acknowledge(now, of, filled->oid);
    const auto total = qty_of(instrument_, filled->total_size_e8);
    if (of.immediate && total) {
      end(now, of, DoneReason::expired, of.size - *total, {});
    } else if (total == of.size) {
      end(now, of, DoneReason::unspecified, Qty{}, {});
    } else {
      ask_at(of, now);  // whether the rest stands, no source says
    }
  } else if (const auto* const no = std::get_if<Refused>(&status); no && !of.acknowledged) {
    if (of.immediate && is_ioc_miss(no->text)) {
      end(now, of, DoneReason::expired, of.size, no->text);
    } else {
      reject(now, of, no->reason, no->text);
    }
  } else {
    ask_at(of, now);
  }
}

void OrderSession::cancelled(Time now, Track& of, const ItemStatus& status) {
  of.cancelling = false;
  // Success does not say what was left: orderUpdates does, or the venue is asked after a while.
  if (!std::holds_alternative<Refused>(status)) return ask_at(of, now + settings_.patience);
  of.cancel_refused = true;
  ask_at(of, now);
}

void OrderSession::modified(Time now, Track& replacement, const ItemStatus& status) {
  if (const auto* const no = std::get_if<Refused>(&status);
      no && no->text.starts_with("Cannot modify"))
    return reject(now, replacement, RejectReason::unknown_order, no->text);
  placed(now, replacement, status);
}

void OrderSession::outcome_unknown(Time now, const InFlight& request) {
  const auto look = [&](ClientOrderId order, bool of_cancel) {
    Track* const of = find(order);
    if (of == nullptr) return;
    (of_cancel ? of->cancelling : of->placing) = false;
    if (of_cancel) of->cancel_refused = true;
    ask_at(*of, now);
  };
  if (const auto* const place = std::get_if<Place>(&request.what)) {
    for (const ClientOrderId order : place->orders) look(order, false);
  } else if (const auto* const cancel = std::get_if<Cancel>(&request.what)) {
    for (const ClientOrderId order : cancel->orders) look(order, true);
  } else if (const auto* const modify = std::get_if<Modify>(&request.what)) {
    for (const auto& [old, replacement] : modify->orders) {
      look(old, true);
      look(replacement, false);
    }
  }
}

void OrderSession::on_connection_lost(Time now) {
  for (const auto& [request, of] : std::exchange(in_flight_, {})) outcome_unknown(now, of);
}

void OrderSession::refused(Time now, const std::string& text) {
  if (is_signer_unknown(text)) fatal_ = text;
  if (is_over_rate(text)) tell(now, RateLimit{}, text);
}

// ---------------------------------------------------------------- streams and questions

void OrderSession::on_user_event(const Event& event) {
  const Time now = event.header.recv_time;
  const Time exchange = event.header.exchange_time;
  std::visit(
      [&](const auto& body) {
        using Body = std::remove_cvref_t<decltype(body)>;
        if constexpr (std::is_same_v<Body, OrderAck>) {
          if (Track* const of = find(body.order))
            acknowledge(now, *of, body.venue_order_id, exchange);
        } else if constexpr (std::is_same_v<Body, OrderDone>) {
          if (Track* const of = find(body.order))
            end(now, *of, body.reason, body.remaining, body.detail, exchange);
        } else if constexpr (std::is_same_v<Body, OrderReject>) {
          Track* const of = find(body.order);
          if (of != nullptr && !of->acknowledged) reject(now, *of, body.reason, body.detail);
        } else if constexpr (std::is_same_v<Body, Fill>) {
          Track* const of = find(body.order);
          if (of == nullptr) return tell(now, body, {}, exchange);  // the core says it is late
          of->filled = std::min(of->size, of->filled + body.qty);
          Fill fill = body;
          fill.remaining = of->size - of->filled;
          tell(now, fill, {}, exchange);
          if (of->filled == of->size) return forget(now, of->id);
          settle(now, *of, false);
        } else if constexpr (std::is_same_v<Body, FeedStatus>) {
          tell(now, body, body.detail, exchange);
        } else if constexpr (std::is_same_v<Body, FundingPayment>) {
          tell(now, body, {}, exchange);
        }
      },
      event.body);
}

void OrderSession::on_fills_complete(Time now, Time asked) {
  wants_fills_ = false;
  for (auto at = tracks_.begin(); at != tracks_.end();) {
    Track& of = (at++)->second;  // settle() may take it out
    if (of.end && of.end->learned + settings_.patience <= asked) settle(now, of, true);
  }
}

void OrderSession::on_order_status(Time now, ClientOrderId order,
                                   const std::optional<OrderState>& state) {
  Track* const of = find(order);
  if (of == nullptr || of->end) return;
  of->due = now + settings_.lookup_interval;
  if (!state) {
    // A request may still arrive until it has expired; then nothing can come of it any more.
    if (of->acknowledged) return end(now, *of, DoneReason::venue_cancelled, {}, "unknownOid");
    if (now >= of->expires + settings_.expiry_margin)
      reject(now, *of, RejectReason::other, "the venue never received it");
    return;
  }
  const auto rest = qty_of(instrument_, state->order.size_e8);
  switch (state->phase) {
    case OrderPhase::live:
      acknowledge(now, *of, state->order.oid);
      if (of->cancelling) return;
      of->due = Time::max();
      if (!std::exchange(of->cancel_refused, false)) return;
      of->replaced = false;
      return tell(now, CancelReject{of->id, RejectReason::other, {}}, "it still stands");
    case OrderPhase::filled:
      acknowledge(now, *of, state->order.oid);
      return end(now, *of, DoneReason::unspecified, Qty{}, {});
    case OrderPhase::cancelled:
      return end(now, *of, DoneReason::cancelled, rest, {});
    case OrderPhase::venue_cancelled:
      return end(now, *of, DoneReason::venue_cancelled, rest, state->status);
    case OrderPhase::rejected:
      if (!of->acknowledged) return reject(now, *of, reason_of(state->status), state->status);
      return end(now, *of, DoneReason::venue_cancelled, {}, state->status);
    case OrderPhase::unknown:
      tell_anomaly(now, "order status \"" + state->status + "\" is unknown");
      of->due = now + 30 * settings_.lookup_interval;
  }
}

void OrderSession::on_open_orders(Time now, Time asked, std::span<const OpenOrder> orders) {
  std::vector<ClientOrderId> standing;
  for (const OpenOrder& order : orders) {
    if (order.coin != instrument_.symbol) continue;
    if (!order.cloid || !order.cloid->is_of_this_program()) {
      clean_up(now, order, {});
    } else if (order.cloid->session_tag != settings_.session_tag) {
      clean_up(now, order, "an earlier session");
    } else if (Track* const of = find(order.cloid->order)) {
      standing.push_back(of->id);
      acknowledge(now, *of, order.oid);
    } else if (!ended_.contains(order.cloid->order)) {
      clean_up(now, order, "this session, which takes it for gone,");
    }
  }
  for (auto& [id, of] : tracks_) {
    const bool known = of.acknowledged && of.acknowledged_at < asked && !of.end;
    if (known && std::find(standing.begin(), standing.end(), id) == standing.end()) ask_at(of, now);
  }
}

void OrderSession::clean_up(Time now, const OpenOrder& order, std::string_view whose) {
  const auto at = std::lower_bound(strangers_.begin(), strangers_.end(), order.oid);
  if (at != strangers_.end() && *at == order.oid) return;
  strangers_.insert(at, order.oid);
  const std::string name = "order " + std::to_string(order.oid) + " of ";
  if (whose.empty()) return tell_anomaly(now, name + "somebody else stands on this account");
  tell_anomaly(now, name + std::string(whose) + " stands on this account; cancelling it");
  const CancelRequest request{settings_.asset, order.oid};
  send(now, cancel_action({&request, 1}), 1, CleanUp{}, false);
}

// ---------------------------------------------------------------- time

Time OrderSession::next_check() const {
  Time next = Time::max();
  for (const auto& [request, of] : in_flight_) next = std::min(next, of.due);
  for (const auto& [id, of] : tracks_) next = std::min(next, of.due);
  return next;
}

void OrderSession::check(Time now) {
  std::vector<InFlight> late;
  std::erase_if(in_flight_, [&](auto& of) {
    if (of.second.due > now) return false;
    late.push_back(std::move(of.second));
    return true;
  });
  for (const InFlight& request : late) outcome_unknown(now, request);
  overdue_ = overdue_ || !late.empty();
  for (auto& [id, of] : tracks_) {
    if (of.due > now) continue;
    if (of.end) {
      wants_fills_ = true;
      of.due = now + settings_.patience;
    } else {
      lookups_.push_back(id);
      of.due = now + settings_.lookup_interval;
    }
  }
}

OrderSession::Exposure OrderSession::exposure() const {
  Exposure sum;
  const auto value = [this](const Track& of, Qty qty) {
    return position_value(instrument_, of.price, qty);
  };
  for (const auto& [id, of] : tracks_) {
    const Qty left = of.size - of.filled;
    const bool end_known = of.end && of.end->remaining;
    const Qty may_fill = end_known ? std::max(Qty{}, left - *of.end->remaining) : left;
    Qty& side = of.side == Side::buy ? sum.buy : sum.sell;
    side += may_fill;
    sum.gross += value(of, may_fill);
    const Track* const successor = of.end || !of.successor ? nullptr : find(*of.successor);
    if (successor == nullptr) continue;
    const Qty other = successor->size - successor->filled;
    side -= std::min(left, other);
    sum.gross -= std::min(value(of, left), value(*successor, other));
  }
  return sum;
}

Qty OrderSession::gives_way(const ReplaceOrder& order) const {
  const Track* const old = find(order.order);
  if (old == nullptr || !is_modified_by(*old, order)) return Qty{};
  return std::min(old->size - old->filled, order.qty);
}

}  // namespace mm::venues::hyperliquid
