#include "standin/binance/symbol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "engine/numeric.hpp"
#include "standin/text.hpp"

namespace mm::standin::binance {
namespace {

constexpr std::size_t most_aggregates = 2000;
constexpr Duration copy_age = std::chrono::seconds{2};

struct DiffName {
  std::string_view name;
  int ms;
};

std::span<const DiffName> diff_names(Kind kind) {
  static constexpr DiffName usdm[] = {
      {"depth@0ms", 0}, {"depth@100ms", 100}, {"depth", 250}, {"depth@500ms", 500}};
  static constexpr DiffName spot[] = {{"depth@100ms", 100}, {"depth", 1000}};
  return kind == Kind::usdm ? std::span<const DiffName>(usdm) : std::span<const DiffName>(spot);
}

}  // namespace

Symbol::Symbol(Instrument instrument, Kind kind, std::uint64_t seed, Duration market_second,
               bool one_to_one)
    : instrument_(std::move(instrument)),
      kind_(kind),
      stream_symbol_(instrument_.symbol),
      market_second_(market_second),
      one_to_one_(one_to_one),
      random_(seed) {
  std::transform(stream_symbol_.begin(), stream_symbol_.end(), stream_symbol_.begin(), [](char of) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(of)));
  });
  const auto scaled = [market_second](int ms) { return market_second * ms / 1000; };
  for (const DiffName& of : diff_names(kind)) {
    Diff diff;
    diff.name = of.name;
    diff.period = one_to_one ? Duration{} : scaled(of.ms);
    diffs_.push_back(std::move(diff));
  }
  for (const std::size_t levels : {5u, 10u, 20u}) {
    for (const int ms : {0, 100, 500}) {
      if (kind == Kind::spot && ms == 500) continue;
      const int usual = kind == Kind::usdm ? 250 : 1000;
      partials_.push_back(
          {fmt::format("depth{}{}", levels, ms == 0 ? "" : fmt::format("@{}ms", ms)), levels,
           scaled(ms == 0 ? usual : ms), Time::max()});
    }
  }
}

bool Symbol::is_stream(std::string_view stream, Kind kind) {
  for (const DiffName& of : diff_names(kind)) {
    if (of.name == stream) return true;
  }
  for (const std::string_view of : {"depth5", "depth10", "depth20", "depth5@100ms", "depth10@100ms",
                                    "depth20@100ms", "bookTicker", "trade", "aggTrade"}) {
    if (of == stream) return true;
  }
  if (kind == Kind::spot) return false;
  for (const std::string_view of : {"depth5@500ms", "depth10@500ms", "depth20@500ms", "markPrice",
                                    "markPrice@1s", "forceOrder"}) {
    if (of == stream) return true;
  }
  return false;
}

void Symbol::want(std::string_view stream, int change) {
  const auto at = listeners_.find(stream);
  if (at == listeners_.end()) {
    if (change > 0) listeners_.emplace(stream, change);
  } else if ((at->second += change) <= 0) {
    listeners_.erase(at);
  }
}

bool Symbol::wanted(std::string_view stream) const {
  return listeners_.find(stream) != listeners_.end();
}

void Symbol::emit(std::string_view stream, std::string text, Time now) {
  if (sink_) sink_(stream, std::move(text), now);
}

std::string Symbol::price_text(Price price) const {
  return fixed_decimal(price.units(), instrument_.price_decimals);
}

std::string Symbol::qty_text(Qty qty) const {
  return fixed_decimal(qty.lots(), instrument_.lot_decimals);
}

// ---------------------------------------------------------------- book

void Symbol::on_recorded(const Event& event, Time now) {
  if (const auto* of = std::get_if<BookSnapshot>(&event.body)) {
    book_.bids.clear();
    book_.asks.clear();
    for (const Level& level : of->bids) book_.bids[level.price] = level.qty;
    for (const Level& level : of->asks) book_.asks[level.price] = level.qty;
    last_id_ = of->update_id;
    for (Diff& diff : diffs_) diff.previous_id = last_id_;
    open_ = true;
    keep_copy(now);
  } else if (const auto* delta = std::get_if<BookDelta>(&event.body)) {
    update(delta->first_id, delta->last_id, delta->prev_id, delta->bids, delta->asks, now);
  } else if (const auto* best = std::get_if<BestQuote>(&event.body)) {
    own_quotes_ = true;
    quote(best->bid, best->ask, best->update_id, now);
  } else if (const auto* print = std::get_if<Trade>(&event.body)) {
    if (print->first_id != 0 || print->last_id != 0) {
      flush_aggregate(now);
      last_aggregate_id_ = print->trade_id - 1;
      pending_ = {print->trade_id,
                  print->first_id,
                  print->last_id,
                  print->price,
                  print->qty,
                  print->aggressor,
                  now};
      last_price_ = print->price;
      flush_aggregate(now);
    } else {
      trade(print->price, print->qty, print->aggressor, print->trade_id, now);
    }
  } else if (const auto* context = std::get_if<AssetContext>(&event.body)) {
    context_ = *context;
  } else if (const auto* forced = std::get_if<Liquidation>(&event.body)) {
    liquidation(*forced, now);
  }
}

