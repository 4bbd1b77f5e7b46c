#include "sim/matching.hpp"

#include <algorithm>

namespace mm::sim {

MatchingBook::Levels::iterator MatchingBook::at_or_behind(Side side, Price price) {
  // Best at the back: bids ascend, asks descend.
  Levels& levels = side_of(side);
  return std::lower_bound(levels.begin(), levels.end(), price,
                          [side](const LevelList& level, Price of) {
                            return side == Side::buy ? level.price < of : level.price > of;
                          });
}

MatchingBook::LevelList* MatchingBook::find_level(Side side, Price price) {
  const auto at = at_or_behind(side, price);
  return at != side_of(side).end() && at->price == price ? &*at : nullptr;
}

const MatchingBook::LevelList* MatchingBook::find_level(Side side, Price price) const {
  return const_cast<MatchingBook*>(this)->find_level(side, price);
}

std::uint32_t MatchingBook::index_of(OrderRef ref) const {
  const auto index = static_cast<std::uint32_t>(ref.value & 0xFFFFFFFF);
  if (ref.value == 0 || index >= nodes_.size() || !nodes_[index].used ||
      nodes_[index].order.ref != ref) {
    return none;
  }
  return index;
}

AddOutcome MatchingBook::add(const NewOrder& order, std::vector<MatchReport>& reports) {
  MM_ASSERT(order.qty > Qty{} && (order.account.value == 0 || order.count == 1),
            "an order has a quantity, and an account's order is one order");
  AddOutcome outcome;
  outcome.left = order.qty;
  if (order.tif == TimeInForce::post_only && would_match(order.side, order.price)) {
    outcome.status = AddStatus::would_match;
    return outcome;
  }
  if (order.tif == TimeInForce::fok && available(order) < order.qty) {
    outcome.status = AddStatus::expired;
    return outcome;
  }
  totals_.added += order.qty.lots();
  outcome.left = match(order, reports);
  outcome.filled = order.qty - outcome.left;
  if (outcome.left == Qty{}) {
    outcome.status = AddStatus::filled;
  } else if (order.tif == TimeInForce::ioc) {
    outcome.status = AddStatus::expired;
    totals_.cancelled += outcome.left.lots();
  } else {
    outcome.ref = rest(order, outcome.left);
  }
  check();
  return outcome;
}

bool MatchingBook::would_match(Side side, Price price) const {
  const Levels& opposite_side = side_of(opposite(side));
  return !opposite_side.empty() && reaches(side, price, opposite_side.back().price);
}

Qty MatchingBook::available(const NewOrder& order) const {
  Qty sum;
  const Levels& levels = side_of(opposite(order.side));
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    if (!reaches(order.side, order.price, level->price) || sum >= order.qty) break;
    for (std::uint32_t at = level->head; at != none; at = nodes_[at].next) {
      const BookOrder& maker = nodes_[at].order;
      if (order.account.value == 0 || maker.account != order.account) sum += maker.left;
    }
  }
  return sum;
}

Qty MatchingBook::match(const NewOrder& order, std::vector<MatchReport>& reports) {
  Qty left = order.qty;
  Levels& levels = side_of(opposite(order.side));
  while (left > Qty{} && !levels.empty() && reaches(order.side, order.price, levels.back().price)) {
    LevelList& level = levels.back();
    touch(opposite(order.side), level.price);
    BookOrder& maker = nodes_[level.head].order;
    MatchReport report;
    report.maker = maker.ref;
    report.maker_account = maker.account;
    report.taker_account = order.account;
    report.maker_tag = maker.tag;
    report.taker_tag = order.tag;
    report.aggressor = order.side;
    report.price = maker.price;
    if (order.account.value != 0 && maker.account == order.account) {
      report.kind = MatchReport::Kind::self_trade;
      report.qty = maker.left;
      totals_.cancelled += maker.left.lots();
      remove(level.head);
    } else {
      report.qty = std::min(left, maker.left);
      report.maker_left = maker.left - report.qty;
      left -= report.qty;
      totals_.traded += report.qty.lots();
      if (report.maker_left == Qty{}) {
        remove(level.head);
      } else {
        maker.left = report.maker_left;
        level.total -= report.qty;
        totals_.resting -= report.qty.lots();
      }
    }
    reports.push_back(report);
  }
  return left;
}

