// Compiled with -mavx2. Nothing is included that could leave an inline function behind for others.
//
// The upper halves of the vector registers are cleared before the return: g++ 12 does not do it for
// this function, and as long as they are in use every scalar double operation that follows, all
// models of the core among them, waits for registers it does not need.

#include "engine/hash_long.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace mm::detail {

std::uint64_t hash64_avx2(const void* data, std::size_t size, std::uint64_t seed) {
  const std::uint64_t hash = XXH3_64bits_withSeed(data, size, seed);
  _mm256_zeroupper();
  return hash;
}

}  // namespace mm::detail
