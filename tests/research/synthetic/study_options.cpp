#include "tests/research/synthetic/study_options.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <vector>

namespace mm::research::testing {
namespace {

std::string lines(std::string words) {
  for (char& letter : words)
    if (letter == ' ') letter = '\n';
  return words + '\n';
}

int usage(const std::string& program, const std::string& message) {
  fmt::print(stderr, "{}: {}\n", program, message);
  return 2;
}

}  // namespace

std::string StudyOptions::text(const std::string& name, const std::string& otherwise) const {
  const std::string& value = values.at(name);
  return value.empty() ? otherwise : value;
}

std::uint64_t StudyOptions::number(const std::string& name, const std::string& otherwise) const {
  return std::stoull(text(name, otherwise));
}

SyntheticPlan plan_of(const StudyOptions& options, const StudyDefaults& defaults) {
  SyntheticPlan plan;
  plan.length = std::chrono::minutes{options.number("minutes", defaults.minutes)};
  plan.market = lines(options.text("market", defaults.market));
  plan.parameters = lines(options.text("parameters", defaults.parameters)) +
                    "spread=" + options.text("spread", defaults.spread) + '\n';
  plan.simulator.queue = sim::QueueModel::parse(options.text("queue")).value();
  return plan;
}

int run_study(const std::string& program,
              const std::map<std::string, std::function<int(const StudyOptions&)>>& studies,
              int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  std::string names;
  for (const auto& [name, study] : studies) names += (names.empty() ? "" : ", ") + name;
  if (words.empty() || !studies.contains(words[0])) return usage(program, "give one of " + names);
  StudyOptions options;
  for (std::size_t at = 1; at + 1 < words.size(); at += 2) {
    const std::string name = words[at].starts_with("--") ? words[at].substr(2) : words[at];
    if (!options.values.contains(name)) return usage(program, "unknown option " + words[at]);
    options.values[name] = words[at + 1];
  }
  if (words.size() % 2 == 0) return usage(program, "an option lacks its value");
  return studies.at(words[0])(options);
}

}  // namespace mm::research::testing
