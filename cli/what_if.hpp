#pragma once

// Between the journal and research/counterfactual: the values to try and the recorded inputs.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
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
/// The same grid once for each "FILE[,FILE...]" of parameter sets of models.
std::vector<research::Variant> with_parameter_sets(std::vector<research::Variant> variants,
                                                   const std::vector<std::string>& lists);

/// "a,b" as its parts.
std::vector<std::string> split_list(std::string_view text);

/// The ensemble of every --queue (a list) with every --latency ("5ms", or "5ms,7ms": entry and
/// response). Empty if neither is given. Throws Error(usage).
std::vector<research::Member> members_of(const std::optional<std::string>& queue,
                                         const std::vector<std::string>& latency_texts);

/// Bytes of the journal read since the last call of the same stream, and in all.
using OnStep = std::function<void(std::uint64_t, std::uint64_t)>;

/// A session of a journal as what-ifs read it; both are borrowed. Streams throw at damage.
/// `on_step` is called for each record of a stream of inputs, on the thread that reads it; it may
/// be empty.
research::Recording recording_of(const journal::Journal& journal,
                                 const journal::SessionInfo& session, OnStep on_step = {});

}  // namespace mm::cli
