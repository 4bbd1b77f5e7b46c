// The error bounds on which correct rounding rests: of the first steps, as they are used to decide
// whether to round, and of the second step's 256-bit arithmetic.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <mpfr.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "engine/det/exp_step.hpp"
#include "engine/det/expm1_step.hpp"
#include "engine/det/log_step.hpp"
#include "engine/det/second_step.hpp"
#include "engine/det/tanh_step.hpp"
#include "tests/engine/det/inputs.hpp"
#include "tests/engine/det/oracle.hpp"

namespace mm::det::test {
namespace {

using namespace detail;

constexpr std::uint64_t seed = 99;

/// A number of 400 bits.
class Real {
 public:
  Real() { mpfr_init2(value_, 400); }
  ~Real() { mpfr_clear(value_); }
  Real(const Real&) = delete;
  Real& operator=(const Real&) = delete;
  mpfr_ptr get() { return value_; }

  void set(double x) { mpfr_set_d(value_, x, MPFR_RNDN); }
  void set(bool negative, const Approximation& a) {
    mpfr_set_ui_2exp(value_, high_word(a.significand), a.exponent - 63, MPFR_RNDN);
    Real low;
    mpfr_set_ui_2exp(low.get(), low_word(a.significand), a.exponent - 127, MPFR_RNDN);
    mpfr_add(value_, value_, low.get(), MPFR_RNDN);
    if (negative) mpfr_neg(value_, value_, MPFR_RNDN);
  }
  /// All of a Wide: its leading words, then those of what is left.
  void set(const Wide& wide) {
    set(wide.negative(), wide.leading());
    const Wide rest = wide - Wide::of(wide.negative(), wide.leading());
    if (rest.is_zero()) return;
    Real low;
    low.set(rest.negative(), rest.leading());
    mpfr_add(value_, value_, low.get(), MPFR_RNDN);
  }

