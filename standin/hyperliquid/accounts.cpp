#include "standin/hyperliquid/accounts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "engine/numeric.hpp"
#include "standin/text.hpp"

namespace mm::standin::hyperliquid {
namespace {

Qty magnitude(Qty of) {
  return of < Qty{} ? -of : of;
}
Money magnitude(Money of) {
  return of < Money{} ? -of : of;
}

std::string direction_of(Qty before, Qty after, Side side) {
  if (before > Qty{} && after < Qty{}) return "Long > Short";
  if (before < Qty{} && after > Qty{}) return "Short > Long";
  if (side == Side::buy) return before < Qty{} ? "Close Short" : "Open Long";
  return before > Qty{} ? "Close Long" : "Open Short";
}

Money at_mark(const Coin& coin, Qty size) {
  const auto doubled = static_cast<std::int64_t>(coin.mark_units() * 2 + 0.5);
  const Money one = mid_value_of_one_lot(coin.instrument(), Price::from_units(doubled / 2),
                                         Price::from_units(doubled - doubled / 2));
  return Money::from_units(one.units() * size.lots());
}

std::string price_json(const Coin& coin, Price price) {
  return json_text(pointed_decimal(price.units(), coin.instrument().price_decimals));
}
std::string size_json(const Coin& coin, Qty size) {
  return json_text(pointed_decimal(size.lots(), coin.instrument().lot_decimals));
}
char side_letter(Side side) {
  return side == Side::buy ? 'B' : 'A';
}

}  // namespace

const FillRecord& book_fill(Account& account, const Coin& coin, FillRecord record,
                            const FeeRates& rates) {
  Position& position = account.positions[record.coin];
  const Qty before = position.size;
  const Qty signed_size = record.side == Side::buy ? record.size : -record.size;
  const Qty after = before + signed_size;
  const Money value = quote_value(coin.instrument(), record.price, record.size);
  const bool closes = before != Qty{} && (before > Qty{}) != (signed_size > Qty{});
  const Qty closed = closes ? std::min(magnitude(before), record.size) : Qty{};
  record.start_position = before;
  record.direction = direction_of(before, after, record.side);
  if (closed > Qty{}) {
    const Money entry = Money::from_units(
        divide_half_even(position.entry_value.units() * closed.lots(), magnitude(before).lots()));
    const Money exit = quote_value(coin.instrument(), record.price, closed);
    record.closed_pnl = before > Qty{} ? exit - entry : -exit - entry;
    position.entry_value -= entry;
  }
  if (const Qty opened = record.size - closed; opened > Qty{}) {
    const Money entry = quote_value(coin.instrument(), record.price, opened);
    position.entry_value += record.side == Side::buy ? entry : -entry;
    if (closed == magnitude(before)) position.funding_since_open = {};
  }
  position.size = after;
  const std::int64_t rate = record.crossed ? rates.taker_e8 : rates.maker_e8;
  record.fee = Money::from_units(divide_half_even(value.units() * rate, 100'000'000));
  account.balance += record.closed_pnl - record.fee;
  account.volume += value;
  account.fills.push_back(std::move(record));
  if (account.fills.size() > 10'000) account.fills.pop_front();
  return account.fills.back();
}

Money account_value(const Account& account, const std::vector<std::unique_ptr<Coin>>& coins) {
  Money sum = account.balance;
  for (std::size_t at = 0; at < coins.size(); ++at) {
    const Position& position = account.positions[at];
    if (position.size != Qty{}) sum += at_mark(*coins[at], position.size) - position.entry_value;
  }
  return sum;
}

Money margin_used(const Account& account, const std::vector<std::unique_ptr<Coin>>& coins) {
  Money sum;
  for (std::size_t at = 0; at < coins.size(); ++at) {
    const Position& position = account.positions[at];
    sum += Money::from_units(magnitude(at_mark(*coins[at], position.size)).units() /
                             position.leverage);
  }
  return sum;
}

std::string fill_json(const FillRecord& fill, const Coin& coin) {
  return fmt::format(
      R"({{"coin":{},"px":{},"sz":{},"side":"{}","time":{},"startPosition":{},"dir":"{}",)"
      R"("closedPnl":"{}","hash":"{}","oid":{},"crossed":{},"fee":"{}","tid":{},{}"feeToken":"USDC",)"
      R"("twapId":null}})",
      json_text(coin.name()), price_json(coin, fill.price), size_json(coin, fill.size),
      side_letter(fill.side), to_ms(fill.time), size_json(coin, fill.start_position),
      fill.direction, pointed_money(fill.closed_pnl, 8), fill.hash, fill.oid, fill.crossed,
      pointed_money(fill.fee, 8), fill.trade_id,
      fill.cloid.empty() ? "" : fmt::format(R"("cloid":"{}",)", fill.cloid));
}

std::string order_json(const OrderRecord& order, const Coin& coin) {
  return fmt::format(
      R"({{"coin":{},"side":"{}","limitPx":{},"sz":{},"oid":{},"timestamp":{},"origSz":{}{}{}}})",
      json_text(coin.name()), side_letter(order.side), price_json(coin, order.price),
      size_json(coin, order.left), order.oid, to_ms(order.placed), size_json(coin, order.original),
      order.cloid.empty() ? "" : fmt::format(R"(,"cloid":"{}")", order.cloid),
      order.reduce_only ? R"(,"reduceOnly":true)" : "");
}

std::string frontend_order_json(const OrderRecord& order, const Coin& coin) {
  return fmt::format(
      R"({{"coin":{},"side":"{}","limitPx":{},"sz":{},"oid":{},"timestamp":{},)"
      R"("triggerCondition":"N/A","isTrigger":false,"triggerPx":"0.0","children":[],)"
      R"("isPositionTpsl":false,"reduceOnly":{},"orderType":"Limit","origSz":{},"tif":"{}",)"
      R"("cloid":{}}})",
      json_text(coin.name()), side_letter(order.side), price_json(coin, order.price),
      size_json(coin, order.left), order.oid, to_ms(order.placed), order.reduce_only,
      size_json(coin, order.original), order.tif,
      order.cloid.empty() ? "null" : json_text(order.cloid));
}

std::string update_json(const OrderRecord& order, const Coin& coin) {
  return fmt::format(R"({{"order":{},"status":"{}","statusTimestamp":{}}})",
                     order_json(order, coin), order.status, to_ms(order.status_time));
}

std::string funding_json(const FundingRecord& funding, const Coin& coin) {
  return fmt::format(
      R"({{"time":{},"coin":{},"usdc":"{}","szi":{},"fundingRate":"{}","nSamples":null}})",
      to_ms(funding.time), json_text(coin.name()), pointed_money(funding.cash, 6),
      size_json(coin, funding.size), funding.rate);
}

std::string clearinghouse_json(const Account& account,
                               const std::vector<std::unique_ptr<Coin>>& coins, Time now) {
  std::string positions;
  Money notional;
  Money raw = account.balance;
  for (std::size_t at = 0; at < coins.size(); ++at) {
    const Position& position = account.positions[at];
    if (position.size == Qty{}) continue;
    const Coin& coin = *coins[at];
    const Money value = magnitude(at_mark(coin, position.size));
    const Money unrealised = at_mark(coin, position.size) - position.entry_value;
    const Money margin = Money::from_units(value.units() / position.leverage);
    notional += value;
    raw -= position.entry_value;
    const std::int64_t per_lot = power_of_ten(coin.instrument().lot_decimals);
    const Money entry = Money::from_units(
        divide_half_even(position.entry_value.units() * per_lot, magnitude(position.size).lots()));
    const double return_on = margin == Money{} ? 0
                                               : static_cast<double>(unrealised.units()) /
                                                     static_cast<double>(margin.units());
    if (!positions.empty()) positions += ',';
    positions += fmt::format(
        R"({{"type":"oneWay","position":{{"coin":{},"szi":{},"leverage":{{"type":"{}","value":{}}},)"
        R"("entryPx":"{}","positionValue":"{}","unrealizedPnl":"{}","returnOnEquity":"{}",)"
        R"("liquidationPx":null,"marginUsed":"{}","maxLeverage":{},"cumFunding":)"
        R"({{"allTime":"{}","sinceOpen":"{}","sinceChange":"{}"}}}}}})",
        json_text(coin.name()), size_json(coin, position.size),
        position.cross ? "cross" : "isolated", position.leverage,
        pointed_money(magnitude(entry), 6), pointed_money(value, 6), pointed_money(unrealised, 6),
        pointed_double(return_on, 10), pointed_money(margin, 6), coin.max_leverage(),
        pointed_money(position.funding_all_time, 6), pointed_money(position.funding_since_open, 6),
        pointed_money(position.funding_since_open, 6));
  }
  const Money value = account_value(account, coins);
  const Money used = margin_used(account, coins);
  const std::string summary =
      fmt::format(R"({{"accountValue":"{}","totalNtlPos":"{}","totalRawUsd":"{}",)"
                  R"("totalMarginUsed":"{}"}})",
                  pointed_money(value, 6), pointed_money(notional, 6), pointed_money(raw, 6),
                  pointed_money(used, 6));
  return fmt::format(
      R"({{"marginSummary":{},"crossMarginSummary":{},"crossMaintenanceMarginUsed":"{}",)"
      R"("withdrawable":"{}","assetPositions":[{}],"time":{}}})",
      summary, summary, pointed_money(Money::from_units(used.units() / 2), 6),
      pointed_money(std::max(Money{}, value - used), 6), positions, to_ms(now));
}

}  // namespace mm::standin::hyperliquid
