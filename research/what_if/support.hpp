#pragma once

// How much of what a variant did the recording can speak of, and how likely orders were to fill.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "research/counterfactual.hpp"
#include "research/what_if/records.hpp"

namespace mm::research {

/// sum of min(variant, cap * actual) / sum of variant over cells; absent where nothing stood.
std::optional<double> support(std::span<const double> actual, std::span<const double> variant,
                              double cap = 2);
std::optional<double> support_of(const Exposure& actual, const Exposure& variant);

/// One entry for each depth at which an order was placed, nearest first (fill_curve.hpp).
std::vector<FillProbability> fill_probabilities(const FillCurve& curve);

}  // namespace mm::research
