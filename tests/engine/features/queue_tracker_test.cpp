#include "engine/features/queue_tracker.hpp"

#include <gtest/gtest.h>

#include "tests/engine/features/saved_copy.hpp"

namespace mm {
namespace {

class QueueTrackerTest : public ::testing::Test {
 protected:
  explicit QueueTrackerTest(bool in_book = false) : tracker(QueueTracker::Settings{1, in_book}) {
    const Level bids[] = {level(100, 50), level(99, 20), level(98, 30)};
    const Level asks[] = {level(101, 50)};
    feed(BookSnapshot{.bids = bids, .asks = asks});
  }
  static Level level(std::int64_t price, std::int64_t lots) {
    return {Price::from_units(price), Qty::from_lots(lots)};
  }
  template <class Body>
  void feed(const Body& body, std::int64_t wait_ms = 100) {
    now += std::chrono::milliseconds{wait_ms};
    const Event event{{.recv_time = now, .exchange_time = now}, body};
    market.apply(event);
    tracker.on_event(event, market.quoted());
  }
  void set(std::int64_t price, std::int64_t lots) {
    const Level one = level(price, lots);
    feed(BookDelta{.bids = {&one, 1}});
  }
  void sell(std::int64_t price, std::int64_t lots) {
    feed(Trade{
        .price = Price::from_units(price), .qty = Qty::from_lots(lots), .aggressor = Side::sell});
  }
  void accept(std::uint64_t id, std::int64_t price, std::int64_t lots) {
    tracker.accept(now, ClientOrderId{id}, Side::buy, Price::from_units(price),
                   Qty::from_lots(lots), market.quoted());
  }
  const QueuePosition& queue(std::uint64_t id) const {
    return tracker.find(ClientOrderId{id})->queue;
  }

  Market market;
  QueueTracker tracker;
  Time now = time_from_ns(1'700'000'000'000'000'000);
};

TEST_F(QueueTrackerTest, FollowsAddsTradesAndCancels) {
  accept(1, 99, 5);
  EXPECT_EQ(queue(1).ahead(), 20);
  set(99, 30);  // ten behind us
  EXPECT_EQ(queue(1).behind(), 10);
  sell(99, 8);
  EXPECT_EQ(queue(1).ahead(), 12);
  set(99, 22);  // nothing but the trade
  EXPECT_EQ(queue(1).ahead(), 12);
  EXPECT_EQ(queue(1).behind(), 10);
  set(99, 11);  // eleven cancelled, half of 22
  EXPECT_EQ(queue(1).ahead(), 6);
  EXPECT_EQ(queue(1).ahead_lo(), 1);
  EXPECT_EQ(queue(1).ahead_hi(), 11);
  EXPECT_EQ(saved_copy(tracker).find(ClientOrderId{1})->queue.ahead(), 6);
  sell(98, 1);
  EXPECT_EQ(queue(1).remaining(), 0);
  tracker.end(ClientOrderId{1});
  EXPECT_EQ(tracker.find(ClientOrderId{1}), nullptr);
}

TEST_F(QueueTrackerTest, UnknownBehindTheDisplayedBook) {
  accept(1, 90, 5);
  EXPECT_FALSE(queue(1).ahead());
  set(99, 25);
  EXPECT_FALSE(queue(1).ahead());
  set(90, 7);
  EXPECT_EQ(queue(1).ahead(), 7);
  // Between the touch there is nobody.
  set(100, 0);
  accept(2, 100, 5);
  EXPECT_EQ(queue(2).ahead(), 0);
}

TEST_F(QueueTrackerTest, OurOwnOrdersFillOneAfterTheOther) {
  accept(1, 99, 5);
  accept(2, 99, 5);
  sell(99, 27);
  EXPECT_EQ(queue(1).filled(), 5);
  EXPECT_EQ(queue(2).filled(), 2);
}

TEST_F(QueueTrackerTest, KnowsWhatAFillWasSurroundedBy) {
  accept(1, 99, 5);
  for (int i = 0; i < 15; ++i) set(98, 30 + i);  // books, so that time passes
  EXPECT_FALSE(tracker.surroundings(ClientOrderId{2}, Qty::from_lots(5), now));
  set(99, 1);  // withdrawn around us
  sell(99, 6);
  const auto around = tracker.surroundings(ClientOrderId{1}, Qty::from_lots(5), now);
  ASSERT_TRUE(around);
  EXPECT_EQ(around->others_1s_ago, 20);
  EXPECT_EQ(around->pulled_1s, 19);
  EXPECT_EQ(fill_context(*around), FillContext::last_remaining);
}

class QueueTrackerInBook : public QueueTrackerTest {
 protected:
  QueueTrackerInBook() : QueueTrackerTest(true) {}
};

// Ours appears in the displayed level and leaves it with our fill: neither is anybody else's.
TEST_F(QueueTrackerInBook, OursAreNotOthers) {
  accept(1, 99, 5);
  EXPECT_EQ(queue(1).ahead(), 20);
  set(99, 25);
  EXPECT_EQ(queue(1).total(), 25);
  EXPECT_EQ(queue(1).behind(), 0);
  sell(99, 22);
  EXPECT_EQ(queue(1).ahead(), 0);
  EXPECT_EQ(queue(1).filled(), 2);
  set(99, 3);
  EXPECT_EQ(queue(1).behind(), 0);
}

}  // namespace
}  // namespace mm
