#pragma once

// Desk: signed actions at the Hyperliquid stand-in, from the check of their signer to the reply.
//
// The pipeline of a block: actions that send no Gtc or Ioc order first, then cancels, then the
// rest, each group in the order of arrival; a modify belongs to the group of its new order. What is
// checked, in order:
//
//   JSON, types, signature (request_check.hpp, on arrival)  ->  vault known, nonce, expiry, the
//   address's request budget  ->  the batch as a whole: empty, over 200, decimals of price and
//   size, 95 % from the mark  ->  per order: tick, size, minimum value, reduce-only, margin,
//   post-only, match
//
// The reply carries the venue's texts. It is due some time after its block; what happened to orders
// and who traded is told when the block is announced.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/random.hpp"
#include "standin/hyperliquid/accounts.hpp"
#include "venues/hyperliquid/nonces.hpp"
#include "venues/hyperliquid/request_check.hpp"

namespace mm::standin::hyperliquid {

struct DeskSettings {
  FeeRates fees;
  Money deposit = Money::from_units(Int128{100'000} * Money::per_one);
  Money prior_volume;  ///< of every account, for scheduleCancel and the request budget
  std::int64_t request_budget = 10'000;
  int max_leverage = 40;
  Duration cancel_all_least = std::chrono::seconds{5};  ///< ahead, of scheduleCancel
};

/// Faults that meet single orders.
struct DeskFaults {
  std::string reject_next;       ///< status every new order is rejected with; empty: none
  std::string refuse_next;       ///< text every action is answered with as status "err"
  bool post_only_phase = false;  ///< right after a network upgrade
};

class Desk {
 public:
  Desk(const DeskSettings& settings, const std::vector<std::unique_ptr<Coin>>& coins,
       std::uint64_t seed);

  // ---- accounts
  /// Addresses in lower case. An agent of an account that is there already is added to it.
  Account& open_account(const std::string& address);
  void add_agent(Account& account, const std::string& address, const std::string& name,
                 Time valid_until);
  const Account* find(std::string_view address) const;
  Account* find(std::string_view address);
  /// The account whose agent this is, if it is one.
  const Account* master_of(std::string_view agent, Time now) const;
  const std::vector<std::unique_ptr<Account>>& accounts() const { return accounts_; }
  const OrderRecord* order(std::int64_t oid) const;
  const OrderRecord* order(const Account& account, std::string_view cloid) const;

  // ---- actions
  using Done = std::function<void(std::string body)>;
  /// Takes part in the next block; `done` gets the body of the reply.
  void submit(venues::hyperliquid::CheckedRequest request, Done done);
  std::size_t waiting() const { return queue_.size(); }
  /// Whether there are fills that no block has announced yet.
  bool has_fills_to_announce() const { return !news_.fills.empty(); }

  // ---- blocks
  /// Runs the pipeline. What it does to orders is among the news.
  void run_block(Time block_time);
  /// Trades of the market with resting orders of accounts.
  void on_reports(std::size_t coin, std::span<const sim::MatchReport> reports);
  void pay_funding(Time now);
  /// Adds lots to a position at the mark, without an order or a fill, as a liquidation elsewhere or
  /// the venue's own books may.
  void shift_position(Account& account, std::size_t coin, Qty lots);

  struct UserUpdate {  ///< a snapshot of an order after a change
    std::size_t account;
    OrderRecord order;
  };
  struct UserFill {
    std::size_t account;
    FillRecord fill;
  };
  struct TradePrint {
    std::size_t coin;
    Print print;
  };
  struct News {
    std::vector<UserUpdate> updates;
    std::vector<UserFill> fills;
    std::vector<std::pair<std::size_t, std::size_t>> system_cancels;  ///< account, index in updates
    std::vector<std::pair<std::size_t, FundingRecord>> fundings;
    std::vector<TradePrint> prints;
    std::vector<std::size_t> changed;  ///< accounts
  };
  /// Everything since the last call, stamped with this block time.
  News take_news(Time block_time);

  DeskFaults faults;

 private:
  struct Waiting {
    venues::hyperliquid::CheckedRequest request;
    Done done;
    int group = 0;
  };
  struct Item {  // the answer to one order, cancel or modify
    std::string json;
    bool error = false;
  };

  void execute(Waiting& waiting, Time now);
  Account* signer_account(const venues::hyperliquid::Address& signer, Time now);
  std::optional<std::string> budget_refusal(Account& account, std::int64_t cost, bool cancel,
                                            Time now);
  std::optional<std::string> batch_refusal(
      std::span<const venues::hyperliquid::CheckedOrder* const> orders) const;
  std::optional<std::string> static_refusal(const venues::hyperliquid::CheckedOrder& order) const;
  Item place(Account& account, const venues::hyperliquid::CheckedOrder& order, Time now,
             bool force_post_only = false);
  Item cancel(Account& account, std::uint32_t asset, const venues::hyperliquid::OrderName& name,
              Time now);
  Item modify(Account& account, const venues::hyperliquid::CheckedModifies::Item& of,
              bool always_place, Time now);
  std::string approve_agent(Account& account, const venues::hyperliquid::CheckedUserAction& action,
                            Time now);
  Item refused(OrderRecord record, std::string_view status, const std::string& text, Time now);
  void match(Account& account, OrderRecord& record, sim::NewOrder order, Time now);
  void fill(std::size_t account, OrderRecord& record, const sim::MatchReport& report, Qty qty,
            bool crossed, std::int64_t trade_id, const std::string& hash);
  OrderRecord* live_order(Account& account, const venues::hyperliquid::OrderName& name);
  OrderRecord& keep(const OrderRecord& record);
  void finish(OrderRecord& record, std::string_view status, Time now);
  void cancel_all(Account& account, std::string_view status, Time now);
  void shrink_reduce_only(Account& account, std::size_t coin, Time now);
  bool has_margin(const Account& account, std::size_t coin, Side side, Qty qty, Price price) const;
  std::string address_of(sim::AccountId id, std::uint64_t seed) const;
  void note_update(const OrderRecord& record);
  std::int64_t next_oid();

  DeskSettings settings_;
  const std::vector<std::unique_ptr<Coin>>& coins_;
  SplitMix64 random_;
  std::vector<std::unique_ptr<Account>> accounts_;                  // AccountId is the position + 1
  std::map<std::string, venues::hyperliquid::NonceWindow> nonces_;  // by signer
  std::map<std::int64_t, OrderRecord> orders_;
  std::vector<Waiting> queue_;
  News news_;
  std::int64_t last_oid_;
  std::int64_t funding_hour_ = 0;
};

}  // namespace mm::standin::hyperliquid
