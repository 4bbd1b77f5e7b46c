#pragma once

// A market at a given touch, for asking a policy what it wants there.

#include <vector>

#include "engine/numeric.hpp"
#include "engine/policy.hpp"
#include "strategies/adapter.hpp"
#include "tests/engine/samples.hpp"

namespace mm::testing_samples {

class Scene {
 public:
  Scene(const Instrument& instrument, Level bid, Level ask) {
    market_.apply(define(instrument));
    const std::vector<Level> bids = {bid};
    const std::vector<Level> asks = {ask};
    market_.apply(event_of(1, BookSnapshot{.bids = bids, .asks = asks}));
  }

  View view(Qty position = {}) const {
    return {.now = at_ms(1),
            .market = market_,
            .instrument = market_.quoted(),
            .touch = market_.quoted().touch(),
            .position = position,
            .average_cost = {}};
  }

  /// Quotes of a policy with these parameters ("name=value"), the others at their defaults.
  template <class P>
  Quotes ask(const std::vector<Setting>& settings, Qty position = {}) const {
    PolicyStrategy<P> strategy;
    for (const Setting& setting : settings) {
      const auto error = strategy.set_parameter(setting.name, setting.value);
      MM_ASSERT(!error, "the test sets a parameter that exists");
    }
    return strategy.quotes(view(position));
  }

 private:
  Market market_;
};

}  // namespace mm::testing_samples
