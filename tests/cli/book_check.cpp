#include "tests/cli/book_check.hpp"

#include <map>
#include <utility>

#include "engine/market.hpp"
#include "journal/reader.hpp"

namespace mm::test {
namespace {

using Levels = std::vector<std::vector<std::int64_t>>;  // {price units, lots}, nearest first
struct Sides {
  Levels bids, asks;
  bool operator==(const Sides&) const = default;
};

constexpr std::size_t depth = 5;

Sides sides_of(const L2Book& book) {
  const auto nearest = [&](Side side) {
    Levels levels;
    book.for_each_level(side, [&](const Level& level) {
      levels.push_back({level.price.units(), level.qty.lots()});
      return levels.size() < depth;
    });
    return levels;
  };
  return {nearest(Side::buy), nearest(Side::sell)};
}

/// One level, or none where the quote has an empty side.
Levels only(const Level& level) {
  if (level.qty == Qty{}) return {};
  return {{level.price.units(), level.qty.lots()}};
}

std::string text_of(const Sides& sides) {
  return Json(sides.bids).dump() + " / " + Json(sides.asks).dump();
}

}  // namespace

BookCheck check_books(const std::string& journal, InstrumentId instrument,
                      const Json& venue_books) {
  std::multimap<std::int64_t, Sides> venue;
  for (const Json& of : venue_books)
    venue.emplace(of.at(0).get<std::int64_t>(),
                  Sides{of.at(1).get<Levels>(), of.at(2).get<Levels>()});

  BookCheck result;
  /// Whether the venue had this at that moment; several books may have stood within a millisecond.
  const auto expect = [&](std::int64_t at, const Sides& ours, bool only_touch, const char* what) {
    const auto [begin, end] = venue.equal_range(at);
    std::string had;
    for (auto of = begin; of != end; ++of) {
      Sides theirs = of->second;
      if (only_touch) {
        theirs.bids.resize(std::min<std::size_t>(theirs.bids.size(), 1));
        theirs.asks.resize(std::min<std::size_t>(theirs.asks.size(), 1));
      }
      if (theirs == ours) return;
      had += text_of(theirs) + "; ";
    }
    result.differences.push_back(std::string{what} + " at " + std::to_string(at) + ": ours " +
                                 text_of(ours) + ", the venue's " + (had.empty() ? "none" : had));
  };

  Market market;
  std::int64_t at = 0;
  bool first = true;
  const journal::Journal of = journal::Journal::open(journal);
  journal::RecordCursor cursor = of.read(of.sessions().back(), journal::SeqWindow{});
  while (cursor.next() == journal::RecordCursor::Item::record) {
    if (cursor.is_output()) continue;
    const Event& event = cursor.event();
    market.apply(event);
    if (event.header.instrument != instrument) continue;
    const auto ms = to_ns(event.header.exchange_time) / 1'000'000;
    const auto compare_book = [&](const char* what) {
      expect(at, sides_of(market.instrument(instrument).book()), false, what);
    };
    if (const auto* snapshot = std::get_if<BookSnapshot>(&event.body)) {
      at = snapshot->update_id != 0 ? snapshot->update_id : ms;
      compare_book("snapshot");
      ++result.books;
      if (std::exchange(first, false)) ++result.synchronisations;
    } else if (const auto* delta = std::get_if<BookDelta>(&event.body)) {
      at = delta->last_id;
      compare_book("difference");
      ++result.books;
    } else if (const auto* quote = std::get_if<BestQuote>(&event.body);
               quote != nullptr && quote->update_id == 0) {
      expect(ms, {only(quote->bid), only(quote->ask)}, true, "quote");
      ++result.quotes;
    } else if (const auto* status = std::get_if<FeedStatus>(&event.body);
               status != nullptr && status->state == FeedState::resynchronised) {
      compare_book("resynchronised");
      ++result.synchronisations;
    }
  }
  return result;
}

}  // namespace mm::test
