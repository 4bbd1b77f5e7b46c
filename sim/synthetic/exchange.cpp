#include "sim/synthetic/exchange.hpp"

#include <algorithm>

#include "engine/numeric.hpp"
#include "sim/funding.hpp"

namespace mm::sim {
namespace {

constexpr AccountId ours{1};

bool reaches(Side side, Price limit, Price price) {
  return side == Side::buy ? limit >= price : limit <= price;
}

}  // namespace

SyntheticExchange::SyntheticExchange(const Instrument& instrument, const Settings& settings,
                                     Duration feed)
    : instrument_(instrument),
      latency_(settings.latency),
      entry_random_(random_stream(settings.seed, "entry")),
      response_random_(random_stream(settings.seed, "response")),
      feed_(feed) {
  book_.track_touched();
}

// ---------------------------------------------------------------- the flow

OrderRef& SyntheticExchange::real_of(OrderRef flow_order) {
  const auto index = static_cast<std::size_t>(flow_order.value & 0xFFFFFFFF);
  if (index >= real_.size()) real_.resize(index + 1);
  if (real_[index].first != flow_order) real_[index] = {flow_order, OrderRef{}};
  return real_[index].second;
}

void SyntheticExchange::follow(std::span<const FlowAction> actions,
                               std::span<const MatchReport> flow_reports, Time now,
                               std::vector<MatchReport>& reports) {
  const std::size_t first = reports.size();
  for (const FlowAction& action : actions) {
    if (action.kind == FlowAction::Kind::withdraw) {
      book_.cancel(real_of(action.ref));
      continue;
    }
    NewOrder order = action.order;
    if (order.tif == TimeInForce::post_only) order.tif = TimeInForce::gtc;
    const AddOutcome outcome = book_.add(order, reports);
    if (action.ref.value != 0) real_of(action.ref) = outcome.ref;
  }
  for (const MatchReport& report : flow_reports) {
    const OrderRef real = real_of(report.maker);
    const auto standing = book_.find(real);
    if (!standing || standing->left <= report.maker_left) continue;
    if (report.maker_left == Qty{}) {
      book_.cancel(real);
    } else {
      book_.reduce(real, report.maker_left);
    }
  }
  for (std::size_t at = first; at < reports.size(); ++at) fill(now, reports[at]);
}

// ---------------------------------------------------------------- our messages

void SyntheticExchange::send(Time now, const Output& decision) {
  const bool is_message = std::holds_alternative<PlaceOrder>(decision.body) ||
                          std::holds_alternative<CancelOrder>(decision.body) ||
                          std::holds_alternative<ReplaceOrder>(decision.body);
  if (!is_message) return;
  const Duration entry = std::max(latency_.entry_of(decision.kind(), now, entry_random_), feed_);
  inbound_.push_back({entry_lane_.deliver(now, entry - feed_), decision.body});
}

void SyntheticExchange::arrive(std::vector<MatchReport>& reports) {
  MM_ASSERT(!inbound_.empty(), "a message is under way");
  const Message message = inbound_.front();
  inbound_.pop_front();
  if (const auto* order = std::get_if<PlaceOrder>(&message.body)) {
    place(message.arrival, *order, reports);
  } else if (const auto* gone = std::get_if<CancelOrder>(&message.body)) {
    cancel(message.arrival, gone->order);
  } else if (const auto* moved = std::get_if<ReplaceOrder>(&message.body)) {
    replace(message.arrival, *moved, reports);
  }
}

bool SyntheticExchange::meets_own(Side side, Price price) const {
  return std::any_of(own_.begin(), own_.end(), [&](const Own& own) {
    return own.side != side && reaches(side, price, own.price);
  });
}

std::optional<RejectReason> SyntheticExchange::refusal(const PlaceOrder& order) const {
  if (!book_.best(Side::buy) || !book_.best(Side::sell)) return RejectReason::market_closed;
  if (order.price <= Price{} || floor_to_tick(instrument_, order.price) != order.price)
    return RejectReason::off_tick;
  if (order.qty <= Qty{} || order.qty < instrument_.min_qty ||
      floor_to_step(instrument_, order.qty) != order.qty)
    return RejectReason::off_lot;
  if (quote_value(instrument_, order.price, order.qty) < instrument_.min_notional)
    return RejectReason::below_min_notional;
  if (order.time_in_force == TimeInForce::post_only) {
    if (book_.would_match(order.side, order.price)) return RejectReason::post_only_would_cross;
  } else if (meets_own(order.side, order.price)) {
    return RejectReason::other;
  }
  return std::nullopt;
}

void SyntheticExchange::place(Time now, const PlaceOrder& order,
                              std::vector<MatchReport>& reports) {
  if (const auto reason = refusal(order)) {
    tell(now, OrderReject{.order = order.order,
                          .reason = *reason,
                          .detail = *reason == RejectReason::other ? "meets an own order" : ""});
    return;
  }
  tell(now, OrderAck{.order = order.order,
                     .venue_order_id = ++last_venue_id_,
                     .price = order.price,
                     .remaining = order.qty});
  const std::size_t first = reports.size();
  const AddOutcome outcome = book_.add({.account = ours,
                                        .side = order.side,
                                        .price = order.price,
                                        .qty = order.qty,
                                        .tif = order.time_in_force,
                                        .tag = order.order.value},
                                       reports);
  Qty remaining = order.qty;
  for (std::size_t at = first; at < reports.size(); ++at) {
    remaining -= reports[at].qty;
    tell_fill(now, order.order, order.side, reports[at], remaining, false);
  }
  if (outcome.status == AddStatus::expired) {
    tell(now,
         OrderDone{.order = order.order, .reason = DoneReason::expired, .remaining = remaining});
  } else if (outcome.status == AddStatus::resting) {
    own_.push_back({.id = order.order,
                    .ref = outcome.ref,
                    .side = order.side,
                    .price = order.price,
                    .left = outcome.left});
  }
}

SyntheticExchange::Own* SyntheticExchange::find(ClientOrderId id) {
  const auto at =
      std::find_if(own_.begin(), own_.end(), [id](const Own& own) { return own.id == id; });
  return at == own_.end() ? nullptr : &*at;
}

void SyntheticExchange::gone(Time now, const Own& own) {
  gone_.push_back({.time = now, .order = own.id, .side = own.side, .price = own.price});
  std::erase_if(own_, [id = own.id](const Own& of) { return of.id == id; });
}

void SyntheticExchange::cancel(Time now, ClientOrderId id) {
  const Own* own = find(id);
  if (own == nullptr) {
    tell(now, CancelReject{.order = id, .reason = RejectReason::unknown_order});
    return;
  }
  tell(now, OrderDone{.order = id, .reason = DoneReason::cancelled, .remaining = own->left});
  book_.cancel(own->ref);
  gone(now, *own);
}

void SyntheticExchange::replace(Time now, const ReplaceOrder& order,
                                std::vector<MatchReport>& reports) {
  const Own* own = find(order.order);
  if (own == nullptr) {
    tell(now, CancelReject{.order = order.order, .reason = RejectReason::unknown_order});
    tell(now, OrderReject{.order = order.replacement, .reason = RejectReason::unknown_order});
    return;
  }
  tell(now,
       OrderDone{.order = order.order, .reason = DoneReason::replaced, .remaining = own->left});
  book_.cancel(own->ref);
  gone(now, *own);
  place(now,
        {.order = order.replacement,
         .side = order.side,
         .price = order.price,
         .qty = order.qty,
         .time_in_force = order.time_in_force},
        reports);
}

// ---------------------------------------------------------------- answers

void SyntheticExchange::fill(Time now, const MatchReport& report) {
  if (report.maker_account != ours) return;
  Own* own = find(ClientOrderId{report.maker_tag});
  MM_ASSERT(own != nullptr && report.kind == MatchReport::Kind::trade,
            "an order of ours that fills rests");
  own->left = report.maker_left;
  own->told = false;
  tell_fill(now, own->id, own->side, report, report.maker_left, true);
  if (report.maker_left == Qty{}) gone(now, *own);
}

void SyntheticExchange::tell_fill(Time now, ClientOrderId id, Side side, const MatchReport& report,
                                  Qty remaining, bool maker) {
  position_ += side == Side::buy ? report.qty : -report.qty;
  tell(now, Fill{.order = id,
                 .trade_id = ++last_trade_id_,
                 .side = side,
                 .price = report.price,
                 .qty = report.qty,
                 .remaining = remaining,
                 .maker = maker,
                 .fee = fee_of(instrument_, report.price, report.qty, maker),
                 .cause = FillCause::venue});
}

void SyntheticExchange::settle_funding(Time now, std::int64_t price_e8, std::int64_t rate_e12) {
  if (position_ == Qty{}) return;
  const auto cash = funding_cash(instrument_, position_, price_e8, rate_e12);
  MM_ASSERT(cash.has_value(), "a position of this market is an amount of money");
  tell(now, FundingPayment{.cash = *cash, .rate_e12 = rate_e12});
}

void SyntheticExchange::tell(Time now, const EventBody& body) {
  Event answer{.header = {.exchange_time = now}, .body = body};
  // Word of funding travels as that of a fill.
  const RecordKind kind =
      answer.kind() == RecordKind::funding_payment ? RecordKind::fill : answer.kind();
  const Duration response = latency_.response_of(kind, now, response_random_);
  answer.header.recv_time = response_lane_.deliver(now, feed_ + response);
  answers_.push_back(answer);
}

Event SyntheticExchange::take_answer() {
  MM_ASSERT(!answers_.empty(), "an answer is under way");
  const Event answer = answers_.front();
  answers_.pop_front();
  return answer;
}

void SyntheticExchange::tell_places(Time now, const TruthSink& sink) {
  for (const TruthQueue& place : gone_) sink(place);
  gone_.clear();
  for (Own& own : own_) {
    const Qty around = book_.level(own.side, own.price)->qty;
    if (own.told && around == own.around) continue;
    const Qty ahead = book_.ahead(own.ref).value();
    own.around = around;
    own.told = true;
    sink(TruthQueue{.time = now,
                    .order = own.id,
                    .side = own.side,
                    .price = own.price,
                    .ahead = ahead,
                    .behind = around - ahead - own.left,
                    .left = own.left});
  }
}

}  // namespace mm::sim
