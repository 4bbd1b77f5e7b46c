// The tick ring against the plainest book there is: two ordered maps.

#include "engine/book/l2_book.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "engine/random.hpp"
#include "tests/engine/samples.hpp"

namespace mm {
namespace {

using namespace testing_samples;

class PlainBook {
 public:
  void apply(const BookSnapshot& snapshot) {
    levels_[0].clear();
    levels_[1].clear();
    set(0, snapshot.bids);
    set(1, snapshot.asks);
  }
  void apply(const BookDelta& delta) {
    set(0, delta.bids);
    set(1, delta.asks);
  }
  // From the touch outwards.
  std::vector<Level> levels(Side side) const {
    std::vector<Level> all;
    const auto& of = levels_[side == Side::buy ? 0 : 1];
    for (const auto& [price, qty] : of) all.push_back(level(price, qty));
    if (side == Side::buy) std::reverse(all.begin(), all.end());
    return all;
  }

 private:
  void set(std::size_t side, std::span<const Level> levels) {
    for (const Level& of : levels) {
      if (of.qty <= Qty{}) {
        levels_[side].erase(of.price.units());
      } else {
        levels_[side][of.price.units()] = of.qty.lots();
      }
    }
  }
  std::map<std::int64_t, std::int64_t> levels_[2];
};

std::vector<Level> levels_of(const L2Book& book, Side side) {
  std::vector<Level> all;
  book.for_each_level(side, [&](const Level& of) { all.push_back(of); });
  return all;
}

void expect_same(const L2Book& book, const PlainBook& plain) {
  for (const Side side : {Side::buy, Side::sell}) {
    const std::vector<Level> expected = plain.levels(side);
    ASSERT_EQ(levels_of(book, side), expected);
    ASSERT_EQ(book.level_count(side), expected.size());
    ASSERT_EQ(book.best(side), expected.empty() ? Level{} : expected.front());
    for (const Level& of : expected) ASSERT_EQ(book.qty_at(side, of.price), of.qty);
  }
}

L2Book restored(const L2Book& book) {
  ByteWriter out;
  book.save(out);
  ByteReader in{out.bytes()};
  L2Book copy;
  EXPECT_TRUE(copy.restore(in));
  EXPECT_TRUE(in.at_end());
  return copy;
}

BookDelta bids(const std::vector<Level>& levels) {
  return {.bids = levels};
}
BookDelta asks(const std::vector<Level>& levels) {
  return {.asks = levels};
}

TEST(L2Book, FollowsAPlainBookThroughMovesJumpsAndSnapshots) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SplitMix64 random{seed};
    const auto draw = [&](std::int64_t below) {
      return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(below)));
    };
    L2Book book;
    PlainBook plain;
    std::int64_t mid = 1'000'000;
    std::vector<Level> sides[2];
    for (int message = 0; message < 1500; ++message) {
      // The mid drifts, jumps beyond the window and comes back.
      mid += draw(2001) - 1000;
      if (draw(60) == 0) mid = 300'000 + draw(2'000'000);
      const bool snapshot = draw(100) == 0;
      for (int side = 0; side < 2; ++side) {
        sides[side].clear();
        std::int64_t price = mid;
        const std::int64_t count = snapshot ? 200 : draw(30);
        for (std::int64_t i = 0; i < count; ++i) {
          price += (side == 0 ? -1 : 1) * (draw(draw(15) == 0 ? 90'000 : 5) + (snapshot ? 1 : 0));
          std::int64_t qty = 1 + draw(1000);
          if (draw(200) == 0) qty = (std::int64_t{1} << 32) - 2 + draw(3);  // around 32 bits
          if (draw(300) == 0) qty = std::int64_t{1} << 45;
          if (!snapshot && draw(3) == 0) qty = draw(10) == 0 ? -5 : 0;
          sides[side].push_back(level(price, qty));
        }
      }
      if (snapshot) {
        book.apply(BookSnapshot{.bids = sides[0], .asks = sides[1]});
        plain.apply(BookSnapshot{.bids = sides[0], .asks = sides[1]});
      } else {
        book.apply(BookDelta{.bids = sides[0], .asks = sides[1]});
        plain.apply(BookDelta{.bids = sides[0], .asks = sides[1]});
      }
      for (const Side side : {Side::buy, Side::sell}) {
        const std::vector<Level> expected = plain.levels(side);
        ASSERT_EQ(book.best(side), expected.empty() ? Level{} : expected.front()) << message;
      }
      if (message % 50 == 0) {
        ASSERT_NO_FATAL_FAILURE(expect_same(book, plain)) << message;
      }
      if (message % 250 == 0) {
        const L2Book copy = book;
        ASSERT_NO_FATAL_FAILURE(expect_same(copy, plain));
        ASSERT_NO_FATAL_FAILURE(expect_same(restored(book), plain));
      }
    }
    ASSERT_NO_FATAL_FAILURE(expect_same(book, plain));
  }
}

