#include "cli/build_info.hpp"

namespace mm::cli {

std::string build_fingerprint() {
#if defined(__clang__)
  const std::string compiler = "clang " __clang_version__;
#else
  const std::string compiler = "g++ " __VERSION__;
#endif
  return "mmctl " MM_VERSION " " + compiler + " " MM_BUILD_TYPE " x86-64";
}

}  // namespace mm::cli
