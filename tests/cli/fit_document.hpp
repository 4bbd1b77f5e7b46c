#pragma once

// What `mmctl fit --json` says, for tests that look at its figures. What is not there fails the
// test.

#include <string>
#include <vector>

#include "tests/cli/mmctl_runner.hpp"

namespace mm::test {

/// The document of `mmctl fit --json` with these arguments; null, and a failure, if it refuses.
Json fitted(const std::vector<std::string>& arguments);

struct Estimate {
  double value = 0;
  double error = 0;  ///< one standard error; 0 if none is given
};
Estimate estimate_of(const Json& document, const std::string& name);

/// With "in_sample", "out_of_sample" and "judged".
Json score_of(const Json& document, const std::string& name);

}  // namespace mm::test
