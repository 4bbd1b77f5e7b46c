#include "standin/book_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace mm::standin {

void BookLog::note(std::int64_t at, std::span<const Level> bids, std::span<const Level> asks) {
  if (!on()) return;
  const auto copy = [](std::span<const Level> from, Side& to) {
    to.count = std::min(from.size(), depth);
    std::copy_n(from.begin(), to.count, to.levels.begin());
  };
  Shown& shown = shown_.emplace_back();
  shown.at = at;
  copy(bids, shown.bids);
  copy(asks, shown.asks);
  if (shown_.size() > most_) shown_.pop_front();
}

std::string BookLog::json() const {
  std::string out = "[";
  const auto append = [&out](const Side& side) {
    out += ",[";
    for (std::size_t i = 0; i < side.count; ++i)
      fmt::format_to(std::back_inserter(out), "{}[{},{}]", i == 0 ? "" : ",",
                     side.levels[i].price.units(), side.levels[i].qty.lots());
    out += ']';
  };
  for (const Shown& shown : shown_) {
    fmt::format_to(std::back_inserter(out), "{}[{}", out.size() > 1 ? "," : "", shown.at);
    append(shown.bids);
    append(shown.asks);
    out += ']';
  }
  return out + "]";
}

}  // namespace mm::standin
