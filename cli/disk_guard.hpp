#pragma once

// DiskGuard: says at the start of a live session for how long the disk will do, refuses to begin on
// one that is nearly full, and ends a session before it is.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/instrument.hpp"

namespace mm::cli {

/// Free bytes of the file system that `directory`, or the nearest parent that exists, stands on;
/// empty if that cannot be told.
std::optional<std::uint64_t> free_bytes(std::filesystem::path directory);

class DiskGuard {
 public:
  /// A session is not begun with less than this free, and ended with less than the other.
  static constexpr std::uint64_t least_to_begin = std::uint64_t{512} << 20;
  static constexpr std::uint64_t least_to_go_on = std::uint64_t{128} << 20;

  DiskGuard(std::filesystem::path journal, const std::vector<Instrument>& instruments, bool raw);

  /// Prints free space and time left on stderr, as a warning where that is less than a day. Throws
  /// Error(data) if there is too little to begin.
  void check_before_start() const;
  /// Why the session should end now, if it should.
  std::optional<std::string> reason_to_stop() const;
  /// Bytes a second that the feeds are expected to write: 6 kB for a Binance instrument and 1 kB
  /// for a Hyperliquid coin on a busy day, three times that with raw frames.
  double expected_rate() const { return rate_; }

 private:
  std::filesystem::path journal_;
  double rate_ = 0;
};

}  // namespace mm::cli
