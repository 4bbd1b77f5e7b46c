#pragma once

// Block payload: a run of records as one Cap'n Proto message of columns, and the cursor that reads
// it back one record at a time. The bytes are specified in docs/journal_format_payload.md.
//
// A block decodes alone: nothing in it refers to an earlier one. Compression, checksums, the block
// header and files belong to the segment code; this module knows memory only.
//
//   BlockBuilder builder;                       BlockCursor cursor;
//   builder.add(record); ...                    if (auto loaded = cursor.load(payload, first_seq);
//   !loaded) ... auto payload = builder.finish();            while (cursor.next())
//   use(cursor.event()); compress(payload); builder.reset();         if (cursor.damaged()) ...

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/record.hpp"
#include "engine/result.hpp"
#include "journal/columns.hpp"

namespace mm::journal {

/// How many records of each kind.
class KindCounts {
 public:
  void add(RecordKind kind, std::uint32_t count = 1) {
    counts_[static_cast<std::uint8_t>(kind)] += count;
  }
  std::uint32_t of(RecordKind kind) const { return counts_[static_cast<std::uint8_t>(kind)]; }

  /// Calls f(kind, count) for each kind that occurs, in the order of the kinds' values.
  template <class F>
  void for_each(F&& f) const {
    for (std::size_t value = 0; value < counts_.size(); ++value)
      if (counts_[value] != 0) f(static_cast<RecordKind>(value), counts_[value]);
  }
  bool operator==(const KindCounts&) const = default;

 private:
  std::array<std::uint32_t, 256> counts_{};
};

/// Collects records and encodes them. Reusable: once its buffers have grown it does not allocate.
class BlockBuilder {
 public:
  explicit BlockBuilder(Packing packing = Packing::fast);
  ~BlockBuilder();
  BlockBuilder(BlockBuilder&&) noexcept;
  BlockBuilder& operator=(BlockBuilder&&) noexcept;

  /// Takes the next record: views are copied, nothing is kept. The sequence number must follow the
  /// last one, the instrument must be below max_instruments (MM_ASSERT: whoever orders the stream
  /// guarantees both).
  void add(const Record& record);
  void add(const Event& event);
  void add(const Output& output);

  /// What blocks are measured by: a price level, a trade and each side of a BBO is a row; a record
  /// that has none of these, also an empty delta, counts one.
  std::size_t rows() const;
  std::size_t records() const;
  bool empty() const { return records() == 0; }

  Seq first_seq() const;    ///< of the records held; meaningless while empty
  Seq last_seq() const;     ///< likewise
  Time first_time() const;  ///< recv_time of the first record
  Time last_time() const;   ///< recv_time of the last record
  const KindCounts& counts() const;

  /// The payload: eight-byte aligned, a multiple of eight bytes, valid until the next add(),
  /// reset() or finish(). Needs at least one record. Equal records give equal bytes on any CPU.
  std::span<const std::byte> finish();

  /// Forgets the records, keeps the buffers.
  void reset();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Walks the records of one payload in order.
///
/// Events are views: into the payload (text, irregular records) and into the cursor's own buffers
/// (levels). They hold until the next call of next() or load().
class BlockCursor {
 public:
  BlockCursor();
  ~BlockCursor();
  BlockCursor(BlockCursor&&) noexcept;
  BlockCursor& operator=(BlockCursor&&) noexcept;

  /// Starts on a payload, which must stay in place, eight-byte aligned, while the cursor is used.
  ///
  /// Fails with ErrorKind::data if it is not a payload that a BlockBuilder could have made. Reads
  /// nothing outside of `payload` and takes memory in proportion to its size, whatever it holds.
  Result<void> load(std::span<const std::byte> payload, Seq first_seq);

  /// How many records of a payload have recv_time before `at`. Decodes the time column only, so it
  /// is faster than load(), and nothing else is checked; what was loaded is gone. Fails as load()
  /// does, also if the payload does not hold `records` records.
  Result<std::size_t> find(std::span<const std::byte> payload, std::size_t records, Time at);

  std::size_t records() const;  ///< in the whole block
  /// How many records of the block have recv_time before `at`; reads the time column only.
  std::size_t records_before(Time at) const;

  /// Steps to the next record. False at the end, or if the payload turns out to be damaged, which
  /// only a payload that was made up on purpose does after load() accepted it: see damaged().
  bool next();
  bool damaged() const { return damage_ != nullptr; }
  /// Why next() stopped early.
  Error error() const;

  bool is_output() const { return output_ != nullptr; }
  const Event& event() const { return *event_; }       ///< needs !is_output()
  const Output& output() const { return *output_; }    ///< needs is_output()
  const Event* event_if() const { return event_; }     ///< null if is_output()
  const Output* output_if() const { return output_; }  ///< null if !is_output()
  const EventHeader& header() const {
    return output_ != nullptr ? output_->header : event_->header;
  }
  /// A copy of the current record; its views hold as long as those of event().
  Record record() const { return output_ != nullptr ? Record{*output_} : Record{*event_}; }

 private:
  template <class Work>
  Result<void> read(std::span<const std::byte> payload, Work&& work);
  struct Impl;
  bool next_row();

  std::unique_ptr<Impl> impl_;
  const Event* event_ = nullptr;
  const Output* output_ = nullptr;
  const char* damage_ = nullptr;
};

}  // namespace mm::journal
