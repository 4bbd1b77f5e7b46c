#include "journal/streamvbyte.hpp"

#include <cstdlib>
#include <cstring>

#include "journal/streamvbyte_kernels.hpp"

namespace mm::journal {
namespace detail {

constexpr StreamVByteTables computed_tables = make_streamvbyte_tables();
const StreamVByteTables streamvbyte_tables = computed_tables;

}  // namespace detail

namespace {

using detail::StreamVByteDecoded;
using detail::StreamVByteEncoded;

StreamVByteKernel best_kernel() {
  const char* asked = std::getenv("MM_CPU");
  if (asked != nullptr && std::string_view{asked} == "baseline") return StreamVByteKernel::scalar;
  if (streamvbyte_has(StreamVByteKernel::avx2)) return StreamVByteKernel::avx2;
  if (streamvbyte_has(StreamVByteKernel::ssse3)) return StreamVByteKernel::ssse3;
  return StreamVByteKernel::scalar;
}

unsigned length_of(std::uint32_t value) {
  return value >= 1u << 24 ? 4 : value >= 1u << 16 ? 3 : value >= 1u << 8 ? 2 : 1;
}

}  // namespace

bool streamvbyte_has(StreamVByteKernel kernel) {
  switch (kernel) {
    case StreamVByteKernel::scalar:
      return true;
    case StreamVByteKernel::ssse3:
      return __builtin_cpu_supports("ssse3") != 0;
    case StreamVByteKernel::avx2:
      return __builtin_cpu_supports("avx2") != 0;
  }
  return false;
}

StreamVByteKernel streamvbyte_kernel() {
  static const StreamVByteKernel kernel = best_kernel();
  return kernel;
}

std::string_view name_of(StreamVByteKernel kernel) {
  switch (kernel) {
    case StreamVByteKernel::scalar:
      return "scalar";
    case StreamVByteKernel::ssse3:
      return "ssse3";
    case StreamVByteKernel::avx2:
      return "avx2";
  }
  return "?";
}

std::size_t streamvbyte_encode(StreamVByteKernel kernel, std::span<const std::uint32_t> values,
                               std::byte* out) {
  auto* const begin = reinterpret_cast<std::uint8_t*>(out);
  const std::size_t control_bytes = (values.size() + 3) / 4;
  StreamVByteEncoded state{0, begin + control_bytes};
  if (kernel == StreamVByteKernel::avx2)
    state = detail::streamvbyte_encode_avx2(values.data(), values.size(), begin, state.data);
  else if (kernel == StreamVByteKernel::ssse3)
    state = detail::streamvbyte_encode_ssse3(values.data(), values.size(), begin, state.data);

  std::memset(begin + state.values / 4, 0, control_bytes - state.values / 4);
  for (std::size_t index = state.values; index < values.size(); ++index) {
    const std::uint32_t value = values[index];
    const unsigned length = length_of(value);
    begin[index / 4] =
        static_cast<std::uint8_t>(begin[index / 4] | (length - 1) << (2 * (index % 4)));
    std::memcpy(state.data, &value, 4);  // the room has slack for the bytes beyond `length`
    state.data += length;
  }
  return static_cast<std::size_t>(state.data - begin);
}

bool streamvbyte_decode(StreamVByteKernel kernel, std::span<const std::byte> bytes,
                        std::span<std::uint32_t> out) {
  const std::size_t control_bytes = out.size() / 4 + (out.size() % 4 != 0 ? 1 : 0);
  if (bytes.size() < control_bytes) return false;
  const auto* const control = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const std::uint8_t* const end = control + bytes.size();
  StreamVByteDecoded state{0, control + control_bytes};
  if (kernel == StreamVByteKernel::avx2)
    state = detail::streamvbyte_decode_avx2(control, state.data, end, out.data(), out.size());
  else if (kernel == StreamVByteKernel::ssse3)
    state = detail::streamvbyte_decode_ssse3(control, state.data, end, out.data(), out.size());

  std::size_t index = state.values;
  const std::uint8_t* data = state.data;
  for (; index < out.size() && end - data >= 4; ++index) {
    const std::size_t length_less_one = control[index / 4] >> (2 * (index % 4)) & 3u;
    std::uint32_t value = 0;
    std::memcpy(&value, data, 4);
    out[index] = value & 0xFFFFFFFF >> (24 - 8 * length_less_one);
    data += length_less_one + 1;
  }
  for (; index < out.size(); ++index) {
    const std::size_t length = (control[index / 4] >> (2 * (index % 4)) & 3u) + 1u;
    if (static_cast<std::size_t>(end - data) < length) return false;
    std::uint32_t value = 0;
    for (std::size_t byte = 0; byte < length; ++byte)
      value |= std::uint32_t{data[byte]} << 8 * byte;
    out[index] = value;
    data += length;
  }
  return data == end;
}

std::size_t streamvbyte_encode(std::span<const std::uint32_t> values, std::byte* out) {
  return streamvbyte_encode(streamvbyte_kernel(), values, out);
}

bool streamvbyte_decode(std::span<const std::byte> bytes, std::span<std::uint32_t> out) {
  return streamvbyte_decode(streamvbyte_kernel(), bytes, out);
}

}  // namespace mm::journal
