#pragma once

// Blocks as the journal's writer makes them, in memory, and the replay over them.
//
// Block by block: the payload's checksum, zstd, columns, the core with strategy `none` (or
// another), the digest of what it decides. Files and pages are left out, so that the ratios to bare
// zstd are ratios of computation.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "bench/recording.hpp"
#include "bench/zstd.hpp"
#include "engine/engine.hpp"
#include "engine/record.hpp"
#include "journal/block_codec.hpp"

namespace mm::bench {

inline constexpr std::size_t block_header_bytes = 128;
inline constexpr std::size_t block_rows = 4096;

struct Block {
  std::vector<std::byte> stored;  ///< one zstd frame, zeros up to a multiple of eight
  std::size_t frame_bytes = 0;
  std::size_t raw_bytes = 0;
  std::uint64_t checksum = 0;  ///< XXH3-64 of `stored`
  Seq first_seq;
  std::span<const std::byte> frame() const { return {stored.data(), frame_bytes}; }
};

struct Blocks {
  std::vector<Block> blocks;
  std::size_t rows = 0;
  std::size_t bytes = 0;  ///< headers included
};

/// A block is sealed with the record that brings it to `rows_a_block`.
Blocks make_blocks(std::span<const Record> records, std::size_t rows_a_block, int level);
Blocks make_blocks(const Recording& recording, std::size_t rows_a_block = block_rows,
                   int level = 3);

/// What a replay does beside the fold.
enum class Checks {
  none,
  all,  ///< payload checksums and the digest of outputs, as `mmctl replay`
};

class BlockReplay {
 public:
  BlockReplay();

  /// Decompresses only.
  void decompress(const Blocks& blocks);
  /// Decompresses and walks over the columns' messages without looking at them.
  void decode(const Blocks& blocks);
  /// Replays from an empty core; gives the digest of what was decided (0 without checks).
  std::uint64_t run(const Blocks& blocks, Engine engine, Checks checks);
  /// The core as the last run left it.
  const Engine& engine() const { return *engine_; }

 private:
  void fold(Checks checks);

  Decompressor zstd_;
  journal::BlockCursor cursor_;
  std::unique_ptr<Engine> engine_;
  std::vector<Output> outputs_;
  ByteWriter scratch_;
  RollingDigest digest_;
};

/// A core with strategy `none`, as `mmctl replay` builds it for a session without trading.
Engine make_null_engine();

}  // namespace mm::bench
