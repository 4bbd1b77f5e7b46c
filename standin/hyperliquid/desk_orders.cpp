// Orders at the desk: placing, cancelling, modifying, and what becomes of them.

#include <fmt/format.h>

#include <algorithm>

#include "engine/numeric.hpp"
#include "standin/hyperliquid/desk.hpp"
#include "standin/hyperliquid/frames.hpp"
#include "standin/text.hpp"

namespace mm::standin::hyperliquid {

namespace wire = venues::hyperliquid;

namespace {

constexpr std::string_view gone_text = "Order was never placed, already canceled, or filled.";

}  // namespace

std::int64_t Desk::next_oid() {
  last_oid_ += 1 + static_cast<std::int64_t>(random_.below(40));
  return last_oid_;
}

OrderRecord& Desk::keep(const OrderRecord& record) {
  Account& account = *accounts_[record.account];
  account.orders.push_back(record.oid);
  if (account.orders.size() > 2000) {
    // The oldest that is done; live ones stay known.
    for (auto oid = account.orders.begin(); oid != account.orders.end(); ++oid) {
      if (orders_.at(*oid).live()) continue;
      orders_.erase(*oid);
      account.orders.erase(oid);
      break;
    }
  }
  return orders_[record.oid] = record;
}

void Desk::note_update(const OrderRecord& record) {
  news_.updates.push_back({record.account, record});
}

void Desk::finish(OrderRecord& record, std::string_view status, Time now) {
  record.status = status;
  record.status_time = now;
  note_update(record);
  news_.changed.push_back(record.account);
}

OrderRecord* Desk::live_order(Account& account, const wire::OrderName& name) {
  const OrderRecord* found = nullptr;
  if (const auto* oid = std::get_if<std::int64_t>(&name)) {
    found = order(*oid);
  } else {
    found = order(account, std::get<wire::Cloid>(name).text());
  }
  if (found == nullptr || !found->live() || accounts_[found->account].get() != &account) {
    return nullptr;
  }
  return const_cast<OrderRecord*>(found);
}

std::optional<std::string> Desk::static_refusal(const wire::CheckedOrder& order) const {
  if (order.asset >= coins_.size()) return fmt::format("Invalid asset. asset={}", order.asset);
  const Instrument& of = coins_[order.asset]->instrument();
  const auto with_asset = [&](std::string_view text) {
    return fmt::format("{} asset={}", text, order.asset);
  };
  const std::int64_t price_unit = power_of_ten(8 - of.price_decimals);
  const std::int64_t lot = power_of_ten(8 - of.lot_decimals);
  if (order.price_e8 <= 0 || order.price_e8 % price_unit != 0) {
    return with_asset("Price must be divisible by tick size.");
  }
  const Price price = Price::from_units(order.price_e8 / price_unit);
  if (floor_to_tick(of, price) != price) {
    return with_asset("Price must be divisible by tick size.");
  }
  if (order.size_e8 <= 0 || order.size_e8 % lot != 0) {
    return with_asset("Order has invalid size.");
  }
  return std::nullopt;
}

std::optional<std::string> Desk::batch_refusal(
    std::span<const wire::CheckedOrder* const> orders) const {
  if (orders.empty()) return "Empty batch";
  for (const wire::CheckedOrder* order : orders) {
    if (order->asset >= coins_.size()) continue;
    const Coin& coin = *coins_[order->asset];
    const double price = static_cast<double>(order->price_e8) /
                         static_cast<double>(power_of_ten(8 - coin.instrument().price_decimals));
    const double mark = coin.mark_units();
    if (mark > 0 && (price < 0.05 * mark || price > 1.95 * mark)) {
      return fmt::format(
          "Order price cannot be more than 95% away from the reference price asset={}",
          order->asset);
    }
  }
  return std::nullopt;
}

Desk::Item Desk::refused(OrderRecord record, std::string_view status, const std::string& text,
                         Time now) {
  record.status = status;
  record.status_time = now;
  note_update(keep(record));
  return {fmt::format(R"({{"error":{}}})", json_text(text)), true};
}

bool Desk::has_margin(const Account& account, std::size_t coin, Side side, Qty qty,
                      Price price) const {
  const Position& position = account.positions[coin];
  const Qty against = side == Side::buy ? -position.size : position.size;
  const Qty opening = std::max(Qty{}, qty - std::max(Qty{}, against));
  const Money needed = Money::from_units(
      quote_value(coins_[coin]->instrument(), price, opening).units() / position.leverage);
  return account_value(account, coins_) - margin_used(account, coins_) >= needed;
}

Desk::Item Desk::place(Account& account, const wire::CheckedOrder& order, Time now,
                       bool force_post_only) {
  if (const auto text = static_refusal(order); text && order.asset >= coins_.size()) {
    return {fmt::format(R"({{"error":{}}})", json_text(*text)), true};
  }
  Coin& coin = *coins_[order.asset];
  const Instrument& of = coin.instrument();
  OrderRecord record;
  record.oid = next_oid();
  record.account = account.id.value - 1;
  record.coin = order.asset;
  record.side = order.side;
  record.price = Price::from_units(order.price_e8 / power_of_ten(8 - of.price_decimals));
  record.original = Qty::from_lots(order.size_e8 / power_of_ten(8 - of.lot_decimals));
  record.left = record.original;
  record.tif = order.time_in_force == TimeInForce::post_only || force_post_only ? "Alo"
               : order.time_in_force == TimeInForce::ioc                        ? "Ioc"
                                                                                : "Gtc";
  record.reduce_only = order.reduce_only;
  if (order.cloid) record.cloid = order.cloid->text();
  record.placed = now;
  const auto refuse = [&](std::string_view status, std::string_view text) {
    return refused(record, status, fmt::format("{} asset={}", text, order.asset), now);
  };

  if (!faults.reject_next.empty()) {
    return refuse(faults.reject_next, "Order rejected by a fault: " + faults.reject_next + ".");
  }
  if (const auto text = static_refusal(order)) {
    return refused(record, text->starts_with("Price") ? "tickRejected" : "rejected", *text, now);
  }
  if (order.trigger) return refuse("badTriggerPxRejected", "Invalid TP/SL price.");
  if (!coin.open()) return refuse("rejected", "Trading is halted.");
  if (faults.post_only_phase && record.tif != "Alo") {
    return refuse("rejected", "Only post-only orders allowed immediately after a network upgrade.");
  }
  if (!record.cloid.empty()) {
    if (const OrderRecord* other = this->order(account, record.cloid); other && other->live()) {
      return refuse("rejected", "Duplicate cloid.");
    }
  }
  const Qty position = account.positions[order.asset].size;
  const Qty closable = record.side == Side::buy ? -position : position;
  const bool closes_all = closable > Qty{} && record.original >= closable && record.reduce_only;
  const bool exact_close = closable > Qty{} && record.original == closable;
  if (quote_value(of, record.price, record.original) < of.min_notional && !closes_all &&
      !exact_close) {
    return refuse("minTradeNtlRejected", "Order must have minimum value of $10.");
  }
  if (record.reduce_only) {
    if (closable <= Qty{}) {
      return refuse("reduceOnlyRejected", "Reduce only order would increase position.");
    }
    record.left = std::min(record.left, closable);
  } else if (!has_margin(account, order.asset, record.side, record.left, record.price)) {
    return refuse("perpMarginRejected", "Insufficient margin to place order.");
  }
  sim::NewOrder incoming;
  incoming.account = account.id;
  incoming.side = record.side;
  incoming.price = record.price;
  incoming.qty = record.left;
  incoming.tag = static_cast<std::uint64_t>(record.oid);
  incoming.tif = record.tif == "Alo"   ? TimeInForce::post_only
                 : record.tif == "Ioc" ? TimeInForce::ioc
                                       : TimeInForce::gtc;
  if (record.tif == "Alo" && coin.book().would_match(record.side, record.price)) {
    const auto bid = coin.book().best(Side::buy);
    const auto ask = coin.book().best(Side::sell);
    const auto text_of = [&](const auto& level) {
      return level ? format_decimal(level->price.units(), of.price_decimals) : std::string("0");
    };
    return refuse("badAloPxRejected",
                  fmt::format("Post only order would have immediately matched, bbo was {}@{}.",
                              text_of(bid), text_of(ask)));
  }
  if (record.tif == "Ioc" && !coin.book().would_match(record.side, record.price)) {
    return refuse("iocCancelRejected",
                  "Order could not immediately match against any resting orders.");
  }
  OrderRecord& kept = keep(record);
  kept.status = "open";
  kept.status_time = now;
  note_update(kept);
  news_.changed.push_back(kept.account);
  match(account, kept, incoming, now);
  const std::string cloid = kept.cloid.empty() ? "" : fmt::format(R"(,"cloid":"{}")", kept.cloid);
  if (kept.live()) {
    return {fmt::format(R"({{"resting":{{"oid":{}{}}}}})", kept.oid, cloid), false};
  }
  // The average of what this order just took.
  Money value;
  Qty size;
  for (const UserFill& of_fill : news_.fills) {
    if (of_fill.fill.oid != kept.oid) continue;
    value += quote_value(of, of_fill.fill.price, of_fill.fill.size);
    size += of_fill.fill.size;
  }
  if (size == Qty{}) {
    // Only orders of its own account stood there.
    return {fmt::format(R"({{"error":{}}})",
                        json_text(fmt::format("Order could not immediately match against any "
                                              "resting orders. asset={}",
                                              order.asset))),
            true};
  }
  const Money average = Money::from_units(
      divide_half_even(value.units() * power_of_ten(of.lot_decimals), size.lots()));
  return {fmt::format(R"({{"filled":{{"totalSz":"{}","avgPx":"{}","oid":{}{}}}}})",
                      pointed_decimal(size.lots(), of.lot_decimals), pointed_money(average, 6),
                      kept.oid, cloid),
          false};
}

void Desk::match(Account& account, OrderRecord& record, sim::NewOrder order, Time now) {
  Coin& coin = *coins_[record.coin];
  std::vector<sim::MatchReport> reports;
  const std::int64_t oid = record.oid;
  const sim::AddOutcome outcome = coin.book().add(order, reports);
  coin.flow().on_own_reports(reports);
  record.ref = outcome.ref;
  on_reports(record.coin, reports);
  OrderRecord& after = orders_.at(oid);
  if (outcome.status == sim::AddStatus::filled) {
    after.left = {};
    finish(after, "filled", now);
  } else if (outcome.status == sim::AddStatus::expired) {
    // Of an Ioc that filled partly the rest is dropped without a word.
    finish(after, outcome.filled > Qty{} ? "filled" : "iocCancelRejected", now);
  }
  shrink_reduce_only(account, record.coin, now);
}

void Desk::on_reports(std::size_t coin, std::span<const sim::MatchReport> reports) {
  for (const sim::MatchReport& report : reports) {
    if (report.maker_account.value == 0 && report.taker_account.value == 0) continue;
    OrderRecord* maker = nullptr;
    if (report.maker_account.value != 0) {
      maker = &orders_.at(static_cast<std::int64_t>(report.maker_tag));
    }
    if (report.kind == sim::MatchReport::Kind::self_trade) {
      finish(*maker, "selfTradeCanceled", Time{});
      news_.system_cancels.emplace_back(maker->account, news_.updates.size() - 1);
      continue;
    }
    const std::uint64_t seed = random_.next();
    const auto trade_id = static_cast<std::int64_t>(seed >> 14);  // 50 bits
    const std::string hash = invented_hash(seed);
    Print print;
    print.price = report.price;
    print.qty = report.qty;
    print.aggressor = report.aggressor;
    print.trade_id = trade_id;
    print.hash = hash;
    const bool buys = report.aggressor == Side::buy;
    const std::string maker_address = address_of(report.maker_account, seed + 1);
    const std::string taker_address = address_of(report.taker_account, seed + 2);
    print.buyer = buys ? taker_address : maker_address;
    print.seller = buys ? maker_address : taker_address;
    news_.prints.push_back({coin, std::move(print)});
    if (maker != nullptr) {
      fill(maker->account, *maker, report, report.qty, false, trade_id, hash);
      maker->left = report.maker_left;
      if (report.maker_left == Qty{}) finish(*maker, "filled", Time{});
      shrink_reduce_only(*accounts_[report.maker_account.value - 1], coin, Time{});
    }
    if (report.taker_account.value != 0) {
      OrderRecord& taker = orders_.at(static_cast<std::int64_t>(report.taker_tag));
      taker.left -= report.qty;
      fill(taker.account, taker, report, report.qty, true, trade_id, hash);
    }
  }
}

void Desk::fill(std::size_t account, OrderRecord& record, const sim::MatchReport& report, Qty qty,
                bool crossed, std::int64_t trade_id, const std::string& hash) {
  FillRecord of;
  of.coin = record.coin;
  of.price = report.price;
  of.size = qty;
  of.side = record.side;
  of.hash = hash;
  of.oid = record.oid;
  of.crossed = crossed;
  of.trade_id = trade_id;
  of.cloid = record.cloid;
  const FillRecord& booked =
      book_fill(*accounts_[account], *coins_[record.coin], std::move(of), settings_.fees);
  news_.fills.push_back({account, booked});
  news_.changed.push_back(account);
}

/// Reduce-only orders never exceed the position, and end with it.
void Desk::shrink_reduce_only(Account& account, std::size_t coin, Time now) {
  const Qty position = account.positions[coin].size;
  for (const std::int64_t oid :
       std::vector<std::int64_t>(account.orders.begin(), account.orders.end())) {
    OrderRecord& record = orders_.at(oid);
    if (!record.live() || !record.reduce_only || record.coin != coin) continue;
    const Qty closable = record.side == Side::buy ? -position : position;
    if (closable <= Qty{}) {
      coins_[coin]->book().cancel(record.ref);
      finish(record, "reduceOnlyCanceled", now);
    } else if (record.left > closable) {
      coins_[coin]->book().reduce(record.ref, closable);
      record.left = closable;
    }
  }
}

Desk::Item Desk::cancel(Account& account, std::uint32_t asset, const wire::OrderName& name,
                        Time now) {
  OrderRecord* record = live_order(account, name);
  if (record == nullptr || record->coin != asset) {
    return {fmt::format(R"({{"error":"{} asset={}"}})", gone_text, asset), true};
  }
  coins_[record->coin]->book().cancel(record->ref);
  finish(*record, "canceled", now);
  return {R"("success")", false};
}

Desk::Item Desk::modify(Account& account, const wire::CheckedModifies::Item& of, bool always_place,
                        Time now) {
  const auto refuse = [&](std::string_view text) {
    return Item{fmt::format(R"({{"error":"{} asset={}"}})", text, of.order.asset), true};
  };
  if (static_refusal(of.order) || of.order.trigger ||
      (!always_place && of.order.time_in_force == TimeInForce::ioc)) {
    return refuse("Attempted to modify to invalid new order");
  }
  OrderRecord* record = live_order(account, of.target);
  if (record == nullptr && !always_place) {
    return refuse("Cannot modify canceled or filled order");
  }
  if (record != nullptr) {
    coins_[record->coin]->book().cancel(record->ref);
    finish(*record, "canceled", now);
  }
  Item placed = place(account, of.order, now, !always_place);
  if (placed.error) {
    const std::string_view inner = "{\"error\":\"";
    placed.json.insert(inner.size(), "Error placing new order during modify: ");
  }
  return placed;
}

void Desk::cancel_all(Account& account, std::string_view status, Time now) {
  for (const std::int64_t oid :
       std::vector<std::int64_t>(account.orders.begin(), account.orders.end())) {
    OrderRecord& record = orders_.at(oid);
    if (!record.live()) continue;
    coins_[record.coin]->book().cancel(record.ref);
    finish(record, status, now);
    news_.system_cancels.emplace_back(record.account, news_.updates.size() - 1);
  }
}

}  // namespace mm::standin::hyperliquid
