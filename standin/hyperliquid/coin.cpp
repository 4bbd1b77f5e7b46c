#include "standin/hyperliquid/coin.hpp"

#include <fmt/format.h>

#include "engine/numeric.hpp"
#include "standin/text.hpp"

namespace mm::standin::hyperliquid {
namespace {

constexpr std::size_t most_prints = 500;
constexpr std::int64_t default_open_interest_e8 = 3'125'044'180'000;

double from_e8(std::int64_t value) {
  return static_cast<double>(value) * 1e-8;
}

}  // namespace

Coin::Coin(Instrument instrument, std::uint32_t index, int max_leverage)
    : instrument_(std::move(instrument)),
      index_(index),
      max_leverage_(max_leverage),
      flow_(book_) {}

const Print& Coin::add_print(Print print) {
  if (!first_price_) first_price_ = print.price;
  last_price_ = print.price;
  day_lots_ += print.qty.lots();
  day_value_ += quote_value(instrument_, print.price, print.qty);
  prints_.push_back(std::move(print));
  if (prints_.size() > most_prints) prints_.pop_front();
  return prints_.back();
}

void Coin::note_shown(Time stamp) {
  if (!book_log_.on()) return;
  const auto nearest = [this](Side side) {
    std::vector<sim::DepthLevel> depth;
    book_.depth(side, BookLog::depth, depth);
    std::vector<Level> levels;
    for (const sim::DepthLevel& of : depth) levels.push_back({of.price, of.qty});
    return levels;
  };
  book_log_.note(to_ms(stamp), nearest(Side::buy), nearest(Side::sell));
}

std::optional<double> Coin::mid_units() const {
  const auto bid = book_.best(Side::buy);
  const auto ask = book_.best(Side::sell);
  if (!bid || !ask) return std::nullopt;
  return 0.5 * static_cast<double>(bid->price.units() + ask->price.units());
}

double Coin::mark_units() const {
  const double one = static_cast<double>(power_of_ten(instrument_.price_decimals));
  if (recorded_context_.mark_e8 != absent_e) return from_e8(recorded_context_.mark_e8) * one;
  return mid_units().value_or(static_cast<double>(last_price_.units()));
}

double Coin::oracle_units() const {
  const double one = static_cast<double>(power_of_ten(instrument_.price_decimals));
  if (recorded_context_.oracle_e8 != absent_e) return from_e8(recorded_context_.oracle_e8) * one;
  return mark_units();
}

double Coin::funding_rate() const {
  if (recorded_context_.funding_e12 != absent_e) {
    return static_cast<double>(recorded_context_.funding_e12) * 1e-12;
  }
  return 0.0000125;
}

std::string Coin::context_json() const {
  const double one = static_cast<double>(power_of_ten(instrument_.price_decimals));
  const auto price = [&](double units) { return pointed_double(units / one, 6); };
  const auto mid = mid_units();
  const auto& recorded = recorded_context_;
  const std::int64_t open_interest =
      recorded.open_interest_e8 != absent_e ? recorded.open_interest_e8 : default_open_interest_e8;
  const double oracle = oracle_units();
  std::string premium = "null";
  std::string middle = "null";
  std::string impact = "null";
  if (recorded.premium_e12 != absent_e) {
    premium = json_text(pointed_decimal(recorded.premium_e12, 12));
  } else if (mid && oracle > 0) {
    premium = json_text(pointed_double((*mid - oracle) / oracle, 10));
  }
  if (recorded.mid_e8 != absent_e) {
    middle = json_text(pointed_decimal(recorded.mid_e8, 8));
  } else if (mid) {
    middle = json_text(price(*mid));
  }
  if (mid) {
    impact = fmt::format("[\"{}\",\"{}\"]",
                         price(static_cast<double>(book_.best(Side::buy)->price.units())),
                         price(static_cast<double>(book_.best(Side::sell)->price.units())));
  }
  const Price previous = first_price_.value_or(last_price_);
  const std::string volume = recorded.day_volume_e8 != absent_e
                                 ? pointed_decimal(recorded.day_volume_e8, 8)
                                 : pointed_money(day_value_, 6);
  return fmt::format(
      R"({{"funding":"{}","openInterest":"{}","prevDayPx":"{}","dayNtlVlm":"{}","premium":{},)"
      R"("oraclePx":"{}","markPx":"{}","midPx":{},"impactPxs":{},"dayBaseVlm":"{}"}})",
      recorded.funding_e12 != absent_e ? pointed_decimal(recorded.funding_e12, 12)
                                       : pointed_double(funding_rate(), 10),
      pointed_decimal(open_interest, 8),
      pointed_decimal(previous.units(), instrument_.price_decimals), volume, premium, price(oracle),
      price(mark_units()), middle, impact, pointed_decimal(day_lots_, instrument_.lot_decimals));
}

std::string mids_json(const std::vector<std::unique_ptr<Coin>>& coins) {
  std::string mids;
  for (const auto& coin : coins) {
    const auto mid = coin->mid_units();
    if (!mid) continue;
    if (!mids.empty()) mids += ',';
    mids += json_text(coin->name()) + ":" +
            json_text(pointed_decimal(static_cast<std::int64_t>(*mid * 2) * 5,
                                      coin->instrument().price_decimals + 1));
  }
  return "{" + mids + "}";
}

}  // namespace mm::standin::hyperliquid
