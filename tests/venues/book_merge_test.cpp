// Two cadences of one Hyperliquid book, merged by the venue's time.

#include "venues/hyperliquid/book_merge.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mm::venues::hyperliquid {
namespace {

using Prices = std::vector<std::int64_t>;

struct Books {
  BookMerge merge;
  Arena arena;

  /// Quantities and order counts tell where a level came from: 1 fast, 2 default.
  std::string take(bool fast, std::int64_t time, const Prices& bids, const Prices& asks) {
    arena.clear();
    std::vector<Level> levels[2];
    std::vector<std::uint32_t> orders[2];
    for (int side = 0; side < 2; ++side) {
      for (const std::int64_t price : side == 0 ? bids : asks) {
        levels[side].push_back({Price::from_units(price), Qty::from_lots(fast ? 1 : 2)});
        orders[side].push_back(fast ? 1 : 2);
      }
    }
    BookSnapshot book;
    book.bids = levels[0];
    book.asks = levels[1];
    book.bid_orders = orders[0];
    book.ask_orders = orders[1];
    const auto merged = merge.take(fast, time_from_ns(time), book, arena);
    if (!merged) return "overtaken";
    std::string out = "@" + std::to_string(to_ns(merged->time)) + " ";
    for (std::size_t at = merged->book.bids.size(); at-- > 0;) {
      out += text(merged->book.bids[at], merged->book.bid_orders[at]);
    }
    out += "| ";
    for (std::size_t at = 0; at < merged->book.asks.size(); ++at) {
      out += text(merged->book.asks[at], merged->book.ask_orders[at]);
    }
    return out;
  }

 private:
  static std::string text(const Level& level, std::uint32_t orders) {
    EXPECT_EQ(level.qty.lots(), orders);
    return std::to_string(level.price.units()) + (orders == 1 ? "f " : "d ");
  }
};

TEST(BookMerge, OneCadencePassesUnchanged) {
  Books fast;
  EXPECT_EQ(fast.take(true, 1, {99, 98, 97, 96, 95}, {101}), "@1 95f 96f 97f 98f 99f | 101f ");
  Books slow;
  EXPECT_EQ(slow.take(false, 1, {99, 98}, {101, 102}), "@1 98d 99d | 101d 102d ");
  EXPECT_EQ(slow.take(false, 2, {98}, {101}), "@2 98d | 101d ");
}

TEST(BookMerge, ANewerFastFrameSpeaksForWhatItCovers) {
  Books books;
  books.take(false, 10, {99, 98, 97, 96, 95, 94, 93}, {101, 102, 103, 104, 105, 106});
  // 97 and 103 are gone; beyond 94 and 106 the default frame's levels stand.
  EXPECT_EQ(books.take(true, 11, {99, 98, 96, 95, 94}, {101, 102, 104, 105, 106}),
            "@11 93d 94f 95f 96f 98f 99f | 101f 102f 104f 105f 106f ");
  // The market moved up: default asks inside the fast window vanish with it.
  EXPECT_EQ(books.take(true, 12, {103, 102, 101, 99, 98}, {104, 105, 106, 107, 108}),
            "@12 93d 94d 95d 96d 97d 98f 99f 101f 102f 103f | 104f 105f 106f 107f 108f ");
}

TEST(BookMerge, AFastSideWithFewLevelsIsTheWholeSide) {
  Books books;
  books.take(false, 10, {99, 98, 97}, {101, 102, 103});
  EXPECT_EQ(books.take(true, 11, {}, {102, 103}), "@11 | 102f 103f ");
}

TEST(BookMerge, FramesMayOvertakeEachOther) {
  Books books;
  books.take(true, 20, {99, 98, 97, 96, 95}, {101, 102, 103, 104, 105});
  // A default frame older than the fast one: only its far levels are news.
  EXPECT_EQ(books.take(false, 19, {100, 95, 94}, {101, 106}),
            "@20 94d 95f 96f 97f 98f 99f | 101f 102f 103f 104f 105f 106d ");
  EXPECT_EQ(books.take(false, 25, {100, 94}, {101, 106}), "@25 94d 100d | 101d 106d ");
  EXPECT_EQ(books.take(true, 24, {99, 98, 97, 96, 95}, {101, 102, 103, 104, 105}), "overtaken");
}

TEST(BookMerge, ALossForgetsBoth) {
  Books books;
  books.take(false, 10, {99, 98}, {101, 102});
  books.merge.clear();
  EXPECT_EQ(books.take(true, 5, {97, 96, 95, 94, 93}, {103}), "@5 93f 94f 95f 96f 97f | 103f ");
}

}  // namespace
}  // namespace mm::venues::hyperliquid
