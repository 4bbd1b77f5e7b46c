#include <immintrin.h>

#include "journal/streamvbyte_kernels.hpp"

#define MM_TARGET_AVX2 __attribute__((target("avx2")))

namespace mm::journal::detail {

MM_TARGET_AVX2 StreamVByteEncoded streamvbyte_encode_avx2(const std::uint32_t* values,
                                                          std::size_t count, std::uint8_t* control,
                                                          std::uint8_t* data) {
  const StreamVByteTables& tables = streamvbyte_tables;
  const __m256i zero = _mm256_setzero_si256();
  std::size_t done = 0;
  for (; done + 8 <= count; done += 8) {
    const __m256i eight = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values + done));
    const unsigned nonzero =
        ~static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(eight, zero)));
    const unsigned low = static_cast<unsigned>(tables.pair_code[nonzero & 255]) |
                         static_cast<unsigned>(tables.pair_code[nonzero >> 8 & 255]) << 4;
    const unsigned high = static_cast<unsigned>(tables.pair_code[nonzero >> 16 & 255]) |
                          static_cast<unsigned>(tables.pair_code[nonzero >> 24]) << 4;
    const __m256i order =
        _mm256_loadu2_m128i(reinterpret_cast<const __m128i*>(tables.gather[high].data()),
                            reinterpret_cast<const __m128i*>(tables.gather[low].data()));
    const __m256i packed = _mm256_shuffle_epi8(eight, order);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(data), _mm256_castsi256_si128(packed));
    data += tables.length[low];
    _mm_storeu_si128(reinterpret_cast<__m128i*>(data), _mm256_extracti128_si256(packed, 1));
    data += tables.length[high];
    *control++ = static_cast<std::uint8_t>(low);
    *control++ = static_cast<std::uint8_t>(high);
  }
  return {done, data};
}

MM_TARGET_AVX2 StreamVByteDecoded streamvbyte_decode_avx2(const std::uint8_t* control,
                                                          const std::uint8_t* data,
                                                          const std::uint8_t* end,
                                                          std::uint32_t* out, std::size_t count) {
  const StreamVByteTables& tables = streamvbyte_tables;
  std::size_t done = 0;
  for (; done + 8 <= count && end - data >= 32; done += 8) {
    const unsigned low = control[0];
    const unsigned high = control[1];
    control += 2;
    const std::uint8_t* second = data + tables.length[low];
    const __m256i order =
        _mm256_loadu2_m128i(reinterpret_cast<const __m128i*>(tables.spread[high].data()),
                            reinterpret_cast<const __m128i*>(tables.spread[low].data()));
    const __m256i packed = _mm256_loadu2_m128i(reinterpret_cast<const __m128i*>(second),
                                               reinterpret_cast<const __m128i*>(data));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + done), _mm256_shuffle_epi8(packed, order));
    data = second + tables.length[high];
  }
  const StreamVByteDecoded rest =
      streamvbyte_decode_ssse3(control, data, end, out + done, count - done);
  return {done + rest.values, rest.data};
}

}  // namespace mm::journal::detail
