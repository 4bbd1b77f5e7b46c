#include "bench/pipeline.hpp"

#include <thread>

#include "bench/harness.hpp"
#include "engine/hash.hpp"
#include "engine/result.hpp"

namespace mm::bench {

void PipelinedReplay::decompress(const Block& block, Slot& slot) {
  slot.payload = {};
  if (hash64(block.stored) != block.checksum) return;
  try {
    slot.payload = slot.zstd.decompress(block.frame(), block.raw_bytes);
  } catch (const Error&) {
    // The payload stays empty, which the other thread takes for damage.
  }
}

void PipelinedReplay::decompress(const Blocks& blocks) {
  const double begin = seconds(Clock::thread);
  for (std::size_t i = 0; i < blocks.blocks.size(); ++i) {
    free_.acquire();
    decompress(blocks.blocks[i], slots_[i % slots_.size()]);
    full_.release();
  }
  decompress_s_ = seconds(Clock::thread) - begin;
}

bool PipelinedReplay::fold(const Block& block, std::span<const std::byte> payload, Engine& engine) {
  if (payload.empty() || !cursor_.load(payload, block.first_seq)) return false;
  while (cursor_.next()) engine.apply(cursor_.event(), outputs_);
  return !cursor_.damaged();
}

void PipelinedReplay::run(const Blocks& blocks) {
  free_.release(most_slots);
  std::thread decompressor{[&] { decompress(blocks); }};
  const double begin = seconds(Clock::thread);
  Engine engine = make_null_engine();
  bool intact = true;
  int freed = 0;
  for (std::size_t i = 0; i < blocks.blocks.size(); ++i) {
    full_.acquire();
    if (!fold(blocks.blocks[i], slots_[i % slots_.size()].payload, engine)) intact = false;
    if (++freed < lot) continue;
    free_.release(freed);
    freed = 0;
  }
  fold_s_ = seconds(Clock::thread) - begin;
  decompressor.join();
  while (free_.try_acquire()) {
  }
  if (!intact) throw Error{ErrorKind::data, "bench: a block cannot be decoded"};
}

}  // namespace mm::bench
