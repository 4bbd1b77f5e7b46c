// Long inputs are hashed by the widest kernel the processor has; every kernel gives XXH3's value.

#include "engine/hash.hpp"

#include <cpuid.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <optional>
#include <vector>

#include "engine/random.hpp"

namespace mm {
namespace {

/// Whether the upper halves of vector registers hold anything; absent where the processor (or the
/// system) does not say.
std::optional<bool> upper_halves_in_use() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  constexpr unsigned system_saves_state = 1u << 27;
  constexpr unsigned says_what_is_in_use = 1u << 2;
  constexpr unsigned avx_state = 1u << 2;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0 || (ecx & system_saves_state) == 0)
    return std::nullopt;
  if (__get_cpuid_count(13, 1, &eax, &ebx, &ecx, &edx) == 0 || (eax & says_what_is_in_use) == 0)
    return std::nullopt;
  unsigned in_use = 0, high = 0;
  asm volatile("xgetbv" : "=a"(in_use), "=d"(high) : "c"(1));
  return (in_use & avx_state) != 0;
}

// Left in use they slow down all scalar floating point that follows, by a third in the models.
TEST(Hash, LeavesNoUpperHalvesInUse) {
  if (__builtin_cpu_supports("avx2") == 0 || !upper_halves_in_use()) {
    std::puts("skipped: this processor has no such kernel or does not say what is in use");
    return;
  }
  const std::vector<std::byte> bytes(5000);
  asm volatile("vzeroupper" : : : "memory");
  if (*upper_halves_in_use()) {
    std::puts("skipped: this processor does not see that the upper halves are clear");
    return;
  }
  const std::uint64_t hash = detail::hash64_avx2(bytes.data(), bytes.size(), 0);
  EXPECT_FALSE(*upper_halves_in_use()) << hash;
}

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
