#include <immintrin.h>

#include "journal/streamvbyte_kernels.hpp"

#define MM_TARGET_SSSE3 __attribute__((target("ssse3")))

namespace mm::journal::detail {

MM_TARGET_SSSE3 StreamVByteEncoded streamvbyte_encode_ssse3(const std::uint32_t* values,
                                                            std::size_t count,
                                                            std::uint8_t* control,
                                                            std::uint8_t* data) {
  const StreamVByteTables& tables = streamvbyte_tables;
  const __m128i zero = _mm_setzero_si128();
  std::size_t done = 0;
  for (; done + 4 <= count; done += 4) {
    const __m128i four = _mm_loadu_si128(reinterpret_cast<const __m128i*>(values + done));
    const unsigned nonzero =
        ~static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(four, zero))) & 0xffff;
    const unsigned code = static_cast<unsigned>(tables.pair_code[nonzero & 255]) |
                          static_cast<unsigned>(tables.pair_code[nonzero >> 8]) << 4;
    const __m128i order =
        _mm_load_si128(reinterpret_cast<const __m128i*>(tables.gather[code].data()));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(data), _mm_shuffle_epi8(four, order));
    *control++ = static_cast<std::uint8_t>(code);
    data += tables.length[code];
  }
  return {done, data};
}

MM_TARGET_SSSE3 StreamVByteDecoded streamvbyte_decode_ssse3(const std::uint8_t* control,
                                                            const std::uint8_t* data,
                                                            const std::uint8_t* end,
                                                            std::uint32_t* out, std::size_t count) {
  const StreamVByteTables& tables = streamvbyte_tables;
  std::size_t done = 0;
  for (; done + 4 <= count && end - data >= 16; done += 4) {
    const unsigned code = *control++;
    const __m128i order =
        _mm_load_si128(reinterpret_cast<const __m128i*>(tables.spread[code].data()));
    const __m128i packed = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + done), _mm_shuffle_epi8(packed, order));
    data += tables.length[code];
  }
  return {done, data};
}

}  // namespace mm::journal::detail
