#pragma once

// The LMDB index of a journal: a cache of where blocks, checkpoints and markers are.
//
// It is never needed and never trusted. Readers open it only if the clean-stop marker beside it
// matches the hash of the file; every entry carries a checksum and is checked against the block it
// names. In every other case they scan the block headers instead and give the same answers.
//
//   index/data.mdb   databases
//     blocks        be64 session, be64 first seq                            -> place
//     times         be64 session, be64 first time (sign flipped), be64 seq  -> place
//     checkpoints   be64 session, be64 seq                                  -> place
//     markers       be64 session, be64 seq                                  -> time, kind
//     sessions      be64 session                                           -> uuid, start, end
//   index/clean      written by a clean stop, removed by the next writer
//
// Every value ends in the XXH3-64 of key and value.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "engine/event.hpp"
#include "journal/format.hpp"

namespace mm::journal {

/// Where a block stands. `header_checksum` ties the entry to the block.
struct BlockPlace {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;  ///< header, prefix, payload and padding
  std::uint64_t header_checksum = 0;
  Seq first_seq;
  Time first_time;
};

struct IndexedMarker {
  Seq seq;
  Time time;
  RecordKind kind = RecordKind::unspecified;
};

struct IndexedSession {
  std::uint64_t number = 0;
  Uuid id{};
  Time started;
  Seq end_seq;
};

/// What one transaction adds, all of one session.
struct IndexBatch {
  std::uint64_t session = 0;
  std::vector<BlockPlace> blocks;
  std::vector<BlockPlace> checkpoints;
  std::vector<IndexedMarker> markers;
  std::optional<IndexedSession> info;

  bool empty() const { return blocks.empty() && checkpoints.empty() && markers.empty(); }
  void clear() {
    blocks.clear();
    checkpoints.clear();
    markers.clear();
  }
};

/// The clean-stop marker: what the journal and the index looked like then.
struct IndexMark {
  std::uint64_t data_bytes = 0;
  std::uint64_t data_hash = 0;
  std::uint64_t segments = 0;  ///< number of the last segment + 1
  std::uint64_t blocks = 0;    ///< number of the next block
};
std::optional<IndexMark> read_index_mark(const std::filesystem::path& dir);
/// True if the marker is there, is intact and data.mdb is what it says.
bool index_is_clean(const std::filesystem::path& dir, const IndexMark& mark);

/// True for what a marker points to: fills, feed states, alerts, annotations, parameter changes,
/// kill switch, walls pulled, flushes, changes of liquidity and regime.
bool is_marker(RecordKind kind);

class IndexWriter {
 public:
  /// Opens the index of a journal that has `blocks` blocks so far. Starts over, empty, unless the
  /// index was closed cleanly at exactly that point; `fresh` tells. Removes the marker.
  IndexWriter(const std::filesystem::path& dir, std::uint64_t blocks);
  ~IndexWriter();
  IndexWriter(const IndexWriter&) = delete;
  IndexWriter& operator=(const IndexWriter&) = delete;

  bool fresh() const { return fresh_; }
  /// One synced transaction. False if it cannot be kept (disk full): the index is then given up.
  bool commit(const IndexBatch& batch);
  /// Writes the clean-stop marker.
  void close(std::uint64_t segments, std::uint64_t blocks);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  bool fresh_ = false;
};

class IndexReader {
 public:
  /// Null unless the index is clean.
  static std::unique_ptr<IndexReader> open(const std::filesystem::path& dir);
  ~IndexReader();

  /// The last block of records with first_seq <= `seq`; empty also if anything looks wrong.
  std::optional<BlockPlace> block_at(std::uint64_t session, Seq seq) const;
  /// The last one with first_time < `time`, or else the session's first.
  std::optional<BlockPlace> block_before(std::uint64_t session, Time time) const;
  std::optional<BlockPlace> checkpoint_at(std::uint64_t session, Seq seq) const;
  /// Markers in [from, to); empty if anything looks wrong.
  std::optional<std::vector<IndexedMarker>> markers(std::uint64_t session, Seq from, Seq to) const;

 private:
  struct Impl;
  explicit IndexReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace mm::journal
