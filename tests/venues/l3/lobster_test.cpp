// AAPL of 2012-06-21, every order of an hour, where the data is at hand ($MM_DATA, else
// ../shared/data): is the book rebuilt, and do hypothetical orders fill when real ones did?

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "engine/random.hpp"
#include "tests/venues/l3/feed_into_book.hpp"
#include "tests/venues/market_data.hpp"
#include "venues/decimal.hpp"

namespace mm::venues {
namespace {

using Kind = L3Event::Kind;
using sim::L3Book;
using sim::L3Fill;

class Lobster : public testing::Test {
 protected:
  static std::string file(const char* what) {
    return test::data_root() + "/l3/lobster_aapl_20120621/AAPL_2012-06-21_34200000_" + what +
           ".csv.zst";
  }
  static bool absent() {
    const bool gone = !std::filesystem::exists(file("37800000_message_50"));
    if (gone) std::printf("did not run: there is no %s\n", file("37800000_message_50").c_str());
    return gone;
  }
  static std::vector<L3Event> messages() {
    std::vector<L3Event> all;
    LobsterReader reader(file("37800000_message_50"));
    for (L3Event event; reader.next(event);) all.push_back(event);
    return all;
  }
};

/// Ask and bid, price and size; as the reference writes an empty side.
using TouchRow = std::array<std::int64_t, 4>;

TouchRow touch_of(const L3Book& book) {
  const auto ask = book.best(Side::sell);
  const auto bid = book.best(Side::buy);
  return {ask ? ask->price.units() : 9'999'999'999, ask ? ask->qty.lots() : 0,
          bid ? bid->price.units() : -9'999'999'999, bid ? bid->qty.lots() : 0};
}

TEST_F(Lobster, TheRebuiltTouchIsTheReferences) {
  if (absent()) return;
  L3Book book;
  std::vector<L3Fill> fills;
  std::vector<TouchRow> rebuilt;
  for (const L3Event& event : messages()) {
    test::apply(book, event, fills);
    const TouchRow row = touch_of(book);
    ASSERT_LT(row[2], row[0]) << "the book is crossed";
    if (rebuilt.empty() || rebuilt.back() != row) rebuilt.push_back(row);
  }
  EXPECT_EQ(book.strange(), 84u);  // orders from before the file
  EXPECT_TRUE(fills.empty());

  // The reference is of the whole day and has no times: its rows are looked for in order.
  LineReader lines(file("57600000_orderbook_1"));
  std::vector<TouchRow> reference;
  for (std::string_view line; reference.size() < 23'440 && lines.next(line);) {
    TouchRow row;
    for (std::int64_t& number : row) {
      const std::size_t comma = line.find(',');
      number = parse_decimal(line.substr(0, comma), 0).value;
      line.remove_prefix(comma == std::string_view::npos ? line.size() : comma + 1);
    }
    if (reference.empty() || reference.back() != row) reference.push_back(row);
  }
  constexpr std::size_t window = 40;
  std::size_t at = 0;
  std::size_t found = 0;
  for (const TouchRow& row : reference) {
    const auto from = rebuilt.begin() + static_cast<std::ptrdiff_t>(at);
    const auto to =
        rebuilt.begin() + static_cast<std::ptrdiff_t>(std::min(rebuilt.size(), at + window));
    const auto match = std::find(from, to, row);
    if (match == to) continue;
    ++found;
    at = static_cast<std::size_t>(match - rebuilt.begin()) + 1;
  }
  std::printf("%zu of %zu reference rows stand in order in the rebuilt touch (%zu rows)\n", found,
              reference.size(), rebuilt.size());
  EXPECT_EQ(found, 23'341u);  // 99.6 %, as another program found
}

/// When and how much, in order.
using Executions = std::vector<std::pair<Time, std::int64_t>>;

/// What the file tells of one order.
struct Life {
  Qty size;
  bool reduced = false;
  Executions executions;
};

std::map<std::uint64_t, Life> lives_of(const std::vector<L3Event>& messages) {
  std::map<std::uint64_t, Life> lives;
  for (const L3Event& event : messages) {
    if (event.kind == Kind::add) lives[event.id].size = event.qty;
    const auto life = lives.find(event.id);
    if (life == lives.end()) continue;
    if (event.kind == Kind::reduce) life->second.reduced = true;
    if (event.kind == Kind::execute)
      life->second.executions.emplace_back(event.at, event.qty.lots());
  }
  return lives;
}

/// Orders that the venue itself did not take in turn: executed while an older one of the same price
/// was shown (of the same member as the taker, say, who may not trade with himself), or passed over
/// so. No queue can tell that; it is told from the file alone, without the book under test.
std::set<std::uint64_t> out_of_turn(const std::vector<L3Event>& messages) {
  std::map<std::pair<Side, Price>, std::map<std::uint64_t, std::int64_t>> queues;
  std::set<std::uint64_t> found;
  for (const L3Event& event : messages) {
    auto& queue = queues[{event.side, event.price}];
    if (event.kind == Kind::add) queue[event.id] = event.qty.lots();
    const auto order = queue.find(event.id);
    if (order == queue.end()) continue;
    if (event.kind == Kind::execute) {
      for (auto older = queue.begin(); older != order; ++older)
        found.insert({older->first, event.id});
    }
    if (event.kind == Kind::remove || event.kind == Kind::execute || event.kind == Kind::reduce) {
      order->second -= event.kind == Kind::remove ? order->second : event.qty.lots();
      if (order->second <= 0) queue.erase(order);
    }
  }
  return found;
}

// A third of all orders that the venue took in turn are taken out of the feed and ours stand in
// their place: same time, price and size, withdrawn when they were deleted. What executed them is a
// trade without a name. Each of ours must fill when and as much as the real order did, and not at
// all if that did not.
TEST_F(Lobster, HiddenOrdersFillWhenTheyDid) {
  if (absent()) return;
  const std::vector<L3Event> all = messages();
  const auto lives = lives_of(all);
  constexpr std::uint64_t seed = 20120621;
  SplitMix64 random{seed};
  const std::set<std::uint64_t> excluded = out_of_turn(all);
  std::map<std::uint64_t, Executions> predicted;
  std::size_t executed = 0;
  for (const auto& [id, life] : lives) {
    // A part cancelled of one of ours would be our own doing.
    if (life.reduced || excluded.contains(id) || random.below(3) != 0) continue;
    predicted[id];
    executed += life.executions.empty() ? 0U : 1U;
  }
  L3Book book;
  std::vector<L3Fill> fills;
  for (const L3Event& event : all) {
    fills.clear();
    const ClientOrderId ours{event.id};
    if (!predicted.contains(event.id)) {
      test::apply(book, event, fills);
    } else if (event.kind == Kind::add) {
      book.place(ours, event.side, event.price, event.qty, event.id);
    } else if (event.kind == Kind::remove) {
      book.cancel(ours);
    } else if (event.kind == Kind::execute) {
      book.trade(event.side, event.price, event.qty, fills);
    }
    for (const L3Fill& fill : fills)
      predicted[fill.order.value].emplace_back(event.at, fill.qty.lots());
  }
  std::size_t wrong = 0;
  for (const auto& [id, times] : predicted) wrong += times == lives.at(id).executions ? 0U : 1U;
  std::printf("%zu orders hidden (seed %llu), %zu of them were executed; %zu predicted wrongly\n",
              predicted.size(), static_cast<unsigned long long>(seed), executed, wrong);
  std::printf("not hidden: %zu orders the venue took out of turn or passed over\n",
              excluded.size());
  EXPECT_LT(excluded.size(), 30u);
  EXPECT_GT(executed, 500u);
  EXPECT_EQ(wrong, 0u);
}

// One share of ours joins the back of the queue just before a real order does. It must fill exactly
// when that order is executed for the first time, and not before.
TEST_F(Lobster, OursFillsWhenTheOrderBehindItDoes) {
  if (absent()) return;
  const std::vector<L3Event> all = messages();
  const auto lives = lives_of(all);
  constexpr std::uint64_t seed = 7;
  SplitMix64 random{seed};
  const std::set<std::uint64_t> excluded = out_of_turn(all);
  std::size_t compared = 0;
  std::size_t wrong = 0;
  for (int pass = 0; pass < 20; ++pass) {
    L3Book book;
    std::vector<L3Fill> fills;
    const ClientOrderId ours{1};
    std::uint64_t reference = 0;  // the order behind ours; one at a time, so none takes another's
    for (const L3Event& event : all) {
      fills.clear();
      if (reference == 0 && event.kind == Kind::add && random.below(20) == 0 &&
          !lives.at(event.id).executions.empty() && !excluded.contains(event.id)) {
        reference = event.id;
        book.place(ours, event.side, event.price, Qty::from_lots(1), event.id - 1);
      }
      test::apply(book, event, fills);
      if (fills.empty()) continue;
      ++compared;
      wrong += event.at == lives.at(reference).executions.front().first ? 0U : 1U;
      reference = 0;
    }
  }
  std::printf(
      "%zu orders of ours stood before one that was executed (seed %llu); %zu filled at "
      "another time\n",
      compared, static_cast<unsigned long long>(seed), wrong);
  EXPECT_GT(compared, 500u);
  EXPECT_EQ(wrong, 0u);
}

}  // namespace
}  // namespace mm::venues
