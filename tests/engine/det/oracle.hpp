#pragma once

// What the functions of engine/det/math.hpp should return, according to MPFR.

#include <mpfr.h>

#include <array>
#include <string_view>

namespace mm::det::test {

enum class Function { exp, expm1, log, log1p, pow, tanh };

struct Named {
  Function function;
  std::string_view name;
};

inline constexpr std::array<Named, 6> functions = {{{Function::exp, "exp"},
                                                    {Function::expm1, "expm1"},
                                                    {Function::log, "log"},
                                                    {Function::log1p, "log1p"},
                                                    {Function::pow, "pow"},
                                                    {Function::tanh, "tanh"}}};

/// Ours. `y` counts only for pow.
double evaluate(Function function, double x, double y);

/// Keeps the true value of one call at a time, rounded to odd at 128 bits: rounding that to a
/// double gives the nearest one, also among the subnormal.
class Oracle {
 public:
  Oracle();
  ~Oracle();
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  void compute(Function function, double x, double y);
  /// The correctly rounded result, NaN in its canonical form.
  double nearest() const;
  /// |got - value| in units of the last place of the value; 0 unless both are finite.
  double error_ulp(double got) const;

 private:
  mpfr_t x_, y_;
  mpfr_t value_;
  mutable mpfr_t difference_;
};

/// Equal to the bit, so that NaN equals itself and -0 is not +0.
bool same(double a, double b);

}  // namespace mm::det::test