void Symbol::on_changes(std::span<const Level> bids, std::span<const Level> asks, Time now) {
  const std::int64_t first = last_id_ + 1 + static_cast<std::int64_t>(random_.below(20));
  const std::int64_t last = first + static_cast<std::int64_t>(random_.below(50));
  // On spot ids have no holes.
  update(kind_ == Kind::spot ? last_id_ + 1 : first, last, last_id_, bids, asks, now);
  open_ = true;
}

void Symbol::on_whole_book(std::span<const Level> bids, std::span<const Level> asks, Time now) {
  const auto differences = [](const Levels& known, std::span<const Level> levels) {
    std::vector<Level> out;
    Levels rest = known;
    for (const Level& of : levels) {
      const auto at = known.find(of.price);
      if (at == known.end() || at->second != of.qty) out.push_back(of);
      rest.erase(of.price);
    }
    for (const auto& [price, qty] : rest) out.push_back({price, Qty{}});
    return out;
  };
  const std::vector<Level> bid_changes = differences(book_.bids, bids);
  const std::vector<Level> ask_changes = differences(book_.asks, asks);
  if (!open_ || !bid_changes.empty() || !ask_changes.empty()) {
    on_changes(bid_changes, ask_changes, now);
  }
}

void Symbol::update(std::int64_t first, std::int64_t last, std::int64_t previous,
                    std::span<const Level> bids, std::span<const Level> asks, Time now) {
  const auto apply = [](Levels& levels, const Level& of) {
    if (of.qty == Qty{}) {
      levels.erase(of.price);
    } else {
      levels[of.price] = of.qty;
    }
  };
  for (const Level& of : bids) apply(book_.bids, of);
  for (const Level& of : asks) apply(book_.asks, of);
  last_id_ = last;
  for (Diff& diff : diffs_) {
    if (!diff.pending) {
      diff.pending = true;
      diff.first_id = first;
      // Batches go out on a grid, as the venue's do.
      if (diff.period > Duration{}) {
        const auto grid = diff.period.count();
        diff.due = time_from_ns((to_ns(now) / grid + 1) * grid);
      }
    }
    diff.transaction = now;
    for (const Level& of : bids) diff.bids.push_back(of.price);
    for (const Level& of : asks) diff.asks.push_back(of.price);
    if (diff.period == Duration{}) {
      flush(diff, previous != 0 ? previous : diff.previous_id, now);
    }
  }
  for (Partial& partial : partials_) {
    if (partial.due == Time::max() && wanted(partial.name)) partial.due = now + partial.period;
  }
  if (!own_quotes_) check_touch(now);
  keep_copy(now);
}

void Symbol::flush(Diff& diff, std::int64_t previous, Time now) {
  if (wanted(diff.name)) {
    note_shown(book_, last_id_);
    std::string text = fmt::format(R"({{"e":"depthUpdate","E":{})", to_ms(now));
    if (kind_ == Kind::usdm) text += fmt::format(R"(,"T":{})", to_ms(diff.transaction));
    text += fmt::format(R"(,"s":"{}")", instrument_.symbol);
    if (kind_ == Kind::usdm) text += fmt::format(R"(,"ps":"{}")", instrument_.symbol);
    text += fmt::format(R"(,"U":{},"u":{})", diff.first_id, last_id_);
    if (kind_ == Kind::usdm) text += fmt::format(R"(,"pu":{})", previous);
    text += R"(,"b":)" + changes_json(book_.bids, diff.bids, Side::buy);
    text += R"(,"a":)" + changes_json(book_.asks, diff.asks, Side::sell);
    if (kind_ == Kind::usdm) text += R"(,"st":1)";
    emit(diff.name, text + "}", now);
  }
  diff.bids.clear();
  diff.asks.clear();
  diff.pending = false;
  diff.previous_id = last_id_;
  diff.due = Time::max();
}

