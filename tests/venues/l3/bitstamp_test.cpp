// Bitstamp BTC/USD of 2015-05-01, five hours of a feed that begins without a book and loses
// deletes, where the data is at hand: how far does the rebuilt book follow the venue's own frames?

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/venues/l3/feed_into_book.hpp"
#include "tests/venues/market_data.hpp"

namespace mm::venues {
namespace {

using sim::L3Book;
using sim::L3Fill;

TEST(Bitstamp, TheRebuiltBookFollowsTheVenuesFramesAfterWarmUp) {
  const std::string file = test::data_root() + "/l3/bitstamp_btcusd_20150501/2015-05-01_5h.log.xz";
  if (!std::filesystem::exists(file)) {
    std::printf("did not run: there is no %s\n", file.c_str());
    return;
  }
  struct Hour {
    std::int64_t levels = 0;
    std::int64_t equal = 0;
    std::int64_t stale = 0;  // of ours within the frame's prices, that it does not have
    std::int64_t frames = 0;
  };
  std::array<Hour, 6> hours{};
  L3Book book;
  std::vector<L3Fill> fills;
  std::vector<Level> ours;
  std::optional<Time> begin;
  BitstampReader reader(file);
  for (L3Event event; reader.next(event);) {
    if (!begin) begin = event.at;
    test::apply(book, event, fills);
    if (event.kind != L3Event::Kind::book) continue;
    Hour& hour = hours[static_cast<std::size_t>((event.at - *begin) / std::chrono::hours{1})];
    ++hour.frames;
    for (const Side side : {Side::buy, Side::sell}) {
      book.depth(side, 10'000, ours);
      for (const Level& level : side == Side::buy ? event.bids : event.asks) {
        ++hour.levels;
        hour.equal += std::find(ours.begin(), ours.end(), level) != ours.end() ? 1 : 0;
      }
      const std::vector<Level>& theirs = side == Side::buy ? event.bids : event.asks;
      for (const Level& level : ours) {
        const bool within = side == Side::buy ? level.price >= theirs.back().price
                                              : level.price <= theirs.back().price;
        hour.stale +=
            within && std::none_of(theirs.begin(), theirs.end(),
                                   [&](const Level& other) { return other.price == level.price; })
                ? 1
                : 0;
      }
    }
  }
  EXPECT_TRUE(fills.empty());
  for (std::size_t i = 0; i < 5; ++i) {
    const double share = static_cast<double>(hours[i].equal) / static_cast<double>(hours[i].levels);
    std::printf(
        "hour %zu: %lld frames, %.1f %% of their levels stand in the rebuilt book, %.2f levels "
        "a frame stand there only\n",
        i + 1, static_cast<long long>(hours[i].frames), 100 * share,
        static_cast<double>(hours[i].stale) / static_cast<double>(hours[i].frames));
    // Warming up takes an hour; then orders from before the log thin out.
    constexpr double at_least[] = {0, 0.83, 0.93, 0.99, 0.98};
    EXPECT_GE(share, at_least[i]);
  }
  std::printf("%llu messages were about orders that are not there\n",
              static_cast<unsigned long long>(book.strange()));
}

}  // namespace
}  // namespace mm::venues
