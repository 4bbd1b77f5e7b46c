// Saved state of the fold: averages, histories, walls, latches. Windows follow from the book.

#include "engine/features/microstructure.hpp"

namespace mm {
namespace {

template <class T>
void save_each(ByteWriter& out, const T& items) {
  for (const auto& item : items) item.save(out);
}
template <class T>
void restore_each(ByteReader& in, T& items) {
  for (auto& item : items) item.restore(in);
}

}  // namespace

void Microstructure::save(ByteWriter& out) const {
  out.put_i64(built_m2_);
  out.put_i64(bucket_units_);
  out.put_u64(own_count_);
  for (std::size_t i = 0; i < own_count_; ++i) {
    out.put_flag(own_[i].side == Side::sell);
    out.put_i64(own_[i].price.units());
    out.put_i64(own_[i].qty.lots());
  }
  out.put_flag(book_is_new_);
  out.put_i64(to_ns(book_stamp_));
  out.put_u64(bought_);
  out.put_u64(sold_);

  const Dynamics& d = dynamics_;
  put_optional(out, d.last);
  d.reference.save(out);
  d.density.save(out);
  for (const Velocity* velocity : {&d.centroid, &d.centroid_rel, &d.bid_centroid, &d.ask_centroid})
    velocity->save(out);
  d.score.save(out);
  save_each(out, d.bid_base);
  save_each(out, d.ask_base);
  put_optional(out, d.coverage_bps);
  out.put_double(d.flicker_count);
  out.put_double(d.flicker_seen);

  out.put_u64(past_count_);
  const std::uint64_t first = past_count_ > past_capacity ? past_count_ - past_capacity : 0;
  for (std::uint64_t i = first; i < past_count_; ++i) {
    const Past& past = past_[i % past_capacity];
    out.put_i64(to_ns(past.at));
    out.put_flag(past.has_base);
    for (const double base : past.bid_base) out.put_double(base);
    for (const double base : past.ask_base) out.put_double(base);
    out.put_u64(past.bought);
    out.put_u64(past.sold);
  }

  put_optional(out, next_threshold_);
  out.put_i64(threshold_);
  put_optional(out, started_);
  put_optional(out, next_history_);
  density_history_.save(out);
  flush_history_.save(out);
  put_optional(out, median_density_);
  out.put_double(flush_on_);
  bid_flicker_.save(out);
  ask_flicker_.save(out);
  bid_walls_.save(out);
  ask_walls_.save(out);
  bid_flush_.save(out);
  ask_flush_.save(out);
  regime_.save(out);
  put_optional(out, last_decision_);
  out.put_flag(step_.has_value());
  out.put_i64(step_ ? step_->count() : 0);
}

void Microstructure::restore(ByteReader& in) {
  *this = Microstructure{settings_};
  restored_ = true;
  built_m2_ = in.get_i64();
  bucket_units_ = in.get_i64();
  if (built_m2_ < 0 || bucket_units_ < 0 || (built_m2_ > 0 && bucket_units_ == 0)) in.fail();
  if (!in.failed() && bucket_units_ > 0) {
    bid_window_.use_buckets(bucket_units_);
    ask_window_.use_buckets(bucket_units_);
  }
  own_count_ = static_cast<std::size_t>(in.get_u64());
  if (own_count_ > own_capacity) {
    in.fail();
    own_count_ = 0;
  }
  for (std::size_t i = 0; i < own_count_; ++i) {
    own_[i].side = in.get_flag() ? Side::sell : Side::buy;
    own_[i].price = Price::from_units(in.get_i64());
    own_[i].qty = Qty::from_lots(in.get_i64());
  }
  book_is_new_ = in.get_flag();
  book_stamp_ = time_from_ns(in.get_i64());
  bought_ = in.get_u64();
  sold_ = in.get_u64();

  Dynamics& d = dynamics_;
  d.last = get_optional_time(in);
  d.reference.restore(in);
  d.density.restore(in);
  for (Velocity* velocity : {&d.centroid, &d.centroid_rel, &d.bid_centroid, &d.ask_centroid})
    velocity->restore(in);
  d.score.restore(in);
  restore_each(in, d.bid_base);
  restore_each(in, d.ask_base);
  d.coverage_bps = get_optional_double(in);
  d.flicker_count = in.get_double();
  d.flicker_seen = in.get_double();

  past_count_ = in.get_u64();
  const std::uint64_t first = past_count_ > past_capacity ? past_count_ - past_capacity : 0;
  for (std::uint64_t i = first; i < past_count_; ++i) {
    Past& past = past_[i % past_capacity];
    past.at = time_from_ns(in.get_i64());
    past.has_base = in.get_flag();
    for (double& base : past.bid_base) base = in.get_double();
    for (double& base : past.ask_base) base = in.get_double();
    past.bought = in.get_u64();
    past.sold = in.get_u64();
  }

  next_threshold_ = get_optional_time(in);
  threshold_ = in.get_i64();
  started_ = get_optional_time(in);
  next_history_ = get_optional_time(in);
  density_history_.restore(in);
  flush_history_.restore(in);
  median_density_ = get_optional_double(in);
  flush_on_ = in.get_double();
  bid_flicker_.restore(in);
  ask_flicker_.restore(in);
  bid_walls_.restore(in);
  ask_walls_.restore(in);
  bid_flush_.restore(in);
  ask_flush_.restore(in);
  regime_.restore(in);
  last_decision_ = get_optional_time(in);
  const bool stepped = in.get_flag();
  const Duration step{in.get_i64()};
  if (stepped) step_ = step;
}

}  // namespace mm
