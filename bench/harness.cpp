#include "bench/harness.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <utility>

#include "engine/assert.hpp"

namespace mm::bench {
namespace {

double read_clock(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace

double seconds(Clock clock) {
  return read_clock(clock == Clock::thread ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC);
}

double process_cpu_seconds() {
  return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

double quantile(std::vector<double> samples, double q) {
  MM_ASSERT(!samples.empty(), "a quantile of nothing");
  const double rank = std::ceil(q * static_cast<double>(samples.size())) - 1;
  const auto at = static_cast<std::ptrdiff_t>(std::max(rank, 0.0));
  std::nth_element(samples.begin(), samples.begin() + at, samples.end());
  return samples[static_cast<std::size_t>(at)];
}

void Contest::add(std::string name, std::function<void()> run, Clock clock) {
  contenders_.push_back({std::move(name), std::move(run), clock, {}});
}

void Contest::run_rounds(std::size_t count) {
  for (Contender& contender : contenders_) contender.run();
  for (std::size_t round = 0; round < count; ++round) {
    for (Contender& contender : contenders_) {
      const double begin = seconds(contender.clock);
      contender.run();
      contender.samples.push_back(seconds(contender.clock) - begin);
    }
  }
}

const std::vector<double>& Contest::samples(std::string_view name) const {
  const auto found = std::find_if(contenders_.begin(), contenders_.end(),
                                  [&](const Contender& of) { return of.name == name; });
  MM_ASSERT(found != contenders_.end(), "no such contender");
  return found->samples;
}

Figure Contest::ratio(std::string_view numerator, std::string_view denominator) const {
  return ratio_of(samples(numerator), samples(denominator));
}

Figure ratio_of(const std::vector<double>& numerator, const std::vector<double>& denominator) {
  MM_ASSERT(numerator.size() == denominator.size(), "rounds of unequal number");
  std::vector<double> ratios;
  for (std::size_t i = 0; i < numerator.size(); ++i)
    ratios.push_back(numerator[i] / denominator[i]);
  const double middle = quantile(denominator, 0.5);
  const double below = middle - quantile(denominator, 0.1);
  const double above = quantile(denominator, 0.9) - middle;
  return {quantile(ratios, 0.5), *std::min_element(ratios.begin(), ratios.end()),
          *std::max_element(ratios.begin(), ratios.end()), std::max(below, above) / middle};
}

}  // namespace mm::bench
