#pragma once

// What a module is after its state went through bytes and back.

#include <gtest/gtest.h>

#include "engine/bytes.hpp"

namespace mm {

template <class T>
T saved_copy(const T& value) {
  ByteWriter out;
  value.save(out);
  T copy = value;
  copy = T{};
  ByteReader in{out.bytes()};
  copy.restore(in);
  EXPECT_FALSE(in.failed());
  EXPECT_TRUE(in.at_end());
  ByteWriter again;
  copy.save(again);
  EXPECT_TRUE(std::equal(out.bytes().begin(), out.bytes().end(), again.bytes().begin(),
                         again.bytes().end()));
  return copy;
}

}  // namespace mm
