#pragma once

// Little-endian byte streams for canonical records and saved state.
//
// Every integer takes eight bytes, money sixteen, text and arrays a count and then their bytes
// padded with zeros to a multiple of eight: no alignment holes, no varying widths, so equal values
// have equal bytes and arrays can be viewed in place.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "engine/types.hpp"

namespace mm {

static_assert(std::endian::native == std::endian::little, "the journal is little-endian in memory");

constexpr std::size_t padded8(std::size_t bytes) {
  return (bytes + 7) & ~std::size_t{7};
}

/// Appends to a buffer that it does not shrink, so a reused writer stops allocating.
class ByteWriter {
 public:
  void clear() { size_ = 0; }
  std::span<const std::byte> bytes() const { return {buffer_.data(), size_}; }
  std::size_t size() const { return size_; }

  /// Room for `count` more bytes at the end, to be filled by the caller.
  std::byte* extend(std::size_t count) {
    if (size_ + count > buffer_.size()) [[unlikely]]
      buffer_.resize((size_ + count) * 2);
    std::byte* at = buffer_.data() + size_;
    size_ += count;
    return at;
  }

  void put_raw(const void* data, std::size_t count) {
    if (count != 0) std::memcpy(extend(count), data, count);
  }
  void put_u64(std::uint64_t value) { std::memcpy(extend(8), &value, 8); }
  void put_i64(std::int64_t value) { std::memcpy(extend(8), &value, 8); }
  void put_flag(bool value) { put_u64(value ? 1 : 0); }
  void put_i128(Int128 value) { std::memcpy(extend(16), &value, 16); }
  /// Bits of the double, with every NaN as the canonical quiet NaN.
  void put_double(double value) {
    put_u64(value != value ? 0x7ff8000000000000u : std::bit_cast<std::uint64_t>(value));
  }
  void put_padded(const void* data, std::size_t count) {
    const std::size_t total = padded8(count);
    std::byte* at = extend(total);
    if (count != 0) std::memcpy(at, data, count);
    if (total != count) std::memset(at + count, 0, total - count);
  }
  void put_text(std::string_view text) {
    put_u64(text.size());
    put_padded(text.data(), text.size());
  }
  template <class T>
  requires std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>
  void put_array(std::span<const T> items) {
    put_u64(items.size());
    put_padded(items.data(), items.size_bytes());
  }

 private:
  std::vector<std::byte> buffer_;
  std::size_t size_ = 0;
};

/// The same bytes into memory the caller has made sure of (the journal's tail is written in place):
/// nothing is checked and nothing allocates.
class MemoryWriter {
 public:
  explicit MemoryWriter(std::byte* start) : start_(start), at_(start) {}

  std::byte* start() const { return start_; }
  std::size_t size() const { return static_cast<std::size_t>(at_ - start_); }
  std::byte* extend(std::size_t count) {
    std::byte* at = at_;
    at_ += count;
    return at;
  }
  void put_raw(const void* data, std::size_t count) {
    if (count != 0) std::memcpy(extend(count), data, count);
  }
  void put_u64(std::uint64_t value) { std::memcpy(extend(8), &value, 8); }
  void put_i64(std::int64_t value) { std::memcpy(extend(8), &value, 8); }
  void put_flag(bool value) { put_u64(value ? 1 : 0); }
  void put_i128(Int128 value) { std::memcpy(extend(16), &value, 16); }
  void put_padded(const void* data, std::size_t count) {
    const std::size_t total = padded8(count);
    std::byte* at = extend(total);
    if (total != count) std::memset(at + total - 8, 0, 8);
    if (count != 0) std::memcpy(at, data, count);
  }
  void put_text(std::string_view text) {
    put_u64(text.size());
    put_padded(text.data(), text.size());
  }

 private:
  std::byte* start_;
  std::byte* at_;
};

/// Reads what ByteWriter wrote. The first read past the end or of a bad value sets `failed`, after
/// which every read gives zero; nothing outside the span is ever touched.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  bool failed() const { return failed_; }
  bool at_end() const { return position_ == bytes_.size(); }
  std::size_t position() const { return position_; }
  void fail() { failed_ = true; }

  const std::byte* take(std::size_t count) {
    if (failed_ || count > bytes_.size() - position_) {
      failed_ = true;
      return nullptr;
    }
    const std::byte* at = bytes_.data() + position_;
    position_ += count;
    return at;
  }

  std::uint64_t get_u64() {
    std::uint64_t value = 0;
    if (const std::byte* at = take(8)) std::memcpy(&value, at, 8);
    return value;
  }
  std::int64_t get_i64() { return static_cast<std::int64_t>(get_u64()); }
  bool get_flag() {
    const std::uint64_t value = get_u64();
    if (value > 1) failed_ = true;
    return value == 1;
  }
  Int128 get_i128() {
    Int128 value = 0;
    if (const std::byte* at = take(16)) std::memcpy(&value, at, 16);
    return value;
  }
  double get_double() { return std::bit_cast<double>(get_u64()); }
  std::string_view get_text() {
    const std::uint64_t size = get_u64();
    if (size > bytes_.size()) failed_ = true;
    const std::byte* at = take(padded8(failed_ ? 0 : static_cast<std::size_t>(size)));
    return at == nullptr ? std::string_view{}
                         : std::string_view{reinterpret_cast<const char*>(at),
                                            static_cast<std::size_t>(size)};
  }
  /// A view into the bytes; they must be eight-byte aligned.
  template <class T>
  requires std::is_trivially_copyable_v<T> std::span<const T> get_array() {
    const std::uint64_t count = get_u64();
    if (count > bytes_.size() / sizeof(T)) failed_ = true;
    const std::byte* at = take(padded8(failed_ ? 0 : static_cast<std::size_t>(count) * sizeof(T)));
    if (at == nullptr || failed_) return {};
    return {reinterpret_cast<const T*>(at), static_cast<std::size_t>(count)};
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace mm
