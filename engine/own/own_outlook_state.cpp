// Saving, restoring and listing an OwnOutlook.

#include <algorithm>
#include <string>
#include <utility>

#include "engine/outlook/fields_io.hpp"
#include "engine/own/own_outlook.hpp"
#include "engine/value_bytes.hpp"

namespace mm {
void FillShare::save(ByteWriter& out) const {
  out.put_double(yes_);
  out.put_double(all_);
}

void FillShare::restore(ByteReader& in) {
  yes_ = in.get_double();
  all_ = in.get_double();
}

void OwnOutlook::save(ByteWriter& out) const {
  queues_.save(out);
  out.put_u64(resting_count_);
  for (std::size_t i = 0; i < resting_count_; ++i) {
    const Resting& order = resting_[i];
    out.put_u64(order.order.value);
    out.put_flag(order.side == Side::sell);
    out.put_i64(order.price.units());
    put_time(out, order.since);
    out.put_double(order.depth_bps);
    out.put_double(order.cancelled);
    out.put_double(order.ahead);
  }
  out.put_i64(fill_settings_.tau.count());
  cancels_.save(out);
  out.put_flag(observed_at_.has_value());
  put_time(out, observed_at_.value_or(Time{}));
  fills_.save(out);
  out.put_flag(kappa_.has_value());
  const KappaOwn kappa = kappa_.value_or(KappaOwn{});
  out.put_double(kappa.kappa);
  out.put_double(kappa.intensity);
  out.put_double(kappa.log_variance);
  put_time(out, estimate_at_);
  for (const FillShare& share : adverse_) share.save(out);
  for (const FillShare& share : against_) share.save(out);
  moves_.save(out);
  out.put_u64(pending_end_ - pending_first_);
  for (std::uint64_t i = pending_first_; i < pending_end_; ++i) {
    const Pending& fill = pending_[i % pending_capacity];
    put_time(out, fill.at);
    out.put_flag(fill.side == Side::sell);
    out.put_double(fill.price);
    out.put_double(fill.mid);
    out.put_u64(fill.regime);
  }
  chase_.save(out);
  out.put_i64(best_bid_.units());
  out.put_i64(best_ask_.units());
  out.put_i64(position_sign_);
  put_time(out, opened_at_);
  out.put_i64(feed_lag_.count());
  const std::uint64_t first = wall_count_ > moments ? wall_count_ - moments : 0;
  out.put_u64(wall_count_ - first);
  for (std::uint64_t i = first; i < wall_count_; ++i) {
    const WallMoment& moment = walls_[i % moments];
    put_time(out, moment.at);
    out.put_i64(moment.m2);
    for (std::size_t side = 0; side < 2; ++side) {
      out.put_u64(moment.count[side]);
      for (std::size_t k = 0; k < moment.count[side]; ++k) {
        put_level(out, moment.walls[side][k].largest);
        out.put_i64(moment.walls[side][k].bucket);
        out.put_i64(moment.walls[side][k].moves);
      }
    }
  }
  out.put_flag(mid_.has_value());
  out.put_double(mid_.value_or(0));
  out.put_u64(regime_);
}

bool OwnOutlook::restore(ByteReader& in) {
  *this = OwnOutlook{in_book_};
  queues_.restore(in);
  resting_count_ = static_cast<std::size_t>(in.get_u64());
  if (in.failed() || resting_count_ > resting_capacity) return false;
  for (std::size_t i = 0; i < resting_count_; ++i) {
    Resting& order = resting_[i];
    order.order = ClientOrderId{in.get_u64()};
    order.side = in.get_flag() ? Side::sell : Side::buy;
    order.price = Price::from_units(in.get_i64());
    order.since = get_time(in);
    order.depth_bps = in.get_double();
    order.cancelled = in.get_double();
    order.ahead = in.get_double();
  }
  fill_settings_.tau = Duration{in.get_i64()};
  cancels_.restore(in);
  const bool observed = in.get_flag();
  const Time observed_at = get_time(in);
  if (observed) observed_at_ = observed_at;
  fills_.restore(in);
  const bool known = in.get_flag();
  KappaOwn kappa;
  kappa.kappa = in.get_double();
  kappa.intensity = in.get_double();
  kappa.log_variance = in.get_double();
  if (known) kappa_ = kappa;
  estimate_at_ = get_time(in);
  for (FillShare& share : adverse_) share.restore(in);
  for (FillShare& share : against_) share.restore(in);
  moves_.restore(in);
  pending_end_ = in.get_u64();
  if (in.failed() || pending_end_ > pending_capacity) return false;
  for (std::uint64_t i = 0; i < pending_end_; ++i) {
    Pending& fill = pending_[i];
    fill.at = get_time(in);
    fill.side = in.get_flag() ? Side::sell : Side::buy;
    fill.price = in.get_double();
    fill.mid = in.get_double();
    const std::uint64_t regime = in.get_u64();
    if (regime > volatility_regimes) return false;
    fill.regime = static_cast<std::uint8_t>(regime);
  }
  chase_.restore(in);
  best_bid_ = Price::from_units(in.get_i64());
  best_ask_ = Price::from_units(in.get_i64());
  position_sign_ = in.get_i64();
  opened_at_ = get_time(in);
  feed_lag_ = Duration{in.get_i64()};
  wall_count_ = in.get_u64();
  if (in.failed() || wall_count_ > moments) return false;
  for (std::uint64_t i = 0; i < wall_count_; ++i) {
    WallMoment& moment = walls_[i];
    moment.at = get_time(in);
    moment.m2 = in.get_i64();
    for (std::size_t side = 0; side < 2; ++side) {
      const std::uint64_t count = in.get_u64();
      if (in.failed() || count > WallMoment::kept) return false;
      moment.count[side] = static_cast<std::uint8_t>(count);
      for (std::size_t k = 0; k < count; ++k) {
        moment.walls[side][k].largest = get_level(in);
        moment.walls[side][k].bucket = in.get_i64();
        moment.walls[side][k].moves = in.get_i64();
      }
    }
  }
  const bool has_mid = in.get_flag();
  const double mid = in.get_double();
  if (has_mid) mid_ = mid;
  const std::uint64_t regime = in.get_u64();
  if (regime > volatility_regimes) return false;
  regime_ = static_cast<std::uint8_t>(regime);
  return !in.failed();
}

void OwnOutlook::list_fields(std::vector<StateField>& fields) const {
  const auto put = [&](std::string name, std::string value) {
    fields.push_back({StateModule::own, std::move(name), std::move(value)});
  };
  const auto number = [&](std::string name, double value) {
    put(std::move(name), format_hex_double(value));
  };
  for (std::size_t i = 0; i < resting_count_; ++i) {
    const std::string name = "resting[" + std::to_string(resting_[i].order.value) + "].";
    number(name + "depth_bps", resting_[i].depth_bps);
    if (const TrackedOrder* tracked = queues_.find(resting_[i].order)) {
      if (const auto ahead = tracked->queue.ahead()) number(name + "ahead", *ahead);
      if (const auto behind = tracked->queue.behind()) number(name + "behind", *behind);
    }
  }
  if (kappa_) {
    number("kappa_own", kappa_->kappa);
    number("kappa_own.intensity", kappa_->intensity);
  }
  for (const Side side : {Side::buy, Side::sell}) {
    const std::string name = side == Side::buy ? "bid." : "ask.";
    number(name + "p_adverse", p_adverse(side));
    number(name + "p_mid_against", p_mid_against(side));
    number(name + "judged_fills", judged_fills(side));
  }
  put("pending_fills", std::to_string(pending_end_ - pending_first_));
  put("wall_moments", std::to_string(std::min<std::uint64_t>(wall_count_, moments)));
  if (mid_) number("mid", *mid_);
}

}  // namespace mm
