#include "cli/what_if.hpp"

#include <gtest/gtest.h>

#include "engine/result.hpp"

namespace mm::cli {
namespace {

std::vector<std::string> names(const std::vector<research::Variant>& variants) {
  std::vector<std::string> names;
  for (const auto& variant : variants) names.push_back(variant.name);
  return names;
}

TEST(Variants, ListsAndRangesOfWidths) {
  EXPECT_EQ(names(variants_of("3bps,5bps", {})), (std::vector<std::string>{"3bps", "5bps"}));
  EXPECT_EQ(names(variants_of("1bps:2bps:0.5bps", {})),
            (std::vector<std::string>{"1bps", "1.5bps", "2bps"}));
  EXPECT_TRUE(variants_of(std::nullopt, {}).empty());
}

TEST(Variants, SeveralParametersMakeAGrid) {
  const auto variants = variants_of("3bps,5bps", {"levels=1,2"});
  EXPECT_EQ(names(variants), (std::vector<std::string>{"3bps levels=1", "3bps levels=2",
                                                       "5bps levels=1", "5bps levels=2"}));
  EXPECT_EQ(variants[3].parameters, (std::vector<Setting>{{"spread", "5bps"}, {"levels", "2"}}));
}

TEST(Variants, BadTextsAreUsageErrors) {
  const auto refused = [](const std::optional<std::string>& spread,
                          const std::vector<std::string>& parameters) {
    try {
      variants_of(spread, parameters);
      return false;
    } catch (const Error& error) {
      return error.kind() == ErrorKind::usage;
    }
  };
  EXPECT_TRUE(refused("3bps,", {}));
  EXPECT_TRUE(refused("1bps:2bps", {}));
  EXPECT_TRUE(refused("5bps:2bps:1bps", {}));
  EXPECT_TRUE(refused("1bps:2bps:0bps", {}));
  EXPECT_TRUE(refused("1bps:100000bps:1bps", {}));
  EXPECT_TRUE(refused(std::nullopt, {"levels"}));
  EXPECT_TRUE(refused("3bps", {"spread=4bps"}));
}

}  // namespace
}  // namespace mm::cli
