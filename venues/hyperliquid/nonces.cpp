#include "venues/hyperliquid/nonces.hpp"

#include <algorithm>
#include <iterator>

namespace mm::venues::hyperliquid {
namespace {

std::string refusal(const char* what, std::uint64_t nonce, char relation, std::uint64_t bound) {
  return std::string("Invalid nonce: nonce ") + what + " " + std::to_string(nonce) + " " +
         relation + " " + std::to_string(bound);
}

}  // namespace

std::optional<std::string> NonceWindow::use(std::uint64_t nonce, std::uint64_t block_time_ms) {
  const std::uint64_t earliest = block_time_ms - std::min(block_time_ms, past_ms);
  const std::uint64_t latest = block_time_ms + future_ms;
  if (nonce <= earliest) return refusal("too low", nonce, '<', earliest);
  if (nonce >= latest) return refusal("too high", nonce, '>', latest);
  if (seen_.contains(nonce)) {
    return "Invalid nonce: duplicate nonce " + std::to_string(nonce);
  }
  if (seen_.size() >= highest) {
    const std::uint64_t smallest = *std::prev(seen_.end(), highest);
    if (nonce < smallest) return refusal("too low", nonce, '<', smallest);
  }
  seen_.insert(nonce);
  // The highest stay whatever their age: without them old requests could be replayed.
  while (seen_.size() > highest && (*seen_.begin() <= earliest || seen_.size() > max_remembered)) {
    seen_.erase(seen_.begin());
  }
  return std::nullopt;
}

}  // namespace mm::venues::hyperliquid