std::string Symbol::changes_json(const Levels& levels, std::vector<Price>& prices,
                                 Side side) const {
  std::sort(prices.begin(), prices.end());
  prices.erase(std::unique(prices.begin(), prices.end()), prices.end());
  std::string out = "[";
  const auto append = [&](Price price) {
    const auto at = levels.find(price);
    if (out.size() > 1) out += ',';
    out += fmt::format(R"(["{}","{}"])", price_text(price),
                       qty_text(at == levels.end() ? Qty{} : at->second));
  };
  if (side == Side::buy) {
    for (auto price = prices.rbegin(); price != prices.rend(); ++price) append(*price);
  } else {
    for (const Price price : prices) append(price);
  }
  return out + "]";
}

std::string Symbol::levels_json(const Levels& levels, Side side, std::size_t most) const {
  std::string out = "[";
  std::size_t count = 0;
  const auto append = [&](const auto& level) {
    if (out.size() > 1) out += ',';
    out += fmt::format(R"(["{}","{}"])", price_text(level.first), qty_text(level.second));
  };
  if (side == Side::buy) {
    for (auto at = levels.rbegin(); at != levels.rend() && count < most; ++at, ++count) append(*at);
  } else {
    for (auto at = levels.begin(); at != levels.end() && count < most; ++at, ++count) append(*at);
  }
  return out + "]";
}

void Symbol::check_touch(Time now) {
  const auto level = [](const auto& of) { return Level{of.first, of.second}; };
  const Level bid = book_.bids.empty() ? Level{} : level(*book_.bids.rbegin());
  const Level ask = book_.asks.empty() ? Level{} : level(*book_.asks.begin());
  if (bid == bid_ && ask == ask_) return;
  if (bid.qty > Qty{} && ask.qty > Qty{}) quote(bid, ask, last_id_, now);
}

void Symbol::quote(const Level& bid, const Level& ask, std::int64_t id, Time now) {
  bid_ = bid;
  ask_ = ask;
  if (!wanted("bookTicker")) return;
  const std::string sides =
      fmt::format(R"("b":"{}","B":"{}","a":"{}","A":"{}")", price_text(bid.price),
                  qty_text(bid.qty), price_text(ask.price), qty_text(ask.qty));
  if (kind_ == Kind::spot) {
    return emit("bookTicker",
                fmt::format(R"({{"u":{},"s":"{}",{}}})", id, instrument_.symbol, sides), now);
  }
  emit("bookTicker",
       fmt::format(R"({{"e":"bookTicker","u":{},"E":{},"T":{},"s":"{}","ps":"{}",{},"st":1}})", id,
                   to_ms(now), to_ms(now), instrument_.symbol, instrument_.symbol, sides),
       now);
}

// ---------------------------------------------------------------- tape

void Symbol::on_trade(Price price, Qty qty, Side aggressor, Time now) {
  trade(price, qty, aggressor, last_trade_id_ + 1, now);
}

void Symbol::trade(Price price, Qty qty, Side aggressor, std::int64_t id, Time now) {
  last_trade_id_ = id;
  last_price_ = price;
  if (wanted("trade")) {
    emit("trade",
         fmt::format(R"({{"e":"trade","E":{},"T":{},"s":"{}","t":{},"p":"{}","q":"{}",{}"m":{}}})",
                     to_ms(now), to_ms(now), instrument_.symbol, id, price_text(price),
                     qty_text(qty), kind_ == Kind::usdm ? R"("X":"MARKET",)" : "",
                     aggressor == Side::sell),
         now);
  }
  aggregate(price, qty, aggressor, id, now);
}

void Symbol::aggregate(Price price, Qty qty, Side aggressor, std::int64_t id, Time now) {
  if (pending_ && (pending_->price != price || pending_->aggressor != aggressor ||
                   pending_->time + window() <= now)) {
    flush_aggregate(now);
  }
  if (!pending_) {
    pending_ = {last_aggregate_id_ + 1, id, id, price, Qty{}, aggressor, now};
  }
  pending_->qty += qty;
  pending_->last = id;
  if (one_to_one_) flush_aggregate(now);
}

std::string Symbol::aggregate_payload(const Aggregate& of, Time now) const {
  return fmt::format(
      R"({{"e":"aggTrade","E":{},"a":{},"s":"{}","p":"{}","q":"{}",{}"f":{},"l":{},"T":{},"m":{}{}}})",
      to_ms(now), of.id, instrument_.symbol, price_text(of.price), qty_text(of.qty),
      kind_ == Kind::usdm ? fmt::format(R"("nq":"{}",)", qty_text(of.qty)) : "", of.first, of.last,
      to_ms(of.time), of.aggressor == Side::sell,
      kind_ == Kind::usdm ? R"(,"st":1)" : R"(,"M":true)");
}