OrderRef MatchingBook::rest(const NewOrder& order, Qty left) {
  std::uint32_t index = 0;
  if (free_.empty()) {
    index = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Node& node = nodes_[index];
  ++node.generation;
  node.used = true;
  node.order = {OrderRef{(std::uint64_t{node.generation} << 32) | index},
                order.account,
                order.side,
                order.price,
                left,
                order.tag,
                order.count};
  auto level = at_or_behind(order.side, order.price);
  if (level == side_of(order.side).end() || level->price != order.price) {
    level = side_of(order.side).insert(level, LevelList{order.price, {}, 0, none, none});
  }
  node.previous = level->tail;
  node.next = none;
  (level->tail == none ? level->head : nodes_[level->tail].next) = index;
  level->tail = index;
  level->total += left;
  level->orders += order.count;
  if (order.account.value != 0) {
    Owned& owned = owned_by(order.account);
    node.previous_of_account = owned.tail;
    node.next_of_account = none;
    (owned.tail == none ? owned.head : nodes_[owned.tail].next_of_account) = index;
    owned.tail = index;
  }
  totals_.resting += left.lots();
  touch(order.side, order.price);
  return node.order.ref;
}

void MatchingBook::remove(std::uint32_t index) {
  Node& node = nodes_[index];
  const BookOrder& order = node.order;
  LevelList* level = find_level(order.side, order.price);
  MM_ASSERT(level != nullptr, "a resting order has a level");
  (node.previous == none ? level->head : nodes_[node.previous].next) = node.next;
  (node.next == none ? level->tail : nodes_[node.next].previous) = node.previous;
  level->total -= order.left;
  level->orders -= order.count;
  if (order.account.value != 0) {
    Owned& owned = owned_by(order.account);
    (node.previous_of_account == none ? owned.head
                                      : nodes_[node.previous_of_account].next_of_account) =
        node.next_of_account;
    (node.next_of_account == none ? owned.tail : nodes_[node.next_of_account].previous_of_account) =
        node.previous_of_account;
  }
  totals_.resting -= order.left.lots();
  touch(order.side, order.price);
  if (level->head == none) {
    MM_ASSERT(level->total == Qty{} && level->orders == 0, "an empty level holds nothing");
    Levels& levels = side_of(order.side);
    levels.erase(levels.begin() + (level - levels.data()));
  }
  node.used = false;
  free_.push_back(index);
}

std::optional<Qty> MatchingBook::cancel(OrderRef ref) {
  const std::uint32_t index = index_of(ref);
  if (index == none) return std::nullopt;
  const Qty left = nodes_[index].order.left;
  totals_.cancelled += left.lots();
  remove(index);
  check();
  return left;
}

bool MatchingBook::reduce(OrderRef ref, Qty left) {
  const std::uint32_t index = index_of(ref);
  if (index == none || left <= Qty{} || left > nodes_[index].order.left) return false;
  BookOrder& order = nodes_[index].order;
  const Qty less = order.left - left;
  order.left = left;
  find_level(order.side, order.price)->total -= less;
  totals_.cancelled += less.lots();
  totals_.resting -= less.lots();
  touch(order.side, order.price);
  check();
  return true;
}

void MatchingBook::set_count(OrderRef ref, std::uint32_t count) {
  const std::uint32_t index = index_of(ref);
  MM_ASSERT(index != none && nodes_[index].order.account.value == 0,
            "only an anonymous order stands for several");
  BookOrder& order = nodes_[index].order;
  LevelList* level = find_level(order.side, order.price);
  level->orders = level->orders - order.count + count;
  order.count = count;
}

std::optional<BookOrder> MatchingBook::find(OrderRef ref) const {
  const std::uint32_t index = index_of(ref);
  if (index == none) return std::nullopt;
  return nodes_[index].order;
}

std::optional<Qty> MatchingBook::ahead(OrderRef ref) const {
  const std::uint32_t index = index_of(ref);
  if (index == none) return std::nullopt;
  Qty sum;
  for (std::uint32_t at = nodes_[index].previous; at != none; at = nodes_[at].previous) {
    sum += nodes_[at].order.left;
  }
  return sum;
}

std::optional<DepthLevel> MatchingBook::best(Side side) const {
  const Levels& levels = side_of(side);
  if (levels.empty()) return std::nullopt;
  return DepthLevel{levels.back().price, levels.back().total, levels.back().orders};
}

std::optional<DepthLevel> MatchingBook::level(Side side, Price price) const {
  const LevelList* level = find_level(side, price);
  if (level == nullptr) return std::nullopt;
  return DepthLevel{level->price, level->total, level->orders};
}

void MatchingBook::depth(Side side, std::size_t most, std::vector<DepthLevel>& out) const {
  out.clear();
  const Levels& levels = side_of(side);
  for (auto level = levels.rbegin(); level != levels.rend() && out.size() < most; ++level) {
    out.push_back({level->price, level->total, level->orders});
  }
}

void MatchingBook::orders_at(Side side, Price price, std::vector<BookOrder>& out) const {
  out.clear();
  const LevelList* level = find_level(side, price);
  if (level == nullptr) return;
  for (std::uint32_t at = level->head; at != none; at = nodes_[at].next) {
    out.push_back(nodes_[at].order);
  }
}

std::vector<BookOrder> MatchingBook::orders_of(AccountId account) const {
  std::vector<BookOrder> orders;
  for (const Owned& owned : owners_) {
    if (owned.account != account) continue;
    for (std::uint32_t at = owned.head; at != none; at = nodes_[at].next_of_account) {
      orders.push_back(nodes_[at].order);
    }
  }
  return orders;
}

MatchingBook::Owned& MatchingBook::owned_by(AccountId account) {
  const auto at =
      std::lower_bound(owners_.begin(), owners_.end(), account,
                       [](const Owned& owned, AccountId of) { return owned.account < of; });
  if (at != owners_.end() && at->account == account) return *at;
  return *owners_.insert(at, Owned{account, none, none});
}

void MatchingBook::touch(Side side, Price price) {
  if (!tracking_) return;
  std::vector<Price>& touched = side == Side::buy ? touched_bids_ : touched_asks_;
  const auto at = std::lower_bound(touched.begin(), touched.end(), price);
  if (at == touched.end() || *at != price) touched.insert(at, price);
}

std::vector<Price> MatchingBook::take_touched(Side side) {
  std::vector<Price> taken;
  take_touched(side, taken);
  return taken;
}

void MatchingBook::take_touched(Side side, std::vector<Price>& out) {
  out.clear();
  out.swap(side == Side::buy ? touched_bids_ : touched_asks_);
}

void MatchingBook::check() const {
  MM_ASSERT(totals_.added == 2 * totals_.traded + totals_.cancelled + totals_.resting,
            "no lot appears or vanishes in the book");
  MM_ASSERT(bids_.empty() || asks_.empty() || bids_.back().price < asks_.back().price,
            "the book never rests crossed");
}

}  // namespace mm::sim
