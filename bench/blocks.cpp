#include "bench/blocks.hpp"

#include <string>

#include "bench/harness.hpp"
#include "engine/assert.hpp"
#include "engine/drive.hpp"
#include "engine/hash.hpp"
#include "sim/settings.hpp"
#include "sim/world.hpp"
#include "strategies/registry.hpp"

namespace mm::bench {
namespace {

/// The recording as what a session's market brings.
class Upstream {
 public:
  explicit Upstream(const Recording& recording) : events_(recording.events) {}
  const Event* next() { return at_ == events_.size() ? nullptr : &events_[at_++]; }

 private:
  std::span<const Event> events_;
  std::size_t at_ = 0;
};

/// Numbers inputs and outputs as a journal does and makes blocks of them.
class BlockSink {
 public:
  void accept(const Event& event) {
    Event numbered = event;
    numbered.header.seq = Seq{next_seq_++};
    maker_.add(numbered);
  }
  void decided(const Event&, std::span<Output> outputs) {
    for (Output& output : outputs) {
      output.header.seq = Seq{next_seq_++};
      maker_.add(output);
    }
  }
  Blocks finish() { return maker_.finish(); }

 private:
  BlockMaker maker_;
  std::uint64_t next_seq_ = 0;
};

Engine make_engine(const char* name, bool trading) {
  auto strategy = make_strategy(name, "");
  MM_ASSERT(strategy.has_value(), "the strategy is in the registry");
  return Engine{{.trading = trading}, std::move(*strategy)};
}

}  // namespace

Blocks BlockMaker::finish() {
  if (!builder_.empty()) seal();
  return std::move(made_);
}

void BlockMaker::seal() {
  Block block;
  block.first_seq = builder_.first_seq();
  made_.rows += builder_.rows();
  const std::span<const std::byte> payload = builder_.finish();
  const std::span<const std::byte> frame = zstd_.compress(payload, compression_level);
  block.raw_bytes = payload.size();
  block.frame_bytes = frame.size();
  block.stored.assign(frame.begin(), frame.end());
  block.stored.resize(padded8(frame.size()));
  block.checksum = hash64(block.stored);
  made_.bytes += block_header_bytes + block.stored.size();
  made_.blocks.push_back(std::move(block));
  builder_.reset();
}

Blocks make_blocks(const Recording& recording) {
  BlockMaker maker;
  for (const Event& event : recording.events) maker.add(event);
  return maker.finish();
}

Blocks make_paper_blocks(const Recording& recording) {
  Upstream upstream{recording};
  sim::SimWorld world{sim::Settings{}};
  Engine engine = make_quoting_engine();
  sim::WorldSource<Upstream> source{upstream, world, engine.market()};
  BlockSink sink;
  drive(source, engine, sink);
  return sink.finish();
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
  recomputed_ = recorded_ = RollingDigest{};
  for (const Block& block : blocks.blocks) {
    if (checks == Checks::all && hash64(block.stored) != block.checksum)
      throw Error{ErrorKind::data, "bench: a block has a wrong checksum"};
    const auto loaded =
        cursor_.load(zstd_.decompress(block.frame(), block.raw_bytes), block.first_seq);
    if (!loaded) throw loaded.error();
    fold(checks);
    if (cursor_.damaged()) throw cursor_.error();
  }
  MM_ASSERT(recomputed_ == recorded_, "a replay decides what was recorded");
  return recomputed_.value();
}

void BlockReplay::add_to(RollingDigest& digest, const Output& output) {
  scratch_.clear();
  write_record(scratch_, output);
  digest.add(scratch_.bytes());
}

void BlockReplay::fold(Checks checks) {
  Engine& engine = *engine_;
  while (cursor_.next()) {
    if (cursor_.is_output()) {
      if (checks == Checks::all) add_to(recorded_, cursor_.output());
      continue;
    }
    outputs_.clear();
    engine.apply(cursor_.event(), outputs_);
    if (outputs_.empty() || checks == Checks::none) continue;
    for (const Output& output : outputs_) add_to(recomputed_, output);
  }
}

Engine make_null_engine() {
  return make_engine("none", false);
}

Engine make_quoting_engine() {
  return make_engine("fixed_spread", true);
}

}  // namespace mm::bench