void Symbol::flush_aggregate(Time now) {
  if (!pending_) return;
  last_aggregate_id_ = pending_->id;
  if (wanted("aggTrade")) emit("aggTrade", aggregate_payload(*pending_, now), now);
  aggregates_.push_back(*pending_);
  if (aggregates_.size() > 2 * most_aggregates) {
    aggregates_.erase(aggregates_.begin(),
                      aggregates_.begin() + static_cast<std::ptrdiff_t>(most_aggregates));
  }
  pending_.reset();
}

void Symbol::liquidation(const Liquidation& of, Time now) {
  if (!wanted("forceOrder") || now < liquidation_free_) return;
  liquidation_free_ = now + market_second_;
  emit("forceOrder",
       fmt::format(
           R"({{"e":"forceOrder","E":{},"o":{{"s":"{}","S":"{}","o":"LIMIT","f":"IOC","q":"{}",)"
           R"("p":"{}","ap":"{}","X":"FILLED","l":"{}","z":"{}","T":{}}}}})",
           to_ms(now), instrument_.symbol, of.side == Side::buy ? "BUY" : "SELL", qty_text(of.qty),
           price_text(of.price), price_text(of.average_price), qty_text(of.qty), qty_text(of.qty),
           to_ms(now)),
       now);
}

// ---------------------------------------------------------------- clocks

Time Symbol::next_due() const {
  Time soonest = Time::max();
  for (const Diff& diff : diffs_) soonest = std::min(soonest, diff.due);
  for (const Partial& partial : partials_) soonest = std::min(soonest, partial.due);
  if (pending_) {
    soonest = std::min(soonest, pending_->time + window());
  }
  return std::min({soonest, mark_due_, slow_mark_due_});
}

void Symbol::on_time(Time now) {
  for (Diff& diff : diffs_) {
    if (diff.due <= now) flush(diff, diff.previous_id, now);
  }
  for (Partial& partial : partials_) {
    if (partial.due > now) continue;
    partial.due = Time::max();
    if (!wanted(partial.name) || !open_) continue;
    const std::string bids = levels_json(book_.bids, Side::buy, partial.levels);
    const std::string asks = levels_json(book_.asks, Side::sell, partial.levels);
    if (kind_ == Kind::spot) {
      emit(partial.name,
           fmt::format(R"({{"lastUpdateId":{},"bids":{},"asks":{}}})", last_id_, bids, asks), now);
    } else {
      emit(partial.name,
           fmt::format(R"({{"e":"depthUpdate","E":{},"T":{},"s":"{}","U":{},"u":{},"pu":{},)"
                       R"("b":{},"a":{},"st":1}})",
                       to_ms(now), to_ms(now), instrument_.symbol, last_id_, last_id_, last_id_ - 1,
                       bids, asks),
           now);
    }
  }
  if (pending_ && pending_->time + window() <= now) {
    flush_aggregate(now);
  }
  const auto grid_after = [now](Duration grid) {
    return time_from_ns((to_ns(now) / grid.count() + 1) * grid.count());
  };
  const auto tick = [&](Time& due, std::string_view stream, Duration period) {
    if (!wanted(stream)) {
      due = Time::max();
      return;
    }
    if (due == Time::max()) {
      due = grid_after(period);
    } else if (due <= now) {
      if (open_) emit(stream, mark_payload(now), now);
      due = grid_after(period);
    }
  };
  tick(mark_due_, "markPrice@1s", market_second_);
  tick(slow_mark_due_, "markPrice", 3 * market_second_);
}

double Symbol::mark() const {
  if (context_.mark_e8 != absent_e) return static_cast<double>(context_.mark_e8) * 1e-8;
  const double one = static_cast<double>(power_of_ten(instrument_.price_decimals));
  if (book_.bids.empty() || book_.asks.empty()) {
    return static_cast<double>(last_price_.units()) / one;
  }
  return 0.5 *
         static_cast<double>(book_.bids.rbegin()->first.units() +
                             book_.asks.begin()->first.units()) /
         one;
}

