#include "journal/columns.hpp"

#include <algorithm>
#include <cstring>

#include "engine/assert.hpp"
#include "journal/streamvbyte.hpp"

namespace mm::journal {
namespace {

enum Encoding : std::uint8_t { raw = 0, stream_v_byte = 1, varint = 2 };
constexpr std::uint8_t wide_bit = 0x80;
constexpr std::size_t wide_head = 8;

std::byte tag_of(Encoding encoding, unsigned width_log2, bool wide) {
  return static_cast<std::byte>(encoding | width_log2 << 4 | (wide ? wide_bit : 0u));
}

std::byte* encode_varint(std::span<const std::uint32_t> values, std::byte* out) {
  for (std::uint32_t value : values) {
    for (; value >= 128; value >>= 7) *out++ = static_cast<std::byte>(value | 128);
    *out++ = static_cast<std::byte>(value);
  }
  return out;
}

bool decode_varint(std::span<const std::byte> bytes, std::span<std::uint32_t> out) {
  std::size_t at = 0;
  for (std::uint32_t& value : out) {
    std::uint64_t sum = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (at == bytes.size() || shift > 28) return false;
      const auto byte = static_cast<std::uint64_t>(bytes[at++]);
      sum |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    if (sum > UINT32_MAX) return false;
    value = static_cast<std::uint32_t>(sum);
  }
  return at == bytes.size();
}

/// Loops go in chunks of fixed length, which compilers turn into vector code at -O2 as well.
constexpr std::size_t chunk = 16;

/// Calls f(index) for every escape, which are few: whole chunks are looked at first.
template <class F>
void for_each_escape(std::span<const std::uint32_t> values, F&& f) {
  std::size_t index = 0;
  for (; index + chunk <= values.size(); index += chunk) {
    std::uint32_t any = 0;
    for (std::size_t lane = 0; lane < chunk; ++lane)
      any |= values[index + lane] == wide_escape ? 1u : 0u;
    if (any == 0) [[likely]]
      continue;
    for (std::size_t lane = 0; lane < chunk; ++lane)
      if (values[index + lane] == wide_escape) f(index + lane);
  }
  for (; index < values.size(); ++index)
    if (values[index] == wide_escape) f(index);
}

/// unzigzag of a value that fits 32 bits, in steps that vector units have.
std::uint64_t signed_difference(std::uint32_t value) {
  const auto narrow = static_cast<std::int32_t>((value >> 1) ^ (0u - (value & 1)));
  return static_cast<std::uint64_t>(std::int64_t{narrow});
}

template <class Stored>
bool decode_raw(std::span<const std::byte> bytes, std::span<std::uint32_t> out) {
  if (bytes.size() != out.size() * sizeof(Stored)) return false;
  Stored stored[chunk];
  std::size_t index = 0;
  const std::byte* at = bytes.data();
  for (; index + chunk <= out.size(); index += chunk, at += sizeof stored) {
    std::memcpy(stored, at, sizeof stored);
    for (std::size_t lane = 0; lane < chunk; ++lane) out[index + lane] = stored[lane];
  }
  for (; index < out.size(); ++index, at += sizeof(Stored)) {
    std::memcpy(stored, at, sizeof(Stored));
    out[index] = stored[0];
  }
  return true;
}

}  // namespace

bool ColumnWriter::all_zero() const {
  return std::all_of(values_.begin(), values_.end(),
                     [](std::uint32_t value) { return value == 0; });
}

std::size_t ColumnWriter::room() const {
  // The longest varint has five bytes.
  return wide_head + 8 * wide_.size() + std::max(streamvbyte_room(size()), 5 * size());
}

std::size_t ColumnWriter::encode(std::byte* out, Packing packing) const {
  std::byte* at = out;
  std::uint32_t all_bits = 0;
  for (std::uint32_t value : values_) all_bits |= value;
  // A byte each is as small as streamvbyte without its control bytes.
  const Encoding encoding = all_bits < 256              ? Encoding::raw
                            : packing == Packing::small ? Encoding::varint
                                                        : Encoding::stream_v_byte;
  *at++ = tag_of(encoding, 0, !wide_.empty());
  if (!wide_.empty()) {
    const auto count = static_cast<std::uint32_t>(wide_.size());
    std::memset(at, 0, 3);
    std::memcpy(at + 3, &count, 4);
    std::memcpy(at + 7, wide_.data(), 8 * wide_.size());
    at += 7 + 8 * wide_.size();
  }
  switch (encoding) {
    case Encoding::raw:
      for (std::uint32_t value : values_) *at++ = static_cast<std::byte>(value);
      break;
    case Encoding::stream_v_byte:
      at += streamvbyte_encode(values_, at);
      break;
    case Encoding::varint:
      at = encode_varint(values_, at);
      break;
  }
  return static_cast<std::size_t>(at - out);
}

// Rare, and better kept out of the loops that call it.
[[gnu::noinline]] std::uint64_t ColumnReader::next_wide() {
  if (wide_count_ == 0) return wide_escape;
  std::uint64_t value = 0;
  std::memcpy(&value, wide_, 8);
  wide_ += 8;
  --wide_count_;
  return value;
}

bool ColumnReader::exceeds(std::size_t count, std::uint32_t limit) const {
  return std::any_of(values_, values_ + count,
                     [limit](std::uint32_t value) { return value >= limit; });
}

void ColumnDecoder::start(std::size_t total, std::size_t longest) {
  if (total > capacity_) {
    capacity_ = total + total / 2;
    values_ = std::make_unique<std::uint32_t[]>(capacity_ + overrun);
    differences_ = std::make_unique_for_overwrite<std::uint64_t[]>(capacity_);
  }
  used_ = 0;
  if (zeros_.size() < longest) zeros_.resize(longest + longest / 2);
}

bool ColumnDecoder::decode(std::span<const std::byte> bytes, std::size_t count,
                           ColumnReader& reader) {
  if (bytes.empty()) return false;
  MM_ASSERT(count <= capacity_ - used_, "columns hold more values than were announced");
  const auto tag = static_cast<std::uint8_t>(bytes[0]);
  std::size_t head = 1;
  reader.wide_count_ = 0;
  if ((tag & wide_bit) != 0) {
    std::uint32_t wide = 0;
    if (bytes.size() < wide_head) return false;
    std::memcpy(&wide, bytes.data() + 4, 4);
    if (wide == 0 || wide > (bytes.size() - wide_head) / 8) return false;
    reader.wide_ = bytes.data() + wide_head;
    reader.wide_count_ = wide;
    head = wide_head + 8 * std::size_t{wide};
  }
  const std::span<std::uint32_t> out{values_.get() + used_, count};
  const std::span<const std::byte> body = bytes.subspan(head);
  used_ += count;
  reader.values_ = out.data();
  bool whole = false;
  switch (tag & 0x7F) {
    case 0x00:
      whole = decode_raw<std::uint8_t>(body, out);
      break;
    case 0x10:
      whole = decode_raw<std::uint16_t>(body, out);
      break;
    case 0x20:
      whole = decode_raw<std::uint32_t>(body, out);
      break;
    case Encoding::stream_v_byte:
      whole = streamvbyte_decode(body, out);
      break;
    case Encoding::varint:
      whole = decode_varint(body, out);
      break;
    default:
      return false;
  }
  if (!whole) return false;
  if (reader.wide_count_ == 0) return true;
  std::size_t escapes = 0;
  for_each_escape(out, [&escapes](std::size_t) { ++escapes; });
  return escapes == reader.wide_count_;
}

bool ColumnDecoder::decode(std::span<const std::byte> bytes, std::size_t count,
                           DifferenceReader& reader) {
  std::uint64_t* const out = differences_.get() + used_;
  ColumnReader values;
  if (!decode(bytes, count, values)) return false;
  const std::uint32_t* const in = values.narrow_from(0);
  std::size_t index = 0;
  for (; index + chunk <= count; index += chunk)
    for (std::size_t lane = 0; lane < chunk; ++lane)
      out[index + lane] = signed_difference(in[index + lane]);
  for (; index < count; ++index) out[index] = signed_difference(in[index]);
  if (values.has_wide())
    for_each_escape({in, count}, [&](std::size_t at) { out[at] = unzigzag(values.next_wide()); });
  reader.values_ = out;
  return true;
}

void ColumnDecoder::absent(ColumnReader& reader) const {
  // Zeros of any width.
  reader.values_ = reinterpret_cast<const std::uint32_t*>(zeros_.data());
  reader.wide_count_ = 0;
}

void ColumnDecoder::absent(DifferenceReader& reader) const {
  reader.values_ = zeros_.data();
}

}  // namespace mm::journal
