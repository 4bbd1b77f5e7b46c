// The rules by which updates make a book, as scenarios.

#include "venues/binance/book_sync.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mm::venues::binance {
namespace {

/// Feeds updates and snapshots and tells what came out: "S100 D105 gap(105,107) resync".
class Scenario {
 public:
  explicit Scenario(IdRule rule) : sync_(rule, counters) {}

  Scenario& delta(std::int64_t first, std::int64_t last, std::int64_t prev = 0) {
    const Level level{Price::from_units(last), Qty::from_lots(1)};
    BookDelta body;
    body.first_id = first;
    body.last_id = last;
    body.prev_id = prev;
    body.bids = {&level, 1};
    sync_.on_delta(header(), body, batch_);
    return collect();
  }
  Scenario& snapshot(std::int64_t id) {
    BookSnapshot body;
    body.update_id = id;
    sync_.on_snapshot(header(), body, batch_);
    return collect();
  }
  Scenario& lost() {
    sync_.on_lost();
    return *this;
  }
  std::string out() { return std::exchange(out_, {}); }
  bool needs_snapshot() const { return sync_.needs_snapshot(); }

  FeedCounters counters;

 private:
  EventHeader header() {
    EventHeader of;
    of.recv_time = time_from_ns(++now_);
    return of;
  }
  Scenario& collect() {
    for (const Event& event : batch_.events()) {
      EXPECT_EQ(event.header.recv_time, time_from_ns(now_));
      if (!out_.empty()) out_ += ' ';
      if (const auto* snapshot = std::get_if<BookSnapshot>(&event.body)) {
        out_ += "S" + std::to_string(snapshot->update_id);
      } else if (const auto* delta = std::get_if<BookDelta>(&event.body)) {
        EXPECT_EQ(delta->bids[0].price.units(), delta->last_id);  // levels survive the buffer
        out_ += "D" + std::to_string(delta->last_id);
      } else {
        const auto& status = std::get<FeedStatus>(event.body);
        if (status.state == FeedState::gap) {
          out_ += "gap(" + std::to_string(status.expected_id) + "," +
                  std::to_string(status.found_id) + ")";
        } else {
          out_ += status.state == FeedState::resynchronised ? "resync" : "anomaly";
        }
      }
    }
    batch_.clear();
    return *this;
  }

