#pragma once

// Predictions (engine/prediction.hpp) to columns and back: one column for all heads of a block and
// one for all levels.
//
// A record is a row of 64-bit words, its fields in the order of describe.hpp. A column holds the
// words field by field: the first field of every record, then the second of every record, and so
// on, so that like stands beside like. Each value is the zigzag of the difference from the same
// field of the record before: for a head of the head before; for a level, of the last one of the
// same side and level index (modulo 16), but side and index themselves are differences from the
// level before. Everything starts at zero with each block.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "engine/describe.hpp"
#include "journal/columns.hpp"

namespace mm::journal {

/// The fields of a record whose fields are all 64 bits wide or less.
template <class Body>
constexpr std::size_t word_count() {
  Body body;
  std::size_t count = 0;
  describe(body, [&count](const char*, auto&) { ++count; });
  return count;
}
inline constexpr std::size_t prediction_words = word_count<Prediction>();
inline constexpr std::size_t level_words = word_count<PredictedLevel>();

/// Writes each field of a body to the next word.
struct WordWriter {
  std::uint64_t* to;
  void operator()(const char*, std::int64_t value) { put(value); }
  void operator()(const char*, bool value) { put(value ? 1 : 0); }
  void operator()(const char*, Price value) { put(value.units()); }
  void operator()(const char*, Qty value) { put(value.lots()); }
  void operator()(const char*, ClientOrderId value) { *to++ = value.value; }
  template <class E>
  requires std::is_enum_v<E>
  void operator()(const char*, E value) { *to++ = static_cast<std::uint64_t>(value); }

 private:
  void put(std::int64_t value) { *to++ = static_cast<std::uint64_t>(value); }
};

/// Reads them; `valid` turns false at an enum or flag out of range.
struct WordReader {
  const std::uint64_t* from;
  bool valid = true;
  void operator()(const char*, std::int64_t& value) { value = next(); }
  void operator()(const char*, bool& value) {
    valid = valid && *from <= 1;
    value = *from++ != 0;
  }
  void operator()(const char*, Price& value) { value = Price::from_units(next()); }
  void operator()(const char*, Qty& value) { value = Qty::from_lots(next()); }
  void operator()(const char*, ClientOrderId& value) { value.value = *from++; }
  template <class E>
  requires std::is_enum_v<E>
  void operator()(const char*, E& value) {
    const std::uint64_t stored = *from++;
    if (stored <= static_cast<std::uint64_t>(last_of(E{})))
      value = static_cast<E>(stored);
    else
      valid = false;
  }

 private:
  std::int64_t next() { return static_cast<std::int64_t>(*from++); }
};

/// What level records refer to.
struct LevelReferences {
  static constexpr std::size_t indices = 16;
  std::array<std::array<std::uint64_t, level_words>, 2 * indices> slots{};
  std::array<std::uint64_t, 2> last{};  // side and index of the level before
  std::array<std::uint64_t, level_words>& slot(std::uint64_t side, std::uint64_t index) {
    return slots[(side & 1) * indices + index % indices];
  }
};

class PredictionEncoder {
 public:
  void clear();
  void add(const Prediction& head);
  void add(const PredictedLevel& level);
  /// Fills both columns with what was added since clear().
  void finish(ColumnWriter& heads, ColumnWriter& levels) const;

 private:
  // Differences, field by field.
  std::array<std::vector<std::uint64_t>, prediction_words> heads_;
  std::array<std::vector<std::uint64_t>, level_words> levels_;
  std::array<std::uint64_t, prediction_words> head_{};
  LevelReferences references_;
};

class PredictionDecoder {
 public:
  /// The columns must stay in place; each holds its words times the number of records.
  void start(const DifferenceReader& heads, std::size_t head_count, const DifferenceReader& levels,
             std::size_t level_count);
  /// The next record of its sort; false if a value is out of range. At most as many as announced.
  bool read(Prediction& head);
  bool read(PredictedLevel& level);

 private:
  DifferenceReader heads_;
  DifferenceReader levels_;
  std::size_t head_count_ = 0;
  std::size_t level_count_ = 0;
  std::size_t next_head_ = 0;
  std::size_t next_level_ = 0;
  std::array<std::uint64_t, prediction_words> head_{};
  LevelReferences references_;
};

}  // namespace mm::journal
