#pragma once

// A column: unsigned integers of 64 bits, nearly all small, as one run of bytes.
//
//   byte 0        tag: bits 0-3 encoding, bits 4-5 width of raw values (1, 2, 4 bytes), bit 7 wide
//   if wide       three zero bytes, u32 number of wide values, the wide values as u64
//   the rest      the values as 32-bit integers in the encoding; 0xFFFFFFFF stands for the next
//                 wide value if the column has any, else for itself
//
// Encodings: 0 raw little-endian, 1 streamvbyte, 2 base-128 varint, 3 bit-packed (reserved). How
// many values a column has follows from the block; it is not stored. What the values mean is the
// business of columns_encoder and columns_decoder.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace mm::journal {

/// Index of a column in a block: the values of schemas/block.capnp.
enum class Column : std::uint8_t {
  kind,
  recv_time,
  delta_exchange_time,
  delta_event_time,
  delta_last_id,
  delta_first_id,
  delta_prev_id,
  delta_bids,
  delta_asks,
  delta_touch,
  delta_price,
  delta_qty,
  quote_exchange_time,
  quote_event_time,
  quote_id,
  quote_price,
  quote_qty,
  quote_orders,
  trade_exchange_time,
  trade_event_time,
  trade_id,
  trade_price,
  trade_qty,
  trade_first_id,
  trade_last_id,
  snapshot_exchange_time,
  snapshot_event_time,
  snapshot_id,
  snapshot_form,
  snapshot_bids,
  snapshot_asks,
  snapshot_bids_grown,
  snapshot_asks_grown,
  snapshot_touch,
  snapshot_price,
  snapshot_qty,
  snapshot_orders,
  predictions,
  predicted_levels,
};
inline constexpr std::size_t column_count = 39;

constexpr std::size_t index_of(Column column) {
  return static_cast<std::size_t>(column);
}

/// Columns with a value for each level (or side, or field) rather than for each message. Their
/// length is not bounded by the number of messages, so they are never left out: bytes bound what
/// they decode to.
constexpr bool is_level_column(Column column) {
  switch (column) {
    case Column::delta_touch:
    case Column::delta_price:
    case Column::delta_qty:
    case Column::snapshot_touch:
    case Column::snapshot_price:
    case Column::snapshot_qty:
    case Column::snapshot_orders:
    case Column::predictions:
    case Column::predicted_levels:
      return true;
    default:
      return false;
  }
}

inline constexpr std::uint32_t wide_escape = 0xFFFFFFFF;

/// Signed differences as unsigned integers: 0, -1, 1, -2, ... become 0, 1, 2, 3, ... All arithmetic
/// on prices, ids and times is modulo 2^64, so any two values have a difference.
constexpr std::uint64_t zigzag(std::uint64_t difference) {
  return (difference << 1) ^ (0 - (difference >> 63));
}
constexpr std::uint64_t unzigzag(std::uint64_t value) {
  return (value >> 1) ^ (0 - (value & 1));
}

/// How integers that do not fit one byte are written.
enum class Packing : std::uint8_t {
  fast,   ///< streamvbyte
  small,  ///< varint: a few per cent smaller after zstd, slower to read; for cold storage
};

/// Collects the values of one column.
class ColumnWriter {
 public:
  void clear() {
    values_.clear();
    wide_.clear();
  }
  void push(std::uint64_t value) {
    if (value >= wide_escape) [[unlikely]]
      return push_wide(value);
    values_.push_back(static_cast<std::uint32_t>(value));
  }
  void push_wide(std::uint64_t value) {
    values_.push_back(wide_escape);
    wide_.push_back(value);
  }
  std::size_t size() const { return values_.size(); }
  bool all_zero() const;

  std::size_t room() const;  ///< bytes that encode() may write
  /// Writes the column; gives its size in bytes. `out` must be eight-byte aligned.
  std::size_t encode(std::byte* out, Packing packing) const;

 private:
  std::vector<std::uint32_t> values_;
  std::vector<std::uint64_t> wide_;
};

/// The values of one decoded column. Indices must be below the count it was decoded with and, as
/// wide values are taken in order, must not go back; too few wide values are harmless.
class ColumnReader {
 public:
  std::uint64_t at(std::size_t index) {
    const std::uint32_t value = values_[index];
    if (value == wide_escape) [[unlikely]]
      return next_wide();
    return value;
  }
  /// The stored value: an escape if it is wide.
  std::uint32_t narrow_at(std::size_t index) const { return values_[index]; }
  const std::uint32_t* narrow_from(std::size_t index) const { return values_ + index; }

  /// The wide value behind an escape that was just read.
  std::uint64_t next_wide();
  bool has_wide() const { return wide_count_ != 0; }
  /// Whether any value, where `count` is what the column was decoded with, is not below `limit`.
  bool exceeds(std::size_t count, std::uint32_t limit) const;

 private:
  friend class ColumnDecoder;
  const std::uint32_t* values_ = nullptr;
  const std::byte* wide_ = nullptr;  // little-endian u64 each
  std::size_t wide_count_ = 0;
};

/// A column of differences, wide ones in place: all that is left to do is to add them up.
class DifferenceReader {
 public:
  std::uint64_t at(std::size_t index) const { return values_[index]; }

 private:
  friend class ColumnDecoder;
  const std::uint64_t* values_ = nullptr;
};

/// Decodes columns into a buffer of its own that it keeps from block to block.
class ColumnDecoder {
 public:
  /// Starts over with room for `total` values in all and for absent columns of up to `longest`.
  void start(std::size_t total, std::size_t longest);
  /// So many values behind the last one of every column may be read; what they are is not defined.
  static constexpr std::size_t overrun = 16;
  /// Decodes `count` values from all of `bytes`. Null if the bytes are not such a column, else what
  /// `reader` then walks. Counts may not add up to more than the total.
  bool decode(std::span<const std::byte> bytes, std::size_t count, ColumnReader& reader);
  /// Likewise for a column whose values are differences (zigzag).
  bool decode(std::span<const std::byte> bytes, std::size_t count, DifferenceReader& reader);
  /// A column that is not there: zeros.
  void absent(ColumnReader& reader) const;
  void absent(DifferenceReader& reader) const;

  /// The most values that a column of so many bytes can hold.
  static std::size_t most_values(std::span<const std::byte> bytes) { return bytes.size(); }

 private:
  std::unique_ptr<std::uint32_t[]> values_;
  std::unique_ptr<std::uint64_t[]> differences_;
  std::size_t capacity_ = 0;  ///< of each of the two
  std::size_t used_ = 0;      ///< of both together
  std::vector<std::uint64_t> zeros_;
};

}  // namespace mm::journal
