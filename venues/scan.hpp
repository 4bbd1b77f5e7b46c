#pragma once

// Scan: the fast path over frames whose keys stand in the order the venue uses today.
//
// A scan expects exact text, character by character, and fails at the first surprise: another key
// order, a blank, an escape, a number that does not fit or is too fine. It never explains; the
// general decoder then takes the frame from its beginning and says what is wrong, if anything is.
// So a scan that succeeds must mean exactly what the general decoder would have said (tests compare
// them over whole captures).
//
// No step reads more than `venues::frame_padding` bytes behind the frame: every step is bounded and
// fails if it would begin behind the end.

#include <cstdint>
#include <cstring>
#include <string_view>

#include "engine/types.hpp"
#include "venues/feed_decoder.hpp"

namespace mm::venues {

class Scan {
 public:
  explicit Scan(std::string_view frame) : at_(frame.data()), end_(at_ + frame.size()) {}

  /// Whether this text (at most 32 characters) stands here; if so, goes behind it.
  bool text(std::string_view expected) {
    if (at_ > end_ || std::memcmp(at_, expected.data(), expected.size()) != 0) return false;
    at_ += expected.size();
    return true;
  }
  /// Whether nothing is left.
  bool finished() const { return at_ == end_; }

  /// What stands before the next quote, which is passed; at most 31 printable ASCII characters
  /// without escapes.
  bool word(std::string_view& out) {
    const char* const from = at_;
    if (at_ > end_) return false;
    for (; *at_ != '"'; ++at_) {
      if (at_ - from == 31 || *at_ == '\\' || *at_ < ' ' || *at_ > '~') return false;
    }
    out = {from, static_cast<std::size_t>(at_ - from)};
    ++at_;
    return true;
  }
  /// An integer of 1 to 18 digits.
  bool integer(std::int64_t& out) {
    const char* const from = at_;
    if (at_ > end_) return false;
    out = 0;
    for (; is_digit(*at_); ++at_) {
      if (at_ - from == 18) return false;
      out = out * 10 + (*at_ - '0');
    }
    return at_ != from;
  }
  /// A decimal and the quote behind it, as a count of 10^-decimals; at most 18 digits in all.
  bool decimal(int decimals, std::int64_t& out) {
    const char* from = at_;
    if (at_ > end_) return false;
    std::int64_t value = 0;
    for (; is_digit(*at_); ++at_) {
      if (at_ - from == 18) return false;
      value = value * 10 + (*at_ - '0');
    }
    const auto whole = at_ - from;
    if (whole == 0 || whole + decimals > 18) return false;
    int missing = decimals;
    if (*at_ == '.') {
      from = ++at_;
      for (; missing > 0 && is_digit(*at_); ++at_, --missing) value = value * 10 + (*at_ - '0');
      for (; *at_ == '0'; ++at_) {
        if (at_ - from == 18) return false;
      }
      if (at_ == from) return false;
    }
    for (; missing > 0; --missing) value *= 10;
    out = value;
    return *at_++ == '"';
  }

 private:
  static bool is_digit(char of) { return static_cast<unsigned char>(of - '0') < 10; }

  const char* at_;
  const char* end_;
};

}  // namespace mm::venues
