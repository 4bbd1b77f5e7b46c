#pragma once

// State that goes through its saved bytes and back.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

#include "engine/bytes.hpp"

namespace mm {

template <class Model>
std::vector<std::byte> saved(const Model& model) {
  ByteWriter out;
  model.save(out);
  return {out.bytes().begin(), out.bytes().end()};
}

/// A copy made of the saved bytes; its own saved bytes must be the same, and every shorter input
/// must be noticed.
template <class Model>
Model restored(const Model& model, Model into = Model{}) {
  const std::vector<std::byte> bytes = saved(model);
  ByteReader in{bytes};
  into.restore(in);
  EXPECT_FALSE(in.failed());
  EXPECT_TRUE(in.at_end());
  EXPECT_EQ(saved(into), bytes);
  for (std::size_t size = 0; size < bytes.size(); size += 8 * (1 + bytes.size() / 800)) {
    Model cut = into;
    ByteReader short_in{std::span{bytes}.first(size)};
    cut.restore(short_in);
    EXPECT_TRUE(short_in.failed()) << size << " of " << bytes.size();
  }
  return into;
}

constexpr Time at_seconds(double seconds) {
  return time_from_ns(static_cast<std::int64_t>(seconds * 1e9 + 0.5));
}

}  // namespace mm
