#pragma once

// BlockLog: turns the records of one session into blocks and keeps them in segments.
//
// It is what the writer thread, recovery and nothing else write blocks with. It holds the
// numbering, the chain and the digests, rolls segments, and repeats unconfirmed blocks in a new
// segment when a sync fails: after a failed sync the kernel may have dropped the pages, so trying
// the same file again would prove nothing.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/record.hpp"
#include "journal/block_codec.hpp"
#include "journal/block_header.hpp"
#include "journal/index.hpp"
#include "journal/segment.hpp"

struct ZSTD_CCtx_s;

namespace mm::journal {

struct BlockLogOptions {
  std::uint64_t segment_bytes = std::uint64_t{256} << 20;
  std::uint64_t preallocate_bytes = std::uint64_t{64} << 20;
  std::uint32_t block_rows = 4096;
  int compression_level = 3;
  bool keep_unsynced = true;  ///< needed to survive a failed sync; costs memory until the next one
};

/// Where a log stands: everything that the next block depends on.
struct LogState {
  SegmentHeader segment;  ///< of the segment being written
  std::uint64_t next_block = 0;
  Digest128 chain;
  RollingDigest input;
  RollingDigest output;
  Seq next_seq;
  std::uint64_t next_raw = 0;
  SessionTotals totals;
  Time last_time;  ///< of the last record
};

class BlockLog {
 public:
  /// Begins a session in a new segment described by `start.segment`.
  static BlockLog begin(Disk& disk, const std::filesystem::path& dir, LogState start,
                        const BlockLogOptions& options);
  /// Goes on in an existing segment, which ends at `end`.
  static BlockLog resume(Disk& disk, const std::filesystem::path& dir, LogState state,
                         std::uint64_t end, const BlockLogOptions& options);
  BlockLog(BlockLog&&) noexcept;
  ~BlockLog();

  /// Takes one canonical record; false if it is not one. A number above next_seq() leaves a gap
  /// (salvaged tails only); one below it is a caller's mistake.
  bool add_record(std::span<const std::byte> canonical);
  void add_raw(Time recv_time, Seq next_seq, std::uint32_t feed, std::span<const std::byte> bytes);
  /// True once there is enough for a block.
  bool block_full() const;
  bool has_open_block() const { return !builder_.empty() || raw_count_ != 0; }

  /// Writes what was added as a block of records and, if there are any, one of raw frames.
  void seal();
  /// Seals, then writes a checkpoint that stands at next_seq().
  void add_checkpoint(std::span<const std::byte> state, std::uint64_t state_digest);
  /// Makes all blocks durable. Throws if two segments in a row cannot be synced.
  void sync();
  /// Seals, ends the segment with `end_flags`, cuts it to its end and syncs.
  void finish(std::uint8_t end_flags);

  Seq next_seq() const { return state_.next_seq; }
  std::uint64_t next_raw() const { return state_.next_raw; }
  bool has_unsynced() const { return unsynced_blocks_ != 0; }
  void set_durable(Seq seq) { durable_seq_ = seq; }
  const LogState& state() const { return state_; }
  std::uint64_t blocks_written() const { return blocks_written_; }
  std::uint64_t segments_written() const { return segments_written_; }
  /// What the index should learn once the blocks are synced; the caller clears it.
  IndexBatch& staged() { return staged_; }

 private:
  BlockLog(Disk& disk, std::filesystem::path dir, LogState state, const BlockLogOptions& options,
           std::unique_ptr<SegmentWriter> segment);

  BlockHeader draft(BlockType type) const;
  /// Compresses and frames one block at the end of `pending_`.
  void frame(BlockHeader header, std::span<const std::byte> prefix,
             std::span<const std::byte> payload, int level);
  void write_pending();
  void write_end(std::uint8_t flags);
  void roll();
  void rewrite_unsynced();
  void stage(const BlockHeader& header, std::uint64_t offset);

  Disk& disk_;
  std::filesystem::path dir_;
  BlockLogOptions options_;
  LogState state_;
  std::unique_ptr<SegmentWriter> segment_;
  ZSTD_CCtx_s* compressor_ = nullptr;
  BlockBuilder builder_;
  std::size_t open_bytes_ = 0;  // canonical bytes in builder_
  std::vector<std::byte> raw_;  // entries of the open block of raw frames
  std::uint32_t raw_count_ = 0;
  Time raw_first_time_;
  Time raw_last_time_;
  Seq raw_first_seq_;
  std::vector<std::byte> pending_;   // framed, not yet written
  std::vector<std::byte> unsynced_;  // written since the last sync
  std::uint64_t unsynced_blocks_ = 0;
  std::uint64_t synced_end_ = 0;  // of the segment
  LogState written_;              // as of the last block in the file
  LogState synced_;               // what the next segment starts from if a sync fails
  Seq durable_seq_;
  IndexBatch staged_;
  std::uint64_t blocks_written_ = 0;
  std::uint64_t segments_written_ = 1;
};

/// Payload of a checkpoint block: u64 state digest, u64 zero, state.
inline constexpr std::size_t checkpoint_head_bytes = 16;
/// In front of each raw frame in a block: i64 recv_time, u64 next seq, u32 feed, u32 size; the
/// bytes follow, padded to eight.
inline constexpr std::size_t raw_frame_head_bytes = 24;

}  // namespace mm::journal
