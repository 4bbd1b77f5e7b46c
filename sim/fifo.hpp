#pragma once

// Fifo: a queue in one piece of memory, for what is under way between us and the exchange.
//
// A deque of elements as large as an event allocates for every one or two of them. Here memory is
// that of the longest queue there ever was, times two at most.

#include <cstddef>
#include <vector>

#include "engine/assert.hpp"

namespace mm::sim {

/// A value: a copy goes on alone.
template <class T>
class Fifo {
 public:
  bool empty() const { return first_ == items_.size(); }
  /// Requires an element.
  const T& front() const { return items_[first_]; }
  void push(const T& item) { items_.push_back(item); }
  void pop() {
    MM_ASSERT(!empty(), "something waits in the queue");
    ++first_;
    // Moving the rest costs no more than popping what was before it.
    if (first_ * 2 >= items_.size()) {
      items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
  }

 private:
  std::vector<T> items_;
  std::size_t first_ = 0;
};

}  // namespace mm::sim
