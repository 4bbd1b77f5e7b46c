#include "venues/feed_spec.hpp"

#include <algorithm>
#include <iterator>

#include "engine/result.hpp"
#include "venues/instruments.hpp"

namespace mm::venues {
namespace {

std::string list_of_venues() {
  std::string list;
  for (const std::string_view name : venue_names) {
    if (!list.empty()) list += ", ";
    list += name;
  }
  return list;
}

}  // namespace

FeedSpec parse_feed_spec(std::string_view flag, std::string_view value) {
  const auto fail = [&](const std::string& what) {
    throw Error(ErrorKind::usage, std::string(flag) + " " + std::string(value) + ": " + what);
  };
  FeedSpec spec;
  spec.role = flag == "--lead" ? InstrumentRole::lead : InstrumentRole::quoted;

  const std::size_t equals = value.find('=');
  const std::string_view name = value.substr(0, equals);
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) fail("expected VENUE:SYMBOL=FILE[,FILE...]");
  spec.venue = name.substr(0, colon);
  spec.symbol = name.substr(colon + 1);
  if (std::find(std::begin(venue_names), std::end(venue_names), spec.venue) ==
      std::end(venue_names)) {
    fail("unknown venue \"" + spec.venue + "\"; known: " + list_of_venues());
  }
  if (spec.symbol.empty()) fail("the symbol is empty");

  if (equals == std::string_view::npos) return spec;
  std::string_view files = value.substr(equals + 1);
  while (true) {
    const std::size_t comma = files.find(',');
    const std::string_view file = files.substr(0, comma);
    if (file.empty()) fail("a file name is empty");
    spec.files.emplace_back(file);
    if (comma == std::string_view::npos) return spec;
    files.remove_prefix(comma + 1);
  }
}

void check_distinct(const std::vector<FeedSpec>& specs) {
  for (std::size_t at = 0; at < specs.size(); ++at) {
    for (std::size_t before = 0; before < at; ++before) {
      if (specs[before].venue == specs[at].venue && specs[before].symbol == specs[at].symbol) {
        throw Error(ErrorKind::usage, quoted_flag(specs[at]) +
                                          ": the instrument was named before; join its files "
                                          "with commas");
      }
    }
  }
  if (specs.size() > max_instruments) {
    throw Error(ErrorKind::usage, std::to_string(specs.size()) +
                                      " instruments; a session holds at most " +
                                      std::to_string(max_instruments));
  }
}

std::string quoted_flag(const FeedSpec& spec) {
  const bool lead = spec.role == InstrumentRole::lead;
  return std::string(lead ? "--lead " : "--venue ") + spec.venue + ":" + spec.symbol;
}

}  // namespace mm::venues
