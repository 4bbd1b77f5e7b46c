#pragma once

// Measuring side by side: contenders take turns in one process, so a busy neighbour hits them all.
//
// A goal is a ratio of two contenders, formed within each round; what is reported is the median of
// the rounds' ratios. A ratio whose denominator itself wanders is not judged.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mm::bench {

enum class Clock {
  thread,  ///< CPU time of the calling thread: for work on one thread
  wall,    ///< for work on several, and for latencies
};

/// Seconds since some fixed moment.
double seconds(Clock clock);
/// CPU seconds of all threads of this process.
double process_cpu_seconds();

/// Keeps the compiler from dropping the computation of `value`.
template <class T>
inline void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

/// The q-quantile (0 ... 1) by nearest rank of a copy of the samples. Requires at least one.
double quantile(std::vector<double> samples, double q);

/// What was measured of one goal.
struct Figure {
  double median = 0;
  double low = 0;  ///< smallest and largest of the rounds
  double high = 0;
  /// How far the middle four fifths of the denominator's rounds reach from their median, as a
  /// fraction of it; 0 where there is no denominator.
  double spread = 0;
};

/// Beyond this spread of its denominator a ratio is not judged.
inline constexpr double tolerated_spread = 0.25;

class Contest {
 public:
  /// `run` does the whole of the work once, and the same work each time.
  void add(std::string name, std::function<void()> run, Clock clock = Clock::thread);

  /// Runs every contender once unmeasured, then `count` times in turn.
  void run_rounds(std::size_t count);

  /// Seconds of one contender, by round.
  const std::vector<double>& samples(std::string_view name) const;
  Figure ratio(std::string_view numerator, std::string_view denominator) const;

 private:
  struct Contender {
    std::string name;
    std::function<void()> run;
    Clock clock = Clock::thread;
    std::vector<double> samples;
  };
  std::vector<Contender> contenders_;
};

/// The ratios of two equally long series, round by round.
Figure ratio_of(const std::vector<double>& numerator, const std::vector<double>& denominator);

}  // namespace mm::bench
