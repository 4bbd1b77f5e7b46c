// The first session in README.md prints what README.md says, but for times and the session's id.

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "tests/cli/mmctl_runner.hpp"

namespace mm {
namespace {

struct Example {
  std::vector<std::string> arguments;  // behind mmctl
  std::string output;
};

/// Blocks of four-space-indented lines: `$ ./dev mmctl ...`, continued by `\`, then its output.
std::vector<Example> examples(std::istream& readme) {
  const std::string prompt = "    $ ./dev mmctl ";
  std::vector<Example> found;
  std::string blank_lines;  // a blank line belongs to the output only if more of it follows
  bool inside = false;
  for (std::string line; std::getline(readme, line);) {
    if (line.starts_with(prompt)) {
      std::string command = line.substr(prompt.size());
      while (command.ends_with('\\') && std::getline(readme, line)) {
        command.pop_back();
        command += line;
      }
      std::istringstream words{command};
      found.push_back({{std::istream_iterator<std::string>{words}, {}}, ""});
      inside = true;
      blank_lines.clear();
    } else if (inside && line.empty()) {
      blank_lines += '\n';
    } else if (inside && line.starts_with("    ")) {
      found.back().output += blank_lines + line.substr(4) + '\n';
      blank_lines.clear();
    } else {
      inside = false;
    }
  }
  return found;
}

std::string without_the_moment(std::string text) {
  const std::pair<const char*, const char*> changing[] = {
      {R"(\([0-9a-f]{8}\) in \S+)", "(ID) in DIR"},
      {R"(in [0-9.]+ s \([0-9]+ events/s\))", "in TIME"},
      {R"( +\n)", "\n"},
  };
  for (const auto& [pattern, instead] : changing)
    text = std::regex_replace(text, std::regex{pattern}, instead);
  return text;
}

TEST(Readme, TheFirstSessionPrintsWhatItSays) {
  std::ifstream readme{test::repository("README.md")};
  const std::vector<Example> all = examples(readme);
  ASSERT_GE(all.size(), 3u) << "README.md shows no session";
  const test::TempDir directory;
  for (const Example& example : all) {
    const test::Outcome outcome = test::mmctl(
        example.arguments,
        {.environment = {"MMCTL_JOURNAL=" + (directory / "journal")}, .directory = MM_SOURCE_DIR});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(without_the_moment(outcome.out), without_the_moment(example.output))
        << example.arguments.front();
  }
}

}  // namespace
}  // namespace mm
