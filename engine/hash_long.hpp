#pragma once

// XXH3-64 of long inputs (blocks, large deltas) with the widest kernel that the processor has. All
// kernels give the same value.

#include <cstddef>
#include <cstdint>

namespace mm::detail {

/// From here on XXH3 works in stripes, and wider registers pay.
inline constexpr std::size_t long_hash_bytes = 256;

std::uint64_t hash64_long(const void* data, std::size_t size, std::uint64_t seed);

std::uint64_t hash64_baseline(const void* data, std::size_t size, std::uint64_t seed);
/// Requires a processor with AVX2.
std::uint64_t hash64_avx2(const void* data, std::size_t size, std::uint64_t seed);

}  // namespace mm::detail
