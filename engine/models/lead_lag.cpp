#include "engine/models/lead_lag.hpp"

#include <algorithm>
#include <cmath>

#include "engine/assert.hpp"
#include "engine/det/math.hpp"

namespace mm {
namespace {

constexpr Duration lag_of(int index) {
  return LeadLag::lowest_lag + LeadLag::lag_step * index;
}

constexpr Duration highest_lag = lag_of(LeadLag::lags - 1);
constexpr Duration settled_after = highest_lag + std::chrono::seconds{1};

/// Lags below -50 ms: where nothing of the leader's can be, only noise.
constexpr int noise_lags =
    static_cast<int>((std::chrono::milliseconds{-50} - LeadLag::lowest_lag) / LeadLag::lag_step);
constexpr int zero_lag = static_cast<int>(-LeadLag::lowest_lag / LeadLag::lag_step);

constexpr double largest_weight = 1e100;

template <std::size_t n>
double at(const std::array<double, n>& values, int index) {
  return values[static_cast<std::size_t>(index)];
}

using Contrast = std::array<double, LeadLag::lags>;

/// Loops of a length that vectors divide, and one lag more. Functions of their own, so that the
/// compiler keeps in mind that what is written is not what is read.
constexpr std::size_t even_lags = LeadLag::lags - 1;
static_assert(even_lags % 4 == 0);

[[gnu::noinline]] void add_to(double* __restrict sums, const double* __restrict more) {
  for (std::size_t g = 0; g < even_lags; ++g) sums[g] += more[g];
  sums[even_lags] += more[even_lags];
}

/// The products of one increment dx, into sums that weigh it by w1, w2 and 1.
[[gnu::noinline]] void add_products(double dx, const double* __restrict after,
                                    const double* __restrict before, double w1,
                                    double* __restrict sums1, double w2, double* __restrict sums2,
                                    double* __restrict sums3) {
  for (std::size_t g = 0; g < even_lags; ++g) {
    const double product = dx * (after[g] - before[g]);
    sums1[g] += w1 * product;
    sums2[g] += w2 * product;
    sums3[g] += product;
  }
  const double product = dx * (after[even_lags] - before[even_lags]);
  sums1[even_lags] += w1 * product;
  sums2[even_lags] += w2 * product;
  sums3[even_lags] += product;
}

/// The lag of the largest |u|: of equal ones the smallest |lag|, then the positive one.
int largest_near_zero(const Contrast& u) {
  std::array<double, 4> largest{};
  for (std::size_t g = 0; g < even_lags; g += 4)
    for (std::size_t k = 0; k < 4; ++k) largest[k] = std::max(largest[k], std::fabs(u[g + k]));
  const double most =
      std::max({largest[0], largest[1], largest[2], largest[3], std::fabs(u[even_lags])});
  if (std::fabs(at(u, zero_lag)) == most) return zero_lag;
  for (int distance = 1; distance < LeadLag::lags; ++distance)
    for (const int g : {zero_lag + distance, zero_lag - distance})
      if (g >= 0 && g < LeadLag::lags && std::fabs(at(u, g)) == most) return g;
  return zero_lag;
}

}  // namespace

double LeadLag::Fading::weight(Time time, Duration tau) {
  if (!reference) reference = time;
  const double weight = time >= *reference
                            ? 1 / std::max(decay_factor(time - *reference, tau), 1e-300)
                            : decay_factor(*reference - time, tau);
  if (weight <= largest_weight) return weight;
  for (Sums& sums : of) {
    for (double& u : sums.u) u /= weight;
    sums.xx /= weight;
    sums.yy /= weight;
    sums.count /= weight;
  }
  newest /= weight;
  reference = time;
  return 1;
}

bool LeadLag::push(Ring<Point>& ring, const Point& point) {
  if (!ring.empty() && ring.back().time == point.time && ring.size() > 1) {
    ring.back().value = point.value;
    return true;
  }
  if (!ring.empty() && (ring.back().value == point.value || ring.back().time == point.time))
    return false;
  ring.push(point);
  return true;
}

void LeadLag::on_leader(const Settings& settings, Time now, double log_mid,
                        std::optional<VolatilityRegime> regime) {
  settle(settings, now);
  push(leader_,
       {now, log_mid,
        static_cast<std::uint8_t>(regime ? static_cast<int>(*regime) : volatility_regimes)});
}

void LeadLag::on_follower(const Settings& settings, Time now, double log_mid) {
  settle(settings, now);
  push(follower_, {now, log_mid, 0});
}

void LeadLag::gap() {
  leader_.clear();
  follower_.clear();
  follower_settled_ = 1;
  walked_.reset();
}

void LeadLag::settle(const Settings& settings, Time now) {
  while (leader_.size() > 1 && leader_[1].time + settled_after < now) settle_leader(settings);
  while (follower_settled_ < follower_.size() &&
         follower_[follower_settled_].time + settled_after < now)
    settle_follower(settings);
  // What no increment of X will ask for again. A leader that stands still holds nothing up: its
  // next increment will be too long to count.
  const Time needed = leader_.empty()
                          ? now
                          : std::max(leader_.front().time, now - longest_increment - settled_after);
  while (follower_.size() > 2 && follower_settled_ > 1 &&
         follower_[1].time <= needed + lowest_lag) {
    follower_.pop();
    --follower_settled_;
  }
}

LeadLag::Sums& LeadLag::block_of(Time time) {
  const std::int64_t number = to_ns(time) / block_length.count();
  const auto slot = static_cast<std::size_t>(number % blocks);
  if (block_number_[slot] != number) {
    blocks_[slot] = Sums{};
    block_number_[slot] = number;
  }
  return blocks_[slot];
}

/// For each lag the values of Y around time + lag: the last at or before it and the first at or
/// after it; where there is none, the nearest. Requires a value.
void LeadLag::walk(Time time, Values& before, Values& after) const {
  // Start at the last value at or before the lowest of them.
  const Time lowest = time + lowest_lag;
  std::size_t low = 0;
  std::size_t high = follower_.size();
  while (high - low > 1) {
    const std::size_t middle = (low + high) / 2;
    (follower_[middle].time <= lowest ? low : high) = middle;
  }
  // From one change of Y to the next both stay.
  const std::size_t last = follower_.size() - 1;
  std::int64_t from = 0;
  for (std::size_t at = low; from < lags; ++at) {
    const Point& here = follower_[at];
    const Point& next = follower_[std::min(at + 1, last)];
    const std::int64_t end =
        at < last ? std::clamp<std::int64_t>(
                        (next.time - lowest + lag_step - Duration{1}) / lag_step, from, lags)
                  : lags;
    std::fill(before.data() + from, before.data() + end, here.value);
    std::fill(after.data() + from, after.data() + end, next.value);
    // Where the change is at the instant itself, or Y begins later.
    const std::int64_t until = here.time < lowest ? 0 : (here.time - lowest) / lag_step + 1;
    for (std::int64_t g = from; g < std::min(until, end); ++g) after.data()[g] = here.value;
    from = end;
  }
}

void LeadLag::settle_leader(const Settings& settings) {
  const Point from = leader_[0];
  const Point to = leader_[1];
  leader_.pop();
  if (to.time - from.time > longest_increment || follower_.size() < 2) return;
  const double dx = to.value - from.value;
  const double slow = slow_.weight(to.time, settings.tau);
  const double fast = fast_.weight(to.time, settings.tau_current);
  Sums& of_slow = slow_.of[to.regime];
  Sums& of_fast = fast_.of[to.regime];
  Sums& block = block_of(to.time);
  Values after;
  if (walked_ != from.time) walk(from.time, before_, after);
  Values before;
  walk(to.time, before, after);
  add_products(dx, after.data(), before_.data(), slow, of_slow.u.data(), fast, of_fast.u.data(),
               block.u.data());
  before_ = before;
  walked_ = to.time;
  slow_.newest = slow;
  fast_.newest = fast;
  of_slow.xx += slow * dx * dx;
  of_slow.count += slow;
  of_fast.xx += fast * dx * dx;
  of_fast.count += fast;
  block.xx += dx * dx;
  ++settled_;
}

void LeadLag::settle_follower(const Settings& settings) {
  const Point& to = follower_[follower_settled_];
  const double dy = to.value - follower_[follower_settled_ - 1].value;
  ++follower_settled_;
  // By the regime of the leader's increment under way: the last settled one's.
  const std::uint8_t regime = leader_.empty() ? volatility_regimes : leader_.front().regime;
  slow_.of[regime].yy += slow_.weight(to.time, settings.tau) * dy * dy;
  fast_.of[regime].yy += fast_.weight(to.time, settings.tau_current) * dy * dy;
  block_of(to.time).yy += dy * dy;
}

LeadLag::Sums LeadLag::pooled(const Fading& fading) {
  Sums all;
  for (const Sums& sums : fading.of) {
    // Most sets are never met: without an increment of X there are no products.
    if (sums.count > 0) add_to(all.u.data(), sums.u.data());
    all.xx += sums.xx;
    all.yy += sums.yy;
    all.count += sums.count;
  }
  return all;
}

double LeadLag::increments() const {
  double count = 0;
  for (const Sums& sums : slow_.of) count += sums.count;
  return count / slow_.newest;
}

std::optional<LagEstimate> LeadLag::read(const Settings& settings, const Sums& sums) {
  if (!(sums.xx > 0 && sums.yy > 0)) return std::nullopt;
  const int best = largest_near_zero(sums.u);
  if (best == 0 || best == lags - 1) return std::nullopt;
  const double scale = 1 / std::sqrt(sums.xx * sums.yy);
  const double rho = at(sums.u, best) * scale;
  if (!(std::fabs(rho) >= settings.min_rho)) return std::nullopt;
  double mean = 0;
  for (int g = 0; g < noise_lags; ++g) mean += at(sums.u, g) / noise_lags;
  double squares = 0;
  for (int g = 0; g < noise_lags; ++g)
    squares += (at(sums.u, g) - mean) * (at(sums.u, g) - mean) / (noise_lags - 1);
  if (std::fabs(rho) < settings.noise_multiple * std::sqrt(squares) * scale) return std::nullopt;
  return LagEstimate{.lag = lag_of(best), .rho = rho, .beta = at(sums.u, best) / sums.xx};
}

void LeadLag::add_errors(LagEstimate& estimate, const Sums& sums) const {
  const int best = static_cast<int>((estimate.lag - lowest_lag) / lag_step);
  const std::int64_t newest = *std::max_element(block_number_.begin(), block_number_.end());
  const auto in_use = [&](std::size_t slot) {
    return block_number_[slot] > newest - blocks && blocks_[slot].xx > 0;
  };
  double u = 0;
  double xx = 0;
  double yy = 0;
  double count = 0;
  for (std::size_t slot = 0; slot < blocks_.size(); ++slot) {
    if (!in_use(slot)) continue;
    u += at(blocks_[slot].u, best);
    xx += blocks_[slot].xx;
    yy += blocks_[slot].yy;
    count += 1;
  }
  if (count < 10) return;
  // Mean and squared deviations of the estimates without a block.
  std::array<double, blocks> estimates;
  const auto jackknife = [&](auto&& without) {
    std::size_t used = 0;
    double mean = 0;
    for (std::size_t slot = 0; slot < blocks_.size(); ++slot) {
      if (!in_use(slot)) continue;
      estimates[used] = without(blocks_[slot]);
      mean += estimates[used++] / count;
    }
    double sum = 0;
    for (std::size_t i = 0; i < used; ++i) {
      const double away = estimates[i] - mean;
      sum += away * away;
    }
    return std::sqrt((count - 1) / count * sum);
  };
  const double beta_sd =
      jackknife([&](const Sums& block) { return (u - at(block.u, best)) / (xx - block.xx); });
  const double rho_sd = jackknife([&](const Sums& block) {
    return (u - at(block.u, best)) / std::sqrt((xx - block.xx) * (yy - block.yy));
  });
  if (!std::isfinite(beta_sd) || !std::isfinite(rho_sd)) return;
  estimate.beta_sd = beta_sd;
  const double line = (std::fabs(estimate.rho) - rho_sd) * std::sqrt(sums.xx * sums.yy);
  int lowest = best;
  int highest = best;
  for (int g = 0; g < lags; ++g) {
    if (std::fabs(at(sums.u, g)) < line) continue;
    lowest = std::min(lowest, g);
    highest = std::max(highest, g);
  }
  estimate.lag_sd = lag_step * (highest - lowest) / 2;
}

std::optional<LagEstimate> LeadLag::estimate(const Settings& settings,
                                             std::optional<VolatilityRegime> regime) const {
  Sums sums;
  if (regime) sums = slow_.of[static_cast<std::size_t>(*regime)];
  if (!regime || faded_count(sums, slow_) < settings.min_increments) sums = pooled(slow_);
  if (faded_count(sums, slow_) < settings.min_increments) return std::nullopt;
  auto estimate = read(settings, sums);
  if (estimate) add_errors(*estimate, sums);
  return estimate;
}

std::optional<LagEstimate> LeadLag::current(const Settings& settings) const {
  if (increments() < settings.min_increments) return std::nullopt;
  return read(settings, pooled(fast_));
}

bool LeadLag::response(const Settings& settings, std::span<double, response_bins> response) const {
  if (static_cast<double>(settled_) < settings.response_increments) return false;
  const Sums sums = pooled(slow_);
  double noise = 0;
  for (int g = 0; g < noise_lags; ++g) noise += at(sums.u, g) / noise_lags;
  double total = 0;
  for (int g = zero_lag; g < lags; ++g) total += std::max(at(sums.u, g) - noise, 0.0);
  if (!(total > 0)) return false;
  double sum = 0;
  for (int bin = 0; bin < response_bins; ++bin) {
    sum += std::max(at(sums.u, zero_lag + bin) - noise, 0.0);
    response[static_cast<std::size_t>(bin)] = std::min(1.0, sum / total);
  }
  return true;
}

void LeadLag::save(ByteWriter& out) const {
  for (const Ring<Point>* ring : {&leader_, &follower_}) {
    out.put_u64(ring->size());
    for (std::size_t i = 0; i < ring->size(); ++i) {
      out.put_i64(to_ns((*ring)[i].time));
      out.put_double((*ring)[i].value);
      out.put_u64((*ring)[i].regime);
    }
  }
  out.put_u64(follower_settled_);
  put_optional(out, walked_);
  for (const double value : before_) out.put_double(value);
  const auto put_sums = [&](const Sums& sums) {
    for (const double u : sums.u) out.put_double(u);
    out.put_double(sums.xx);
    out.put_double(sums.yy);
    out.put_double(sums.count);
  };
  for (const Fading* fading : {&slow_, &fast_}) {
    for (const Sums& sums : fading->of) put_sums(sums);
    put_optional(out, fading->reference);
    out.put_double(fading->newest);
  }
  for (const Sums& block : blocks_) put_sums(block);
  for (const std::int64_t number : block_number_) out.put_i64(number);
  out.put_i64(settled_);
}

void LeadLag::restore(ByteReader& in) {
  for (Ring<Point>* ring : {&leader_, &follower_}) {
    ring->clear();
    const std::uint64_t count = in.get_u64();
    for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
      Point point;
      point.time = time_from_ns(in.get_i64());
      point.value = in.get_double();
      const std::uint64_t regime = in.get_u64();
      if (regime > volatility_regimes) in.fail();
      point.regime = static_cast<std::uint8_t>(in.failed() ? 0 : regime);
      if (!in.failed()) ring->push(point);
    }
  }
  follower_settled_ = in.get_u64();
  if (follower_settled_ < 1 || follower_settled_ > std::max<std::size_t>(1, follower_.size()))
    in.fail();
  walked_ = get_optional_time(in);
  for (double& value : before_) value = in.get_double();
  const auto get_sums = [&](Sums& sums) {
    for (double& u : sums.u) u = in.get_double();
    sums.xx = in.get_double();
    sums.yy = in.get_double();
    sums.count = in.get_double();
  };
  for (Fading* fading : {&slow_, &fast_}) {
    for (Sums& sums : fading->of) get_sums(sums);
    fading->reference = get_optional_time(in);
    fading->newest = in.get_double();
  }
  for (Sums& block : blocks_) get_sums(block);
  for (std::int64_t& number : block_number_) number = in.get_i64();
  settled_ = in.get_i64();
}

