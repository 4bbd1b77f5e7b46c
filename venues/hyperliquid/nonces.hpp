#pragma once

// Nonces of signed requests: milliseconds since the epoch that no signer uses twice.
//
// The venue keeps, per signer (the agent's key, not the account), the 100 highest it has taken. A
// new one must not have been seen, must be above the smallest of those 100, and must lie between
// two days before and one day after the block's time. Requests may therefore overtake each other.

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace mm::venues::hyperliquid {

/// The sending side. One per signer, used from one thread.
class NonceSource {
 public:
  /// `last` is the highest nonce the signer may have used already, 0 if there is none: after a
  /// restart the clock is ahead of it unless it was stepped back.
  explicit NonceSource(std::uint64_t last = 0) : last_(last) {}

  /// max(last + 1, now).
  std::uint64_t next(std::uint64_t now_ms) {
    last_ = now_ms > last_ ? now_ms : last_ + 1;
    return last_;
  }
  std::uint64_t last() const { return last_; }

 private:
  std::uint64_t last_;
};

/// The checking side: what one signer has used.
///
/// It remembers every nonce younger than two days, for "duplicate", but at most max_remembered of
/// them; an older one is then "too low".
class NonceWindow {
 public:
  static constexpr std::size_t highest = 100;
  static constexpr std::size_t max_remembered = 20'000;
  static constexpr std::uint64_t past_ms = 2 * 86'400'000;
  static constexpr std::uint64_t future_ms = 86'400'000;

  /// Takes the nonce and answers nothing, or answers the venue's error text and leaves all as it
  /// was. What becomes of the request afterwards does not matter: a rejected order has used its
  /// nonce.
  std::optional<std::string> use(std::uint64_t nonce, std::uint64_t block_time_ms);

 private:
  std::set<std::uint64_t> seen_;
};

}  // namespace mm::venues::hyperliquid
