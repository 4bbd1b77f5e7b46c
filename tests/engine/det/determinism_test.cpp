// One digest, whatever compiled it: MM_DET_BUILDS lists programs of determinism_main.cpp built by
// g++ and clang with flags that change what doubles do.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "engine/det/self_check.hpp"

namespace mm::det {
namespace {

/// What a command writes to standard output; empty if it cannot be run.
std::string output_of(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  std::array<char, 4096> buffer;
  for (std::size_t got; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    output.append(buffer.data(), got);
  }
  return pclose(pipe) == 0 ? output : std::string{};
}

TEST(Determinism, OneDigestForAllCompilersFlagsAndRoundingModes) {
  const std::string golden = fmt::format("{:016x}", elementary_functions_digest());
  std::istringstream builds{MM_DET_BUILDS};
  int count = 0;
  for (std::string build; std::getline(builds, build, ':'); ++count) {
    std::istringstream digests{output_of(build)};
    int lines = 0;
    for (std::string digest; std::getline(digests, digest); ++lines) {
      EXPECT_EQ(digest, golden) << build << ", line " << lines + 1;
    }
    EXPECT_GE(lines, 4) << build;
  }
  std::printf("%d builds compared\n", count);
  EXPECT_GE(count, 1);
}

// The header is checked in so that a build needs no Python; nobody may edit it by hand.
TEST(Tables, AreWhatTheScriptWrites) {
  const std::string folder = std::string{MM_SOURCE_DIR} + "/engine/det/";
  const std::string written = output_of("python3 '" + folder + "tables.py'");
  if (written.empty()) GTEST_SKIP() << "did not run: no python3 here";
  std::ifstream file{folder + "tables.hpp"};
  const std::string checked_in{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_EQ(written, checked_in);
}

}  // namespace
}  // namespace mm::det
