#pragma once

// The answer of a what-if: one request over the sessions it was asked of, printed or written down.

#include <optional>
#include <string>
#include <vector>

#include "cli/print_record.hpp"
#include "research/counterfactual.hpp"

namespace mm::cli {

struct SessionAnswer {
  std::uint64_t number = 0;
  std::string id;
  research::CounterfactualRequest request;  ///< window, variants, members, bootstrap
  research::SweepRecord record;
};

struct WhatIfAnswer {
  std::vector<SessionAnswer> sessions;
  bool all_sessions = false;  ///< asked of all: printed as a list even if there is one
};

struct PrintOptions {
  bool json = false;
  bool csv = false;
  std::string plot;  ///< file for an SVG; empty: none
};

/// The report of every session to stdout, the plot into its file.
void print_answer(const WhatIfAnswer& answer, const PrintOptions& options);

/// One session's JSON document.
Json document_of(const SessionAnswer& answer, const research::CounterfactualResult& result);

/// Tables and sentences for a terminal.
std::string text_of(const research::CounterfactualResult& result);
std::string csv_of(const research::CounterfactualResult& result);
/// Delta with intervals against the variants, and fill probability against distance.
std::string svg_of(const research::CounterfactualResult& result,
                   const std::vector<research::Variant>& variants);

// ---------------------------------------------------------------- partial results

/// Which part of the work: unit u (sessions by variants, in order) is of shard u mod count + 1.
struct Shard {
  std::uint64_t index = 1;
  std::uint64_t count = 1;

  bool has(std::size_t unit) const { return unit % count + 1 == index; }
};
/// "2/4"; throws Error(usage).
Shard parse_shard(const std::string& text);

Json partial_json(const WhatIfAnswer& answer, const Shard& shard);
/// Puts partial results together to what one run would have computed. Throws Error(data) naming the
/// file if one is something else, belongs to another run or contradicts the others, and Error(data)
/// naming what is missing if they are not all there.
WhatIfAnswer merge_partials(const std::vector<std::string>& files);

}  // namespace mm::cli
