#pragma once

// A replay on two threads: one decodes blocks into a few slots, the other walks and folds them.

#include <atomic>
#include <semaphore>
#include <vector>

#include "bench/blocks.hpp"

namespace mm::bench {

class PipelinedReplay {
 public:
  explicit PipelinedReplay(std::size_t slots) : slots_(slots), free_(static_cast<int>(slots)) {}

  /// Checksum, zstd and columns on a thread of its own, the core on the caller's; from an empty
  /// core with strategy `none`. Throws Error if a block cannot be decoded.
  void run(const Blocks& blocks);

  /// CPU seconds of the two stages in the last run.
  double decode_seconds() const { return decode_s_; }
  double fold_seconds() const { return fold_s_; }

 private:
  struct Slot {
    Decompressor zstd;
    journal::BlockCursor cursor;
  };
  static bool decode(const Block& block, Slot& slot);
  void decode(const Blocks& blocks);

  static constexpr int most_slots = 64;
  std::vector<Slot> slots_;
  std::counting_semaphore<most_slots> free_;
  std::counting_semaphore<most_slots> full_{0};
  std::atomic<bool> failed_ = false;
  double decode_s_ = 0;
  double fold_s_ = 0;
};

}  // namespace mm::bench
