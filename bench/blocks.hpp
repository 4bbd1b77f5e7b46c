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
inline constexpr int compression_level = 3;

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

/// A block is sealed with the record that brings it to `block_rows`, and compressed as the writer
/// does by default.
class BlockMaker {
 public:
  void add(const Event& event) { add_any(event); }
  void add(const Output& output) { add_any(output); }
  Blocks finish();

 private:
  template <class EventOrOutput>
  void add_any(const EventOrOutput& record) {
    builder_.add(record);
    if (builder_.rows() >= block_rows) seal();
  }
  void seal();

  journal::BlockBuilder builder_;
  Compressor zstd_;
  Blocks made_;
};

Blocks make_blocks(const Recording& recording);
/// A paper session over the recording: `fixed_spread` with its defaults, answers and fills of the
/// paper exchange among the inputs, what was decided behind each.
Blocks make_paper_blocks(const Recording& recording);

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
  /// Replays from an empty core; gives the digest of what was decided (0 without checks). With
  /// checks, asserts that it is that of the outputs in the blocks.
  std::uint64_t run(const Blocks& blocks, Engine engine, Checks checks);
  /// The core as the last run left it.
  const Engine& engine() const { return *engine_; }

 private:
  void fold(Checks checks);
  void add_to(RollingDigest& digest, const Output& output);

  Decompressor zstd_;
  journal::BlockCursor cursor_;
  std::unique_ptr<Engine> engine_;
  std::vector<Output> outputs_;
  ByteWriter scratch_;
  RollingDigest recomputed_;
  RollingDigest recorded_;
};

/// A core with strategy `none`, as `mmctl replay` builds it for a session without trading.
Engine make_null_engine();
/// The core of make_paper_blocks().
Engine make_quoting_engine();

}  // namespace mm::bench
