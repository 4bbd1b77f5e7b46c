// Whole captures through the feed: the book of the events is the book of the raw JSON, and nothing
// in real data surprises the decoder.

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <string>

#include "tests/venues/capture/book_oracle.hpp"
#include "tests/venues/market_data.hpp"
#include "venues/capture/capture_feed.hpp"

namespace mm {
namespace {

using test::BookSides;
using test::Capture;

/// The book of the events.
class EventBook {
 public:
  void take(const Event& event) {
    if (const auto* snapshot = std::get_if<BookSnapshot>(&event.body)) {
      sides_ = {};
      set(snapshot->bids, sides_.first);
      set(snapshot->asks, sides_.second);
      last_id_ = snapshot->update_id;
    } else if (const auto* delta = std::get_if<BookDelta>(&event.body)) {
      set(delta->bids, sides_.first);
      set(delta->asks, sides_.second);
      last_id_ = delta->last_id;
    }
  }
  const BookSides& sides() const { return sides_; }
  std::int64_t last_id() const { return last_id_; }

 private:
  static void set(std::span<const Level> levels, std::map<std::int64_t, std::int64_t>& side) {
    for (const Level& level : levels) {
      if (level.qty == Qty{}) {
        side.erase(level.price.units());
      } else {
        side[level.price.units()] = level.qty.lots();
      }
    }
  }
  BookSides sides_;
  std::int64_t last_id_ = 0;
};

struct Seen {
  std::map<RecordKind, int> kinds;
  int frames = 0;
  int compared = 0;
  venues::FeedCounters counters;
};

bool touch_outwards(std::span<const Level> bids, std::span<const Level> asks) {
  const auto down = [](const Level& a, const Level& b) { return a.price > b.price; };
  const auto up = [](const Level& a, const Level& b) { return a.price < b.price; };
  return std::is_sorted(bids.begin(), bids.end(), down) &&
         std::is_sorted(asks.begin(), asks.end(), up);
}

void expect_in_order(const Event& event) {
  if (const auto* snapshot = std::get_if<BookSnapshot>(&event.body)) {
    ASSERT_TRUE(touch_outwards(snapshot->bids, snapshot->asks));
    if (!snapshot->bids.empty() && !snapshot->asks.empty()) {
      ASSERT_LT(snapshot->bids[0].price, snapshot->asks[0].price);
    }
  } else if (const auto* delta = std::get_if<BookDelta>(&event.body)) {
    ASSERT_TRUE(touch_outwards(delta->bids, delta->asks));
  }
}

/// Runs a Binance capture and compares books after every snapshot, every 500 updates and at the
/// end.
Seen compare_binance(const Capture& capture) {
  const Instrument& of = test::instrument(capture.venue, capture.symbol);
  test::BinanceOracle oracle(static_cast<std::size_t>(of.price_decimals),
                             static_cast<std::size_t>(of.lot_decimals), of.venue != "binance-spot");
  EventBook book;
  Seen seen;
  const auto feed = venues::open_capture(of, InstrumentId{0}, capture.files);
  const auto compare = [&] {
    ++seen.compared;
    EXPECT_EQ(book.last_id(), oracle.last_id());
    EXPECT_TRUE(book.sides() == oracle.sides()) << capture.symbol << " at id " << book.last_id();
  };
  Time last;
  while (feed->advance()) {
    ++seen.frames;
    EXPECT_GE(feed->recv_time(), last);
    last = feed->recv_time();
    const std::string_view raw = feed->raw();
    const bool update = raw.find("\"depthUpdate\"") != std::string_view::npos;
    const bool snapshot = raw.find("\"lastUpdateId\"") != std::string_view::npos;
    if (update || snapshot) {
      test::Json json = test::Json::parse(raw);
      if (json.contains("data")) json = test::Json(json["data"]);
      if (snapshot) {
        oracle.on_snapshot(json);
      } else if (json["s"] == capture.symbol) {
        oracle.on_update(json);
      }
    }
    bool had_snapshot = false;
    for (const Event& event : feed->events()) {
      EXPECT_EQ(event.header.recv_time, feed->recv_time());
      expect_in_order(event);
      book.take(event);
      const int count = ++seen.kinds[event.kind()];
      had_snapshot = had_snapshot || event.kind() == RecordKind::book_snapshot ||
                     (event.kind() == RecordKind::book_delta && count % 500 == 0);
    }
    if (had_snapshot && oracle.ready()) compare();
  }
  compare();
  EXPECT_FALSE(book.sides().first.empty());
  seen.counters = feed->counters();
  return seen;
}

void expect_no_surprises(const Capture& capture, const Seen& seen) {
  EXPECT_EQ(seen.counters.anomalies, 0) << capture.symbol;
  EXPECT_EQ(seen.counters.gaps, 0) << capture.symbol;
  EXPECT_EQ(seen.counters.unused_updates, 0) << capture.symbol;
  EXPECT_GE(seen.compared, 2);
}

TEST(CaptureBook, OfEventsIsTheBookOfTheRawJsonInTheFixtures) {
  for (const Capture& capture : test::fixture_captures()) {
    if (capture.venue == "hyperliquid") continue;
    expect_no_surprises(capture, compare_binance(capture));
  }
}

TEST(CaptureBook, OfEventsIsTheBookOfTheRawJsonInAllCaptures) {
  for (const Capture& capture : test::data_captures()) {
    if (!capture.venue.starts_with("binance")) continue;
    if (!test::present(capture)) {
      std::printf("skipped, not present: %s\n", capture.files.front().c_str());
      continue;
    }
    const Seen seen = compare_binance(capture);
    expect_no_surprises(capture, seen);
    std::printf("%s:%s: %d frames, books compared %d times\n", capture.venue.c_str(),
                capture.symbol.c_str(), seen.frames, seen.compared);
  }
}

TEST(CaptureBook, FixturesHoldWhatTheirReadmeSays) {
  const auto captures = test::fixture_captures();
  const Seen usdm = compare_binance(captures[0]);
  EXPECT_EQ(usdm.frames, 40387);
  EXPECT_EQ(usdm.kinds.at(RecordKind::book_snapshot), 1);
  const auto& counters = usdm.counters;
  const int used = usdm.kinds.at(RecordKind::book_delta) + usdm.kinds.at(RecordKind::best_quote) +
                   usdm.kinds.at(RecordKind::trade) + 1;
  EXPECT_EQ(used + counters.before_snapshot, usdm.frames);
}

/// Every field of quotes and trades, once more from the JSON.
TEST(CaptureBook, QuotesAndTradesAreExact) {
  const Capture capture = test::fixture_captures()[0];
  const Instrument& of = test::instrument(capture.venue, capture.symbol);
  const auto feed = venues::open_capture(of, InstrumentId{3}, capture.files);
  int checked = 0;
  while (feed->advance()) {
    if (feed->events().size() != 1) continue;
    const Event& event = feed->events()[0];
    const auto* quote = std::get_if<BestQuote>(&event.body);
    const auto* trade = std::get_if<Trade>(&event.body);
    if (quote == nullptr && trade == nullptr) continue;
    const test::Json data = test::Json::parse(feed->raw())["data"];
    ASSERT_EQ(event.header.instrument, InstrumentId{3});
    ASSERT_EQ(to_ns(event.header.exchange_time), data["T"].get<std::int64_t>() * 1'000'000);
    if (quote != nullptr) {
      ASSERT_EQ(quote->update_id, data["u"].get<std::int64_t>());
      ASSERT_EQ(quote->event_time_ns, data["E"].get<std::int64_t>() * 1'000'000);
      ASSERT_EQ(quote->bid.price.units(), test::units_of(data["b"], 1));
      ASSERT_EQ(quote->bid.qty.lots(), test::units_of(data["B"], 3));
      ASSERT_EQ(quote->ask.price.units(), test::units_of(data["a"], 1));
      ASSERT_EQ(quote->ask.qty.lots(), test::units_of(data["A"], 3));
    } else {
      ASSERT_EQ(trade->trade_id, data["t"].get<std::int64_t>());
      ASSERT_EQ(trade->price.units(), test::units_of(data["p"], 1));
      ASSERT_EQ(trade->qty.lots(), test::units_of(data["q"], 3));
      ASSERT_EQ(trade->aggressor, data["m"].get<bool>() ? Side::sell : Side::buy);
    }
    ++checked;
  }
  EXPECT_GT(checked, 30000);
}

/// Hyperliquid books are whole: each event must be the frame's own levels with their counts.
TEST(CaptureBook, HyperliquidBooksAreTheFrames) {
  const Capture capture = test::fixture_captures()[4];
  const Instrument& of = test::instrument(capture.venue, capture.symbol);
  const auto feed = venues::open_capture(of, InstrumentId{0}, capture.files);
  int books = 0;
  while (feed->advance()) {
    for (const Event& event : feed->events()) {
      const auto* book = std::get_if<BookSnapshot>(&event.body);
      if (book == nullptr) continue;
      ++books;
      const test::Json data = test::Json::parse(feed->raw())["data"];
      ASSERT_EQ(to_ns(event.header.exchange_time), data["time"].get<std::int64_t>() * 1'000'000);
      const auto compare = [&](const test::Json& levels, std::span<const Level> side,
                               std::span<const std::uint32_t> orders) {
        ASSERT_EQ(levels.size(), side.size());
        ASSERT_EQ(levels.size(), orders.size());
        for (std::size_t at = 0; at < side.size(); ++at) {
          ASSERT_EQ(side[at].price.units(), test::units_of(levels[at]["px"], 1));
          ASSERT_EQ(side[at].qty.lots(), test::units_of(levels[at]["sz"], 5));
          ASSERT_EQ(orders[at], levels[at]["n"].get<std::uint32_t>());
        }
      };
      compare(data["levels"][0], book->bids, book->bid_orders);
      compare(data["levels"][1], book->asks, book->ask_orders);
    }
  }
  EXPECT_EQ(books, 46);
}

TEST(CaptureBook, HyperliquidCapturesGoInWithoutSurprises) {
  for (const Capture& capture : test::data_captures()) {
    if (capture.venue != "hyperliquid") continue;
    if (!test::present(capture)) {
      std::printf("skipped, not present: %s\n", capture.files.front().c_str());
      continue;
    }
    const Instrument& of = test::instrument(capture.venue, capture.symbol);
    const auto feed = venues::open_capture(of, InstrumentId{0}, capture.files);
    std::map<RecordKind, int> kinds;
    std::map<std::pair<std::int64_t, std::int64_t>, int> trades;
    Time last;
    while (feed->advance()) {
      EXPECT_GE(feed->recv_time(), last);
      last = feed->recv_time();
      for (const Event& event : feed->events()) {
        ++kinds[event.kind()];
        if (const auto* trade = std::get_if<Trade>(&event.body)) {
          EXPECT_EQ((++trades[{to_ns(event.header.exchange_time), trade->trade_id}]), 1);
        }
      }
    }
    const auto& counters = feed->counters();
    EXPECT_EQ(counters.anomalies, 0) << capture.files.front();
    EXPECT_EQ(kinds[RecordKind::clock_step], 0) << capture.files.front();
    std::printf("%s: books %d, quotes %d, trades %d, history %lld, duplicates %lld\n",
                capture.files.front().c_str(), kinds[RecordKind::book_snapshot],
                kinds[RecordKind::best_quote], kinds[RecordKind::trade],
                static_cast<long long>(counters.history_trades),
                static_cast<long long>(counters.duplicates));
    const auto rows = [&](const std::string& part) {
      return capture.files.front().find(part) != std::string::npos;
    };
    if (rows("BTC_20240101_12")) {
      EXPECT_EQ(kinds[RecordKind::book_snapshot], 5587);
    }
    if (rows("eth_20251210")) {
      EXPECT_EQ(kinds[RecordKind::book_snapshot], 2081);
      EXPECT_EQ(kinds[RecordKind::best_quote], 19934 / 2);
      EXPECT_EQ(kinds[RecordKind::trade] + counters.history_trades + counters.duplicates, 6385);
    }
    if (rows("orderbooks_BTC.csv.gz")) {
      EXPECT_EQ(kinds[RecordKind::book_snapshot], 446);
      EXPECT_EQ(kinds[RecordKind::trade] + counters.history_trades + counters.duplicates, 1497);
    }
  }
}

}  // namespace
}  // namespace mm
