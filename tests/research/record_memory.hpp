#pragma once

// Records kept in memory as their canonical bytes: what a journal would hold.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/bytes.hpp"
#include "engine/record.hpp"
#include "research/what_if/recording.hpp"

namespace mm::research::testing {

class RecordMemory {
 public:
  void keep(const Event& event) { keep_any(event); }
  void keep(const Output& output) { keep_any(output); }

  std::size_t size() const { return offsets_.size(); }
  /// Its views borrow from this memory. Requires index < size().
  Record at(std::size_t index) const;

  // As often as wanted; both borrow this memory.
  EventStream inputs() const;
  Recording recording() const;

 private:
  template <class EventOrOutput>
  void keep_any(const EventOrOutput& record);

  std::vector<std::uint64_t> words_;  // eight-byte aligned
  std::vector<std::size_t> offsets_;  // in words
  ByteWriter bytes_;
};

}  // namespace mm::research::testing
