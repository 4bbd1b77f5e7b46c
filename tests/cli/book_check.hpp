#pragma once

// Whether the book a journal rebuilds is the book its venue had.

#include <string>
#include <vector>

#include "engine/types.hpp"
#include "tests/cli/mmctl_runner.hpp"

namespace mm::test {

struct BookCheck {
  std::size_t books = 0;             ///< compared after a snapshot or a difference
  std::size_t quotes = 0;            ///< best quotes compared
  std::size_t synchronisations = 0;  ///< the first snapshot and every resynchronisation, compared
  std::vector<std::string> differences;
};

/// Folds the latest session and, after every snapshot and difference of the instrument, compares
/// the nearest five levels of each side with what GET /control/books says the venue had then: at
/// that update id (Binance), or that millisecond (Hyperliquid, whose best quotes are compared as
/// well). A moment the venue does not know is a difference.
BookCheck check_books(const std::string& journal, InstrumentId instrument, const Json& venue_books);

}  // namespace mm::test
