#pragma once

// Rows of the CSV files that hyperliquid data collectors write, back into the frames they came
// from.
//
// Three files belong together: `orderbooks` (one row a book: bid_price_0, bid_size_0, ask_price_0,
// ...), `trades` (one row a trade) and `prices` (one row a side of the bbo). Times are float
// seconds of the recorder (`timestamp`) and the venue's milliseconds (`exchange_timestamp`). Rows
// of one frame share the timestamp. The files do not name the coin, and hold no order counts.
//
// The frames have the venue's shape, so that everything behind is one path. Numbers keep their
// digits; those that the recorder printed with an exponent ("1e-05") are written out.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.hpp"
#include "engine/types.hpp"

namespace mm::venues::hyperliquid {

class RecorderCsv {
 public:
  enum class Kind { orderbooks, trades, prices };
  struct Frame {
    Time recv;
    std::string json;
  };

  /// The kind of file a header line begins; empty if it is none.
  static std::optional<Kind> kind_of(std::string_view header);

  /// `header` must be one of the three kinds.
  RecorderCsv(std::string_view header, std::string coin);

  /// Takes a row. True if it began a new frame and `out` now holds the finished one before it. An
  /// error says what is wrong with the row; the row is then left out.
  Result<bool> add(std::string_view row, Frame& out);
  /// The last frame, at the end of the file. False if there is none.
  bool finish(Frame& out);

 private:
  Result<bool> add_book(Frame& out, Time recv);
  Result<bool> add_trade(Frame& out, Time recv);
  Result<bool> add_price(Frame& out, Time recv);
  bool begin(Time recv, Frame& out);
  std::size_t column(std::string_view name) const;

  Kind kind_;
  std::string coin_;
  std::vector<std::string> names_;
  std::vector<std::string> cells_;  // of the row, exponents written out
  bool open_ = false;
  Time open_recv_;
  std::string open_json_;  // without its end
  std::string bid_, ask_, bbo_time_;
};

/// "1e-05" as "0.00001"; anything without an exponent, and anything malformed, as it is.
std::string without_exponent(std::string_view number);

}  // namespace mm::venues::hyperliquid
