#pragma once

// Stream VByte: 32-bit integers in one to four bytes each, lengths apart from data.
//
//   bytes = control, data
//   control: (count + 3) / 4 bytes; two bits a value, lowest first, hold its length less one;
//            unused bits are zero
//   data:    the values' low bytes, little-endian, one after the other
//
// The format is that of D. Lemire, N. Kurz, C. Rupp: "Stream VByte: Faster Byte-Oriented Integer
// Compression", 2017, in its 1-2-3-4 variant; the count is not stored. SSSE3 and AVX2 kernels are
// chosen when the program runs; MM_CPU=baseline in the environment, read once, keeps to the scalar
// code. All give the same bytes and values.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace mm::journal {

/// What streamvbyte_encode may write: the longest encoding and the slack its wide stores need.
constexpr std::size_t streamvbyte_room(std::size_t count) {
  return (count + 3) / 4 + 4 * count + 16;
}

/// Encodes to `out`, which must have streamvbyte_room(values.size()) bytes; gives the bytes used.
/// What lies behind them up to that room may be overwritten.
std::size_t streamvbyte_encode(std::span<const std::uint32_t> values, std::byte* out);

/// Decodes exactly out.size() values from exactly bytes.size() bytes. False, with `out` in any
/// state, if the bytes are too few or too many. Nothing outside of the two spans is touched.
bool streamvbyte_decode(std::span<const std::byte> bytes, std::span<std::uint32_t> out);

enum class StreamVByteKernel { scalar, ssse3, avx2 };

/// The kernel in use, and which ones this CPU has; for tests and for `mmctl --version`.
StreamVByteKernel streamvbyte_kernel();
bool streamvbyte_has(StreamVByteKernel kernel);
std::string_view name_of(StreamVByteKernel kernel);

/// The same with a given kernel, which the CPU must have.
std::size_t streamvbyte_encode(StreamVByteKernel kernel, std::span<const std::uint32_t> values,
                               std::byte* out);
bool streamvbyte_decode(StreamVByteKernel kernel, std::span<const std::byte> bytes,
                        std::span<std::uint32_t> out);

}  // namespace mm::journal