// ---------------------------------------------------------------- prediction

void LagPrediction::on_move(Time now, double log_return, std::optional<Duration> lag) {
  while (!moves_.empty() && moves_.front().time <= now - longest) moves_.pop();
  if (!moves_.empty() && moves_.back().time == now) {
    moves_.back().log_return += log_return;
  } else {
    moves_.push({now, log_return});
  }
  const bool fades = lag && *lag > Duration{};
  fading_ = (fades && last_ ? fading_ * decay_factor(now - *last_, *lag) : 0) + log_return;
  last_ = now;
}

double LagPrediction::remaining(LagMode mode, Time now, double beta, std::optional<Duration> lag,
                                std::span<const double> response) const {
  if (!lag || *lag <= Duration{} || !last_) return 0;
  double sum = 0;
  if (mode == LagMode::exponential) {
    sum = fading_ * decay_factor(now - *last_, *lag);
  } else {
    for (std::size_t i = 0; i < moves_.size(); ++i) {
      const Duration age = now - moves_[i].time;
      double left = 0;
      if (mode == LagMode::response) {
        const auto bin = static_cast<std::size_t>(age / LeadLag::lag_step);
        left = bin < response.size() ? 1 - response[bin] : 0;
      } else if (age < *lag) {
        left = mode == LagMode::pure_delay ? 1 : 1 - seconds_of(age) / seconds_of(*lag);
      }
      sum += moves_[i].log_return * left;
    }
  }
  return std::clamp(beta * sum, -limit, limit);
}

void LagPrediction::gap() {
  moves_.clear();
  fading_ = 0;
  last_.reset();
}

void LagPrediction::save(ByteWriter& out) const {
  out.put_u64(moves_.size());
  for (std::size_t i = 0; i < moves_.size(); ++i) {
    out.put_i64(to_ns(moves_[i].time));
    out.put_double(moves_[i].log_return);
  }
  out.put_double(fading_);
  put_optional(out, last_);
}

void LagPrediction::restore(ByteReader& in) {
  moves_.clear();
  const std::uint64_t count = in.get_u64();
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    const Time time = time_from_ns(in.get_i64());
    const double log_return = in.get_double();
    if (!in.failed()) moves_.push({time, log_return});
  }
  fading_ = in.get_double();
  last_ = get_optional_time(in);
}

}  // namespace mm
