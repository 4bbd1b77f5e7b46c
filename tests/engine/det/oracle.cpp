#include "tests/engine/det/oracle.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "engine/det/math.hpp"

namespace mm::det::test {

double evaluate(Function function, double x, double y) {
  switch (function) {
    case Function::exp:
      return det::exp(x);
    case Function::expm1:
      return det::expm1(x);
    case Function::log:
      return det::log(x);
    case Function::log1p:
      return det::log1p(x);
    case Function::pow:
      return det::pow(x, y);
    case Function::tanh:
      return det::tanh(x);
  }
  return 0;
}

Oracle::Oracle() {
  mpfr_inits2(53, x_, y_, static_cast<mpfr_ptr>(nullptr));
  mpfr_inits2(128, value_, difference_, static_cast<mpfr_ptr>(nullptr));
}

Oracle::~Oracle() {
  mpfr_clears(x_, y_, value_, difference_, static_cast<mpfr_ptr>(nullptr));
}

void Oracle::compute(Function function, double x, double y) {
  mpfr_set_d(x_, x, MPFR_RNDN);
  mpfr_set_d(y_, y, MPFR_RNDN);
  int inexact = 0;
  switch (function) {
    case Function::exp:
      inexact = mpfr_exp(value_, x_, MPFR_RNDZ);
      break;
    case Function::expm1:
      inexact = mpfr_expm1(value_, x_, MPFR_RNDZ);
      break;
    case Function::log:
      inexact = mpfr_log(value_, x_, MPFR_RNDZ);
      break;
    case Function::log1p:
      inexact = mpfr_log1p(value_, x_, MPFR_RNDZ);
      break;
    case Function::pow:
      inexact = mpfr_pow(value_, x_, y_, MPFR_RNDZ);
      break;
    case Function::tanh:
      inexact = mpfr_tanh(value_, x_, MPFR_RNDZ);
      break;
  }
  // The lowest bit of a rounded number says that something was cut off.
  if (inexact != 0 && mpfr_regular_p(value_) != 0) value_->_mpfr_d[0] |= 1;
}

double Oracle::nearest() const {
  return canonical(mpfr_get_d(value_, MPFR_RNDN));
}

double Oracle::error_ulp(double got) const {
  if (!std::isfinite(got) || !std::isfinite(nearest()) || mpfr_zero_p(value_) != 0) return 0;
  mpfr_sub_d(difference_, value_, got, MPFR_RNDN);
  const long last_place = std::max<long>(mpfr_get_exp(value_) - 53, -1074);
  mpfr_mul_2si(difference_, difference_, -last_place, MPFR_RNDN);
  return std::fabs(mpfr_get_d(difference_, MPFR_RNDN));
}

bool same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

}  // namespace mm::det::test
