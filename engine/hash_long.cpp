#include "engine/hash_long.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace mm::detail {

std::uint64_t hash64_baseline(const void* data, std::size_t size, std::uint64_t seed) {
  return XXH3_64bits_withSeed(data, size, seed);
}

std::uint64_t hash64_long(const void* data, std::size_t size, std::uint64_t seed) {
  return __builtin_cpu_supports("avx2") != 0 ? hash64_avx2(data, size, seed)
                                             : hash64_baseline(data, size, seed);
}

}  // namespace mm::detail
