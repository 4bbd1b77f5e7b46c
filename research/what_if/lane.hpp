#pragma once

// One parameter set on its way through the shared Market: a Trader, its SimWorld and its account.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/bytes.hpp"
#include "engine/market.hpp"
#include "engine/record.hpp"
#include "engine/trader.hpp"
#include "research/what_if/account.hpp"
#include "sim/world.hpp"

namespace mm::research {

class Lane {
 public:
  Lane(std::string name, Trader trader, sim::SimWorld world)
      : name_(std::move(name)), trader_(std::move(trader)), world_(std::move(world)) {}

  /// A copy that goes on with other parameters.
  Lane fork(const Variant& variant) const;
  /// Lets the strategy hear of the forked parameters that differ from its own, at `now`.
  void change_parameters(Time now, Market& market);

  /// From here on fills and decisions count.
  void open_account(const MarkHistory& marks, const Instrument& instrument, Time from);

  /// Answers and timers strictly before `limit`; `market` stands as it is before `limit` and hears
  /// of them too, as in an Engine: that the touch last moved is no news any more.
  void advance(Time limit, Market& market);
  /// A market, feed or control event, `market` standing as it is after it.
  void on_market(const Event& event, const Market& market);

  const std::string& name() const { return name_; }
  WindowAccount& account() { return *account_; }
  const WindowAccount& account() const { return *account_; }
  std::uint64_t output_digest() const { return digest_.value(); }

 private:
  void apply_own(const Event& event, Market& market);
  void apply(const Event& event, const Market& market);
  /// A recorded change of a parameter that this lane overrides is not for it.
  bool overrides(const Event& event) const;

  std::string name_;
  std::vector<Setting> overrides_;
  Trader trader_;
  sim::SimWorld world_;
  std::optional<WindowAccount> account_;
  RollingDigest digest_;
  std::vector<Output> outputs_;
};

}  // namespace mm::research
