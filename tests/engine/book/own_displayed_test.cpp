// The touch of others in a book that shows our orders too: what is ours, from when until when.
// tests/research/synthetic_test.cpp compares it with the book without us, session by session.

#include "engine/book/own_displayed.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/engine/samples.hpp"

namespace mm {
namespace {

using namespace testing_samples;

/// A book, our orders in it and what is heard of both; times are the venue's, in ms, and words take
/// 5 ms to us unless said otherwise.
class OwnDisplayedTest : public testing::Test {
 protected:
  ClientOrderId send(Side side, std::int64_t price, std::int64_t qty) {
    const ClientOrderId id = orders_.next_id();
    orders_.sent({.id = id, .side = side, .price = units(price), .remaining = lots(qty)});
    own_.sent(orders_, market_.quoted());
    return id;
  }
  bool hear(std::optional<std::int64_t> venue_ms, const EventBody& body) {
    if (venue_ms) now_ms_ = std::max(now_ms_, *venue_ms + 5);
    Event event = event_of(now_ms_, body);
    event.header.exchange_time = venue_ms ? at_ms(*venue_ms) : Time{};
    market_.apply(event);
    return own_.apply(event, orders_, market_.quoted());
  }
  bool ack(std::optional<std::int64_t> ms, ClientOrderId id) {
    const OrderAck word{.order = id};
    orders_.acknowledged(word);
    return hear(ms, word);
  }
  bool fill(std::optional<std::int64_t> ms, ClientOrderId id, std::int64_t qty) {
    const Fill word{.order = id, .qty = lots(qty)};
    orders_.filled(word);
    return hear(ms, word);
  }
  bool done(std::optional<std::int64_t> ms, ClientOrderId id) {
    const OrderDone word{.order = id};
    orders_.done(word);
    return hear(ms, word);
  }
  bool book(std::int64_t ms, const std::vector<Level>& bids, const std::vector<Level>& asks) {
    return hear(ms, BookSnapshot{.bids = bids, .asks = asks});
  }
  bool delta(std::int64_t ms, const std::vector<Level>& bids, const std::vector<Level>& asks) {
    return hear(ms, BookDelta{.bids = bids, .asks = asks});
  }
  bool quote(std::int64_t ms, Level bid, Level ask) {
    return hear(ms, BestQuote{.bid = bid, .ask = ask});
  }
  ClientOrderId live(Side side, std::int64_t price, std::int64_t qty, std::int64_t ms) {
    const ClientOrderId id = send(side, price, qty);
    ack(ms, id);
    return id;
  }
  static std::string text(const Level& level) {
    return std::to_string(level.price.units()) + "x" + std::to_string(level.qty.lots());
  }
  std::string others() const { return text(own_.others().bid) + " " + text(own_.others().ask); }
  /// "price ours/others", a level a word.
  std::string levels() const {
    std::string words;
    for (const OwnDisplayed::At& at : own_.levels())
      words += (words.empty() ? "" : " ") + std::to_string(at.price.units()) + ":" +
               std::to_string(at.ours.lots()) + "/" + std::to_string(at.others.lots());
    return words;
  }

