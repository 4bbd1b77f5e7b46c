#pragma once

// Market records to columns: the writing half of a block. Which records have columns, what the
// columns hold and what their values refer to is stated in docs/journal_format_payload.md.

#include <array>
#include <cstdint>
#include <vector>

#include "engine/event.hpp"
#include "engine/output.hpp"
#include "journal/columns.hpp"
#include "journal/columns_prediction.hpp"
#include "journal/columns_references.hpp"
#include "journal/columns_snapshot.hpp"

namespace mm::journal {

class ColumnEncoder {
 public:
  void clear();

  /// Takes an event into columns; false, with nothing changed, if it has none or is too unusual for
  /// them (levels that do not go outwards, order counts that do not match the levels).
  bool add(const Event& event);
  /// Likewise an output.
  bool add(const Output& output);
  /// Notes a record that is kept row by row elsewhere.
  void add_row(const EventHeader& header);

  struct TimeUnits {
    std::uint32_t recv = 1;
    std::uint32_t venue = 1;
  };
  /// Fills the time columns, in the coarsest units that suit the block.
  TimeUnits finish_times();
  /// Fills the columns of predictions.
  void finish_predictions();

  std::size_t records() const { return recv_ns_.size(); }
  std::int64_t first_recv_ns() const { return recv_ns_.front(); }
  const ColumnWriter& column(std::size_t index) const { return columns_[index]; }

 private:
  struct VenueTimes {
    std::int64_t recv_ns;
    std::int64_t exchange_ns;
    std::int64_t event_ns;
  };
  struct Snapshots {
    std::array<SnapshotSide, 2> sides;
    bool changeable = false;
    bool with_orders = false;
  };

  bool add_body(const EventHeader& header, const BookDelta& delta);
  bool add_body(const EventHeader& header, const BestQuote& quote);
  bool add_body(const EventHeader& header, const Trade& trade);
  bool add_body(const EventHeader& header, const BookSnapshot& snapshot);
  template <class Body>
  bool add_body(const EventHeader&, const Body&) {
    return false;
  }

  ColumnWriter& at(Column column) { return columns_[index_of(column)]; }
  void add_head(Layout layout, const EventHeader& header, bool flag, std::int64_t event_ns);
  void add_side(Side side, std::span<const Level> levels, InstrumentReferences& references,
                Column touch, Column price, Column qty);
  void finish_venue_times(std::size_t layout, std::uint32_t unit);

  std::array<ColumnWriter, column_count> columns_;
  PredictionEncoder predictions_;
  BlockReferences references_{};
  std::array<Snapshots, max_instruments> snapshots_;
  std::array<SnapshotSide, 2> changes_;
  std::vector<std::int64_t> recv_ns_;
  std::vector<std::int64_t> recv_deltas_;
  std::array<std::vector<VenueTimes>, market_layouts> venue_times_;
};

}  // namespace mm::journal
