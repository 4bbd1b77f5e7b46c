#pragma once

// Market frames of Hyperliquid as text.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "standin/hyperliquid/coin.hpp"

namespace mm::standin::hyperliquid {

/// How a book is to be shown.
struct BookView {
  std::optional<int> significant_figures;  ///< 2..5: levels grouped, bids down and asks up
  std::optional<int> mantissa;             ///< 1, 2 or 5, only with five figures
  bool fast = false;                       ///< 5 levels a side instead of 20
  bool operator==(const BookView&) const = default;
};

/// {"coin":..,"time":..,"levels":[[..],[..]]}: the `data` of l2Book, and the answer of /info.
std::string book_json(const Coin& coin, Time time, const BookView& view);
std::string book_frame(const Coin& coin, Time time, const BookView& view);
std::string quote_frame(const Coin& coin, Time time);
/// One element of `trades` and recentTrades.
std::string print_json(const Coin& coin, const Print& print);
std::string prints_frame(const Coin& coin, std::span<const Print> prints);
std::string context_frame(const Coin& coin);
std::string channel_frame(std::string_view channel, std::string_view data);

/// An address that stands for nobody in particular, and a hash; the same for equal seeds.
std::string invented_address(std::uint64_t seed);
std::string invented_hash(std::uint64_t seed);

}  // namespace mm::standin::hyperliquid
