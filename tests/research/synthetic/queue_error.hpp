#pragma once

// How far each queue model is from the truth: estimated and true places of our orders, at every
// delta of the book we hear.
//
// Our own messages of a recorded run go to one paper exchange for each model, all fed by the market
// without us. Where an order rests there with a known place and stands in the true queue as well,
//
//   error = lots estimated ahead - lots truly ahead
//
// The true place is that of the venue's moment the delta tells of.

#include <string>
#include <vector>

#include "sim/queue.hpp"
#include "tests/research/synthetic/run.hpp"

namespace mm::research::testing {

struct QueueError {
  std::string model;
  std::int64_t places = 0;
  double mean_ahead = 0;     ///< true lots ahead
  double bias = 0;           ///< mean error, lots
  double mean_absolute = 0;  ///< lots
  double relative() const { return mean_ahead > 0 ? mean_absolute / mean_ahead : 0; }
  void add(const QueueError& other);
};

/// The run must have kept its truth. One result for each model, in order.
std::vector<QueueError> queue_errors(const SyntheticRun& run,
                                     const std::vector<sim::QueueModel>& models);

}  // namespace mm::research::testing
