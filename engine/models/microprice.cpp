#include "engine/models/microprice.hpp"

#include <algorithm>
#include <cmath>

#include "engine/assert.hpp"

namespace mm {
namespace {

/// Half-open buckets, mirrored at 1/2: I in [k/10, (k+1)/10) from 1/2 on, (k/10, (k+1)/10] below.
int imbalance_bucket(double bid_qty, double ask_qty) {
  const bool above = bid_qty >= ask_qty;
  const double larger = std::max(bid_qty, ask_qty);
  const double share = larger / (bid_qty + ask_qty);  // in [1/2, 1]
  const int half = microprice_imbalances / 2;
  const int from_middle =
      std::clamp(static_cast<int>((share - 0.5) * microprice_imbalances), 0, half - 1);
  return above ? half + from_middle : half - 1 - from_middle;
}

}  // namespace

MicropriceCell microprice_cell(SpreadUnit unit, const MicropriceView& view) {
  MicropriceCell cell{.imbalance = imbalance_bucket(view.bid_qty, view.ask_qty)};
  const double spread = view.ask - view.bid;
  if (unit == SpreadUnit::ticks) {
    const double ticks = std::floor(spread / view.tick + 0.5);
    cell.spread = static_cast<int>(std::clamp(ticks, 1.0, 4.0)) - 1;
  } else {
    const double bps = spread / ((view.bid + view.ask) / 2) * 1e4;
    cell.spread = bps <= 0.5 ? 0 : bps <= 1 ? 1 : bps <= 2 ? 2 : 3;
  }
  return cell;
}

double microprice_step(SpreadUnit unit, const MicropriceView& view) {
  return unit == SpreadUnit::ticks ? view.tick : (view.bid + view.ask) / 2 * 0.5e-4;
}

double weighted_mid(const MicropriceView& view) {
  return (view.bid * view.ask_qty + view.ask * view.bid_qty) / (view.bid_qty + view.ask_qty);
}

double microprice(const MicropriceTable* table, const MicropriceView& view) {
  if (table == nullptr) return weighted_mid(view);
  if (view.bid_qty == view.ask_qty) return (view.bid + view.ask) / 2;  // its own mirror image
  const MicropriceCell cell = microprice_cell(table->unit, view);
  const std::optional<double> g =
      table->g[static_cast<std::size_t>(cell.imbalance)][static_cast<std::size_t>(cell.spread)];
  if (!g) return weighted_mid(view);
  const double limit = 0.75 * (view.ask - view.bid);
  return (view.bid + view.ask) / 2 +
         std::clamp(*g * microprice_step(table->unit, view), -limit, limit);
}

void MicropriceResidual::update(const Settings& settings, Time now, double mid, double microprice,
                                int imbalance) {
  // The mid at an instant is the last one stamped at or before it: the one that held until now.
  while (waiting_ > 0 && ring_[first_].due < now) {
    const Prediction& made = ring_[first_];
    const double error = *mid_ - made.microprice;
    Bucket& bucket = buckets_[static_cast<std::size_t>(made.imbalance)];
    const std::optional<Time> before = bucket.weight.last();
    const double left = before ? decay_factor(made.due - *before, settings.tau) : 0;
    bucket.squares.add_by(left, made.due, error * error);
    bucket.weight.add_by(left, made.due, 1);
    first_ = (first_ + 1) % capacity;
    --waiting_;
  }
  mid_ = mid;
  const std::size_t last = (first_ + waiting_ + capacity - 1) % capacity;
  if (waiting_ > 0 && now + settings.horizon < ring_[last].due + settings.sampling) return;
  MM_ASSERT(waiting_ < capacity, "a microprice waits for its outcome in a slot of its own");
  ring_[(first_ + waiting_) % capacity] = {now + settings.horizon, microprice, imbalance};
  ++waiting_;
}

std::optional<double> MicropriceResidual::standard_deviation(int imbalance) const {
  const Bucket& bucket = buckets_[static_cast<std::size_t>(imbalance)];
  if (!bucket.weight.last()) return std::nullopt;
  // Both faded alike since their last addition.
  return std::sqrt(bucket.squares.latest() / bucket.weight.latest());
}

void MicropriceResidual::save(ByteWriter& out) const {
  out.put_u64(waiting_);
  for (std::size_t i = 0; i < waiting_; ++i) {
    const Prediction& made = ring_[(first_ + i) % capacity];
    out.put_i64(to_ns(made.due));
    out.put_double(made.microprice);
    out.put_i64(made.imbalance);
  }
  put_optional(out, mid_);
  for (const Bucket& bucket : buckets_) {
    bucket.squares.save(out);
    bucket.weight.save(out);
  }
}

void MicropriceResidual::restore(ByteReader& in) {
  *this = MicropriceResidual{};
  waiting_ = in.get_u64();
  if (waiting_ > capacity) in.fail();
  if (in.failed()) waiting_ = 0;
  for (std::size_t i = 0; i < waiting_; ++i) {
    ring_[i].due = time_from_ns(in.get_i64());
    ring_[i].microprice = in.get_double();
    const std::int64_t imbalance = in.get_i64();
    if (imbalance < 0 || imbalance >= microprice_imbalances) in.fail();
    ring_[i].imbalance = in.failed() ? 0 : static_cast<int>(imbalance);
  }
  mid_ = get_optional_double(in);
  for (Bucket& bucket : buckets_) {
    bucket.squares.restore(in);
    bucket.weight.restore(in);
  }
}

}  // namespace mm
