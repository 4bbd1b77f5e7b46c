#pragma once

// POST /info: the questions we ask and what the answers hold.
//
// Prices and sizes of whatever coin are counts of 1e-8, exact for every coin the venue has;
// `price_of` and `qty_of` take them to an instrument's own units. Averages are rounded half to even
// to 1e-8. Unknown keys are ignored; a missing or malformed one is an error that names it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/event.hpp"
#include "engine/instrument.hpp"
#include "engine/result.hpp"
#include "venues/hyperliquid/actions.hpp"
#include "venues/hyperliquid/error_text.hpp"

namespace mm::venues::hyperliquid {

// ---------------------------------------------------------------- questions

/// {"type":"meta"}, "exchangeStatus", ...
std::string info_request(std::string_view type);
/// "openOrders", "frontendOpenOrders", "clearinghouseState", "userRateLimit", "userRole", ... of an
/// account: never the agent's address, which gets silence.
std::string info_request(std::string_view type, const Address& user);
std::string order_status_request(const Address& user, const Cloid& cloid);
std::string order_status_request(const Address& user, std::int64_t oid);
/// Bounds inclusive; up to 2000 fills a reply.
std::string fills_request(const Address& user, std::int64_t start_ms);

// ---------------------------------------------------------------- instruments

struct Asset {
  AssetIndex index = 0;
  bool delisted = false;
  std::int64_t max_leverage = 0;
  Instrument instrument;  ///< role quoted; fees of the base tier (`userFees` knows the account's)
};

/// An entry of `meta` that makes no sense to us.
struct OddAsset {
  AssetIndex index = 0;
  std::string name;  ///< empty if it has none
  std::string problem;
};

struct Meta {
  std::vector<Asset> assets;  ///< by index; delisted ones are among them
  std::vector<OddAsset> odd;  ///< left out above
};

/// Answer to `meta` (or `metaAndAssetCtxs`). One odd entry is no reason to distrust the others;
/// nothing but odd ones is an error.
Result<Meta> decode_meta(std::string_view body);

/// The instrument of a main-dex perpetual:
///
///   lot 10^-szDecimals, price unit 10^-(6 - szDecimals), five significant figures, 10 USDC at
///   least
Instrument perpetual(std::string_view coin, std::int64_t size_decimals);

/// Empty if it is no multiple of the instrument's unit, or does not fit.
std::optional<Price> price_of(const Instrument& instrument, std::int64_t price_e8);
std::optional<Qty> qty_of(const Instrument& instrument, std::int64_t size_e8);

// ---------------------------------------------------------------- orders

struct OpenOrder {
  std::string coin;
  Side side = Side::buy;
  std::int64_t limit_price_e8 = 0;
  std::int64_t size_e8 = 0;           ///< what remains
  std::int64_t original_size_e8 = 0;  ///< what was asked; as size_e8 where it is not told
  std::int64_t oid = 0;
  std::int64_t time_ms = 0;
  std::optional<Cloid> cloid;
  bool reduce_only = false;
  bool is_trigger = false;
  std::string time_in_force;  ///< "Alo", "Gtc", "Ioc"; empty where it is not told
};

/// Answer to `openOrders` or `frontendOpenOrders`.
Result<std::vector<OpenOrder>> decode_open_orders(std::string_view body);

struct OrderState {
  OpenOrder order;  ///< its size as of `time_ms`, not live
  OrderPhase phase = OrderPhase::unknown;
  std::string status;
  std::int64_t time_ms = 0;
};

/// Answer to `orderStatus`; empty if the venue knows no such order: it was never placed, or is not
/// among the last 2000 or so.
Result<std::optional<OrderState>> decode_order_status(std::string_view body);

// ---------------------------------------------------------------- account

struct AssetPosition {
  std::string coin;
  std::int64_t size_e8 = 0;                    ///< signed
  std::optional<std::int64_t> entry_price_e8;  ///< absent when flat
  std::optional<std::int64_t> liquidation_price_e8;
  Money unrealised_pnl;
  Money margin_used;
  std::int64_t leverage = 0;
  bool isolated = false;
};

struct AccountState {
  Money account_value;
  Money total_margin_used;
  Money withdrawable;
  std::int64_t time_ms = 0;  ///< 0 where it is not told
  std::vector<AssetPosition> positions;
};

/// Answer to `clearinghouseState`.
Result<AccountState> decode_account_state(std::string_view body);

/// The account's position in an instrument, flat if it lists none. Empty if the size is no multiple
/// of the lot. The entry price is rounded half to even to the price unit.
std::optional<PositionReport> position_of(const AccountState& account,
                                          const Instrument& instrument);

/// Answer to `userRateLimit`: one action is one request, of a batch each item is.
struct RequestBudget {
  Money volume;  ///< traded since the beginning
  std::int64_t used = 0;
  std::int64_t cap = 0;
  std::int64_t surplus = 0;
};
Result<RequestBudget> decode_request_budget(std::string_view body);

enum class UserRole : std::uint8_t { missing, user, agent, vault, sub_account, unknown };
struct UserRoleReply {
  UserRole role = UserRole::unknown;
  std::optional<Address> master;  ///< of an agent or a subaccount, where it is told
};
Result<UserRoleReply> decode_user_role(std::string_view body);

/// Answer to `exchangeStatus`.
struct ExchangeStatus {
  std::int64_t time_ms = 0;  ///< trails true time by 130 to 270 ms
  std::string special;       ///< JSON of what is special, empty if nothing is
};
Result<ExchangeStatus> decode_exchange_status(std::string_view body);

}  // namespace mm::venues::hyperliquid
