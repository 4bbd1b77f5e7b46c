#pragma once

// Internal to streamvbyte*.cpp: the vector kernels work on a prefix, the scalar code does the rest.

#include <array>
#include <cstddef>
#include <cstdint>

namespace mm::journal::detail {

/// How far a kernel came: `values` (a multiple of four) are done, `data` is the next data byte.
template <class Byte>
struct StreamVByteProgress {
  std::size_t values;
  Byte* data;
};
using StreamVByteEncoded = StreamVByteProgress<std::uint8_t>;
using StreamVByteDecoded = StreamVByteProgress<const std::uint8_t>;

/// Writes up to 16 bytes behind the encoded data.
StreamVByteEncoded streamvbyte_encode_ssse3(const std::uint32_t* values, std::size_t count,
                                            std::uint8_t* control, std::uint8_t* data);
StreamVByteEncoded streamvbyte_encode_avx2(const std::uint32_t* values, std::size_t count,
                                           std::uint8_t* control, std::uint8_t* data);

/// Reads no byte at or behind `end`, writes only whole groups of four values below `count`.
StreamVByteDecoded streamvbyte_decode_ssse3(const std::uint8_t* control, const std::uint8_t* data,
                                            const std::uint8_t* end, std::uint32_t* out,
                                            std::size_t count);
StreamVByteDecoded streamvbyte_decode_avx2(const std::uint8_t* control, const std::uint8_t* data,
                                           const std::uint8_t* end, std::uint32_t* out,
                                           std::size_t count);

/// For each control byte: bytes of its four values, and the byte shuffles that spread (decode) and
/// gather (encode) them. For each pair of values, eight bits "byte is not zero" to four control
/// bits.
struct StreamVByteTables {
  std::array<std::uint8_t, 256> length{};
  alignas(16) std::array<std::array<std::uint8_t, 16>, 256> spread{};
  alignas(16) std::array<std::array<std::uint8_t, 16>, 256> gather{};
  std::array<std::uint8_t, 256> pair_code{};
};

constexpr std::uint8_t streamvbyte_code_of_nonzero_bytes(unsigned nibble) {
  return static_cast<std::uint8_t>(nibble >= 8 ? 3 : nibble >= 4 ? 2 : nibble >= 2 ? 1 : 0);
}

constexpr StreamVByteTables make_streamvbyte_tables() {
  StreamVByteTables tables;
  for (unsigned control = 0; control < 256; ++control) {
    unsigned position = 0;
    for (auto& index : tables.gather[control]) index = 0x80;
    for (unsigned value = 0; value < 4; ++value) {
      const unsigned length = (control >> (2 * value) & 3) + 1;
      for (unsigned byte = 0; byte < 4; ++byte) {
        const unsigned wide = 4 * value + byte;
        tables.spread[control][wide] =
            static_cast<std::uint8_t>(byte < length ? position + byte : 0x80);
        if (byte < length)
          tables.gather[control][position + byte] = static_cast<std::uint8_t>(wide);
      }
      position += length;
    }
    tables.length[control] = static_cast<std::uint8_t>(position);
    tables.pair_code[control] =
        static_cast<std::uint8_t>(streamvbyte_code_of_nonzero_bytes(control & 15) |
                                  streamvbyte_code_of_nonzero_bytes(control >> 4) << 2);
  }
  return tables;
}

extern const StreamVByteTables streamvbyte_tables;

}  // namespace mm::journal::detail
