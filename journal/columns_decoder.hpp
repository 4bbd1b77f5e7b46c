#pragma once

// Columns to market records: the reading half of a block, one message at a time.
//
// load() decodes all columns and checks that their lengths fit together, so that stepping needs no
// bounds checks: every value it takes was counted before. What is left to check while stepping is
// whether changes of a snapshot fit the snapshot before, and a prediction's enums.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/event.hpp"
#include "engine/output.hpp"
#include "journal/columns.hpp"
#include "journal/columns_prediction.hpp"
#include "journal/columns_references.hpp"
#include "journal/columns_snapshot.hpp"

namespace mm::journal {

class ColumnCursor {
 public:
  struct Block {
    std::array<std::span<const std::byte>, column_count> columns;  ///< empty = absent
    std::int64_t first_recv_ns = 0;
    std::uint32_t recv_unit_ns = 1;
    std::uint32_t venue_unit_ns = 1;
    std::uint64_t first_seq = 0;
  };

  ColumnCursor();
  ColumnCursor(const ColumnCursor&) = delete;
  ColumnCursor& operator=(const ColumnCursor&) = delete;

  /// Null if the block can be walked, else what is wrong with it. The bytes must stay in place.
  const char* load(const Block& block);

  std::size_t records() const { return records_; }
  std::size_t rows() const { return layouts_[static_cast<std::size_t>(Layout::row)]; }
  std::size_t records_before(std::int64_t recv_ns) const;

  /// What finding a record by its time needs of a block, decoded without the rest.
  struct Found {
    std::size_t records = 0;  ///< in the whole block
    std::size_t before = 0;   ///< with recv_time before the time asked for
    const char* wrong = nullptr;
  };
  Found find(const Block& block, std::int64_t recv_ns);

  /// The next record if it has columns; null otherwise, and step() says why.
  const Event* next();
  enum class Step { row, output, end, damaged };
  Step step() const { return step_; }
  /// After Step::output: valid until the next step.
  const Output& output() const { return output_; }
  /// After Step::row: seq, recv_time and instrument of the record; its exchange time is not here.
  const EventHeader& row_header() const { return row_header_; }
  const char* damage() const { return damage_; }

 private:
  struct Snapshots {
    std::array<SnapshotSide, 2> sides;
    bool seen = false;
    bool with_orders = false;
  };
  /// The three columns that levels are made of, and how far they were read.
  struct LevelColumns {
    ColumnReader& touch;
    ColumnReader& price;
    ColumnReader& qty;
    std::size_t next_touch = 0;
    std::size_t next_price = 0;
    std::size_t next_qty = 0;
    bool narrow = false;  ///< prices and quantities have no wide values

    void start() {
      next_touch = next_price = next_qty = 0;
      narrow = !price.has_wide() && !qty.has_wide();
    }
  };

  ColumnReader& at(Column column) { return columns_[index_of(column)]; }
  std::uint64_t difference(Column column, std::size_t index) const {
    return differences_[index_of(column)].at(index);
  }
  bool decode(const Block& block, Column column, std::size_t count);
  const char* count_layouts();
  const char* load_message_columns(const Block& block);
  const char* load_level_columns(const Block& block);

  const Event* next_rare(Layout layout, std::uint32_t kind);
  template <Layout layout>
  std::size_t read_head(Event& event, std::uint32_t kind, std::int64_t& event_ns);
  template <Side side, bool narrow>
  void read_side(Level* out, std::size_t count, std::uint64_t reference, LevelColumns& columns);
  template <Side side>
  std::span<const Level> read_delta_side(Level* out, std::size_t count,
                                         InstrumentReferences& references);
  void read_delta(std::uint32_t kind);
  void read_quote(std::uint32_t kind);
  void read_touch(std::size_t index, TouchReference& touch, Level& level, std::int64_t& orders);
  void read_trade(std::uint32_t kind);
  bool read_snapshot(std::uint32_t kind);
  const Event* read_prediction(Layout layout, std::uint32_t kind);
  bool read_snapshot_side(Side side, std::size_t index, bool as_changes,
                          InstrumentReferences& references, Snapshots& snapshots);

  ColumnDecoder kind_values_;
  ColumnDecoder message_values_;
  ColumnDecoder level_values_;
  std::array<ColumnReader, column_count> columns_;
  std::array<DifferenceReader, column_count> differences_;
  ColumnReader all_times_;  ///< the column recv_time with all its wide values
  LevelColumns delta_levels_;
  LevelColumns snapshot_levels_;
  std::size_t next_orders_ = 0;
  bool quotes_have_orders_ = false;
  std::array<std::size_t, market_layouts> taken_{};  ///< messages read, by layout
  std::array<std::size_t, layout_count> layouts_{};
  std::size_t records_ = 0;
  std::size_t index_ = 0;

  std::uint64_t first_seq_ = 0;
  std::int64_t first_recv_ns_ = 0;
  std::uint64_t recv_ns_ = 0;
  std::uint32_t recv_unit_ns_ = 1;
  std::uint32_t venue_unit_ns_ = 1;
  std::array<std::uint64_t, market_layouts> lags_{};
  BlockReferences references_{};
  std::array<Snapshots, max_instruments> snapshots_;
  SnapshotSide changes_;
  SnapshotSide merged_;
  PredictionDecoder predictions_;
  static constexpr std::size_t level_overrun = 4;
  static_assert(level_overrun <= ColumnDecoder::overrun);
  std::vector<Level> levels_;  ///< of the current delta, with room for level_overrun more

  Step step_ = Step::end;
  EventHeader row_header_;
  const char* damage_ = nullptr;
  Event delta_;
  Event quote_;
  Event trade_;
  Event snapshot_;
  Output output_;
};

}  // namespace mm::journal
