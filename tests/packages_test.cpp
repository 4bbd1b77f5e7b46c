// Every Debian package ./dev installs has its reason in docs/dependencies.md, and no other stands
// there.

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace mm {
namespace {

std::set<std::string> installed_by_dev() {
  std::ifstream in{MM_SOURCE_DIR "/tools/packages.txt"};
  std::set<std::string> packages;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words{line};
    std::string group;
    std::string package;
    if (words >> group >> package && group != "#") packages.insert(package);
  }
  return packages;
}

std::set<std::string> explained() {
  std::ifstream in{MM_SOURCE_DIR "/docs/dependencies.md"};
  static const std::regex row{R"(^\| `([^`]+)` \| \S.*\|$)"};
  std::set<std::string> packages;
  std::smatch match;
  for (std::string line; std::getline(in, line);)
    if (std::regex_search(line, match, row)) packages.insert(match[1].str());
  return packages;
}

TEST(Packages, EachIsExplainedAndEachExplainedOneIsInstalled) {
  EXPECT_GT(installed_by_dev().size(), 20u);
  EXPECT_EQ(installed_by_dev(), explained());
}

}  // namespace
}  // namespace mm
