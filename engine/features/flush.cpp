#include "engine/features/flush.hpp"

#include <algorithm>

#include "engine/assert.hpp"

namespace mm {

std::optional<FlushScore> flush_score(std::span<const double> base, std::span<const double> cur,
                                      double traded) {
  MM_ASSERT(base.size() == cur.size(), "a flush compares buckets one by one");
  double base_sum = 0;
  double cur_sum = 0;
  int filled = 0;
  int halved = 0;
  for (std::size_t b = 0; b < base.size(); ++b) {
    base_sum += base[b];
    cur_sum += cur[b];
    if (base[b] > 0) {
      ++filled;
      halved += cur[b] <= base[b] / 2;
    }
  }
  if (!(base_sum > 0)) return std::nullopt;
  return FlushScore{std::max(0.0, base_sum - cur_sum - traded) / base_sum,
                    static_cast<double>(halved) / filled};
}

FlushLatch::Change FlushLatch::update(const FlushThresholds& thresholds, Time now,
                                      std::optional<FlushScore> flush) {
  if (!flush) return Change::none;
  if (!active_) {
    if (!thresholds.triggered_by(*flush)) return Change::none;
    active_ = true;
    started_ = now;
    calm_ = {};
    return Change::started;
  }
  if (!calm_.update(now, flush->score < thresholds.score_on / 2, thresholds.off_hold))
    return Change::none;
  active_ = false;
  return Change::ended;
}

void FlushLatch::save(ByteWriter& out) const {
  out.put_flag(active_);
  out.put_i64(to_ns(started_));
  calm_.save(out);
}

void FlushLatch::restore(ByteReader& in) {
  active_ = in.get_flag();
  started_ = time_from_ns(in.get_i64());
  calm_.restore(in);
}

void LiquidityRegime::update(const LiquidityThresholds& thresholds, Time now,
                             const LiquidityInputs& inputs) {
  if (inputs.flush) {
    const FlushScore& flush = *inputs.flush;
    const bool calm =
        calm_.update(now, flush.score < thresholds.flush_off, thresholds.flush_off_hold);
    if (flush.score >= thresholds.flush_on && flush.breadth >= thresholds.breadth_on)
      collapsing_ = true;
    else if (calm)
      collapsing_ = false;
  }
  if (inputs.z_velocity) {
    const double z = *inputs.z_velocity;
    const bool fast = fast_.update(now, z >= thresholds.velocity_on, thresholds.velocity_on_hold);
    if (fast)
      migrating_ = true;
    else if (z < thresholds.velocity_off)
      migrating_ = false;
  }
  if (inputs.density) {
    if (*inputs.density <= thresholds.density_on)
      thin_ = true;
    else if (*inputs.density >= thresholds.density_off)
      thin_ = false;
  }
  if (inputs.flush || inputs.z_velocity || inputs.density) {
    heard_ = now;
    state_ = collapsing_  ? LiquidityState::collapsing
             : migrating_ ? LiquidityState::migrating
             : thin_      ? LiquidityState::thin
                          : LiquidityState::thick;
  } else if (heard_ && now - *heard_ >= thresholds.absent_after) {
    state_.reset();
  }
}

void LiquidityRegime::save(ByteWriter& out) const {
  for (const bool flag : {collapsing_, migrating_, thin_, heard_.has_value(), state_.has_value()})
    out.put_flag(flag);
  out.put_i64(heard_ ? to_ns(*heard_) : 0);
  out.put_u64(state_ ? static_cast<std::uint64_t>(*state_) : 0);
  calm_.save(out);
  fast_.save(out);
}

void LiquidityRegime::restore(ByteReader& in) {
  *this = LiquidityRegime{};
  for (bool* flag : {&collapsing_, &migrating_, &thin_}) *flag = in.get_flag();
  const bool heard = in.get_flag();
  const bool known = in.get_flag();
  const Time at = time_from_ns(in.get_i64());
  const std::uint64_t state = in.get_u64();
  if (state > static_cast<std::uint64_t>(LiquidityState::collapsing)) in.fail();
  if (heard) heard_ = at;
  if (known && !in.failed()) state_ = static_cast<LiquidityState>(state);
  calm_.restore(in);
  fast_.restore(in);
}

}  // namespace mm
