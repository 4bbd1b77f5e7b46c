// The sums of a window are those of a plain count over the book, however levels and mid moved.

#include "engine/features/depth_window.hpp"

#include <gtest/gtest.h>

#include <map>

#include "engine/random.hpp"

namespace mm {
namespace {

constexpr std::int64_t bucket_units = 37;

/// One side as a map, and its sums counted one level at a time.
struct Plain {
  Side side;
  std::map<std::int64_t, std::int64_t> lots;

  std::int64_t distance(std::int64_t price, std::int64_t m2) const {
    return side == Side::sell ? 2 * price - m2 : m2 - 2 * price;
  }
  /// Of levels with |2p - m2| 5e5 < m2 fiftieths, or <= for an inclusive edge.
  WithinEdge within(std::int64_t m2, std::int64_t fiftieths, bool inclusive,
                    std::int64_t threshold) const {
    WithinEdge sum{};
    for (const auto& [price, qty] : lots) {
      const Int128 left = Int128{distance(price, m2)} * 500'000;
      const Int128 right = Int128{m2} * fiftieths;
      if (inclusive ? left > right : left >= right) continue;
      sum.qty += qty;
      sum.distance += qty * distance(price, m2);
      ++sum.levels;
      sum.above += qty > threshold;
    }
    return sum;
  }
  std::int64_t bucket(std::int64_t index) const {
    std::int64_t sum = 0;
    for (const auto& [price, qty] : lots)
      if (price / bucket_units == index) sum += qty;
    return sum;
  }
};

void expect_equal(const WithinEdge& got, const WithinEdge& wanted) {
  EXPECT_EQ(got.qty, wanted.qty);
  EXPECT_EQ(got.distance, wanted.distance);
  EXPECT_EQ(got.levels, wanted.levels);
  EXPECT_EQ(got.above, wanted.above);
}

class DepthWindow : public ::testing::TestWithParam<Side> {};

TEST_P(DepthWindow, AgreesWithAPlainCountWhateverHappens) {
  const Side side = GetParam();
  const WindowSettings settings{.window_tenth_bps = 300, .bucket_tenth_bps = 70};
  const WindowEdges edges{settings};
  SplitMix64 random{7};
  Plain plain{side, {}};
  L2Book book;
  SideWindow window{side};
  std::int64_t m2 = 200'001;
  std::int64_t threshold = 0;
  const std::int64_t direction = side == Side::sell ? 1 : -1;
  int rebuilt = 0;
  int far = 0;
  for (int step = 0; step < 4000; ++step) {
    // Levels up to twice the window away, one in three a delete.
    std::vector<Level> levels;
    for (std::uint64_t i = 0; i < 1 + random.below(8); ++i) {
      const std::int64_t away = static_cast<std::int64_t>(random.below(600));
      const std::int64_t price = (m2 + direction) / 2 + direction * away;
      const std::int64_t qty =
          random.below(3) == 0 ? 0 : static_cast<std::int64_t>(random.below(1000));
      levels.push_back({Price::from_units(price), Qty::from_lots(qty)});
      if (qty == 0)
        plain.lots.erase(price);
      else
        plain.lots[price] = qty;
    }
    // The mid walks, and now and then leaps.
    m2 += static_cast<std::int64_t>(random.below(21)) - 10;
    if (random.below(50) == 0) m2 += static_cast<std::int64_t>(random.below(2001)) - 1000;
    // What the mid passed is gone: a book is not crossed.
    for (auto it = plain.lots.begin(); it != plain.lots.end();) {
      if (plain.distance(it->first, m2) > 0) {
        ++it;
        continue;
      }
      levels.push_back({Price::from_units(it->first), Qty{}});
      it = plain.lots.erase(it);
    }
    book.apply(side == Side::buy ? BookDelta{.bids = levels} : BookDelta{.asks = levels});
    window.apply(levels);
    if (random.below(20) == 0) {
      threshold = static_cast<std::int64_t>(random.below(900));
      window.set_threshold(threshold);
    }
    if (!window.move_to(edges, m2)) {
      ASSERT_TRUE(window.rebuild(edges, bucket_units, m2, book));
      ++rebuilt;
    }
    std::array<WithinEdge, WindowEdges::capacity> got;
    ASSERT_TRUE(window.within(edges, got));
    for (int j = 0; j < edges.buckets(); ++j) {
      const bool last = j + 1 == edges.buckets();
      const std::int64_t end = last ? 1500 : (j + 1) * 350;
      SCOPED_TRACE(testing::Message() << "step " << step << " bucket " << j);
      expect_equal(got[static_cast<std::size_t>(edges.bucket_end(j))],
                   plain.within(m2, end, last, threshold));
    }
    for (int b = 0; b < WindowEdges::flush_buckets; ++b)
      expect_equal(got[static_cast<std::size_t>(edges.flush_end(b))],
                   plain.within(m2, 300 * (b + 1), b == 4, threshold));
    for (std::size_t k = 0; k < 3; ++k)
      expect_equal(got[static_cast<std::size_t>(edges.depth_end(static_cast<int>(k)))],
                   plain.within(m2, settings.depth_tenth_bps[k] * 5, true, threshold));
    const SideWindow::Buckets buckets = window.buckets_in_window(edges);
    ASSERT_GT(buckets.count, 0);
    for (int i = 0; i < buckets.count; ++i) {
      const std::int64_t index = buckets.nearest + i * buckets.step;
      EXPECT_EQ(window.bucket_qty(index), plain.bucket(index));
    }
    std::int64_t farthest = -1;
    for (const auto& [price, qty] : plain.lots) {
      const std::int64_t distance = plain.distance(price, m2);
      if (Int128{distance} * 500'000 <= Int128{m2} * 1500 * 3 / 2)
        farthest = std::max(farthest, distance);
    }
    if (farthest >= 0) {
      EXPECT_EQ(window.farthest(), farthest) << step;
      ++far;
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(rebuilt, 3);
  EXPECT_LT(rebuilt, 400);
  EXPECT_GT(far, 3000);
}

INSTANTIATE_TEST_SUITE_P(Sides, DepthWindow, testing::Values(Side::buy, Side::sell),
                         [](const auto& tested) {
                           return tested.param == Side::buy ? "bids" : "asks";
                         });

TEST(DepthWindowLimits, AWindowOfTooManyPricesIsRefused) {
  const WindowEdges edges{WindowSettings{}};
  SideWindow window{Side::sell};
  EXPECT_FALSE(window.rebuild(edges, 1, std::int64_t{1} << 40, {}));
  EXPECT_FALSE(window.built());
  window.set(Price::from_units(5), 7);
  EXPECT_EQ(window.qty_at(Price::from_units(5)), 0);
  EXPECT_TRUE(window.rebuild(edges, 1, 100'000, {}));
  window.set(Price::from_units(INT64_MIN), 7);
  window.set(Price::from_units(INT64_MAX), 7);
  std::array<WithinEdge, WindowEdges::capacity> sums;
  EXPECT_TRUE(window.within(edges, sums));
  EXPECT_EQ(sums[0].qty, 0);
}

TEST(WindowSettings, KnowsWhatIsNoWindow) {
  EXPECT_TRUE(WindowSettings{}.valid());
  EXPECT_FALSE((WindowSettings{.window_tenth_bps = 500, .bucket_tenth_bps = 7}.valid()));
  EXPECT_FALSE((WindowSettings{.window_tenth_bps = 4, .bucket_tenth_bps = 5}.valid()));
  EXPECT_FALSE((WindowSettings{.bucket_tenth_bps = 0}.valid()));
  EXPECT_FALSE((WindowSettings{.depth_tenth_bps = {10, 0, 100}}.valid()));
}

}  // namespace
}  // namespace mm
