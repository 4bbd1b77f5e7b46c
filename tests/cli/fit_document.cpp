#include "tests/cli/fit_document.hpp"

#include <gtest/gtest.h>

namespace mm::test {

Json fitted(const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {"fit", "--json"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const Outcome run = mmctl(all);
  EXPECT_EQ(run.exit_code, 0) << run.err << run.out;
  return run.exit_code == 0 ? run.json() : Json{};
}

Estimate estimate_of(const Json& document, const std::string& name) {
  for (const Json& each : document["estimates"])
    if (each["name"] == name)
      return {each["value"], each["error"].is_null() ? 0.0 : each["error"].get<double>()};
  ADD_FAILURE() << "no estimate " << name;
  return {};
}

Json score_of(const Json& document, const std::string& name) {
  for (const Json& each : document["scores"])
    if (each["name"] == name) return each;
  ADD_FAILURE() << "no score " << name;
  return {};
}

}  // namespace mm::test
