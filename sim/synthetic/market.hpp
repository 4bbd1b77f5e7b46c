#pragma once

// SyntheticMarket: two venues on one hidden path, as the stream of events we would receive.
//
// Instrument 0 is quoted, 1 leads. Both books fill for `warmup` before the start; then each sends a
// snapshot and what follows (feed.hpp), and asset contexts come every `context_interval` (mark:
// what the market values the asset at; oracle: the lead's value). On the venue's clock, at one
// moment: flows first (quoted, lead), then contexts and settlements, deltas, and messages of ours
// last.
//
// With an exchange our orders stand in the quoted matching (exchange.hpp) and in the book that is
// sent, unless `own_displayed` is 0: then the book is that of others, while trades and fills are
// those of the matching. Without an exchange only the market is made.
//
// The market goes on for ever. Deterministic: the same settings and the same messages of ours give
// the same events.

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/event.hpp"
#include "engine/instrument.hpp"
#include "engine/output.hpp"
#include "sim/synthetic/exchange.hpp"
#include "sim/synthetic/feed.hpp"
#include "sim/synthetic/flow.hpp"
#include "sim/synthetic/truth.hpp"

namespace mm::sim {

class SyntheticMarket {
 public:
  /// Roles of the instruments must be `quoted` and `lead`. With `orders` there is an exchange in
  /// which ours stand.
  SyntheticMarket(const Instrument& quoted, const Instrument& lead,
                  const SyntheticSettings& settings, Time start,
                  std::optional<Settings> orders = std::nullopt);

  /// Hears the truth from here on, beginning with its head. May be empty.
  void set_truth(TruthSink sink);

  /// The next event that reaches us at or before `limit`, market events before answers to ours at
  /// equal times; null if there is none. Valid until the next call.
  const Event* next(Time limit = Time::max());
  /// A decision taken at `now`, not before the last event. Requires an exchange.
  void send(Time now, const Output& decision) { exchange_->send(now, decision); }

  const SyntheticExchange* exchange() const { return exchange_ ? &*exchange_ : nullptr; }
  /// The book of others: instrument 0 is quoted.
  const MatchingBook& book(std::size_t instrument) const { return venues_[instrument]->book; }
  const SyntheticFlow& flow(std::size_t instrument) const { return venues_[instrument]->flow; }
  /// Orders added and withdrawn and messages of ours so far, both venues.
  std::uint64_t actions() const { return actions_; }

 private:
  struct Venue {
    Venue(const Instrument& of, const SyntheticSettings& settings, Time begin, InstrumentId id);
    Instrument instrument;
    MatchingBook book;
    SyntheticFlow flow;
    SyntheticFeed feed;
    Time next_context;
  };

  Time next_step() const;
  void step();
  void step_flow(std::size_t at);
  void begin(std::size_t at);
  void send_context(Venue& venue, Time now);
  void tell_flow(std::size_t at, const SyntheticFlow& flow, Time now);
  void tell_sample(Time now);
  MatchingBook& shown(std::size_t at) {
    return at == 0 && exchange_ && settings_.own_displayed != 0 ? exchange_->book()
                                                                : venues_[at]->book;
  }

  SyntheticSettings settings_;
  Time start_;
  Duration least_latency_;
  std::vector<std::unique_ptr<Venue>> venues_;
  std::optional<SyntheticExchange> exchange_;
  Time next_settlement_;
  Time next_sample_;
  TruthSink truth_;
  Event answer_;
  std::vector<MatchReport> flow_reports_, reports_;
  std::uint64_t actions_ = 0;
};

}  // namespace mm::sim
