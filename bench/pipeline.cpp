#include "bench/pipeline.hpp"

#include <thread>

#include "bench/harness.hpp"
#include "engine/hash.hpp"
#include "engine/result.hpp"

namespace mm::bench {

bool PipelinedReplay::decode(const Block& block, Slot& slot) {
  if (hash64(block.stored) != block.checksum) return false;
  try {
    const auto payload = slot.zstd.decompress(block.frame(), block.raw_bytes);
    return slot.cursor.load(payload, block.first_seq).has_value();
  } catch (const Error&) {
    return false;
  }
}

void PipelinedReplay::decode(const Blocks& blocks) {
  const double begin = seconds(Clock::thread);
  for (std::size_t i = 0; i < blocks.blocks.size(); ++i) {
    const Block& block = blocks.blocks[i];
    free_.acquire();
    if (!decode(block, slots_[i % slots_.size()])) failed_ = true;
    full_.release();
  }
  decode_s_ = seconds(Clock::thread) - begin;
}

void PipelinedReplay::run(const Blocks& blocks) {
  std::thread decoder{[&] { decode(blocks); }};
  const double begin = seconds(Clock::thread);
  Engine engine = make_null_engine();
  std::vector<Output> outputs;
  for (std::size_t i = 0; i < blocks.blocks.size(); ++i) {
    full_.acquire();
    journal::BlockCursor& cursor = slots_[i % slots_.size()].cursor;
    while (cursor.next()) engine.apply(cursor.event(), outputs);
    free_.release();
  }
  fold_s_ = seconds(Clock::thread) - begin;
  decoder.join();
  if (failed_) throw Error{ErrorKind::data, "bench: a block cannot be decoded"};
}

}  // namespace mm::bench
