#pragma once

// Sentences over significant numbers. They follow from intervals, never from point estimates, and
// speak only of what is identified.

#include <string>

#include "research/counterfactual.hpp"

namespace mm::research {

/// What the rows say of this window.
std::string insight_of(const CounterfactualResult& result);
/// What follows for the parameters.
std::string recommendation_of(const CounterfactualResult& result);

}  // namespace mm::research
