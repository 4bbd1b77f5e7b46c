// What a trader learns from its own orders, on books small enough to check by hand.

#include "engine/own/own_outlook.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "engine/describe.hpp"
#include "tests/engine/samples.hpp"

namespace mm {
namespace {

using namespace testing_samples;

/// One instrument, one trader's memory of its orders, and a clock.
class Rig {
 public:
  Rig() { market_.apply(define(btc_usdt())); }

  /// A book whose touch is `bid` and `bid` + 2, with `lots_at` at 10 units below the bid.
  void book(std::int64_t ms, std::int64_t bid, std::int64_t lots_at) {
    const std::vector<Level> bids = {level(bid, 500), level(59'990, lots_at)};
    const std::vector<Level> asks = {level(bid + 2, 500)};
    apply({{.recv_time = at_ms(ms), .exchange_time = at_ms(ms)},
           BookSnapshot{.bids = bids, .asks = asks}});
  }
  void trade(std::int64_t ms, std::int64_t price, std::int64_t qty) {
    apply({{.recv_time = at_ms(ms), .exchange_time = at_ms(ms)},
           Trade{.price = units(price), .qty = lots(qty), .aggressor = Side::sell}});
  }
  void ack(std::int64_t ms, std::uint64_t id, std::int64_t price, std::int64_t qty) {
    own.on_ack(at_ms(ms),
               Order{.id = ClientOrderId{id},
                     .side = Side::buy,
                     .state = OrderState::live,
                     .price = units(price),
                     .remaining = lots(qty)},
               market_.quoted());
  }
  FillNote fill(std::int64_t ms, std::uint64_t id, std::int64_t price, std::int64_t qty,
                std::int64_t left, std::int64_t position_before = 0) {
    const EventHeader header{.recv_time = at_ms(ms + 5), .exchange_time = at_ms(ms)};
    return own.on_fill(header,
                       Fill{.order = ClientOrderId{id},
                            .trade_id = 7,
                            .side = Side::buy,
                            .price = units(price),
                            .qty = lots(qty),
                            .remaining = lots(left),
                            .maker = true,
                            .fee = {},
                            .cause = FillCause::queue},
                       lots(position_before), outlook_, market_.quoted());
  }
  void decide(std::int64_t ms, std::int64_t position = 0) {
    own.on_decision(at_ms(ms), outlook_, market_.quoted().touch(), lots(position));
  }

  OwnOutlook own{false};
  const OutlookSettings& settings() const { return outlook_.settings(); }

 private:
  void apply(const Event& event) {
    market_.apply(event);
    if (own.following()) own.on_market(event, market_.quoted());
  }
  Market market_;
  Outlook outlook_;
};

std::vector<std::byte> saved(const OwnOutlook& own) {
  ByteWriter out;
  own.save(out);
  return {out.bytes().begin(), out.bytes().end()};
}

TEST(OwnOutlook, JudgesAFillTenSecondsLater) {
  for (const bool falls : {true, false}) {
    Rig rig;
    rig.book(1000, 60'000, 100);
    rig.decide(1000);
    rig.ack(1000, 1, 59'990, 10);
    rig.decide(1100);
    rig.fill(1200, 1, 59'990, 10, 0);
    EXPECT_FALSE(rig.own.following());
    rig.book(8000, falls ? 59'900 : 60'100, 100);
    rig.decide(8000, 10);
    EXPECT_EQ(rig.own.judged_fills(Side::buy), 0);
    rig.decide(11'300, 10);
    EXPECT_EQ(rig.own.judged_fills(Side::buy), 1);
    EXPECT_EQ(rig.own.judged_fills(Side::sell), 0);
    const double prior = OwnOutlook::prior_adverse;
    if (falls) {
      EXPECT_GT(rig.own.p_adverse(Side::buy), prior);
      EXPECT_GT(rig.own.p_mid_against(Side::buy), OwnOutlook::prior_mid_against);
    } else {
      EXPECT_LT(rig.own.p_adverse(Side::buy), prior);
      EXPECT_LT(rig.own.p_mid_against(Side::buy), OwnOutlook::prior_mid_against);
    }
    EXPECT_EQ(rig.own.p_adverse(Side::sell), prior);
    // One fill of twenty and one: the prior still stands for most of the size of moves.
    const MeanMoves moves = rig.own.moves(rig.settings().fill_moves, Side::buy, std::nullopt, 4.0);
    EXPECT_NEAR(falls ? moves.favourable_bps : moves.adverse_bps, 4.0 * 20 / 21, 1e-9);
  }
}

TEST(OwnOutlook, AFillNobodyWatchedTheAftermathOfCountsNothing) {
  Rig rig;
  rig.book(1000, 60'000, 100);
  rig.decide(1000);
  rig.ack(1000, 1, 59'990, 10);
  rig.decide(1100);
  rig.fill(1200, 1, 59'990, 10, 0);
  rig.book(30'000, 59'900, 100);
  rig.decide(30'000, 10);
  EXPECT_EQ(rig.own.judged_fills(Side::buy), 0);
  EXPECT_EQ(rig.own.p_adverse(Side::buy), OwnOutlook::prior_adverse);
}

TEST(OwnOutlook, KnowsHowLongAPositionIsHeld) {
  Rig rig;
  rig.book(1000, 60'000, 100);
  rig.decide(1000);
  EXPECT_FALSE(rig.own.inventory_age(at_ms(1000)));
  rig.ack(1000, 1, 59'990, 10);
  rig.fill(1200, 1, 59'990, 4, 6);
  EXPECT_EQ(rig.own.inventory_age(at_ms(3205)), std::chrono::seconds{2});
  rig.fill(3000, 1, 59'990, 6, 0, 4);  // more of the same: the age goes on
  EXPECT_EQ(rig.own.inventory_age(at_ms(5205)), std::chrono::seconds{4});
  rig.decide(6000, -3);  // short now
  EXPECT_EQ(rig.own.inventory_age(at_ms(6500)), std::chrono::milliseconds{500});
  rig.decide(7000, 0);
  EXPECT_FALSE(rig.own.inventory_age(at_ms(7000)));
}

// The place in the queue, and what a fill's surroundings were.
TEST(OwnOutlook, FollowsItsPlaceAndNotesWhatSurroundedAFill) {
  Rig rig;
  rig.book(0, 60'000, 100);
  rig.decide(0);
  rig.ack(0, 1, 59'990, 10);
  ASSERT_NE(rig.own.queue(ClientOrderId{1}), nullptr);
  EXPECT_EQ(rig.own.queue(ClientOrderId{1})->queue.ahead(), 100.0);
  for (std::int64_t ms = 100; ms <= 1500; ms += 100) {
    rig.book(ms, 60'000, 100);
    rig.decide(ms);
  }
  // 60 lots trade there before us; the book shows 40 left.
  rig.trade(1550, 59'990, 60);
  EXPECT_EQ(rig.own.queue(ClientOrderId{1})->queue.ahead(), 40.0);
  rig.book(1600, 60'000, 40);
  rig.decide(1600);
  rig.trade(1650, 59'990, 45);
  const FillNote note = rig.fill(1650, 1, 59'990, 5, 5);
  EXPECT_EQ(note.order, ClientOrderId{1});
  EXPECT_EQ(note.trade_id, 7);
  EXPECT_EQ(note.others_1s_ago, 100);
  EXPECT_EQ(note.others_before, 40);
  EXPECT_EQ(note.pulled_1s, 0);
  EXPECT_EQ(note.queue_ahead, 0);
  EXPECT_NE(note.shelter, FillShelter::unknown);
  EXPECT_EQ(note.visibility_e6, 1'000'000 * 10 / 50);
  EXPECT_EQ(note.wall, WallPlace::unknown);  // this outlook reads no features
  EXPECT_TRUE(rig.own.following());          // 5 lots are left
  rig.own.on_end(at_ms(1700), ClientOrderId{1});
  EXPECT_FALSE(rig.own.following());
}

// A young order has no second behind it: unknown, not neutral.
TEST(OwnOutlook, ANoteSaysUnknownWhereItDoesNotKnow) {
  Rig rig;
  rig.book(0, 60'000, 100);
  rig.ack(0, 1, 59'990, 10);
  rig.trade(100, 59'990, 105);
  const FillNote note = rig.fill(100, 1, 59'990, 5, 5);
  EXPECT_EQ(note.shelter, FillShelter::unknown);
  EXPECT_EQ(note.others_1s_ago, absent_e);
  EXPECT_EQ(note.visibility_e6, absent_e);
  EXPECT_EQ(note.wall_1s, WallPlace::unknown);
}

// Fills that get rarer with depth: kappa of our own, once a second.
TEST(OwnOutlook, EstimatesKappaFromItsOwnFills) {
  Rig rig;
  std::int64_t ms = 0;
  std::uint64_t id = 1;
  const auto stand = [&](std::int64_t price, int fills) {
    rig.book(ms, 60'000, 100);
    rig.ack(ms, id, price, 1000);
    rig.decide(ms);
    for (int i = 0; i < fills; ++i) rig.fill(ms + 100 * (i + 1), id, price, 1, 900);
    ms += 60'000;
    rig.book(ms, 60'000, 100);
    rig.decide(ms);
    rig.own.on_end(at_ms(ms), ClientOrderId{id++});
  };
  EXPECT_FALSE(rig.own.kappa());
  for (int round = 0; round < 3; ++round) {
    stand(59'994, 8);  // a bps
    stand(59'964, 2);  // six
  }
  ASSERT_TRUE(rig.own.kappa());
  // Four times fewer fills five bps further out.
  EXPECT_NEAR(rig.own.kappa()->kappa, 1.386 / 5e-4, 300);
  EXPECT_GT(rig.own.kappa()->log_variance, 0);
}

TEST(OwnOutlook, IsSavedWhole) {
  Rig rig;
  rig.book(0, 60'000, 100);
  rig.decide(0);
  rig.ack(0, 1, 59'990, 10);
  for (std::int64_t ms = 100; ms <= 1500; ms += 100) {
    rig.book(ms, 60'000, 100 - ms / 50);
    rig.decide(ms);
  }
  rig.fill(1500, 1, 59'990, 5, 5);
  const std::vector<std::byte> bytes = saved(rig.own);
  OwnOutlook copy{false};
  ByteReader in{bytes};
  ASSERT_TRUE(copy.restore(in));
  EXPECT_TRUE(in.at_end());
  EXPECT_EQ(saved(copy), bytes);
  for (std::size_t cut = 0; cut < bytes.size(); cut += 8 * 13) {
    OwnOutlook part{false};
    ByteReader some{std::span{bytes}.first(cut)};
    EXPECT_FALSE(part.restore(some)) << cut;
  }
}

}  // namespace
}  // namespace mm
