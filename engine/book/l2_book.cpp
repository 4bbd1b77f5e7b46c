#include "engine/book/l2_book.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace mm {
namespace {

// A saved side: number of levels, then 32-bit words: for each level, from the touch outwards, the
// distance from the level before (the first: from price 0) and the quantity. A word of ones is
// followed by the value in two words, low one first.
constexpr std::uint32_t escape = 0xffffffffu;

void put_word(std::vector<std::uint32_t>& words, std::uint64_t value) {
  if (value < escape) {
    words.push_back(static_cast<std::uint32_t>(value));
    return;
  }
  words.push_back(escape);
  words.push_back(static_cast<std::uint32_t>(value));
  words.push_back(static_cast<std::uint32_t>(value >> 32));
}

struct WordReader {
  std::span<const std::uint32_t> words;
  std::size_t at = 0;
  bool failed = false;

  std::uint64_t next() {
    if (at >= words.size()) {
      failed = true;
      return 0;
    }
    if (words[at] != escape) return words[at++];
    if (words.size() - at < 3) {
      failed = true;
      return 0;
    }
    const std::uint64_t value = words[at + 1] | std::uint64_t{words[at + 2]} << 32;
    at += 3;
    return value;
  }
};

void save_side(const TickRing& ring, bool bids, ByteWriter& out) {
  std::uint64_t count = 0;
  std::uint64_t previous = 0;
  std::vector<std::uint32_t> words;
  ring.for_each([&](const Level& level) {
    const std::uint64_t price = static_cast<std::uint64_t>(level.price.units());
    put_word(words, count == 0 ? price : bids ? previous - price : price - previous);
    put_word(words, static_cast<std::uint64_t>(level.qty.lots()));
    previous = price;
    ++count;
    return true;
  });
  out.put_u64(count);
  out.put_array(std::span<const std::uint32_t>{words});
}

bool restore_side(TickRing& ring, bool bids, ByteReader& in) {
  const std::uint64_t count = in.get_u64();
  WordReader reader{in.get_array<std::uint32_t>()};
  if (in.failed() || count > reader.words.size() / 2) return false;
  std::array<Level, 256> levels{};
  std::size_t filled = 0;
  std::uint64_t price = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t step = reader.next();
    price = i == 0 ? step : bids ? price - step : price + step;
    const std::int64_t qty = static_cast<std::int64_t>(reader.next());
    if (reader.failed || qty <= 0 || (i != 0 && step == 0)) return false;
    levels[filled++] = {Price::from_units(static_cast<std::int64_t>(price)), Qty::from_lots(qty)};
    if (filled == levels.size()) {
      ring.apply(levels);
      filled = 0;
    }
  }
  ring.apply(std::span<const Level>{levels.data(), filled});
  return reader.at == reader.words.size();
}

}  // namespace

void L2Book::apply(const BookSnapshot& snapshot) {
  clear();
  bids_.apply(snapshot.bids);
  asks_.apply(snapshot.asks);
}

void L2Book::apply(const BookDelta& delta) {
  bids_.apply(delta.bids);
  asks_.apply(delta.asks);
}

void L2Book::clear() {
  bids_.clear();
  asks_.clear();
}

void L2Book::save(ByteWriter& out) const {
  save_side(bids_, true, out);
  save_side(asks_, false, out);
}

bool L2Book::restore(ByteReader& in) {
  clear();
  if (restore_side(bids_, true, in) && restore_side(asks_, false, in)) return true;
  clear();
  in.fail();
  return false;
}

bool L2Book::operator==(const L2Book& other) const {
  ByteWriter ours;
  ByteWriter theirs;
  save(ours);
  other.save(theirs);
  return std::ranges::equal(ours.bytes(), theirs.bytes());
}

}  // namespace mm
