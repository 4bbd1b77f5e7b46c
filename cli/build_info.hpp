#pragma once

// Which build this is, for segment headers and --version.

#include <string>

namespace mm::cli {

/// "mmctl 0.1.0 g++ 12.2.0 -O3 x86-64": version, compiler, optimisation, at most 256 bytes.
std::string build_fingerprint();

}  // namespace mm::cli