  BookSync sync_;
  EventBatch batch_;
  std::int64_t now_ = 0;
  std::string out_;
};

TEST(BookSyncFutures, BuffersUntilTheSnapshotAndDropsTheOld) {
  Scenario of(IdRule::futures);
  EXPECT_TRUE(of.needs_snapshot());
  EXPECT_EQ(of.delta(90, 95, 89).delta(97, 99, 95).delta(100, 104, 99).out(), "");
  EXPECT_EQ(of.snapshot(101).out(), "S101 D104");
  EXPECT_FALSE(of.needs_snapshot());
  EXPECT_EQ(of.delta(107, 110, 104).out(), "D110");
  EXPECT_EQ(of.counters.before_snapshot, 2);
}

// Live streams sometimes begin exactly behind the snapshot.
TEST(BookSyncFutures, AcceptsAnUpdateWhosePuIsTheSnapshot) {
  Scenario of(IdRule::futures);
  EXPECT_EQ(of.snapshot(101).delta(103, 105, 101).out(), "S101 D105");
}

TEST(BookSyncFutures, AnUpdateThatEndsAtTheSnapshotIsApplied) {
  Scenario of(IdRule::futures);
  EXPECT_EQ(of.delta(95, 101, 90).snapshot(101).delta(105, 107, 101).out(), "S101 D101 D107");
}

TEST(BookSyncFutures, TheSnapshotMayComeFirst) {
  Scenario of(IdRule::futures);
  EXPECT_EQ(of.snapshot(101).out(), "S101");
  EXPECT_EQ(of.delta(90, 95, 80).delta(97, 103, 95).delta(104, 106, 103).out(), "D103 D106");
}

TEST(BookSyncFutures, ASnapshotOlderThanTheBufferIsRefused) {
  Scenario of(IdRule::futures);
  EXPECT_EQ(of.delta(110, 115, 108).snapshot(100).out(), "anomaly");
  EXPECT_TRUE(of.needs_snapshot());
  EXPECT_EQ(of.delta(116, 118, 115).snapshot(116).out(), "S116 D118");
}

TEST(BookSyncFutures, AGapInvalidatesTheBookUntilTheNextSnapshot) {
  Scenario of(IdRule::futures);
  of.snapshot(100).delta(99, 105, 98).out();
  EXPECT_EQ(of.delta(110, 115, 108).out(), "gap(105,108)");
  EXPECT_EQ(of.delta(116, 118, 115).out(), "");
  EXPECT_TRUE(of.needs_snapshot());
  EXPECT_EQ(of.snapshot(112).out(), "S112 resync D115 D118");
  EXPECT_EQ(of.delta(119, 120, 118).out(), "D120");
  EXPECT_EQ(of.counters.gaps, 1);
}

TEST(BookSyncFutures, AGapWithinTheBufferIsFoundAfterTheSnapshot) {
  Scenario of(IdRule::futures);
  of.delta(98, 103, 97).delta(110, 115, 108).delta(116, 118, 115);
  EXPECT_EQ(of.snapshot(100).out(), "S100 D103 gap(103,108)");
  EXPECT_EQ(of.snapshot(113).out(), "S113 resync D115 D118");
}

TEST(BookSyncFutures, DuplicatesAndLateUpdatesAreIgnored) {
  Scenario of(IdRule::futures);
  of.snapshot(100).delta(99, 105, 98).delta(106, 110, 105).out();
  EXPECT_EQ(of.delta(106, 110, 105).delta(99, 105, 98).delta(111, 112, 110).out(), "D112");
  EXPECT_EQ(of.counters.duplicates, 2);
}

TEST(BookSyncFutures, ALossDiscardsEverything) {
  Scenario of(IdRule::futures);
  of.snapshot(100).delta(99, 105, 98).lost().out();
  EXPECT_EQ(of.delta(106, 110, 105).out(), "");
  EXPECT_EQ(of.snapshot(108).out(), "S108 resync D110");
}

TEST(BookSyncFutures, WhileFollowingOnlyNewerSnapshotsAreTaken) {
  Scenario of(IdRule::futures);
  of.snapshot(100).delta(99, 105, 98).out();
  EXPECT_EQ(of.snapshot(103).out(), "");
  EXPECT_EQ(of.snapshot(105).delta(106, 108, 105).out(), "S105 D108");
  EXPECT_EQ(of.snapshot(112).delta(109, 111, 108).delta(112, 114, 111).out(), "S112 D114");
}

TEST(BookSyncFutures, TheBufferIsBounded) {
  Scenario of(IdRule::futures);
  for (std::int64_t id = 1; id <= static_cast<std::int64_t>(BookSync::most_buffered) + 10; ++id) {
    of.delta(id, id, id - 1);
  }
  EXPECT_EQ(of.counters.unused_updates, 10);
}

TEST(BookSyncSpot, TheFirstUpdateReachesOverTheSnapshot) {
  Scenario of(IdRule::spot);
  EXPECT_EQ(of.delta(90, 95).delta(96, 103).snapshot(100).delta(104, 106).out(), "S100 D103 D106");
}

// In the ETH capture the snapshot's id is exactly the u of the last buffered update: that one is
// old, and the next begins one behind the snapshot.
TEST(BookSyncSpot, ASnapshotThatEndsABufferedUpdate) {
  Scenario of(IdRule::spot);
  EXPECT_EQ(of.delta(90, 95).delta(96, 100).snapshot(100).out(), "S100");
  EXPECT_EQ(of.delta(101, 104).out(), "D104");
  EXPECT_EQ(of.counters.before_snapshot, 2);
}

TEST(BookSyncSpot, OneMissingIdIsAGap) {
  Scenario of(IdRule::spot);
  of.snapshot(100).delta(101, 104).out();
  EXPECT_EQ(of.delta(106, 107).out(), "gap(105,106)");
  EXPECT_EQ(of.snapshot(106).out(), "S106 resync D107");
}

TEST(BookSyncSpot, AnUpdateTooFarBehindTheSnapshotIsAGap) {
  Scenario of(IdRule::spot);
  EXPECT_EQ(of.snapshot(100).delta(102, 104).out(), "S100 gap(101,102)");
}

}  // namespace
}  // namespace mm::venues::binance
