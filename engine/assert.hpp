#pragma once

// MM_ASSERT: an invariant of ours that must hold in every build, also in production.
//
// A failure is a bug in this program, never a property of its input; the journal holds what is
// needed to reproduce it. The message names the condition and the place, then the process aborts.

#include <cstdio>
#include <cstdlib>

namespace mm::detail {

[[noreturn]] inline void assertion_failed(const char* condition, const char* file, int line,
                                          const char* what) {
  std::fprintf(stderr, "mmctl: internal error at %s:%d: %s (%s); the journal reproduces it\n", file,
               line, what, condition);
  std::abort();
}

}  // namespace mm::detail

#define MM_ASSERT(condition, what)                                          \
  do {                                                                      \
    if (!(condition)) [[unlikely]]                                          \
      ::mm::detail::assertion_failed(#condition, __FILE__, __LINE__, what); \
  } while (false)
