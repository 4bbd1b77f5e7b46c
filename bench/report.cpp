#include "bench/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/result.hpp"

namespace mm::bench {

void Report::add(const Goal& goal, const Figure& figure, bool judged, const std::string& note) {
  const bool at_most = goal.form == Goal::Form::at_most;
  const bool inside = at_most ? figure.median <= goal.limit : figure.median >= goal.limit;
  const bool steady = figure.spread <= tolerated_spread;
  const bool met = judged && steady && inside;
  std::string verdict = met ? "met" : "NOT MET";
  if (!judged) verdict = "not judged: sample data";
  if (judged && !steady)
    verdict = fmt::format("not judged: denominator spread {:.0f} %", 100 * figure.spread);
  if (rows_.empty())
    fmt::print("{:<9} {:<58} {:>9} {:>17} {:>9}  {}\n", "goal", "what", "measured", "[min..max]",
               "goal", "");
  fmt::print("{:<9} {:<58} {:>9.4g} {:>17} {:>2}{:>7.4g}  {}{}{}\n", goal.id, goal.name,
             figure.median, fmt::format("[{:.3g}..{:.3g}]", figure.low, figure.high),
             at_most ? "<=" : ">=", goal.limit, verdict, note.empty() ? "" : "; ", note);
  std::fflush(stdout);
  rows_.push_back({goal, figure.median, met});
}

void Report::say(const std::string& line) {
  fmt::print("          {}\n", line);
  std::fflush(stdout);
}

void Report::write(const std::string& path) const {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Row& row : rows_)
    rows.push_back({{"id", row.goal.id},
                    {"name", row.goal.name},
                    {"measured", row.measured},
                    {"goal", row.goal.limit},
                    {"met", row.met}});
  std::ofstream file{path};
  file << rows.dump(2) << '\n';
  file.flush();
  if (!file) throw Error{ErrorKind::data, fmt::format("bench: cannot write {}", path)};
}

std::size_t Report::met() const {
  return static_cast<std::size_t>(
      std::count_if(rows_.begin(), rows_.end(), [](const Row& row) { return row.met; }));
}

}  // namespace mm::bench
