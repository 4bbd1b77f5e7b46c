// Prints the digest of elementary_functions_digest() in every rounding mode and under
// flush-to-zero, a line each. Built many times over, with other compilers and flags
// (CMakeLists.txt).

#include <cfenv>
#include <cinttypes>
#include <cstdio>

#include "engine/det/self_check.hpp"

int main() {
  for (const int mode : {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    std::fesetround(mode);
    std::printf("%016" PRIx64 "\n", mm::det::elementary_functions_digest());
  }
  std::fesetround(FE_TONEAREST);
#ifdef __SSE2__
  __builtin_ia32_ldmxcsr(0x9FC0);  // flush subnormal results and arguments to zero
  std::printf("%016" PRIx64 "\n", mm::det::elementary_functions_digest());
#endif
}
