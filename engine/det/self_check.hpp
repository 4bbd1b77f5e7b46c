#pragma once

// What a process checks before it may decide anything: that this build, on this machine, computes
// as all others do.

#include <cstdint>
#include <optional>
#include <string_view>

namespace mm::det {

enum class SelfCheckFailure {
  floating_point_control,  // rounding mode, flush-to-zero or exception masks are not the default
  arithmetic,              // + - * / sqrt on doubles give other bits: contraction, wider registers
  elementary_functions,    // exp, log, ... give other bits
};

/// One sentence for the log: what is wrong and what usually causes it.
std::string_view describe(SelfCheckFailure failure);

/// True if this thread rounds to nearest, keeps subnormals and masks every floating-point exception
/// (MXCSR 0x1F80 but for the sticky flags; FPCR 0 on AArch64). A few nanoseconds, so that it may be
/// asked again with every chunk: a library that is loaded may change it.
bool floating_point_control_is_default();

/// XXH3-64 over the bits of 4096 results of exp, expm1, log, log1p, pow and tanh: the same in every
/// build on every machine, whatever the rounding mode.
std::uint64_t elementary_functions_digest();

/// Checks it all for the calling thread, in less than a millisecond; the first thing that fails.
/// Has no effect and reads nothing but the control register.
std::optional<SelfCheckFailure> self_check();

}  // namespace mm::det
