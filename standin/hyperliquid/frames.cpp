#include "standin/hyperliquid/frames.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/numeric.hpp"
#include "engine/random.hpp"
#include "standin/text.hpp"

namespace mm::standin::hyperliquid {
namespace {

using sim::DepthLevel;

/// Step of a grouped book at this price, in price units.
std::int64_t group_step(std::int64_t units, const BookView& view) {
  std::int64_t step = 1;
  const auto figures = static_cast<std::size_t>(*view.significant_figures);
  for (std::size_t digits = std::to_string(units).size(); digits > figures; --digits) step *= 10;
  return step * view.mantissa.value_or(1);
}

std::vector<DepthLevel> shown(const Coin& coin, Side side, const BookView& view) {
  const std::size_t most = view.fast ? 5 : 20;
  std::vector<DepthLevel> levels;
  if (!view.significant_figures) {
    coin.book().depth(side, most, levels);
    return levels;
  }
  std::vector<DepthLevel> all;
  coin.book().depth(side, SIZE_MAX, all);
  for (const DepthLevel& level : all) {
    const Price step = Price::from_units(group_step(level.price.units(), view));
    const Price price = side == Side::buy ? level.price.floor_to(step) : level.price.ceil_to(step);
    if (levels.empty() || levels.back().price != price) {
      if (levels.size() == most) break;
      levels.push_back({price, {}, 0});
    }
    levels.back().qty += level.qty;
    levels.back().orders += level.orders;
  }
  return levels;
}

void append_level(std::string& out, const Coin& coin, const DepthLevel& level) {
  const Instrument& of = coin.instrument();
  out += fmt::format(
      R"({{"px":"{}","sz":"{}","n":{}}})", pointed_decimal(level.price.units(), of.price_decimals),
      pointed_decimal(level.qty.lots(), of.lot_decimals), std::max<std::uint32_t>(level.orders, 1));
}

void append_side(std::string& out, const Coin& coin, Side side, const BookView& view) {
  out += '[';
  bool first = true;
  for (const DepthLevel& level : shown(coin, side, view)) {
    if (!std::exchange(first, false)) out += ',';
    append_level(out, coin, level);
  }
  out += ']';
}

}  // namespace

std::string book_json(const Coin& coin, Time time, const BookView& view) {
  std::string out =
      fmt::format(R"({{"coin":{},"time":{},"levels":[)", json_text(coin.name()), to_ms(time));
  append_side(out, coin, Side::buy, view);
  out += ',';
  append_side(out, coin, Side::sell, view);
  out += ']';
  const auto bid = coin.book().best(Side::buy);
  const auto ask = coin.book().best(Side::sell);
  if (view.significant_figures && bid && ask) {
    out += fmt::format(R"(,"spread":"{}")", pointed_decimal(ask->price.units() - bid->price.units(),
                                                            coin.instrument().price_decimals));
  }
  if (view.fast) out += R"(,"fast":true)";
  return out + '}';
}

std::string book_frame(const Coin& coin, Time time, const BookView& view) {
  return channel_frame("l2Book", book_json(coin, time, view));
}

std::string quote_frame(const Coin& coin, Time time) {
  std::string out =
      fmt::format(R"({{"coin":{},"time":{},"bbo":[)", json_text(coin.name()), to_ms(time));
  for (const Side side : {Side::buy, Side::sell}) {
    if (side == Side::sell) out += ',';
    if (const auto best = coin.book().best(side)) {
      append_level(out, coin, *best);
    } else {
      out += "null";
    }
  }
  return channel_frame("bbo", out + "]}");
}

std::string print_json(const Coin& coin, const Print& print) {
  const Instrument& of = coin.instrument();
  return fmt::format(
      R"({{"coin":{},"side":"{}","px":"{}","sz":"{}","time":{},"hash":"{}","tid":{},)"
      R"("users":["{}","{}"]}})",
      json_text(coin.name()), print.aggressor == Side::buy ? 'B' : 'A',
      pointed_decimal(print.price.units(), of.price_decimals),
      pointed_decimal(print.qty.lots(), of.lot_decimals), to_ms(print.time), print.hash,
      print.trade_id, print.buyer, print.seller);
}

std::string prints_frame(const Coin& coin, std::span<const Print> prints) {
  std::string data = "[";
  for (const Print& print : prints) {
    if (data.size() > 1) data += ',';
    data += print_json(coin, print);
  }
  return channel_frame("trades", data + "]");
}

std::string context_frame(const Coin& coin) {
  return channel_frame("activeAssetCtx", fmt::format(R"({{"coin":{},"ctx":{}}})",
                                                     json_text(coin.name()), coin.context_json()));
}

std::string channel_frame(std::string_view channel, std::string_view data) {
  return fmt::format(R"({{"channel":"{}","data":{}}})", channel, data);
}

std::string invented_address(std::uint64_t seed) {
  SplitMix64 random(seed);
  return fmt::format("0x{:016x}{:016x}{:08x}", random.next(), random.next(), random.next() >> 32);
}

std::string invented_hash(std::uint64_t seed) {
  SplitMix64 random(seed);
  return fmt::format("0x{:016x}{:016x}{:016x}{:016x}", random.next(), random.next(), random.next(),
                     random.next());
}

}  // namespace mm::standin::hyperliquid
