#pragma once

// A recorded session as what-ifs read it: any number of times, also at once from several threads.

#include <functional>

#include "engine/event.hpp"
#include "engine/output.hpp"

namespace mm::research {

/// Recorded inputs in order, from the session's start; null at the end. An event is valid until the
/// next call.
using EventStream = std::function<const Event*()>;

/// A record of either sort; both null at the end of the recording.
struct RecordView {
  const Event* event = nullptr;
  const Output* output = nullptr;
  bool at_end() const { return event == nullptr && output == nullptr; }
};

/// Inputs and outputs in order, from the session's start. A view is valid until the next call.
using RecordStream = std::function<RecordView()>;

/// Each call gives a stream of its own, from the session's first record.
struct Recording {
  std::function<EventStream()> inputs;
  std::function<RecordStream()> records;
};

}  // namespace mm::research
