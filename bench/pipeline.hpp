#pragma once

// A replay on two threads: one checks and decompresses blocks into a few slots, the other decodes
// their columns and folds. What goes from core to core is a block's payload, a quarter of the bytes
// of its decoded columns. `mmctl replay` works on one thread.

#include <semaphore>
#include <span>
#include <vector>

#include "bench/blocks.hpp"

namespace mm::bench {

class PipelinedReplay {
 public:
  PipelinedReplay() : slots_(most_slots) {}

  /// From an empty core with strategy `none`. Throws Error if a block cannot be decoded.
  void run(const Blocks& blocks);

  /// CPU seconds of the two stages in the last run.
  double decompress_seconds() const { return decompress_s_; }
  double fold_seconds() const { return fold_s_; }

 private:
  struct Slot {
    Decompressor zstd;
    std::span<const std::byte> payload;  ///< empty if the block is damaged
  };
  static void decompress(const Block& block, Slot& slot);
  void decompress(const Blocks& blocks);
  bool fold(const Block& block, std::span<const std::byte> payload, Engine& engine);

  static constexpr int most_slots = 16;
  static constexpr int lot = most_slots / 2;  ///< freed together: waking a thread is not cheap
  std::vector<Slot> slots_;
  std::counting_semaphore<most_slots> free_{0};
  std::counting_semaphore<most_slots> full_{0};
  journal::BlockCursor cursor_;
  std::vector<Output> outputs_;
  double decompress_s_ = 0;
  double fold_s_ = 0;
};

}  // namespace mm::bench
