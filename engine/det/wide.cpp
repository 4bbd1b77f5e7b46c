#include "engine/det/wide.hpp"

namespace mm::det::detail {

namespace {

using Words = Wide::Words;

Words shifted_right(const Words& a, int shift) {
  if (shift >= 256) return {};
  const std::size_t skip = static_cast<std::size_t>(shift) / 64;
  const int bits = shift % 64;
  Words result{};
  for (std::size_t k = 0; k + skip < 4; ++k) {
    const u64 next = k + skip + 1 < 4 ? a[k + skip + 1] : 0;
    result[k] = low_word(u128_of(next, a[k + skip]) >> bits);
  }
  return result;
}

Words shifted_left(const Words& a, int shift) {
  const std::size_t skip = static_cast<std::size_t>(shift) / 64;
  const int bits = shift % 64;
  Words result{};
  for (std::size_t k = skip; k < 4; ++k) {
    const u64 next = k > skip ? a[k - skip - 1] : 0;
    result[k] = high_word(u128_of(a[k - skip], next) << bits);
  }
  return result;
}

/// a + b modulo 2^256; true if it wrapped.
bool add_to(Words& a, const Words& b) {
  u64 carry = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    const u128 sum = u128{a[k]} + b[k] + carry;
    a[k] = low_word(sum);
    carry = high_word(sum);
  }
  return carry != 0;
}

/// a - b modulo 2^256; true if it wrapped.
bool subtract_from(Words& a, const Words& b) {
  u64 borrow = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    const u128 difference = u128{a[k]} - b[k] - borrow;
    a[k] = low_word(difference);
    borrow = high_word(difference) & 1;
  }
  return borrow != 0;
}

bool less(const Words& a, const Words& b) {
  for (std::size_t k = 4; k-- > 0;) {
    if (a[k] != b[k]) return a[k] < b[k];
  }
  return false;
}

}  // namespace

Wide Wide::normalised(bool negative, int exponent, Words words) {
  int zeros = 0;
  for (std::size_t k = 4; k-- > 0;) {
    if (words[k] != 0) {
      zeros += std::countl_zero(words[k]);
      break;
    }
    zeros += 64;
  }
  if (zeros == 256) return {};
  Wide result;
  result.words_ = shifted_left(words, zeros);
  result.exponent_ = exponent - zeros;
  result.negative_ = negative;
  return result;
}

Wide Wide::of(bool negative, const Approximation& value) {
  return normalised(negative, value.exponent,
                    {0, 0, low_word(value.significand), high_word(value.significand)});
}

Wide Wide::of(bool negative, Parts parts) {
  return normalised(negative, parts.exponent, {0, 0, 0, parts.significand});
}

Wide Wide::of(i64 integer) {
  const u64 bits = static_cast<u64>(integer);
  return normalised(integer < 0, 63, {0, 0, 0, integer < 0 ? 0 - bits : bits});
}

Wide Wide::of_fraction(const Words& words) {
  return normalised(false, -1, words);
}

Wide Wide::operator-() const {
  Wide result = *this;
  result.negative_ = !negative_;
  return result;
}

Wide operator+(const Wide& a, const Wide& b) {
  if (a.is_zero()) return b;
  if (b.is_zero()) return a;
  const bool a_is_larger =
      a.exponent_ != b.exponent_ ? a.exponent_ > b.exponent_ : !less(a.words_, b.words_);
  const Wide& large = a_is_larger ? a : b;
  const Wide& small = a_is_larger ? b : a;
  Words words = large.words_;
  const Words aligned = shifted_right(small.words_, large.exponent_ - small.exponent_);
  if (a.negative_ != b.negative_) {
    subtract_from(words, aligned);
    return Wide::normalised(large.negative_, large.exponent_, words);
  }
  const bool carry = add_to(words, aligned);
  if (!carry) return Wide::normalised(large.negative_, large.exponent_, words);
  words = shifted_right(words, 1);
  words[3] |= sign_bit;
  return Wide::normalised(large.negative_, large.exponent_ + 1, words);
}

Wide operator*(const Wide& a, const Wide& b) {
  std::array<u64, 8> product{};
  for (std::size_t i = 0; i < 4; ++i) {
    u64 carry = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const u128 sum = u128{a.words_[i]} * b.words_[j] + product[i + j] + carry;
      product[i + j] = low_word(sum);
      carry = high_word(sum);
    }
    product[i + 4] = carry;
  }
  // The top bit may be clear; the bit that then comes in from below the upper half is lost.
  return Wide::normalised(a.negative_ != b.negative_, a.exponent_ + b.exponent_ + 1,
                          {product[4], product[5], product[6], product[7]});
}

Wide operator/(const Wide& a, const Wide& b) {
  if (a.is_zero()) return a;
  // Long division, a bit a turn: the first bit stands for 2^(difference of the exponents).
  Words rest = a.words_;
  Words quotient{};
  bool overflow = false;
  for (int turn = 0; turn < 256; ++turn) {
    quotient = shifted_left(quotient, 1);
    if (overflow || !less(rest, b.words_)) {
      subtract_from(rest, b.words_);
      quotient[0] |= 1;
    }
    overflow = (rest[3] & sign_bit) != 0;
    rest = shifted_left(rest, 1);
  }
  return Wide::normalised(a.negative_ != b.negative_, a.exponent_ - b.exponent_, quotient);
}

Wide Wide::divided_by(u64 divisor) const {
  u64 rest = 0;
  const auto next_word = [&](u64 word) {
    const u128 dividend = u128_of(rest, word);
    rest = static_cast<u64>(dividend % divisor);
    return static_cast<u64>(dividend / divisor);
  };
  Words quotient{};
  for (std::size_t k = 4; k-- > 0;) quotient[k] = next_word(words_[k]);
  const u64 below = next_word(0);
  const int zeros = std::countl_zero(quotient[3]);
  quotient = shifted_left(quotient, zeros);
  quotient[0] |= high_word(u128{below} << zeros);
  return normalised(negative_, exponent_ - zeros, quotient);
}

Wide Wide::times_power_of_two(int power) const {
  Wide result = *this;
  if (!is_zero()) result.exponent_ += power;
  return result;
}

i64 Wide::nearest_integer() const {
  if (is_zero() || exponent_ < -1) return 0;
  const u64 twice = words_[3] >> (62 - exponent_);
  const i64 magnitude = static_cast<i64>((twice + 1) / 2);
  return negative_ ? -magnitude : magnitude;
}

double Wide::to_double() const {
  return round_to_nearest(negative_, leading(), (words_[0] | words_[1]) != 0);
}

}  // namespace mm::det::detail
