#pragma once

// The command line that the studies share.
//
//   [--sessions N] [--minutes N] [--spread WIDTH] [--other 8bps] [--truths 200] [--market LINES]
//   [--parameters LINES] [--queue power:1] [--seed 1] [--threads 2]
//
// LINES are name=value separated by spaces.

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "tests/research/synthetic/run.hpp"

namespace mm::research::testing {

/// Options by name; what is empty here differs from study to study.
struct StudyOptions {
  std::map<std::string, std::string> values{
      {"sessions", ""}, {"truths", "200"}, {"minutes", ""},    {"other", "8bps"},
      {"spread", ""},   {"market", ""},    {"parameters", ""}, {"queue", "power:1"},
      {"seed", "1"},    {"threads", "2"}};

  std::string text(const std::string& name, const std::string& otherwise = {}) const;
  std::uint64_t number(const std::string& name, const std::string& otherwise = {}) const;
};

struct StudyDefaults {
  std::string minutes, market, parameters, spread;
};
SyntheticPlan plan_of(const StudyOptions& options, const StudyDefaults& defaults);

/// Runs the study that the first word names. Its exit code: 0, 1 if a goal of the project is
/// missed, 2 usage, 3 data.
int run_study(const std::string& program,
              const std::map<std::string, std::function<int(const StudyOptions&)>>& studies,
              int argc, char** argv);

}  // namespace mm::research::testing
