// Compiled with -mavx2. Nothing is included that could leave an inline function behind for others.

#include "engine/hash_long.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace mm::detail {

std::uint64_t hash64_avx2(const void* data, std::size_t size, std::uint64_t seed) {
  return XXH3_64bits_withSeed(data, size, seed);
}

}  // namespace mm::detail
