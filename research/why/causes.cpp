#include "research/why/causes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/numeric.hpp"

namespace mm::research::why {
namespace {

// Below these nothing is said: about what a mid does anyway in the time.
constexpr double telling_lead_bps = 1;
constexpr double telling_own_bps = 1;
constexpr double telling_since_bps = 0.5;
constexpr double telling_adverse_bps = 0.5;

double against(Side side, double move_bps) {
  return -static_cast<double>(sign(side)) * move_bps;
}

std::string milliseconds(Duration duration) {
  const double ms = static_cast<double>(duration.count()) / 1e6;
  if (ms < 10) return fmt::format("{:.1f} ms", ms);
  if (ms < 10'000) return fmt::format("{:.0f} ms", ms);
  return fmt::format("{:.0f} s", ms / 1e3);
}

}  // namespace

std::vector<std::string> facts_of(const FillFacts& facts) {
  std::vector<std::string> lines;
  if (!facts.maker) lines.emplace_back("we were the taker");
  if (facts.leaving_since)
    lines.push_back(fmt::format("our cancel or replace had been sent {} before and came too late",
                                milliseconds(*facts.leaving_since)));
  if (facts.lead_1s_bps && against(facts.side, *facts.lead_1s_bps) >= telling_lead_bps)
    lines.push_back(fmt::format("{} had moved {:+.1f} bps in the second before", facts.lead,
                                *facts.lead_1s_bps));
  if (facts.own_since_bps && against(facts.side, *facts.own_since_bps) >= telling_since_bps)
    lines.push_back(
        fmt::format("the mid had moved {:+.1f} bps towards our price since the decision",
                    *facts.own_since_bps));
  else if (facts.own_1s_bps && against(facts.side, *facts.own_1s_bps) >= telling_own_bps)
    lines.push_back(
        fmt::format("the mid had moved {:+.1f} bps in the second before", *facts.own_1s_bps));
  if (facts.prices_swept > 1)
    lines.push_back(facts.share_of_taker
                        ? fmt::format("the taker swept {} prices, ours {:.3g} % of its size",
                                      facts.prices_swept, *facts.share_of_taker * 100)
                        : fmt::format("the taker swept {} prices", facts.prices_swept));
  if (facts.cause == FillCause::cross)
    lines.emplace_back("the other side moved through our price without a print");
  if (facts.context == FillContext::last_remaining)
    lines.emplace_back("others had withdrawn from our price: we were the last");
  if (facts.context == FillContext::shielded)
    lines.emplace_back("others stayed at our price behind us");
  if (facts.spread_capture_bps && *facts.spread_capture_bps < 0)
    lines.push_back(fmt::format("it filled {:.1f} bps on the wrong side of the mid before it",
                                -*facts.spread_capture_bps));
  const std::int64_t signed_lots = sign(facts.side) * facts.lots;
  if (facts.position_before != 0 && (facts.position_before > 0) == (signed_lots > 0))
    lines.emplace_back("it added to the position");
  if (facts.adverse_10s_bps && *facts.adverse_10s_bps >= telling_adverse_bps)
    lines.push_back(
        fmt::format("the mid went {:.1f} bps against it within 10 s", *facts.adverse_10s_bps));
  return lines;
}

std::string cause_line(const FillFacts& facts) {
  const std::vector<std::string> lines = facts_of(facts);
  if (lines.empty()) return "nothing stands out";
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(lines.size(), 3); ++i)
    text += (i == 0 ? "" : "; ") + lines[i];
  return text;
}

std::string cause_line(const AccountShot& change, Qty position_before,
                       const std::optional<double>& move_bps, const Instrument& instrument) {
  struct Part {
    Int128 value;
    const char* name;
  };
  const std::array<Part, 5> parts{{{change.inventory, "inventory"},
                                   {change.adverse_selection, "adverse selection"},
                                   {change.spread_capture, "spread"},
                                   {change.fees, "fees"},
                                   {change.funding, "funding"}}};
  const Part worst = *std::ranges::min_element(parts, {}, &Part::value);
  if (worst.value >= 0) return "no part of it lost";
  const std::string name = worst.name;
  const std::string held = position_before == change.position
                               ? format_qty(instrument, position_before)
                               : fmt::format("{} to {}", format_qty(instrument, position_before),
                                             format_qty(instrument, change.position));
  const std::string mid =
      move_bps ? fmt::format(", the mid {:+.1f} bps", *move_bps) : std::string{};
  if (name == "inventory") return fmt::format("inventory: held {}{}", held, mid);
  if (name == "adverse selection")
    return fmt::format("adverse selection: the 10 s behind {} fill{}{}", change.fills,
                       change.fills == 1 ? "" : "s", mid);
  if (name == "spread")
    return fmt::format("spread: {} fill{} beyond the mid{}", change.fills,
                       change.fills == 1 ? "" : "s", mid);
  if (name == "fees")
    return fmt::format("fees of {} fill{}", change.fills, change.fills == 1 ? "" : "s");
  return fmt::format("funding on {}", held);
}

}  // namespace mm::research::why
