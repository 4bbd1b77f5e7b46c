#include "sim/synthetic.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/numeric.hpp"

namespace mm::sim {
namespace {

double seconds(Duration of) {
  return static_cast<double>(of.count()) * 1e-9;
}

}  // namespace

SyntheticFlow::SyntheticFlow(const Instrument& instrument, const SyntheticSettings& settings,
                             Time start)
    : instrument_(instrument),
      settings_(settings),
      units_per_one_(static_cast<double>(power_of_ten(instrument.price_decimals))),
      value_random_(settings.seed ^ 0x76616C7565),
      maker_random_(SplitMix64{settings.seed + 0x6D616B65}.next() ^
                    static_cast<std::uint64_t>(instrument.price_decimals)),
      taker_random_(SplitMix64{settings.seed + 0x74616B65}.next() ^
                    static_cast<std::uint64_t>(instrument.price_decimals)),
      size_random_(SplitMix64{settings.seed + 0x73697A65}.next() ^
                   static_cast<std::uint64_t>(instrument.price_decimals)),
      value_(settings.value),
      decay_(det::exp(-seconds(settings.step) / seconds(settings.memory))),
      next_value_(start + settings.step + settings.lag),
      next_maker_(start),
      next_taker_(start + settings.lifetime / 4) {}

Time SyntheticFlow::next() const {
  const Time soonest = std::min({next_value_, next_maker_, next_taker_});
  return expiries_.empty() ? soonest : std::min(soonest, expiries_.front().at);
}

void SyntheticFlow::step(MatchingBook& book, std::vector<MatchReport>& reports) {
  const Time now = next();
  if (!expiries_.empty() && expiries_.front().at == now) {
    const OrderRef order = expiries_.front().order;
    std::pop_heap(expiries_.begin(), expiries_.end(), std::greater<>{});
    expiries_.pop_back();
    book.cancel(order);
  } else if (next_value_ == now) {
    move_value(book, reports);
  } else if (next_maker_ == now) {
    make(book, reports);
  } else {
    take(book, reports);
  }
}

void SyntheticFlow::move_value(MatchingBook& book, std::vector<MatchReport>& reports) {
  const double shock = settings_.sigma * std::sqrt(seconds(settings_.step));
  const double floor = 100 * static_cast<double>(instrument_.tick.units()) / units_per_one_;
  value_ = std::max(floor, value_ + value_ * shock * value_random_.normal());
  excited_ *= decay_;
  next_value_ += settings_.step;
  snipe(book, Side::buy, reports);
  snipe(book, Side::sell, reports);
}

double SyntheticFlow::edge_units() const {
  return value_units() * settings_.spread_bps * 0.5e-4;
}

/// An order that buys what is offered too low, or sells to who bids too high.
void SyntheticFlow::snipe(MatchingBook& book, Side side, std::vector<MatchReport>& reports) {
  const double limit = value_units() - static_cast<double>(sign(side)) * 0.5 * edge_units();
  NewOrder order;
  order.side = side;
  order.tif = TimeInForce::ioc;
  order.price =
      side == Side::buy ? floor_to_tick(instrument_, limit) : ceil_to_tick(instrument_, limit);
  if (!book.would_match(side, order.price)) return;
  order.qty = Qty::from_lots(max_lots / 1024);
  book.add(order, reports);
}

void SyntheticFlow::make(MatchingBook& book, std::vector<MatchReport>& reports) {
  const Time now = next_maker_;
  NewOrder order;
  order.side = (maker_random_.next() >> 63) == 0 ? Side::buy : Side::sell;
  order.tif = TimeInForce::post_only;
  const double behind = -det::log(maker_random_.uniform()) * settings_.depth_bps * 1e-4;
  const double away = edge_units() + behind * value_units();
  order.price = order.side == Side::buy ? floor_to_tick(instrument_, value_units() - away)
                                        : ceil_to_tick(instrument_, value_units() + away);
  order.qty = draw_qty();
  const AddOutcome outcome = book.add(order, reports);
  const Duration life = exponential(maker_random_, 1 / seconds(settings_.lifetime));
  if (outcome.status == AddStatus::resting) {
    expiries_.push_back({now + life, outcome.ref});
    std::push_heap(expiries_.begin(), expiries_.end(), std::greater<>{});
  }
  next_maker_ = now + exponential(maker_random_, settings_.makers_per_s);
}

void SyntheticFlow::take(MatchingBook& book, std::vector<MatchReport>& reports) {
  const Time now = next_taker_;
  NewOrder order;
  order.side = (taker_random_.next() >> 63) == 0 ? Side::buy : Side::sell;
  order.tif = TimeInForce::ioc;
  order.qty = draw_qty();
  if (const auto touch = book.best(opposite(order.side))) {
    // One in four walks up to one edge into the book.
    const double through = taker_random_.below(4) == 0 ? edge_units() : 0;
    const double limit =
        static_cast<double>(touch->price.units()) + static_cast<double>(sign(order.side)) * through;
    order.price = order.side == Side::buy
                      ? std::max(touch->price, floor_to_tick(instrument_, limit))
                      : std::min(touch->price, ceil_to_tick(instrument_, limit));
    book.add(order, reports);
  }
  excited_ += settings_.excitation / seconds(settings_.memory);
  next_taker_ = now + exponential(taker_random_, settings_.takers_per_s + excited_);
}

Qty SyntheticFlow::draw_qty() {
  const double value = settings_.order_value * det::exp(size_random_.normal());
  return qty_for_value(instrument_, value,
                       Price::from_units(static_cast<std::int64_t>(value_units())));
}

Duration SyntheticFlow::exponential(SplitMix64& random, double rate_per_s) {
  const double wait = -det::log(random.uniform()) / rate_per_s;
  return Duration{static_cast<std::int64_t>(std::min(wait, 3600.0) * 1e9) + 1};
}

}  // namespace mm::sim
