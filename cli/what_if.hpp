#pragma once

// Between the journal and research/counterfactual: the values to try and the recorded inputs.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/event.hpp"
#include "journal/reader.hpp"
#include "research/counterfactual.hpp"

namespace mm::cli {

/// The grid of every combination of the values of --spread and --set, in the order given; values
/// are lists (3bps,8bps) or ranges (1bps:20bps:1bps, both ends included). Throws Error(usage) if a
/// text is none of these, or if there are more than 1,000 variants.
std::vector<research::Variant> variants_of(const std::optional<std::string>& spread,
                                           const std::vector<std::string>& parameters);

/// The inputs of a session up to `to`, from its start, without the outputs. The cursor is
/// borrowed; it throws at damage. `on_step` is called for each record with the bytes read and in
/// all; it may be empty.
research::EventStream recorded_inputs(
    journal::RecordCursor& cursor, std::function<void(std::uint64_t, std::uint64_t)> on_step = {});

}  // namespace mm::cli
