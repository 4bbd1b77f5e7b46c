#pragma once

// Values at fixed places of a buffer, little-endian as in memory: for headers whose fields the
// format puts at byte offsets of their own, aligned or not.

#include <cstddef>
#include <cstring>
#include <type_traits>

namespace mm::journal {

/// Writes `value` to the bytes from `at` on, which the caller has made sure of.
template <class T>
requires std::is_trivially_copyable_v<T>
void put(std::byte* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

/// The value in the bytes from `at` on.
template <class T>
requires std::is_trivially_copyable_v<T> T get(const std::byte* at) {
  T value{};
  std::memcpy(&value, at, sizeof value);
  return value;
}

}  // namespace mm::journal
