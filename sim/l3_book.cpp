#include "sim/l3_book.hpp"

#include <algorithm>

#include "engine/assert.hpp"

namespace mm::sim {
namespace {

bool better(Side side, Price a, Price b) {
  return side == Side::buy ? a > b : a < b;
}

}  // namespace

// ---------------------------------------------------------------- the feed

L3Book::Orders::iterator L3Book::find(std::uint64_t id) {
  const auto order = orders_.find(id);
  if (order == orders_.end()) ++strange_;
  return order;
}

void L3Book::add(std::uint64_t id, Side side, Price price, Qty qty, std::vector<L3Fill>& fills) {
  if (qty <= Qty{} || orders_.contains(id)) {
    ++strange_;
    return;
  }
  newest_ = std::max(newest_, id);
  orders_.emplace(id, Order{.side = side, .price = price, .left = qty});
  Queue& queue = side_of(side)[price.units()];
  queue.total += qty;
  queue.left.emplace(id, qty);
  // Ours on the other side that it reaches stand before anything behind its price.
  if (!own(opposite(side)).empty())
    fill_before(opposite(side), price, UINT64_MAX, qty, true, fills);
}

void L3Book::take_off(Orders::iterator order, Qty qty) {
  Levels& levels = side_of(order->second.side);
  const auto level = levels.find(order->second.price.units());
  Queue& queue = level->second;
  const auto place = queue.left.find(order->first);
  queue.total -= qty;
  place->second -= qty;
  order->second.left -= qty;
  if (order->second.left > Qty{}) return;
  queue.left.erase(place);
  orders_.erase(order);
  if (!queue.left.empty()) return;
  MM_ASSERT(queue.total == Qty{}, "a level holds what its orders hold");
  levels.erase(level);
}

void L3Book::reduce(std::uint64_t id, Qty by) {
  const auto order = find(id);
  if (order == orders_.end() || by <= Qty{}) return;
  take_off(order, std::min(by, order->second.left));
}

void L3Book::remove(std::uint64_t id) {
  const auto order = find(id);
  if (order != orders_.end()) take_off(order, order->second.left);
}

void L3Book::execute(std::uint64_t id, Qty qty, std::vector<L3Fill>& fills) {
  const auto found = find(id);
  if (found == orders_.end() || qty <= Qty{}) return;
  const Order order = found->second;
  const Qty executed = std::min(qty, order.left);
  take_off(found, executed);
  if (!own(order.side).empty()) fill_before(order.side, order.price, id, executed, false, fills);
}

void L3Book::trade(Side side, Price price, Qty qty, std::vector<L3Fill>& fills) {
  std::vector<Own>& ours = own(side);
  for (Own& order : ours) {
    if (better(side, price, order.price) || qty <= Qty{}) break;
    const Qty reaching = order.price == price ? std::max(qty - ahead(order, side), Qty{}) : qty;
    const Qty got = std::min(reaching, order.left);
    give(order, got, order.price == price ? FillCause::queue : FillCause::through, fills);
    qty -= got;
  }
  std::erase_if(ours, [](const Own& order) { return order.left == Qty{}; });
}

// ---------------------------------------------------------------- ours

void L3Book::place(ClientOrderId id, Side side, Price price, Qty qty, std::uint64_t behind) {
  MM_ASSERT(qty > Qty{} && !ahead(id), "a new order of ours");
  std::vector<Own>& ours = own(side);
  const auto place = std::find_if(ours.begin(), ours.end(), [&](const Own& other) {
    return better(side, price, other.price) || (price == other.price && behind < other.behind);
  });
  ours.insert(place, {.id = id, .price = price, .left = qty, .behind = behind});
}

std::optional<Qty> L3Book::cancel(ClientOrderId id) {
  for (const Side side : {Side::buy, Side::sell}) {
    std::vector<Own>& ours = own(side);
    const auto order =
        std::find_if(ours.begin(), ours.end(), [&](const Own& each) { return each.id == id; });
    if (order == ours.end()) continue;
    const Qty left = order->left;
    ours.erase(order);
    return left;
  }
  return std::nullopt;
}

std::optional<Qty> L3Book::ahead(ClientOrderId id) const {
  for (const Side side : {Side::buy, Side::sell}) {
    for (const Own& order : own(side))
      if (order.id == id) return ahead(order, side);
  }
  return std::nullopt;
}

Qty L3Book::ahead(const Own& order, Side side) const {
  const auto level = side_of(side).find(order.price.units());
  Qty sum;
  if (level == side_of(side).end()) return sum;
  for (const auto& [id, left] : level->second.left) {
    if (id > order.behind) break;
    sum += left;
  }
  return sum;
}

void L3Book::fill_before(Side side, Price price, std::uint64_t id, Qty qty, bool crossed,
                         std::vector<L3Fill>& fills) {
  std::vector<Own>& ours = own(side);
  for (Own& order : ours) {
    if (qty == Qty{} || better(side, price, order.price) ||
        (order.price == price && order.behind >= id))
      break;
    const Qty got = std::min(qty, order.left);
    give(order, got,
         crossed                ? FillCause::cross
         : order.price == price ? FillCause::queue
                                : FillCause::through,
         fills);
    qty -= got;
  }
  std::erase_if(ours, [](const Own& order) { return order.left == Qty{}; });
}

void L3Book::give(Own& order, Qty qty, FillCause cause, std::vector<L3Fill>& fills) {
  if (qty == Qty{}) return;
  order.left -= qty;
  fills.push_back({.order = order.id,
                   .price = order.price,
                   .qty = qty,
                   .remaining = order.left,
                   .cause = cause});
}

// ---------------------------------------------------------------- looking

std::optional<Level> L3Book::best(Side side) const {
  const Levels& levels = side_of(side);
  if (levels.empty()) return std::nullopt;
  const auto& [price, queue] = side == Side::buy ? *levels.rbegin() : *levels.begin();
  return Level{Price::from_units(price), queue.total};
}

void L3Book::depth(Side side, std::size_t most, std::vector<Level>& out) const {
  out.clear();
  const Levels& levels = side_of(side);
  const auto put = [&](const auto& level) {
    out.push_back({Price::from_units(level.first), level.second.total});
  };
  if (side == Side::sell) {
    for (auto level = levels.begin(); level != levels.end() && out.size() < most; ++level)
      put(*level);
  } else {
    for (auto level = levels.rbegin(); level != levels.rend() && out.size() < most; ++level)
      put(*level);
  }
}

Qty L3Book::shown_at(Side side, Price price) const {
  const auto level = side_of(side).find(price.units());
  return level == side_of(side).end() ? Qty{} : level->second.total;
}

std::optional<Qty> L3Book::size_of(std::uint64_t id) const {
  const auto order = orders_.find(id);
  if (order == orders_.end()) return std::nullopt;
  return order->second.left;
}

}  // namespace mm::sim