std::string Symbol::mark_payload(Time now) const {
  const std::int64_t hours8 = 8 * 3'600'000;
  const double index =
      context_.oracle_e8 != absent_e ? static_cast<double>(context_.oracle_e8) * 1e-8 : mark();
  const double rate =
      context_.funding_e12 != absent_e ? static_cast<double>(context_.funding_e12) * 1e-12 : 1e-4;
  return fmt::format(R"({{"e":"markPriceUpdate","E":{},"s":"{}","p":"{:.8f}","ap":"{:.8f}",)"
                     R"("i":"{:.8f}","P":"{:.8f}","r":"{:.8f}","T":{},"st":1}})",
                     to_ms(now), instrument_.symbol, mark(), mark(), index, index, rate,
                     (to_ms(now) / hours8 + 1) * hours8);
}

// ---------------------------------------------------------------- REST

void Symbol::keep_copy(Time now) {
  if (!copies_.empty() && copies_.back().time + copy_age > now) return;
  Book copy = book_;
  copy.id = last_id_;
  copy.time = now;
  copies_.push_back(std::move(copy));
  if (copies_.size() > 3) copies_.erase(copies_.begin());
}

void Symbol::note_shown(const Book& book, std::int64_t id) {
  if (!book_log_.on()) return;
  std::vector<Level> bids, asks;
  for (auto at = book.bids.rbegin(); at != book.bids.rend() && bids.size() < BookLog::depth; ++at)
    bids.push_back({at->first, at->second});
  for (auto at = book.asks.begin(); at != book.asks.end() && asks.size() < BookLog::depth; ++at)
    asks.push_back({at->first, at->second});
  book_log_.note(id, bids, asks);
}

std::optional<std::string> Symbol::depth_json(std::size_t limit, Time now, bool stale) {
  if (!open_) return std::nullopt;
  const bool old = stale && copies_.size() > 1;
  const Book& book = old ? copies_.front() : book_;
  const std::int64_t id = old ? book.id : last_id_;
  note_shown(book, id);
  std::string text = fmt::format(R"({{"lastUpdateId":{})", id);
  if (kind_ == Kind::usdm) {
    text += fmt::format(R"(,"E":{},"T":{})", to_ms(now), to_ms(now));
  }
  return text + R"(,"bids":)" + levels_json(book.bids, Side::buy, limit) + R"(,"asks":)" +
         levels_json(book.asks, Side::sell, limit) + "}";
}

std::string Symbol::open_interest_json(Time now) const {
  const std::int64_t lots_e8 =
      context_.open_interest_e8 != absent_e ? context_.open_interest_e8 : 8'123'455'100'000;
  return fmt::format(
      R"({{"openInterest":"{}","symbol":"{}","time":{}}})",
      fixed_decimal(divide_half_even(lots_e8, power_of_ten(8 - instrument_.lot_decimals)),
                    instrument_.lot_decimals),
      instrument_.symbol, to_ms(now));
}

std::string Symbol::premium_json(Time now) const {
  const std::int64_t hours8 = 8 * 3'600'000;
  return fmt::format(
      R"({{"symbol":"{}","markPrice":"{:.8f}","indexPrice":"{:.8f}","estimatedSettlePrice":"{:.8f}",)"
      R"("lastFundingRate":"{:.8f}","interestRate":"0.00010000","nextFundingTime":{},"time":{}}})",
      instrument_.symbol, mark(), mark(), mark(),
      context_.funding_e12 != absent_e ? static_cast<double>(context_.funding_e12) * 1e-12 : 1e-4,
      (to_ms(now) / hours8 + 1) * hours8, to_ms(now));
}

std::string Symbol::aggregates_json(std::int64_t from, std::size_t limit) const {
  std::size_t begin = 0;
  if (from != 0) {
    while (begin < aggregates_.size() && aggregates_[begin].id < from) ++begin;
  } else if (aggregates_.size() > limit) {
    begin = aggregates_.size() - limit;
  }
  std::string out = "[";
  for (std::size_t at = begin; at < aggregates_.size() && at < begin + limit; ++at) {
    const Aggregate& of = aggregates_[at];
    if (out.size() > 1) out += ',';
    out += fmt::format(R"({{"a":{},"p":"{}","q":"{}","f":{},"l":{},"T":{},"m":{}}})", of.id,
                       price_text(of.price), qty_text(of.qty), of.first, of.last, to_ms(of.time),
                       of.aggressor == Side::sell);
  }
  return out + "]";
}

std::string Symbol::state_json() const {
  return fmt::format(R"({{"symbol":"{}","lastUpdateId":{},"bids":{},"asks":{}}})",
                     instrument_.symbol, last_id_, levels_json(book_.bids, Side::buy, 20),
                     levels_json(book_.asks, Side::sell, 20));
}

}  // namespace mm::standin::binance