// The window may stand anywhere: only the levels count.
TEST(L2Book, EqualLevelsAreEqualBytesWhateverHappenedBefore) {
  L2Book travelled;
  for (std::int64_t price = 1000; price < 3'000'000; price += 99'000) {
    const std::vector<Level> one = {level(price, 3)};
    travelled.apply(bids(one));
  }
  std::vector<Level> gone;
  for (std::int64_t price = 1000; price < 3'000'000; price += 99'000)
    if (price > 500'000) gone.push_back(level(price, 0));
  travelled.apply(bids(gone));

  std::vector<Level> rest;
  for (std::int64_t price = 1000; price <= 500'000; price += 99'000)
    rest.push_back(level(price, 3));
  L2Book direct;
  direct.apply(bids(rest));

  EXPECT_EQ(travelled, direct);
  EXPECT_EQ(levels_of(travelled, Side::buy), levels_of(direct, Side::buy));
}

TEST(L2Book, DeletingTheOnlyLevelLeavesAnEmptySide) {
  L2Book book;
  const std::vector<Level> one = {level(100, 3)};
  const std::vector<Level> none = {level(100, 0), level(7, 0)};
  book.apply(asks(one));
  book.apply(asks(none));
  EXPECT_TRUE(book.empty());
  EXPECT_EQ(book.best_ask(), Level{});
  book.apply(asks(one));
  EXPECT_EQ(book.best_ask(), level(100, 3));
}

// When the last level near the touch goes, the next best may lie outside the window.
TEST(L2Book, FindsTheNextBestOutsideTheWindow) {
  L2Book book;
  const std::vector<Level> far_and_near = {level(5'000'000, 1), level(40, 2), level(30, 9)};
  const std::vector<Level> near_gone = {level(5'000'000, 0)};
  book.apply(bids(far_and_near));
  book.apply(bids(near_gone));
  EXPECT_EQ(book.best_bid(), level(40, 2));
  EXPECT_EQ(levels_of(book, Side::buy), (std::vector<Level>{level(40, 2), level(30, 9)}));
}

TEST(L2Book, TakesThePricesAtTheEndsOfTheRange) {
  constexpr std::int64_t low = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t high = std::numeric_limits<std::int64_t>::max();
  L2Book book;
  const std::vector<Level> ends = {level(high, 1), level(low + 64, 2), level(0, 3)};
  book.apply(bids(ends));
  EXPECT_EQ(levels_of(book, Side::buy),
            (std::vector<Level>{level(high, 1), level(0, 3), level(low + 64, 2)}));
  const std::vector<Level> ask_ends = {level(high - 64, 1), level(low, 2), level(0, 3)};
  book.apply(asks(ask_ends));
  EXPECT_EQ(levels_of(book, Side::sell),
            (std::vector<Level>{level(low, 2), level(0, 3), level(high - 64, 1)}));
  EXPECT_EQ(restored(book), book);
}

TEST(L2Book, AWalkStopsWhenToldTo) {
  L2Book book;
  const std::vector<Level> three = {level(103, 1), level(102, 2), level(101, 3)};
  book.apply(bids(three));
  int seen = 0;
  book.for_each_level(Side::buy, [&](const Level&) { return ++seen < 2; });
  EXPECT_EQ(seen, 2);
}

TEST(L2Book, RefusesBytesThatAreNoBook) {
  L2Book book;
  const std::vector<Level> three = {level(103, 1), level(102, 2), level(101, 1LL << 40)};
  book.apply(BookDelta{.bids = three, .asks = three});
  ByteWriter out;
  book.save(out);
  for (std::size_t cut = 0; cut < out.size(); cut += 8) {
    ByteReader in{out.bytes().first(cut)};
    L2Book copy;
    EXPECT_FALSE(copy.restore(in)) << cut;
    EXPECT_TRUE(copy.empty());
  }
  std::vector<std::byte> damaged{out.bytes().begin(), out.bytes().end()};
  damaged[0] = std::byte{9};  // more levels than there are words
  ByteReader in{damaged};
  L2Book copy;
  EXPECT_FALSE(copy.restore(in));
}

}  // namespace
}  // namespace mm
