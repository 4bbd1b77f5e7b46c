#pragma once

// Engine: the core, a Market, an Outlook where one is needed, and one Trader.
// (state, event) -> (state', outputs), nothing else.
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

/// The outlook of a session with these settings and strategy; null if it has none.
std::unique_ptr<Outlook> make_outlook(const TraderSettings& settings, const Strategy& strategy);

class Engine {
 public:
  Engine(TraderSettings settings, std::unique_ptr<Strategy> strategy);
  Engine(const Engine& other);
  Engine(Engine&&) noexcept;
  Engine& operator=(const Engine& other);
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  /// Folds one event and appends what was decided. Outputs carry the event's recv_time; whoever
  /// records them assigns their seq.
  void apply(const Event& event, std::vector<Output>& outputs) {
    market_.apply(event);
    if (outlook_)
      apply_with_outlook(event, outputs);
    else
      trader_.apply(event, market_, outputs);
  }

  const Market& market() const { return market_; }
  /// Null if the session has none.
  const Outlook* outlook() const { return outlook_.get(); }
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
  void apply_with_outlook(const Event& event, std::vector<Output>& outputs);
  bool has(StateModule module) const {
    if (module == StateModule::outlook) return outlook_ != nullptr;
    return module != StateModule::own || trader_.own() != nullptr;
  }
  void save_module(StateModule module, ByteWriter& out) const;
  bool restore_module(StateModule module, ByteReader& in);

  Market market_;
  std::unique_ptr<Outlook> outlook_;
  Trader trader_;
};

}  // namespace mm
