#pragma once

// The whole input of a session out of its market: start, definitions, parameters of models, market
// events, end.
//
// Every event takes the time of the market around it, so that a session recorded from capture files
// is a function of the files: neither the clock nor the pace has a part in it. Where a pace is
// asked for, next() sleeps; nothing else depends on it.

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/event.hpp"
#include "engine/instrument.hpp"
#include "engine/settings.hpp"
#include "venues/capture/merge.hpp"

namespace mm::live {

/// What a session is recorded with; the text of its SessionStart.
struct SessionPlan {
  std::string strategy;
  std::string parameters;  ///< "name=value" lines, sorted, all of them
  std::string execution;   ///< "none" or "paper"
  std::string settings;    ///< "name=value" lines, sorted
  std::vector<Instrument> instruments;
  std::vector<Setting> models;  ///< "model.NAME" and its values: parameter changes at the start
  SessionStart start() const { return {strategy, parameters, execution, settings}; }
};

/// When to stop before the source does, and how fast to go.
struct Pace {
  std::optional<Duration> length;           ///< in recorded time, from the first market event
  std::optional<double> speed;              ///< recorded seconds per second, > 0; empty: flat out
  const std::atomic<bool>* stop = nullptr;  ///< set by a signal handler; may be null
};

/// An upstream of sim::WorldSource. Both arguments are borrowed.
class SessionStream {
 public:
  SessionStream(const SessionPlan& plan, venues::MarketSource& market, Pace pace)
      : plan_(plan), market_(market), pace_(pace) {}

  /// Null after the end event. A market without any event gives null at once.
  const Event* next();

  /// Why the session ended: "end of data", "time is up" or "stopped".
  std::string_view end_reason() const { return end_reason_; }

 private:
  enum class Stage { start, definitions, models, market, end };

  const Event* head(const EventBody& body, InstrumentId instrument);
  const Event* end(std::string_view reason);
  void keep_pace(Time now);

  const SessionPlan& plan_;
  venues::MarketSource& market_;
  Pace pace_;
  Stage stage_ = Stage::start;
  const Event* first_ = nullptr;  // the market event read ahead
  std::size_t defined_ = 0;
  std::size_t told_ = 0;  // of the plan's models
  Time begin_;
  Time last_;
  std::chrono::steady_clock::time_point started_;
  std::string_view end_reason_;
  Event own_;
};

}  // namespace mm::live
