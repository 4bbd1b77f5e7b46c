#pragma once

// From a pass to what is printed: differences with intervals, calibration, warnings, one sentence.

#include "research/what_if/run.hpp"

namespace mm::research {

CounterfactualResult report(const CounterfactualRequest& request, const Run& run,
                            const RunRecord& record);

}  // namespace mm::research
