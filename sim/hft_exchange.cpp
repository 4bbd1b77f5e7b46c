#include "sim/hft_exchange.hpp"

#include <algorithm>
#include <cmath>

#include "engine/assert.hpp"
#include "engine/det/math.hpp"

namespace mm::sim {
namespace {

/// `a` is nearer to the touch of its side than `b`.
bool better(Side side, std::int64_t a, std::int64_t b) {
  return side == Side::buy ? a > b : a < b;
}
bool reaches(Side side, std::int64_t limit, std::int64_t tick) {
  return side == Side::buy ? limit >= tick : limit <= tick;
}

/// The other minimum: a number wins over what is none.
double least(double a, double b) {
  return std::fmin(a, b);
}

/// Chance that removed quantity stood behind us. Not that of queue.hpp: here `ahead` may be
/// negative and the result no number.
double chance_behind(const QueueModel& model, double ahead, double behind) {
  const double n = model.exponent;
  switch (model.function) {
    case QueueFunction::risk_averse:
      return 1;
    case QueueFunction::power: {
      const double b = det::pow(behind, n);
      return b / (b + det::pow(ahead, n));
    }
    case QueueFunction::power2:
      return det::pow(behind, n) / det::pow(behind + ahead, n);
    case QueueFunction::power3:
      return 1 - det::pow(ahead / (ahead + behind), n);
    case QueueFunction::log: {
      const double b = det::log(1 + behind);
      return b / (b + det::log(1 + ahead));
    }
    case QueueFunction::log2:
      return det::log(1 + behind) / det::log(1 + (behind + ahead));
    case QueueFunction::optimistic:
      return 0;
  }
  return 1;
}

}  // namespace

// ---------------------------------------------------------------- market data

std::int64_t HftExchange::behind(Side side, std::int64_t tick) const {
  if (side == Side::sell) {
    const auto level = asks_.upper_bound(tick);
    return level == asks_.end() ? none(side) : level->first;
  }
  const auto level = bids_.lower_bound(tick);
  return level == bids_.begin() ? none(side) : std::prev(level)->first;
}

void HftExchange::depth_row(Time now, Side side, std::int64_t tick, double qty) {
  Levels& own = levels(side);
  const auto level = own.find(tick);
  const double before = level == own.end() ? 0 : level->second;
  const std::int64_t best_before = best(side);
  if (std::round(qty / lot_) > 0) {
    own.insert_or_assign(tick, qty);
    if (better(side, tick, best(side))) {
      best(side) = tick;
      const Side other = opposite(side);
      if (reaches(side, tick, best(other)) && best(other) != none(other))
        best(other) = behind(other, tick);
    }
  } else {
    if (level != own.end()) own.erase(level);
    if (tick == best(side)) best(side) = behind(side, tick);
  }

  for (Order& order : orders_) {
    if (order.side == side && order.tick == tick) on_depth(order, before, qty);
  }
  if (!better(side, best(side), best_before)) return;
  std::erase_if(orders_, [&](const Order& order) {
    if (order.side == side || !reaches(side, best(side), order.tick)) return false;
    fill(now, order, order.tick, true);
    return true;
  });
}

void HftExchange::clear(Side side, std::int64_t tick) {
  Levels& own = levels(side);
  if (best(side) != none(side)) {
    const auto [first, last] = std::minmax(tick, best(side));
    own.erase(own.lower_bound(first), own.upper_bound(last));
  }
  best(side) = behind(side, tick);
}

void HftExchange::trade(Time now, Side aggressor, std::int64_t tick, double qty) {
  const Side side = opposite(aggressor);
  std::erase_if(orders_, [&](Order& order) {
    if (order.side != side || better(side, tick, order.tick)) return false;
    if (order.tick == tick) {
      order.ahead -= qty;
      order.traded += qty;
      if (!(std::round(-order.ahead / lot_) > 0)) return false;
    }
    fill(now, order, order.tick, true);
    return true;
  });
}

void HftExchange::on_depth(Order& order, double before, double now) const {
  if (queue_.function == QueueFunction::risk_averse) {
    order.ahead = least(order.ahead, now);
    return;
  }
  const double removed = before - now - order.traded;
  order.traded = 0;
  if (removed < 0) {
    order.ahead = least(order.ahead, now);
    return;
  }
  const double behind_us = before - order.ahead;
  double share = chance_behind(queue_, order.ahead, behind_us);
  if (std::isinf(share)) share = 1;
  const double spilled = least(behind_us - share * removed, 0);
  order.ahead = least(order.ahead - (1 - share) * removed + spilled, now);
}

// ---------------------------------------------------------------- our messages

void HftExchange::place(Time now, ClientOrderId id, Side side, std::int64_t tick, double qty,
                        TimeInForce time_in_force) {
  MM_ASSERT(!rests(id), "an id names one order");
  Order order{.id = id, .side = side, .tick = tick, .qty = qty};
  const Side other = opposite(side);
  if (best(other) != none(other) && reaches(side, tick, best(other))) {
    if (time_in_force == TimeInForce::post_only) {
      answer(now, order, HftStatus::expired);
    } else {
      fill(now, order, best(other), false);
    }
    return;
  }
  if (time_in_force == TimeInForce::ioc || time_in_force == TimeInForce::fok) {
    answer(now, order, HftStatus::expired);
    return;
  }
  const auto level = levels(side).find(tick);
  order.ahead = level == levels(side).end() ? 0 : level->second;
  orders_.push_back(order);
  answer(now, order, HftStatus::fresh);
}

bool HftExchange::rests(ClientOrderId id) const {
  return std::any_of(orders_.begin(), orders_.end(),
                     [&](const Order& order) { return order.id == id; });
}

void HftExchange::cancel(Time now, ClientOrderId id, std::int64_t tick, double qty) {
  const auto found = std::find_if(orders_.begin(), orders_.end(),
                                  [&](const Order& order) { return order.id == id; });
  if (found == orders_.end()) {
    answer(now, Order{.id = id, .tick = tick, .qty = qty}, HftStatus::fresh, true);
    return;
  }
  answer(now, *found, HftStatus::cancelled);
  orders_.erase(found);
}

Time HftExchange::heard_at(Time now, RecordKind kind) {
  return response_lane_.deliver(now, latency_.response_of(kind, now, random_));
}

void HftExchange::fill(Time now, const Order& order, std::int64_t tick, bool maker) {
  answers_.push_back({.heard = heard_at(now, RecordKind::fill),
                      .exchange_time = now,
                      .id = order.id,
                      .status = HftStatus::filled,
                      .tick = order.tick,
                      .filled_tick = tick,
                      .filled_qty = order.qty,
                      .maker = maker});
}

void HftExchange::answer(Time now, const Order& order, HftStatus status, bool refused) {
  answers_.push_back({.heard = heard_at(now, RecordKind::order_ack),
                      .exchange_time = now,
                      .id = order.id,
                      .status = status,
                      .refused = refused,
                      .tick = order.tick,
                      .leaves = order.qty});
}

}  // namespace mm::sim
