#pragma once

// A queue in a ring that grows to the most it ever held and then never allocates again.

#include <algorithm>
#include <cstddef>
#include <vector>

namespace mm {

template <class T>
class Ring {
 public:
  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  /// i-th oldest; requires i < size().
  T& operator[](std::size_t i) { return items_[(first_ + i) & (items_.size() - 1)]; }
  const T& operator[](std::size_t i) const { return items_[(first_ + i) & (items_.size() - 1)]; }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[count_ - 1]; }
  const T& back() const { return (*this)[count_ - 1]; }

  void push(const T& item) {
    if (count_ == items_.size()) {
      std::vector<T> larger(std::max<std::size_t>(64, 2 * items_.size()));
      for (std::size_t i = 0; i < count_; ++i) larger[i] = (*this)[i];
      items_.swap(larger);
      first_ = 0;
    }
    ++count_;
    back() = item;
  }
  /// Drops the oldest; requires one.
  void pop() {
    first_ = (first_ + 1) & (items_.size() - 1);
    --count_;
  }
  /// Keeps its memory.
  void clear() {
    first_ = 0;
    count_ = 0;
  }

 private:
  std::vector<T> items_;  // a power of two long, or empty
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace mm
