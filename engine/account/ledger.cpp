#include "engine/account/ledger.hpp"

#include <algorithm>

#include "engine/assert.hpp"
#include "engine/numeric.hpp"

namespace mm {
namespace {

Int128 magnitude(Int128 value) {
  return value < 0 ? -value : value;
}

}  // namespace

void Ledger::open(Qty position, Money cost) {
  position_ = position;
  cost_ = cost;
}

void Ledger::fill(Side side, Qty qty, Money value, Money fee) {
  MM_ASSERT(qty > Qty{}, "a fill has a quantity");
  const std::int64_t direction = sign(side);
  const std::int64_t held = position_.lots();
  fees_ += fee;
  turnover_ += Money::from_units(magnitude(value.units()));
  ++fill_count_;

  const bool reduces = (held > 0 && direction < 0) || (held < 0 && direction > 0);
  const std::int64_t closed =
      reduces ? std::min<std::int64_t>(qty.lots(), held < 0 ? -held : held) : 0;
  // The part of the fill that closes, and the part of the cost it closes.
  const Int128 closing_value = divide_half_even(value.units() * closed, qty.lots());
  Int128 closed_cost = 0;
  if (closed != 0) closed_cost = divide_half_even(cost_.units() * closed, magnitude(held));
  realised_ -= Money::from_units(closed_cost + direction * closing_value);
  cost_ += Money::from_units(direction * (value.units() - closing_value) - closed_cost);
  position_ += Qty::from_lots(direction * qty.lots());
}

Money Ledger::average_cost() const {
  if (position_ == Qty{}) return Money{};
  const std::int64_t lots = position_.lots();
  const Int128 signed_cost = lots < 0 ? -cost_.units() : cost_.units();
  return Money::from_units(divide_half_even(signed_cost, magnitude(lots)));
}

Money Ledger::unrealised(Money mark_of_one_lot) const {
  return Money::from_units(mark_of_one_lot.units() * position_.lots()) - cost_;
}

void Ledger::save(ByteWriter& out) const {
  out.put_i64(position_.lots());
  for (const Money money : {cost_, realised_, fees_, funding_, turnover_})
    out.put_i128(money.units());
  out.put_i64(fill_count_);
}

bool Ledger::restore(ByteReader& in) {
  position_ = Qty::from_lots(in.get_i64());
  for (Money* money : {&cost_, &realised_, &fees_, &funding_, &turnover_})
    *money = Money::from_units(in.get_i128());
  fill_count_ = in.get_i64();
  return !in.failed();
}

}  // namespace mm
