#!/usr/bin/env python3
"""Writes engine/det/tables.hpp: every constant of mm::det, from integer arithmetic alone.

    python3 engine/det/tables.py > engine/det/tables.hpp

No floating point takes part, so the bytes do not depend on the machine; a test compares them with
the header that is checked in. Values are fixed point with `q` bits after the binary point, rounded
to nearest (2^(i/128): rounded down).
"""

from fractions import Fraction
from math import factorial, isqrt

GUARD = 400  # bits of every intermediate quantity; the widest table entry has 256


def fixed(value, q):
    """A Fraction in fixed point, rounded to nearest."""
    return (value.numerator * 2 ** (q + 1) // value.denominator + 1) // 2


def log_ratio(a, b):
    """log(a / b) as a Fraction good to about GUARD bits: 2 atanh((a - b) / (a + b))."""
    t = Fraction(a - b, a + b)
    one = 2**GUARD
    power = fixed(t, GUARD)
    square = fixed(t * t, GUARD)
    total, k = 0, 0
    while abs(power) > 1:
        total += power // (2 * k + 1)
        power = power * square // one
        k += 1
    return Fraction(2 * total, one)


LN2 = log_ratio(2, 1)


def exp2_fraction(i, q):
    """floor(2^(i/128) * 2^q): seven nested square roots of 2^(i + 128 q)."""
    root = 2 ** (i + 128 * q)
    for _ in range(7):
        root = isqrt(root)
    return root


def log_multiplier(i):
    """About 1024 / m for m in the i-th of 256 parts of [1, 2); exact at both ends, where m is near
    1 or 2 and log1p must see m - 1 itself."""
    if i == 0:
        return 1024
    if i == 255:
        return 512
    return (1024 * 512 * 2 + (2 * i + 513)) // (2 * (2 * i + 513))


LOG_WRAP = 106  # from this part on, m is above sqrt(2) and m / 2 is taken instead


def log_offset(i):
    """-log(multiplier / 1024), of half the argument from LOG_WRAP on."""
    c = log_multiplier(i) * (2 if i >= LOG_WRAP else 1)
    return log_ratio(1024, c)


def tanh_coefficients(count):
    """t_k of tanh(x) = x (1 - t_0 x^2 + t_1 x^4 - ...), from tanh' = 1 - tanh^2."""
    a = [Fraction(1)]  # tanh(x) = sum a_k x^(2k+1)
    for k in range(1, count + 1):
        square = sum(a[j] * a[k - 1 - j] for j in range(k))
        a.append(-square / (2 * k + 1))
    return [abs(c) for c in a[1:]]


def hex64(value):
    assert 0 <= value < 2**64
    return f"0x{value:016x}"


def words(value, count):
    """Two's complement 64-bit words, most significant first."""
    value %= 2 ** (64 * count)
    return [hex64(value >> (64 * (count - 1 - k)) & (2**64 - 1)) for k in range(count)]


def emit(doc, declaration, entries, per_line):
    for line in doc:
        print(f"/// {line}")
    print(f"inline constexpr {declaration} = {{{{")
    for k in range(0, len(entries), per_line):
        print("    " + ", ".join(entries[k : k + per_line]) + ",")
    print("}};\n")


def wide_words(value, q):
    return "u128_of(" + ", ".join(words(fixed(value, q), 2)) + ")"


def signed_coefficients(values, q):
    for v in values:
        assert abs(fixed(v, q)) < 2**63
    return [("-" if v < 0 else "") + hex64(abs(fixed(v, q))) for v in values]


def main():
    print("#pragma once\n")
    print("// Written by engine/det/tables.py; do not edit.\n")
    print("// clang-format off\n")
    print("#include <array>\n#include <cstdint>\n")
    print('#include "engine/det/integer.hpp"\n')
    print("namespace mm::det::detail {\n")

    print("/// 128 / ln 2, Q55.")
    print(f"inline constexpr i64 steps_per_unit_q55 = {hex64(fixed(128 / LN2, 55))};\n")
    print("/// ln 2 / 128, Q112.")
    print(f"inline constexpr i128 step_q112 = i128({wide_words(LN2 / 128, 112)});\n")
    print("/// ln 2, Q116.")
    print(f"inline constexpr i128 ln2_q116 = i128({wide_words(LN2, 116)});\n")

    emit(
        ["2^(i/128), Q126."],
        "std::array<u128, 128> exp2_q126",
        ["u128_of(" + ", ".join(words(exp2_fraction(i, 126), 2)) + ")" for i in range(128)],
        1,
    )
    emit(
        ["1/2!, 1/3!, ... of (exp(r) - 1 - r) / r^2, Q63."],
        "std::array<i64, 6> exp_tail_q63",
        signed_coefficients([Fraction(1, factorial(k + 2)) for k in range(6)], 63),
        3,
    )
    emit(
        ["1/3!, 1/4!, ... of (exp(x) - 1 - x - x^2/2) / x^3, Q65."],
        "std::array<i64, 12> expm1_tail_q65",
        signed_coefficients([Fraction(1, factorial(k + 3)) for k in range(12)], 65),
        3,
    )
    emit(
        ["1/3, -1/4, 1/5, ... of (log(1 + r) - r + r^2/2) / r^3, Q63."],
        "std::array<i64, 8> log1p_tail_q63",
        signed_coefficients([Fraction((-1) ** k, k + 3) for k in range(8)], 63),
        4,
    )
    emit(
        ["1/3, -2/15, 17/315, ... of (1 - tanh(x) / x) / x^2 as a series in x^2, Q64."],
        "std::array<i64, 10> tanh_tail_q64",
        signed_coefficients([(-1) ** k * t for k, t in enumerate(tanh_coefficients(10))], 64),
        4,
    )
    print("/// From this part of [1, 2) on, log() takes half the argument and one more power of two.")
    print(f"inline constexpr unsigned log_wrap = {LOG_WRAP};\n")
    emit(
        ["About 1024 / m for m in the i-th of 256 parts of [1, 2)."],
        "std::array<std::uint16_t, 256> log_multiplier",
        [str(log_multiplier(i)) for i in range(256)],
        16,
    )
    emit(
        ["-log(log_multiplier[i] / 1024), from log_wrap on less ln 2, Q116, two's complement."],
        "std::array<u128, 256> log_offset_q116",
        [wide_words(log_offset(i), 116) for i in range(256)],
        1,
    )
    print("// For the second step, least significant word first.\n")
    print("/// 1 / ln 2, Q63.")
    print(f"inline constexpr u64 inverse_ln2_q63 = {hex64(fixed(1 / LN2, 63))};\n")
    emit(["ln 2, Q256."], "std::array<u64, 4> ln2_q256", words(fixed(LN2, 256), 4)[::-1], 2)
    print("}  // namespace mm::det::detail")


main()
