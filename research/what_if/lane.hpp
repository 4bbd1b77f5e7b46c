#pragma once

// One parameter set under one assumption about the exchange, on its way through the shared Market:
// a Trader, its SimWorld and its account. Features and models do not depend on our orders, so their
// Outlook is shared like the Market.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/bytes.hpp"
#include "engine/market.hpp"
#include "engine/record.hpp"
#include "engine/settings.hpp"
#include "engine/trader.hpp"
#include "research/what_if/account.hpp"
#include "sim/world.hpp"

namespace mm::research {

class Lane {
 public:
  /// `outlook`, shared by all lanes and borrowed, folds each event before the lane hears of it;
  /// null if the session has none.
  Lane(Trader trader, sim::SimWorld world, const Outlook* outlook = nullptr)
      : trader_(std::move(trader)), world_(std::move(world)), outlook_(outlook) {}

  /// A copy that goes on with other parameters, those of models being `outlook`'s already.
  Lane fork(const std::vector<Setting>& overrides, const Outlook* outlook) const;
  /// Lets the strategy hear of the forked parameters that differ from its own, at `now`; `heard` as
  /// of advance().
  void change_parameters(Time now, Market& market, Time heard);

  /// From here on fills and decisions count.
  void open_account(const MarkHistory& marks, const Instrument& instrument, Time from,
                    WindowAccount::Keeps keeps);

  /// Answers and timers strictly before `limit`; `market` stands as it is before `limit` and hears
  /// of them too, as in an Engine: that the touch last moved is no news any more. `heard` is the
  /// last market event, at which this lane may have been passed over. Whether the trader heard of
  /// anything: a message of ours that arrives concerns the exchange alone.
  bool advance(Time limit, Market& market, Time heard);
  /// A market, feed or control event reaches the exchange, `market` standing as it is after it.
  void tell_exchange(const Event& event, const Market& market) { world_.on_market(event, market); }
  /// And the trader. Whether it sent anything.
  bool tell_trader(const Event& event, const Market& market, Time heard);

  Time next_due() const { return world_.next_due(); }
  const sim::Exchange& exchange() const { return world_.exchange(); }
  const Trader& trader() const { return trader_; }
  bool has_account() const { return account_.has_value(); }
  WindowAccount& account() { return *account_; }
  const WindowAccount& account() const { return *account_; }
  std::uint64_t output_digest() const { return digest_.value(); }

 private:
  void apply_own(const Event& event, Market& market);
  bool apply(const Event& event, const Market& market);
  /// A recorded change of a parameter that this lane overrides is not for it.
  bool overrides(const Event& event) const;

  std::vector<Setting> overrides_;
  Trader trader_;
  sim::SimWorld world_;
  const Outlook* outlook_;
  std::optional<WindowAccount> account_;
  RollingDigest digest_;

  /// What is needed while one event is handled, shared with forks so that it stays in the caches:
  /// lanes that were forked from each other live on one thread.
  struct Scratch {
    std::vector<Output> outputs;
    ByteWriter bytes;
  };
  std::shared_ptr<Scratch> scratch_ = std::make_shared<Scratch>();
};

}  // namespace mm::research
