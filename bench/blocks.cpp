#include "bench/blocks.hpp"

#include <string>

#include "bench/harness.hpp"
#include "engine/assert.hpp"
#include "engine/hash.hpp"
#include "strategies/registry.hpp"

namespace mm::bench {
namespace {

class BlockMaker {
 public:
  BlockMaker(std::size_t rows_a_block, int level) : rows_a_block_(rows_a_block), level_(level) {}

  template <class EventOrOutput>
  void add(const EventOrOutput& record) {
    builder_.add(record);
    if (builder_.rows() >= rows_a_block_) seal();
  }
  Blocks finish() {
    if (!builder_.empty()) seal();
    return std::move(made_);
  }

 private:
  void seal() {
    Block block;
    block.first_seq = builder_.first_seq();
    made_.rows += builder_.rows();
    const std::span<const std::byte> payload = builder_.finish();
    const std::span<const std::byte> frame = zstd_.compress(payload, level_);
    block.raw_bytes = payload.size();
    block.frame_bytes = frame.size();
    block.stored.assign(frame.begin(), frame.end());
    block.stored.resize(padded8(frame.size()));
    block.checksum = hash64(block.stored);
    made_.bytes += block_header_bytes + block.stored.size();
    made_.blocks.push_back(std::move(block));
    builder_.reset();
  }

  std::size_t rows_a_block_;
  int level_;
  journal::BlockBuilder builder_;
  Compressor zstd_;
  Blocks made_;
};

}  // namespace

Blocks make_blocks(std::span<const Record> records, std::size_t rows_a_block, int level) {
  BlockMaker maker{rows_a_block, level};
  for (const Record& record : records) std::visit([&](const auto& of) { maker.add(of); }, record);
  return maker.finish();
}

Blocks make_blocks(const Recording& recording, std::size_t rows_a_block, int level) {
  BlockMaker maker{rows_a_block, level};
  for (const Event& event : recording.events) maker.add(event);
  return maker.finish();
}

BlockReplay::BlockReplay() = default;

void BlockReplay::decompress(const Blocks& blocks) {
  for (const Block& block : blocks.blocks)
    keep(zstd_.decompress(block.frame(), block.raw_bytes).data());
}

void BlockReplay::decode(const Blocks& blocks) {
  for (const Block& block : blocks.blocks) {
    const auto loaded =
        cursor_.load(zstd_.decompress(block.frame(), block.raw_bytes), block.first_seq);
    if (!loaded) throw loaded.error();
    while (cursor_.next()) keep(&cursor_.header());
  }
}

std::uint64_t BlockReplay::run(const Blocks& blocks, Engine engine, Checks checks) {
  engine_ = std::make_unique<Engine>(std::move(engine));
  digest_ = RollingDigest{};
  for (const Block& block : blocks.blocks) {
    if (checks == Checks::all && hash64(block.stored) != block.checksum)
      throw Error{ErrorKind::data, "bench: a block has a wrong checksum"};
    const auto loaded =
        cursor_.load(zstd_.decompress(block.frame(), block.raw_bytes), block.first_seq);
    if (!loaded) throw loaded.error();
    fold(checks);
    if (cursor_.damaged()) throw cursor_.error();
  }
  return digest_.value();
}

void BlockReplay::fold(Checks checks) {
  Engine& engine = *engine_;
  while (cursor_.next()) {
    if (cursor_.is_output()) continue;
    outputs_.clear();
    engine.apply(cursor_.event(), outputs_);
    if (outputs_.empty() || checks == Checks::none) continue;
    std::uint64_t seq = cursor_.event().header.seq.value;
    for (Output& output : outputs_) {
      output.header.seq = Seq{++seq};
      scratch_.clear();
      write_record(scratch_, output);
      digest_.add(scratch_.bytes());
    }
  }
}

Engine make_null_engine() {
  auto strategy = make_strategy("none", "");
  MM_ASSERT(strategy.has_value(), "there is a strategy that does nothing");
  return Engine{{.trading = false}, std::move(*strategy)};
}

}  // namespace mm::bench
