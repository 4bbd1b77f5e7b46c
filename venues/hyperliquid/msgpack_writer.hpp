#pragma once

// A msgpack encoder for the types actions are made of, smallest forms only. The checking side's
// own: what sends uses another.
//
//   fixint, uint8..64, int8..64, fixstr, str8..32, fixarray, array16/32, fixmap (to 15), bool

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/assert.hpp"

namespace mm::venues::hyperliquid {

class MsgpackWriter {
 public:
  /// `pairs` keys follow, each with its value.
  void map(std::size_t pairs) {
    MM_ASSERT(pairs <= 15, "no action has more keys");
    byte(0x80 | pairs);
  }
  void array(std::size_t items) {
    if (items <= 15) return byte(0x90 | items);
    if (items <= 0xffff) return tagged(0xdc, items, 2);
    tagged(0xdd, items, 4);
  }
  void text(std::string_view value) {
    const std::size_t size = value.size();
    if (size <= 31) {
      byte(0xa0 | size);
    } else if (size <= 0xff) {
      tagged(0xd9, size, 1);
    } else if (size <= 0xffff) {
      tagged(0xda, size, 2);
    } else {
      tagged(0xdb, size, 4);
    }
    bytes_ += value;
  }
  void number(std::uint64_t value) {
    if (value <= 0x7f) return byte(value);
    if (value <= 0xff) return tagged(0xcc, value, 1);
    if (value <= 0xffff) return tagged(0xcd, value, 2);
    if (value <= 0xffffffff) return tagged(0xce, value, 4);
    tagged(0xcf, value, 8);
  }
  void signed_number(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    if (value >= 0) return number(bits);
    if (value >= -32) return byte(bits & 0xff);
    if (value >= -0x80) return tagged(0xd0, bits, 1);
    if (value >= -0x8000) return tagged(0xd1, bits, 2);
    if (value >= -0x80000000LL) return tagged(0xd2, bits, 4);
    tagged(0xd3, bits, 8);
  }
  void flag(bool value) { byte(value ? 0xc3 : 0xc2); }

  void text(std::string_view key, std::string_view value) { text(key), text(value); }
  void number(std::string_view key, std::uint64_t value) { text(key), number(value); }
  void flag(std::string_view key, bool value) { text(key), flag(value); }

  const std::string& bytes() const { return bytes_; }

 private:
  void byte(std::uint64_t value) {
    bytes_ += static_cast<char>(static_cast<unsigned char>(value & 0xff));
  }
  /// The tag and the low `size` bytes of `value`, big-endian.
  void tagged(std::uint64_t tag, std::uint64_t value, int size) {
    byte(tag);
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) byte(value >> shift);
  }

  std::string bytes_;
};

}  // namespace mm::venues::hyperliquid
