#pragma once

// The one loop. Live, replay and simulation differ only in the source and the sink they give it.

#include <concepts>
#include <span>
#include <vector>

#include "engine/event.hpp"
#include "engine/output.hpp"

namespace mm {

/// Gives events in order and hears what was decided (a simulated venue answers it; a replay does
/// not). An event is valid until the next call of next().
template <class S>
concept EventSource = requires(S source, const Event& event, std::span<const Output> outputs) {
  { source.next() } -> std::same_as<const Event*>;
  source.react(event, outputs);
};

/// Takes each event before the core sees it, and what the core decided afterwards. It may assign
/// the outputs' seq.
template <class S>
concept EventSink = requires(S sink, const Event& event, std::span<Output> outputs) {
  sink.accept(event);
  sink.decided(event, outputs);
};

template <class C>
concept EventCore = requires(C core, const Event& event, std::vector<Output>& outputs) {
  core.apply(event, outputs);
};

/// Runs until the source is at its end. decided() and react() are called for every event, also when
/// nothing was decided.
template <EventSource Source, EventCore Core, EventSink Sink>
void drive(Source& source, Core& core, Sink& sink) {
  std::vector<Output> outputs;
  while (const Event* event = source.next()) {
    outputs.clear();
    sink.accept(*event);
    core.apply(*event, outputs);
    sink.decided(*event, std::span<Output>{outputs});
    source.react(*event, std::span<const Output>{outputs});
  }
}

}  // namespace mm
