#pragma once

// Hashing for digests: XXH3, over canonical bytes only (never over structs with padding).

#include <cstddef>
#include <cstdint>
#include <span>

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

#include "engine/hash_long.hpp"

namespace mm {

struct Digest128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  constexpr bool operator==(const Digest128&) const = default;
};

inline std::uint64_t hash64(std::span<const std::byte> bytes, std::uint64_t seed = 0) {
  if (bytes.size() < detail::long_hash_bytes)
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
  return detail::hash64_long(bytes.data(), bytes.size(), seed);
}

inline Digest128 hash128(std::span<const std::byte> bytes, std::uint64_t seed = 0) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
  return {hash.high64, hash.low64};
}

}  // namespace mm
