#include "engine/models/hawkes.hpp"

#include <algorithm>
#include <cmath>

#include "engine/det/math.hpp"
#include "engine/models/special.hpp"

namespace mm {

double size_sweep_mark(const HawkesMarks& marks, double relative_size, bool sweep) {
  const double power = marks.size_power == 0.5
                           ? std::sqrt(relative_size)
                           : det::exp(marks.size_power * det::log(relative_size));
  return std::min(power, marks.size_cap) * (sweep ? marks.sweep : 1);
}

double hawkes_mark(const HawkesMarks& marks, double relative_size, bool consumes_side, bool sweep) {
  return size_sweep_mark(marks, relative_size, sweep) *
         (consumes_side ? marks.same_side : marks.other_side);
}

double hawkes_baseline(const HawkesBaseline& settings, std::optional<double> funding_z,
                       std::optional<double> open_interest_z, const FundingPhase* phases,
                       std::size_t phase_count) {
  double exponent = settings.weight_funding * funding_z.value_or(0) +
                    settings.weight_open_interest * open_interest_z.value_or(0);
  for (std::size_t i = 0; i < phase_count; ++i) {
    const FundingPhase& each = phases[i];
    const CosSin phase = cos_sin_of_phase(each.to_settlement.count(), each.period.count());
    exponent += each.weight_cos * phase.cos + each.weight_sin * phase.sin;
  }
  return settings.mu0 * det::exp(std::clamp(exponent, -3.0, 3.0));
}

namespace {

/// (1 - e^(-theta h))/theta and (h - that)/theta, by series where theta h is small.
struct Growth {
  double g1;
  double g2;
};

Growth growth(double theta, double h) {
  const double x = theta * h;
  if (std::fabs(x) < 1e-2) {
    // Both series end below 2^-60 of their first term.
    const double g1 =
        1 -
        x / 2 * (1 - x / 3 * (1 - x / 4 * (1 - x / 5 * (1 - x / 6 * (1 - x / 7 * (1 - x / 8))))));
    const double g2 =
        0.5 -
        x / 6 * (1 - x / 4 * (1 - x / 5 * (1 - x / 6 * (1 - x / 7 * (1 - x / 8 * (1 - x / 9))))));
    return {h * g1, h * h * g2};
  }
  const double g1 = -det::expm1(-x) / theta;
  return {g1, (h - g1) / theta};
}

}  // namespace

double expected_orders(double h, double mu, double excitation, const HawkesKernel& kernel,
                       double mean_mark) {
  const Growth over = growth(kernel.beta - kernel.alpha * mean_mark, h);
  return (mu + excitation) * over.g1 + mu * kernel.beta * over.g2;
}

double quiet_orders(double h, double mu, double excitation, const HawkesKernel& kernel) {
  return mu * h - excitation * det::expm1(-kernel.beta * h) / kernel.beta;
}

HorizonGrowth horizon_growth(double h, const HawkesKernel& kernel, const HawkesMarks& marks,
                             double mean_mark) {
  const double same = marks.same_side * mean_mark;
  const double other = marks.other_side * mean_mark;
  const auto over = [&](double mark) {
    const Growth g = growth(kernel.beta - kernel.alpha * mark, h);
    return std::array<double, 2>{g.g1, g.g2};
  };
  return {.h = h,
          .other = other,
          .q = -det::expm1(-kernel.beta * h) / kernel.beta,
          .sum = over(same + other),
          .difference = over(same - other),
          .one_side = over(same)};
}

TwoSidedCounts two_sided_counts(const HorizonGrowth& growth, double mu_bid, double mu_ask,
                                double excitation_bid, double excitation_ask,
                                const HawkesKernel& kernel) {
  const auto expected_of = [&](const std::array<double, 2>& over, double mu, double excitation) {
    return (mu + excitation) * over[0] + mu * kernel.beta * over[1];
  };
  const double h = growth.h;
  const double sum = expected_of(growth.sum, mu_bid + mu_ask, excitation_bid + excitation_ask);
  const double difference =
      expected_of(growth.difference, mu_bid - mu_ask, excitation_bid - excitation_ask);
  const auto quiet = [&](double mu, double excitation, double mu_other, double excitation_other,
                         double most) {
    if (!(h > 0)) return 0.0;
    const double theirs = expected_of(growth.one_side, mu_other, excitation_other);
    return std::min(most,
                    mu * h + excitation * growth.q +
                        growth.other * kernel.alpha * theirs * (1 - growth.q / h) / kernel.beta);
  };
  TwoSidedCounts counts;
  counts.bid.expected = (sum + difference) / 2;
  counts.ask.expected = (sum - difference) / 2;
  counts.bid.quiet = quiet(mu_bid, excitation_bid, mu_ask, excitation_ask, counts.bid.expected);
  counts.ask.quiet = quiet(mu_ask, excitation_ask, mu_bid, excitation_bid, counts.ask.expected);
  return counts;
}

TwoSidedCounts two_sided_counts(double h, double mu_bid, double mu_ask, double excitation_bid,
                                double excitation_ask, const HawkesKernel& kernel,
                                const HawkesMarks& marks, double mean_mark) {
  return two_sided_counts(horizon_growth(h, kernel, marks, mean_mark), mu_bid, mu_ask,
                          excitation_bid, excitation_ask, kernel);
}

double branching_ratio(const HawkesKernel& kernel, const HawkesMarks& marks, double mean_mark) {
  return (marks.same_side + marks.other_side) * kernel.alpha * mean_mark / kernel.beta;
}

HawkesKernel stable_kernel(HawkesKernel kernel, const HawkesMarks& marks, double mean_mark,
                           double largest_multiplier) {
  constexpr double most = 0.98;
  const double ratio = branching_ratio(kernel, marks, mean_mark) * largest_multiplier;
  if (ratio > most) kernel.alpha *= most / ratio;
  return kernel;
}

namespace {

double fade(const HawkesKernel& kernel, Duration elapsed) {
  return det::exp(-kernel.beta * seconds_of(elapsed));
}

}  // namespace

void HawkesIntensity::advance(const Settings& settings, Time now) {
  if (last_ && now > *last_) {
    const double seconds = seconds_of(now - *last_);
    const double left = fade(settings.kernel, now - *last_);
    for (Accumulator& side : sides_) {
      side.compensator +=
          multiplier_ * (mu_ * seconds + side.excitation * (1 - left) / settings.kernel.beta);
      side.excitation *= left;
    }
  }
  last_ = now;
}

void HawkesIntensity::set_baseline(const Settings& settings, Time now, double mu,
                                   double regime_multiplier) {
  advance(settings, now);
  mu_ = mu;
  multiplier_ = regime_multiplier;
}

double HawkesIntensity::on_order(const Settings& settings, Time now, Side consumed, double size,
                                 bool sweep) {
  advance(settings, now);
  // The median of the orders before this one; the first order is its own.
  const double median = median_size().value_or(size);
  const double mark = size_sweep_mark(settings.marks, size / median, sweep);
  for (const Side side : {Side::buy, Side::sell}) {
    Accumulator& of = sides_[static_cast<std::size_t>(side)];
    of.excitation += settings.kernel.alpha * mark *
                     (side == consumed ? settings.marks.same_side : settings.marks.other_side);
    if (side == consumed) of.compensator = 0;
  }
  const std::optional<Time> before = mark_weight_.last();
  const double left = before ? decay_factor(now - *before, settings.mark_tau) : 0;
  if (settings.size_tau == settings.mark_tau && sizes_.last() == before)
    sizes_.add_by(left, now, size);
  else
    sizes_.add(now, size, settings.size_tau);
  mark_sum_.add_by(left, now, mark);
  mark_weight_.add_by(left, now, 1);
  return size / median;
}

double HawkesIntensity::excitation(const Settings& settings, Time now, Side side) const {
  const double start = sides_[static_cast<std::size_t>(side)].excitation;
  return last_ && now > *last_ ? multiplier_ * start * fade(settings.kernel, now - *last_)
                               : multiplier_ * start;
}

double HawkesIntensity::intensity(const Settings& settings, Time now, Side side) const {
  return multiplier_ * mu_ + excitation(settings, now, side);
}

double HawkesIntensity::residual(const Settings& settings, Time now, Side side) const {
  HawkesIntensity::Accumulator of = sides_[static_cast<std::size_t>(side)];
  if (last_ && now > *last_) {
    const double left = fade(settings.kernel, now - *last_);
    of.compensator += multiplier_ * (mu_ * seconds_of(now - *last_) +
                                     of.excitation * (1 - left) / settings.kernel.beta);
  }
  return of.compensator;
}

double HawkesIntensity::mean_mark(const Settings& settings) const {
  // Ten orders' worth of the prior, so that one order does not make the mean.
  constexpr double prior_weight = 10;
  return (mark_sum_.latest() + prior_weight * settings.prior_mark) /
         (mark_weight_.latest() + prior_weight);
}

std::array<double, 2> HawkesIntensity::excitations(const Settings& settings, Time now) const {
  const double left = last_ && now > *last_ ? fade(settings.kernel, now - *last_) : 1;
  return {multiplier_ * sides_[0].excitation * left, multiplier_ * sides_[1].excitation * left};
}

HorizonGrowth HawkesIntensity::growth(const Settings& settings, double horizon_s) const {
  HawkesKernel kernel = settings.kernel;
  kernel.alpha *= multiplier_;
  return horizon_growth(horizon_s, kernel, settings.marks, mean_mark(settings));
}

TwoSidedCounts HawkesIntensity::counts(const Settings& settings,
                                       const std::array<double, 2>& excitations,
                                       const HorizonGrowth& growth) const {
  HawkesKernel kernel = settings.kernel;
  kernel.alpha *= multiplier_;
  return two_sided_counts(growth, baseline(), baseline(), excitations[0], excitations[1], kernel);
}

void HawkesIntensity::save(ByteWriter& out) const {
  out.put_double(mu_);
  out.put_double(multiplier_);
  put_optional(out, last_);
  for (const Accumulator& side : sides_) {
    out.put_double(side.excitation);
    out.put_double(side.compensator);
  }
  sizes_.save(out);
  mark_sum_.save(out);
  mark_weight_.save(out);
}

void HawkesIntensity::restore(ByteReader& in) {
  mu_ = in.get_double();
  multiplier_ = in.get_double();
  last_ = get_optional_time(in);
  for (Accumulator& side : sides_) {
    side.excitation = in.get_double();
    side.compensator = in.get_double();
  }
  sizes_.restore(in);
  mark_sum_.restore(in);
  mark_weight_.restore(in);
}

}  // namespace mm
