#pragma once

// A book built straight from raw JSON, with nothing of the product's code: the referee for what the
// codecs and the book synchronisation emit.

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mm::test {

using Json = nlohmann::json;

/// Decimal text as a count of 10^-decimals, by moving the point in the text.
inline std::int64_t units_of(std::string text, std::size_t decimals) {
  const std::size_t point = text.find('.');
  std::string fraction = point == std::string::npos ? "" : text.substr(point + 1);
  text = text.substr(0, point);
  while (fraction.size() > decimals) {
    if (fraction.back() != '0') throw std::runtime_error("finer than the unit");
    fraction.pop_back();
  }
  fraction.append(decimals - fraction.size(), '0');
  return std::stoll(text + fraction);
}

using BookSides =
    std::pair<std::map<std::int64_t, std::int64_t>, std::map<std::int64_t, std::int64_t>>;

/// Binance: the last snapshot and all updates after it, whatever the order in which the file has
/// them. It does not check continuity.
class BinanceOracle {
 public:
  BinanceOracle(std::size_t price_decimals, std::size_t lot_decimals, bool futures)
      : price_decimals_(price_decimals), lot_decimals_(lot_decimals), futures_(futures) {}

  void on_update(const Json& data) {
    if (ready_) {
      apply(data);
    } else {
      waiting_.push_back(data);
    }
  }
  void on_snapshot(const Json& data) {
    sides_ = {};
    last_ = data["lastUpdateId"];
    set(data["bids"], sides_.first);
    set(data["asks"], sides_.second);
    ready_ = true;
    for (const Json& update : waiting_) apply(update);
    waiting_.clear();
  }
  bool ready() const { return ready_; }
  const BookSides& sides() const { return sides_; }
  std::int64_t last_id() const { return last_; }

 private:
  void set(const Json& levels, std::map<std::int64_t, std::int64_t>& side) {
    for (const Json& level : levels) {
      const std::int64_t price = units_of(level[0], price_decimals_);
      const std::int64_t qty = units_of(level[1], lot_decimals_);
      if (qty == 0) {
        side.erase(price);
      } else {
        side[price] = qty;
      }
    }
  }
  void apply(const Json& data) {
    const std::int64_t u = data["u"];
    if (futures_ ? u < last_ : u <= last_) return;
    set(data["b"], sides_.first);
    set(data["a"], sides_.second);
    last_ = u;
  }

  std::size_t price_decimals_;
  std::size_t lot_decimals_;
  bool futures_;
  bool ready_ = false;
  std::int64_t last_ = 0;
  BookSides sides_;
  std::vector<Json> waiting_;
};

}  // namespace mm::test
