#pragma once

// Accounts: who trades at the Hyperliquid stand-in, what they own and what they did.
//
//   position    signed lots; entry value is their cost at the average entry price
//   fill        opening part: entry value grows by the value of the fill
//               closing part: closedPnl = sign * (price - average entry) * size, fee not deducted
//   balance     USDC: deposits + closedPnl - fees + funding
//   account value = balance + sum of size * mark - entry value
//
// All money is exact in units of 1e-12 USDC; average entries are rounded half-even once per fill.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/matching.hpp"
#include "standin/hyperliquid/coin.hpp"

namespace mm::standin::hyperliquid {

struct Position {
  Qty size;           ///< signed
  Money entry_value;  ///< cost of the open size, same sign as the size
  int leverage = 20;
  bool cross = true;
  Money funding_all_time, funding_since_open;  ///< positive = paid
};

struct FillRecord {
  std::size_t coin = 0;
  Price price;
  Qty size;
  Side side = Side::buy;
  Time time;
  Qty start_position;
  std::string direction;
  Money closed_pnl;
  std::string hash;
  std::int64_t oid = 0;
  bool crossed = false;  ///< we took
  Money fee;
  std::int64_t trade_id = 0;
  std::string cloid;  ///< empty: none
};

struct OrderRecord {
  std::int64_t oid = 0;
  std::size_t account = 0;
  std::size_t coin = 0;
  Side side = Side::buy;
  Price price;
  Qty original;
  Qty left;
  std::string tif;  ///< "Alo", "Gtc", "Ioc"
  bool reduce_only = false;
  std::string cloid;
  Time placed;
  std::string status;  ///< "open", "filled", "canceled", ...
  Time status_time;
  sim::OrderRef ref;
  bool live() const { return status == "open"; }
};

struct FundingRecord {
  Time time;
  std::size_t coin = 0;
  Money cash;  ///< negative = paid
  Qty size;
  std::string rate;
};

struct Agent {
  std::string address;
  std::string name;
  Time valid_until;
};

struct Account {
  std::string address;  ///< lower case
  sim::AccountId id;
  Money balance;
  std::vector<Position> positions;  ///< by coin
  std::deque<FillRecord> fills;     ///< oldest first, the newest 10000
  std::deque<std::int64_t> orders;  ///< oids, oldest first, the newest 2000
  std::deque<FundingRecord> fundings;
  std::vector<Agent> agents;
  Money volume;  ///< traded since the beginning
  std::int64_t requests = 0;
  std::int64_t extra_requests = 0;  ///< bought
  Time next_slow_request;           ///< when the budget is used up
  std::optional<Time> cancel_all_at;
  std::int64_t cancel_all_day = 0;
  int cancel_all_fired = 0;  ///< on that day
};

/// Rates of the base tier, in 1e-8 of the value.
struct FeeRates {
  std::int64_t maker_e8 = 15'000;
  std::int64_t taker_e8 = 45'000;
};

/// Books one fill into position and balance and keeps its record. `record` needs everything but
/// start_position, direction, closed_pnl and fee.
const FillRecord& book_fill(Account& account, const Coin& coin, FillRecord record,
                            const FeeRates& rates);

Money account_value(const Account& account, const std::vector<std::unique_ptr<Coin>>& coins);
Money margin_used(const Account& account, const std::vector<std::unique_ptr<Coin>>& coins);

// ---- as JSON
std::string fill_json(const FillRecord& fill, const Coin& coin);
/// The short row of openOrders and orderUpdates, and the long one of frontendOpenOrders.
std::string order_json(const OrderRecord& order, const Coin& coin);
std::string frontend_order_json(const OrderRecord& order, const Coin& coin);
std::string update_json(const OrderRecord& order, const Coin& coin);
std::string funding_json(const FundingRecord& funding, const Coin& coin);
std::string clearinghouse_json(const Account& account,
                               const std::vector<std::unique_ptr<Coin>>& coins, Time now);

}  // namespace mm::standin::hyperliquid
