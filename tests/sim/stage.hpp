#pragma once

// A market and a paper exchange one can script: one step a line, what was heard as lines of text.
//
//   book 100x5,99x7|102x4,103x9    snapshot, bids | asks         delta b100x3,a102x0
//   bbo 100x5|102x4                 best quote                     trade sell 100x3  (aggressor)
//   buy 1 100x2 [post|gtc|ioc|fok]  place order 1                  cancel 1
//   replace 1 2 buy 101x2           cancel 1, place 2              gap
//
// Steps are a millisecond apart and latency is none unless the settings say so. Lines heard:
//   "ack 1 100x2", "reject 1 off_tick", "fill 1 2@100 queue left 0", "done 1 cancelled 3",
//   "cancel_reject 1".

#include <string>
#include <string_view>
#include <vector>

#include "engine/market.hpp"
#include "sim/exchange.hpp"

namespace mm::sim::testing {

/// Price unit and tick 1, lot and step 1; fees maker 2e-4, taker 5e-4 in "USDT".
Instrument plain_instrument();

/// No latency and the queue model named.
Settings prompt(std::string_view queue = "power3:3");

class Stage {
 public:
  explicit Stage(Settings settings = prompt(), Instrument instrument = plain_instrument());

  /// Runs steps separated by newlines or ';' and returns what was heard of them, one line each.
  std::string run(std::string_view steps);

  const Exchange& exchange() const { return exchange_; }
  const Market& market() const { return market_; }
  /// Every answer so far.
  const std::vector<Event>& heard() const { return heard_; }

 private:
  void step(std::string_view text);
  void market_event(const EventBody& body);
  void send(const OutputBody& body);
  void listen();

  Instrument instrument_;
  Market market_;
  Exchange exchange_;
  Time now_{};
  std::vector<Event> heard_;
  std::string lines_;
};

/// "fill 1 2@100 queue left 0" and so on.
std::string line_of(const Event& answer);

}  // namespace mm::sim::testing
