#pragma once

// An order script on disk (engine/book/order_script.hpp), and the rows that answer it.

#include <cstdint>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/book/order_script.hpp"
#include "engine/result.hpp"
#include "venues/capture/capture_bytes.hpp"

namespace mm::cli {

/// Requests of a file, in order; it may be compressed, and memory grows with the ids in it only.
///
/// Throws Error(data) naming file and line for a line that cannot be read, a time that goes back,
/// or a cancel or replace of an order that no line before it sent.
class OrderScript {
 public:
  struct Terms {
    std::int64_t tick = 0;
    Qty qty;
  };

  OrderScript(const std::string& path, const Instrument& instrument);

  /// The next request, null at the end.
  const OrderRequest* peek() const { return next_ ? &*next_ : nullptr; }
  std::string_view line() const { return line_; }
  void pop() { read(); }
  /// Requests read so far, the one in front included.
  std::uint64_t count() const { return count_; }

  /// What the last line so far that sent this order said of it. Requires that one did.
  const Terms& terms(ClientOrderId id) const { return terms_.at(id); }
  /// "FILE:LINE: " of the request in front, for messages.
  std::string place() const;

 private:
  void read();
  [[noreturn]] void fail(const std::string& what) const;
  void note(const OrderRequest& request);

  Instrument instrument_;
  venues::LineReader lines_;
  std::optional<OrderRequest> next_;
  std::string line_;
  std::map<ClientOrderId, Terms> terms_;
  Time last_;
  std::uint64_t count_ = 0;
};

/// Rows of a response file: R,ts,id,status,req,tick,exec_tick,exec_qty,leaves,exch_ts,maker.
struct ResponseRow {
  Time heard;
  ClientOrderId id;
  std::string_view status;
  std::string_view request = "None";
  std::int64_t tick = 0;
  std::int64_t filled_tick = 0;
  std::string filled_qty = "0";
  std::string leaves = "0";
  Time exchange_time;
  bool maker = false;
};

class ResponseFile {
 public:
  /// An empty path: rows are counted and written nowhere. Throws Error(data) if it cannot be made.
  explicit ResponseFile(std::string path);
  void write(const ResponseRow& row);
  /// Throws Error(data) if not everything is on disk.
  void close();
  std::uint64_t count() const { return count_; }
  const std::map<std::string, std::uint64_t, std::less<>>& by_status() const { return by_status_; }

 private:
  std::string path_;
  std::ofstream file_;
  std::uint64_t count_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> by_status_;
};

}  // namespace mm::cli
