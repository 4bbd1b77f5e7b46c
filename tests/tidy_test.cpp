// The house rules hold for every C++ file of the tree, and the checker notices what it should.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/tidy.hpp"

namespace mm::tidy {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

auto finding(int line, const char* words) {
  return AllOf(Field("line", &Finding::line, line),
               Field("rule", &Finding::rule, HasSubstr(words)));
}

TEST(Tidy, TreeKeepsTheRules) {
  const std::filesystem::path root{MM_SOURCE_DIR};
  std::size_t files = 0;
  for (const char* folder : {"engine", "schemas", "journal", "strategies", "sim", "venues", "live",
                             "research", "net", "standin", "cli", "bench", "tests", "fuzz"}) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{root / folder})
      if (entry.path().extension() == ".cpp" || entry.path().extension() == ".hpp")
        paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    for (const std::filesystem::path& path : paths) {
      std::ifstream in{path, std::ios::binary};
      const std::string text{std::istreambuf_iterator<char>{in}, {}};
      const std::string name = std::filesystem::relative(path, root).string();
      for (const Finding& found : check(name, text))
        ADD_FAILURE() << name << ":" << found.line << ": " << found.rule;
      ++files;
    }
  }
  EXPECT_GT(files, 10u) << "the tree was not found under " << root;
}

TEST(Tidy, ArrowsThatTheArchitectureForbids) {
  EXPECT_THAT(
      check("engine/a.hpp", "#include \"engine/types.hpp\"\n#include \"journal/reader.hpp\"\n"),
      ElementsAre(finding(2, "engine may not include journal")));
  EXPECT_THAT(check("sim/a.cpp", "#include \"strategies/registry.hpp\"\n"),
              ElementsAre(finding(1, "sim may not include strategies")));
  EXPECT_THAT(check("venues/a.cpp", "# include <journal/reader.hpp>\n"),
              ElementsAre(finding(1, "venues may not include journal")));
  EXPECT_THAT(check("research/a.cpp", "#include \"sim/world.hpp\"\n"), IsEmpty());
  EXPECT_THAT(check("cli/a.cpp", "#include \"live/recorder.hpp\"\n#include \"sim/world.hpp\"\n"),
              IsEmpty());
  EXPECT_THAT(check("live/a.cpp", "#include \"recorder.hpp\"\n"),
              ElementsAre(finding(1, "start at the root")));
}

TEST(Tidy, WhatTheEngineTakesFromOutside) {
  EXPECT_THAT(check("engine/a.hpp",
                    "#include <vector>\n#include <fmt/format.h>\n#include <Eigen/Dense>\n"
                    "#include <xxhash.h>\n#include <boost/system/result.hpp>\n"),
              IsEmpty());
  EXPECT_THAT(check("engine/a.hpp", "#include <boost/asio.hpp>\n#include <zstd.h>\n"),
              ElementsAre(finding(1, "boost/asio.hpp"), finding(2, "zstd.h")));
  EXPECT_THAT(check("sim/a.cpp", "#include <random>\n"), ElementsAre(finding(1, "<random>")));
}

TEST(Tidy, GeneratedHeadersStayBehindWire) {
  EXPECT_THAT(check("journal/wire.hpp", "#include \"schemas/event.capnp.h\"\n"), IsEmpty());
  EXPECT_THAT(check("journal/codec.cpp", "#include \"schemas/event.capnp.h\"\n"),
              ElementsAre(finding(1, "only journal/wire.hpp")));
}

TEST(Tidy, WhatAFoldMayNotUse) {
  for (const char* bad :
       {"double a = std::exp(b);", "double a = ::pow(b, c);", "using std::log;",
        "std::unordered_map<int, int> a;", "auto a = std::chrono::system_clock::now();",
        "std::chrono::steady_clock clock;", "std::random_device a;", "std::thread a;",
        "std::normal_distribution<double> a;", "double a = strtod(b, c);", "int a = rand();",
        "std::sort(a.begin(), a.end());", "std::ranges::sort(a);"}) {
    EXPECT_THAT(check("sim/a.cpp", std::string{"int x;\n"} + bad + "\n"),
                ElementsAre(finding(2, "")))
        << bad;
    EXPECT_THAT(check("cli/a.cpp", bad), IsEmpty()) << bad;
  }
}

TEST(Tidy, WhatAFoldMayUse) {
  for (const char* good :
       {"double a = det::exp(b);", "double a = std::sqrt(b);", "double a = mm::det::log(b);",
        "using Time = std::chrono::sys_time<std::chrono::nanoseconds>;", "int operand(int a);",
        "// std::exp would differ between CPUs", "/* std::thread\n std::sort */",
        "f(\"std::exp\");", "// by id, a total order\nstd::sort(a.begin(), a.end());",
        "double exp(double x);", "std::log_level a;"})
    EXPECT_THAT(check("engine/a.cpp", good), IsEmpty()) << good;
}

TEST(Tidy, LengthTabsAndLeftOvers) {
  const std::string wide(101, 'a');
  const std::string mark = std::string{"FIX"} + "ME";
  EXPECT_THAT(check("cli/a.cpp", "int a;\n" + wide + "\n\tint b;\n// " + mark + ": later\n"),
              ElementsAre(finding(2, "100 columns"), finding(3, "tab"), finding(4, "left over")));
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "\u00e4";
  EXPECT_THAT(check("cli/a.cpp", umlauts), IsEmpty());  // columns, not bytes
  EXPECT_THAT(check("cli/a.cpp", "f(R\"(" + wide + ")\");\n"), IsEmpty());
  EXPECT_THAT(check("cli/a.cpp", "int " + mark + "d;\n"), IsEmpty());
  std::string tall;
  for (int i = 0; i < 601; ++i) tall += "\n";
  EXPECT_THAT(check("cli/a.cpp", tall), ElementsAre(finding(601, "600 lines")));
}

TEST(Tidy, CommentsAndLiteralsAreNotCode) {
  EXPECT_EQ(code_only("a // b\nc"), "a     \nc");
  EXPECT_EQ(code_only("a /* b\nd */ c"), "a     \n     c");
  EXPECT_EQ(code_only("\"a\\\"b\" c"), "\"    \" c");
  EXPECT_EQ(code_only("1'000 + '\"' + x"), "1'000 + ' ' + x");
  EXPECT_EQ(code_only("R\"(a\"b)\" c"), "R\"(   )\" c");
}

}  // namespace
}  // namespace mm::tidy