  Market market_;
  Orders orders_;
  OwnDisplayed own_;
  std::int64_t now_ms_ = 0;
};

TEST_F(OwnDisplayedTest, WithoutOrdersTheTouchIsTheDisplayedOne) {
  EXPECT_TRUE(book(10, {level(100, 7)}, {level(102, 8)}));
  EXPECT_EQ(others(), "100x7 102x8");
  EXPECT_FALSE(delta(20, {level(100, 5)}, {}));
  EXPECT_EQ(others(), "100x5 102x8");
  EXPECT_EQ(levels(), "");
}

TEST_F(OwnDisplayedTest, AloneAtTheTouchTheNextLevelIsTheOthers) {
  book(10, {level(100, 7), level(98, 4)}, {level(105, 8)});
  live(Side::buy, 102, 3, 12);
  EXPECT_FALSE(delta(20, {level(102, 3)}, {}));
  EXPECT_EQ(others(), "100x7 105x8");
  EXPECT_EQ(levels(), "102:3/0");
  // What others do behind us moves their touch although the displayed one stays.
  EXPECT_TRUE(delta(30, {level(100, 0)}, {}));
  EXPECT_EQ(others(), "98x4 105x8");
  // And one who joins us is the touch.
  EXPECT_TRUE(delta(40, {level(102, 4)}, {}));
  EXPECT_EQ(others(), "102x1 105x8");
}

TEST_F(OwnDisplayedTest, TwoOrdersAtAPriceAreBothTakenOut) {
  book(10, {level(100, 7)}, {level(102, 8)});
  const ClientOrderId first = live(Side::sell, 102, 3, 12);
  live(Side::sell, 102, 2, 12);
  delta(20, {}, {level(102, 13)});
  EXPECT_EQ(others(), "100x7 102x8");
  EXPECT_EQ(levels(), "102:5/8");
  done(25, first);
  // The book is still that of 20.
  EXPECT_EQ(levels(), "102:5/8");
  delta(30, {}, {level(102, 10)});
  EXPECT_EQ(levels(), "102:2/8");
}

TEST_F(OwnDisplayedTest, ABookOlderThanTheOrderDoesNotContainIt) {
  book(10, {level(100, 7)}, {level(102, 8)});
  live(Side::buy, 100, 7, 15);
  EXPECT_EQ(others(), "100x7 102x8");
  delta(14, {level(100, 6)}, {});
  EXPECT_EQ(others(), "100x6 102x8");
  delta(15, {level(100, 13)}, {});
  EXPECT_EQ(others(), "100x6 102x8");
}

TEST_F(OwnDisplayedTest, WhatTheBookShowsBeforeTheAcknowledgementIsOurs) {
  book(10, {level(100, 7)}, {level(105, 8)});
  const ClientOrderId id = send(Side::buy, 102, 3);
  EXPECT_FALSE(delta(20, {level(102, 3)}, {}));
  EXPECT_EQ(others(), "100x7 105x8");
  // More than we sent cannot be ours.
  EXPECT_TRUE(delta(21, {level(102, 5)}, {}));
  EXPECT_EQ(others(), "102x2 105x8");
  EXPECT_FALSE(ack(19, id));
  EXPECT_EQ(others(), "102x2 105x8");
}

TEST_F(OwnDisplayedTest, AnAcknowledgementThatComesLaterThanTheBookCorrectsTheGuess) {
  book(10, {level(100, 7)}, {level(105, 8)});
  const ClientOrderId id = send(Side::buy, 102, 3);
  // Somebody else was there first.
  EXPECT_FALSE(delta(20, {level(102, 3)}, {}));
  EXPECT_TRUE(ack(22, id));
  EXPECT_EQ(others(), "102x3 105x8");
  EXPECT_FALSE(delta(30, {level(102, 6)}, {}));
  EXPECT_EQ(others(), "102x3 105x8");
}

TEST_F(OwnDisplayedTest, ARefusedOrderWasNeverThere) {
  book(10, {level(100, 7)}, {level(105, 8)});
  const ClientOrderId id = send(Side::buy, 102, 3);
  EXPECT_FALSE(delta(20, {level(102, 3)}, {}));
  const OrderReject word{.order = id};
  orders_.rejected(word);
  EXPECT_TRUE(hear(21, word));
  EXPECT_EQ(others(), "102x3 105x8");
  EXPECT_EQ(levels(), "");
}

TEST_F(OwnDisplayedTest, AFillCountsFromItsOwnStamp) {
  book(10, {level(100, 7)}, {level(102, 8)});
  const ClientOrderId id = live(Side::buy, 100, 5, 12);
  delta(20, {level(100, 12)}, {});
  fill(25, id, 2);
  EXPECT_EQ(levels(), "100:5/7");
  delta(30, {level(100, 10)}, {});
  EXPECT_EQ(levels(), "100:3/7");
  fill(35, id, 3);
  delta(35, {level(100, 7)}, {});
  EXPECT_EQ(others(), "100x7 102x8");
  EXPECT_EQ(levels(), "");
}

TEST_F(OwnDisplayedTest, AFillThatIsHeardBehindTheBookLeavesTheOthersWhereTheyWere) {
  book(10, {level(100, 7), level(99, 9)}, {level(102, 8)});
  const ClientOrderId id = live(Side::buy, 101, 5, 12);
  delta(20, {level(101, 5)}, {});
  // Filled in part, then more, then all of it: alone there, with nothing heard yet.
  EXPECT_FALSE(delta(30, {level(101, 3)}, {}));
  EXPECT_EQ(others(), "100x7 102x8");
  EXPECT_FALSE(delta(31, {level(101, 0)}, {}));
  EXPECT_FALSE(fill(30, id, 2));
  EXPECT_FALSE(fill(31, id, 3));
  EXPECT_EQ(others(), "100x7 102x8");
  // Somebody behind us: what is left is his.
  const ClientOrderId other = live(Side::buy, 101, 5, 40);
  delta(45, {level(101, 9)}, {});
  EXPECT_EQ(others(), "101x4 102x8");
  EXPECT_FALSE(delta(50, {level(101, 4)}, {}));
  EXPECT_EQ(others(), "101x4 102x8");
  EXPECT_FALSE(fill(50, other, 5));
  EXPECT_EQ(others(), "101x4 102x8");
}

TEST_F(OwnDisplayedTest, ACancelUnderWayMayHaveArrived) {
  book(10, {level(100, 7), level(99, 9)}, {level(102, 8)});
  const ClientOrderId id = live(Side::buy, 100, 5, 12);
  delta(20, {level(100, 12)}, {});
  orders_.cancel_sent(id);
  EXPECT_FALSE(delta(30, {level(100, 7)}, {}));
  EXPECT_EQ(others(), "100x7 102x8");
  EXPECT_FALSE(done(29, id));
  EXPECT_EQ(others(), "100x7 102x8");
}

TEST_F(OwnDisplayedTest, ACancelThatCameTooLateChangesNothing) {
  book(10, {level(100, 7)}, {level(102, 8)});
  const ClientOrderId id = live(Side::buy, 100, 5, 12);
  delta(20, {level(100, 12)}, {});
  orders_.cancel_sent(id);
  delta(25, {level(100, 10)}, {});
  EXPECT_EQ(levels(), "100:3/7");
  const CancelReject word{.order = id};
  orders_.cancel_rejected(word);
  hear(26, word);
  EXPECT_EQ(levels(), "100:5/5");
}

TEST_F(OwnDisplayedTest, AReplaceLeavesOnePriceAndComesToAnother) {
  book(10, {level(100, 7)}, {level(110, 8)});
  const ClientOrderId old = live(Side::sell, 108, 5, 12);
  delta(20, {}, {level(108, 5)});
  EXPECT_EQ(others(), "100x7 110x8");
  orders_.replace_sent(old);
  const ClientOrderId moved = send(Side::sell, 106, 5);
  // The book shows it before we hear of it.
  EXPECT_FALSE(delta(30, {}, {level(108, 0), level(106, 5)}));
  EXPECT_EQ(others(), "100x7 110x8");
  EXPECT_FALSE(done(28, old));
  EXPECT_FALSE(ack(28, moved));
  EXPECT_EQ(others(), "100x7 110x8");
  EXPECT_EQ(levels(), "106:5/0");
}

TEST_F(OwnDisplayedTest, ASnapshotWhileOrdersStandIsReadLikeAnyBook) {
  book(10, {level(100, 7)}, {level(105, 8)});
  live(Side::buy, 102, 3, 12);
  EXPECT_FALSE(book(20, {level(102, 3), level(100, 6)}, {level(105, 8)}));
  EXPECT_EQ(others(), "100x6 105x8");
  EXPECT_TRUE(book(30, {level(102, 3), level(99, 6)}, {level(105, 8)}));
  EXPECT_EQ(others(), "99x6 105x8");
}

TEST_F(OwnDisplayedTest, ABestQuoteNewerThanTheBookHasItsOwnStamp) {
  book(10, {level(100, 7)}, {level(105, 8)});
  const ClientOrderId id = live(Side::buy, 102, 3, 12);
  // The quote contains us, the book behind it does not yet.
  EXPECT_FALSE(quote(15, level(102, 3), level(105, 8)));
  EXPECT_EQ(others(), "100x7 105x8");
  EXPECT_TRUE(quote(16, level(102, 5), level(105, 8)));
  EXPECT_EQ(others(), "102x2 105x8");
  done(17, id);
  EXPECT_FALSE(quote(18, level(102, 2), level(105, 8)));
  EXPECT_EQ(others(), "102x2 105x8");
  EXPECT_FALSE(book(20, {level(102, 2), level(100, 7)}, {level(105, 8)}));
  EXPECT_EQ(others(), "102x2 105x8");
  EXPECT_EQ(levels(), "");
}

TEST_F(OwnDisplayedTest, ASideThatIsOursAloneIsEmpty) {
  book(10, {level(100, 7)}, {level(105, 8)});
  live(Side::buy, 100, 3, 12);
  EXPECT_TRUE(delta(20, {level(100, 3)}, {}));
  EXPECT_EQ(others(), "0x0 105x8");
  EXPECT_FALSE(own_.others().two_sided());
  EXPECT_TRUE(market_.quoted().quotable());
}

// Not every venue stamps every word of an order: then it is only known to be true by now.
TEST_F(OwnDisplayedTest, WordsWithoutAStampHoldFromWhenTheyAreHeard) {
  book(10, {level(100, 7)}, {level(105, 8)});
  const ClientOrderId id = send(Side::buy, 102, 3);
  delta(20, {level(102, 3)}, {});
  now_ms_ = 40;
  EXPECT_FALSE(ack({}, id));
  EXPECT_EQ(others(), "100x7 105x8");
  EXPECT_TRUE(delta(41, {level(102, 4)}, {}));
  EXPECT_EQ(levels(), "102:3/1");
  orders_.cancel_sent(id);
  EXPECT_FALSE(delta(50, {level(102, 1)}, {}));
  now_ms_ = 60;
  EXPECT_FALSE(done({}, id));
  EXPECT_EQ(others(), "102x1 105x8");
  EXPECT_FALSE(delta(61, {level(102, 2)}, {}));
  EXPECT_EQ(levels(), "");
}

TEST_F(OwnDisplayedTest, OtherInstrumentsAreNotOurBook) {
  book(10, {level(100, 7)}, {level(105, 8)});
  const std::vector<Level> bids = {level(1, 1)};
  Event lead = event_of(20, BookSnapshot{.bids = bids}, 1);
  market_.apply(lead);
  EXPECT_FALSE(own_.apply(lead, orders_, market_.quoted()));
  EXPECT_EQ(others(), "100x7 105x8");
}

TEST_F(OwnDisplayedTest, IsRestoredAsItWas) {
  book(10, {level(100, 7), level(99, 9)}, {level(102, 8)});
  const ClientOrderId id = live(Side::buy, 101, 5, 12);
  send(Side::sell, 102, 4);
  delta(20, {level(101, 5)}, {});
  fill(25, id, 2);
  orders_.cancel_sent(id);
  delta(24, {level(101, 6)}, {});
  ByteWriter bytes;
  own_.save(bytes);
  OwnDisplayed copy;
  ByteReader reader(bytes.bytes());
  ASSERT_TRUE(copy.restore(reader));
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(copy, own_);
  for (std::size_t cut = 0; cut + 8 <= bytes.size(); cut += 8) {
    ByteReader shorter(bytes.bytes().first(cut));
    EXPECT_FALSE(copy.restore(shorter));
  }
}

}  // namespace
}  // namespace mm
