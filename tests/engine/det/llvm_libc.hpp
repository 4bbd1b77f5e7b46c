#pragma once

// The elementary functions of LLVM libc under names of their own (llvm_libc.cmake), an
// implementation that shares nothing with ours and claims correct rounding as well.

#include "tests/engine/det/oracle.hpp"

extern "C" {
double llvm_libc_exp(double x);
double llvm_libc_expm1(double x);
double llvm_libc_log(double x);
double llvm_libc_log1p(double x);
}

namespace mm::det::test {

inline bool is_in_llvm_libc(Function function) {
  return function != Function::pow && function != Function::tanh;
}

/// Only for functions that are in LLVM libc.
inline double llvm_libc(Function function, double x) {
  switch (function) {
    case Function::exp:
      return llvm_libc_exp(x);
    case Function::expm1:
      return llvm_libc_expm1(x);
    case Function::log:
      return llvm_libc_log(x);
    default:
      return llvm_libc_log1p(x);
  }
}

}  // namespace mm::det::test
