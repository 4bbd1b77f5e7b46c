// Long inputs are hashed by the widest kernel the processor has; every kernel gives XXH3's value.

#include "engine/hash.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "engine/random.hpp"

namespace mm {
namespace {

TEST(Hash, KernelsAgree) {
  SplitMix64 random{64};
  std::vector<std::byte> bytes(5000);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.below(256));
  const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  for (std::size_t size = 0; size < bytes.size(); size += size < 1200 ? 1 : 97) {
    for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{0x9e3779b97f4a7c15}}) {
      const std::uint64_t expected = XXH3_64bits_withSeed(bytes.data(), size, seed);
      EXPECT_EQ(hash64(std::span{bytes}.first(size), seed), expected) << size;
      EXPECT_EQ(detail::hash64_baseline(bytes.data(), size, seed), expected) << size;
      if (has_avx2) {
        EXPECT_EQ(detail::hash64_avx2(bytes.data(), size, seed), expected) << size;
      }
    }
  }
}

// The value is on disk: it must be that of the published algorithm, version 0.8.
TEST(Hash, IsXxh3) {
  EXPECT_EQ(hash64({}), 0x2d06800538d394c2u);
  const std::vector<std::byte> zeros(1024);
  EXPECT_EQ(hash64(zeros), XXH3_64bits(zeros.data(), zeros.size()));
}

}  // namespace
}  // namespace mm