 private:
  mpfr_t value_;
};

/// log2 of the relative error of `got`; -infinity if there is none.
double error_log2(Real& got, Real& value) {
  Real difference;
  mpfr_sub(difference.get(), got.get(), value.get(), MPFR_RNDN);
  mpfr_div(difference.get(), difference.get(), value.get(), MPFR_RNDN);
  if (mpfr_zero_p(difference.get()) != 0) return -HUGE_VAL;
  mpfr_abs(difference.get(), difference.get(), MPFR_RNDN);
  mpfr_log2(difference.get(), difference.get(), MPFR_RNDN);
  return mpfr_get_d(difference.get(), MPFR_RNDN);
}

Parts magnitude_of(double x) {
  return parts_of(bits_of(std::fabs(x)));
}

/// The largest error_log2 over arguments from `next` of approximation(x) against f(x).
template <typename Next, typename Step, typename True>
double worst(int points, Next next, Step step, True truth) {
  double result = -HUGE_VAL;
  Real x, got, value;
  for (int k = 0; k < points; ++k) {
    const double argument = next();
    if (!std::isfinite(argument) || argument == 0) continue;
    x.set(argument);
    step(got, argument);
    truth(value.get(), x.get(), MPFR_RNDN);
    result = std::max(result, error_log2(got, value));
  }
  return result;
}

class Steps : public testing::Test {
 protected:
  double in(double low, double high) { return low + (high - low) * random_.uniform(); }
  /// +-2^e times something in [1, 2) for an e in [low, high].
  double scaled(int low, int high) {
    const auto e =
        low + static_cast<int>(random_.below(static_cast<std::uint64_t>(high - low + 1)));
    return std::ldexp(in(1, 2), e) * (random_.next() >> 63 != 0 ? -1 : 1);
  }
  SplitMix64 random_{seed};
};

TEST_F(Steps, ExpIsWithinItsBound) {
  const double error = worst(
      25'000, [&] { return scaled(-50, 8); },
      [](Real& got, double x) {
        got.set(false, exp_step(signed_fixed_point(x < 0, magnitude_of(x), 112)));
      },
      mpfr_exp);
  RecordProperty("log2", fmt::format("{}", error));
  EXPECT_LT(error, -exp_step_bits);
}

TEST_F(Steps, Expm1IsWithinItsBounds) {
  const auto step = [](Real& got, double x) {
    got.set(x < 0, expm1_step(x < 0, magnitude_of(x)).value);
  };
  EXPECT_LT(worst(
                25'000, [&] { return scaled(-53, -4); }, step, mpfr_expm1),
            -expm1_small_bits);
  EXPECT_LT(worst(
                12'000, [&] { return scaled(-3, -3); }, step, mpfr_expm1),
            -expm1_large_bits);
  EXPECT_LT(worst(
                12'000, [&] { return in(-39, 709); }, step, mpfr_expm1),
            -expm1_large_bits);
}

TEST_F(Steps, LogIsWithinItsBound) {
  const auto step = [](Real& got, double x) {
    const SignedApproximation log = log_step(magnitude_of(x));
    got.set(log.negative, log.value);
  };
  const auto near_one = [&] { return 1 + scaled(-52, -7); };
  EXPECT_LT(worst(25'000, near_one, step, mpfr_log), -log_step_bits);
  EXPECT_LT(worst(
                25'000, [&] { return in(0.98, 1.02); }, step, mpfr_log),
            -log_step_bits);
  EXPECT_LT(worst(
                12'000, [&] { return std::fabs(scaled(-1022, 1023)); }, step, mpfr_log),
            -log_step_bits);
}

TEST_F(Steps, Log1pIsWithinItsBound) {
  const auto step = [](Real& got, double x) {
    const SignedApproximation log = log1p_step(x < 0, magnitude_of(x));
    got.set(log.negative, log.value);
  };
  EXPECT_LT(worst(
                25'000, [&] { return scaled(-53, -1); }, step, mpfr_log1p),
            -log1p_step_bits);
  EXPECT_LT(worst(
                25'000, [&] { return scaled(-9, -7); }, step, mpfr_log1p),
            -log1p_step_bits);
  EXPECT_LT(worst(
                12'000, [&] { return std::fabs(scaled(0, 1023)); }, step, mpfr_log1p),
            -log1p_step_bits);
}

TEST_F(Steps, TanhIsWithinItsBounds) {
  const auto step = [](Real& got, double x) { got.set(x < 0, tanh_step(magnitude_of(x)).value); };
  EXPECT_LT(worst(
                25'000, [&] { return scaled(-27, -4); }, step, mpfr_tanh),
            -tanh_small_bits);
  EXPECT_LT(worst(
                12'000, [&] { return scaled(-3, -3); }, step, mpfr_tanh),
            -tanh_large_bits);
  EXPECT_LT(worst(
                12'000, [&] { return in(0.125, 19.9); }, step, mpfr_tanh),
            -tanh_large_bits);
}

constexpr double second_step_log2 = -240;

TEST_F(Steps, SecondStepOfExpAndExpm1HoldsTheBound) {
  const auto exp_wide = [](Real& got, double x) {
    got.set(wide_exp(Wide::of(x < 0, magnitude_of(x))));
  };
  const auto expm1_wide = [](Real& got, double x) {
    got.set(wide_expm1(Wide::of(x < 0, magnitude_of(x))));
  };
  const auto next = [&] { return scaled(-60, 8); };
  EXPECT_LT(worst(5'000, next, exp_wide, mpfr_exp), second_step_log2);
  EXPECT_LT(worst(5'000, next, expm1_wide, mpfr_expm1), second_step_log2);
}

TEST_F(Steps, SecondStepOfLogAndLog1pHoldsTheBound) {
  const auto log_wide = [](Real& got, double x) {
    got.set(wide_log(Wide::of(false, magnitude_of(x)), log_step(magnitude_of(x))));
  };
  const auto log1p_wide = [](Real& got, double x) {
    got.set(wide_log1p(Wide::of(x < 0, magnitude_of(x)), log1p_step(x < 0, magnitude_of(x))));
  };
  EXPECT_LT(worst(
                5'000, [&] { return std::fabs(scaled(-1022, 1023)); }, log_wide, mpfr_log),
            second_step_log2);
  EXPECT_LT(worst(
                5'000, [&] { return 1 + scaled(-52, -2); }, log_wide, mpfr_log),
            second_step_log2);
  EXPECT_LT(worst(
                5'000, [&] { return scaled(-53, -1); }, log1p_wide, mpfr_log1p),
            second_step_log2);
  EXPECT_LT(worst(
                5'000, [&] { return std::fabs(scaled(-2, 1023)); }, log1p_wide, mpfr_log1p),
            second_step_log2);
}

TEST_F(Steps, WideArithmeticIsWithinTwoUnits) {
  Real a, b, got, value;
  double error = -HUGE_VAL;
  for (int k = 0; k < 5'000; ++k) {
    const Wide x = wide_exp(Wide::of(false, magnitude_of(in(0.1, 3))));
    const Wide y = wide_exp(Wide::of(true, magnitude_of(in(0.1, 3))));
    a.set(x);
    b.set(y);
    const auto check = [&](const Wide& result, auto operation) {
      got.set(result);
      operation(value.get(), a.get(), b.get(), MPFR_RNDN);
      error = std::max(error, error_log2(got, value));
    };
    check(x + y, mpfr_add);
    check(x * y, mpfr_mul);
    check(x / y, mpfr_div);
    check(x.divided_by(21), [](mpfr_ptr to, mpfr_ptr of, mpfr_ptr, mpfr_rnd_t mode) {
      mpfr_div_ui(to, of, 21, mode);
    });
  }
  EXPECT_LE(error, -254);
}

}  // namespace
}  // namespace mm::det::test
