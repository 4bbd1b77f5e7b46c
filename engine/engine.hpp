#pragma once

// Engine: the core, a Market and one Trader. (state, event) -> (state', outputs), nothing else.
//
// No clock, I/O, thread, global or randomness: equal events in equal order give equal outputs and
// equal state, bit for bit. An Engine is a value: a copy goes on alone.

#include <memory>
#include <string>
#include <vector>

#include "engine/bytes.hpp"
#include "engine/market.hpp"
#include "engine/output.hpp"
#include "engine/state.hpp"
#include "engine/trader.hpp"

namespace mm {

class Engine {
 public:
  Engine(TraderSettings settings, std::unique_ptr<Strategy> strategy)
      : trader_(std::move(settings), std::move(strategy)) {}

  /// Folds one event and appends what was decided. Outputs carry the event's recv_time; whoever
  /// records them assigns their seq.
  void apply(const Event& event, std::vector<Output>& outputs) {
    market_.apply(event);
    trader_.apply(event, market_, outputs);
  }

  const Market& market() const { return market_; }
  const Trader& trader() const { return trader_; }

  /// Canonical bytes of the whole state: equal states give equal bytes. Settings and the choice of
  /// strategy are not in them, a session's first event is (event.hpp: SessionStart).
  void save(ByteWriter& out) const;
  /// Restores into an engine built with the same settings and strategy. False if the bytes (which
  /// must be eight-byte aligned) are not such a state; the engine must then not be used.
  bool restore(ByteReader& in);

  StateDigests digests() const;
  /// Every value by name, books as touch, level counts and a hash.
  std::vector<StateField> fields() const;

 private:
  void save_module(StateModule module, ByteWriter& out) const;

  Market market_;
  Trader trader_;
};

}  // namespace mm
