#pragma once

// A parameter set: what a fit found for one model of one instrument, as a file.
//
//   { "format": "mmctl-params", "version": 1, "model": "hawkes", "instrument": "VENUE:SYMBOL",
//     "values": {...}, "provenance": {...}, "fitted": "2026-01-05T12:30:00Z", "hash": "..." }
//
// `hash` is XXH3-128 of the document as compact JSON with sorted keys, without `hash` and `fitted`:
// the same fit of the same recording has the same hash whenever it is made. A session that uses a
// set is told its values and its hash by a parameter change named `model.MODEL`
// (engine/models/model_values.hpp), so a replay needs no file.

#include <string>
#include <string_view>
#include <vector>

#include "cli/print_record.hpp"
#include "engine/models/model_values.hpp"
#include "engine/settings.hpp"

namespace mm::cli {

struct ParameterSet {
  std::string model;       ///< one of engine/models/model_schema.hpp
  std::string instrument;  ///< VENUE:SYMBOL
  ModelValues values;
  Json provenance;     ///< sessions, window, counts, scores, errors, program
  std::string fitted;  ///< when; not part of the hash
  std::string hash;    ///< 32 hexadecimal digits

  /// What a session is told: the values and the hash.
  std::string text() const;
};

/// Fills in set.hash.
void seal(ParameterSet& set);
/// Writes a sealed set. Throws Error(data) if it cannot.
void write_parameter_set(const std::string& path, const ParameterSet& set);

/// Throws Error naming `flag`, the file and the field: data if it cannot be read, is damaged or was
/// changed since it was written; usage if it is a file of another kind. Values are as they stand:
/// problems_of() says whether they are fit for use.
ParameterSet read_parameter_set(std::string_view flag, const std::string& path);

/// As above, of "FILE[,FILE...]"; also throws Error(data) if values are not fit for use, and
/// Error(usage) if two are of one model.
std::vector<ParameterSet> read_parameter_sets(std::string_view flag, const std::string& list);

/// As a session is told: "model.MODEL" and text().
Setting model_setting(const ParameterSet& set);

/// The document as it stands in the file.
Json document_of(const ParameterSet& set);

}  // namespace mm::cli
