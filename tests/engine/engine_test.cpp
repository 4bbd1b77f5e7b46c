// The core as a value: saved, restored, copied, digested; and the loop that drives it.

#include "engine/engine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "engine/drive.hpp"
#include "engine/record.hpp"
#include "strategies/registry.hpp"
#include "tests/engine/samples.hpp"

namespace mm {
namespace {

using namespace testing_samples;

Engine new_engine(std::string_view strategy = "fixed_spread", std::string_view lines = "levels=2") {
  return Engine{{.max_orders_per_minute = 200}, make_strategy(strategy, lines).value()};
}

std::uint64_t digest_of(const std::vector<Output>& outputs) {
  RollingDigest digest;
  ByteWriter bytes;
  for (const Output& output : outputs) {
    bytes.clear();
    write_record(bytes, output);
    digest.add(bytes.bytes());
  }
  return digest.value();
}

// A million events of every kind, many of them nonsense: nothing breaks, and the same again gives
// the same.
TEST(Engine, AcceptsAMillionRandomEventsAndRepeatsItself) {
  const auto run = [](std::string_view strategy) {
    RandomStream stream{2024};
    Engine engine = new_engine(strategy, "");
    std::vector<Output> outputs;
    RollingDigest digest;
    ByteWriter bytes;
    std::size_t count = 0;
    for (int i = 0; i < 500'000; ++i) {
      outputs.clear();
      engine.apply(stream.next(), outputs);
      count += outputs.size();
      for (const Output& output : outputs) {
        bytes.clear();
        write_record(bytes, output);
        digest.add(bytes.bytes());
      }
    }
    return std::tuple{digest.value(), engine.digests(), count};
  };
  for (const std::string_view strategy : {"fixed_spread", "glft"}) {
    const auto first = run(strategy);
    EXPECT_GT(std::get<2>(first), 1000u);
    EXPECT_EQ(first, run(strategy));
  }
}

TEST(Engine, EveryKindAloneIsAccepted) {
  for (const EventBody& body : every_kind()) {
    Engine engine = new_engine();
    std::vector<Output> outputs;
    for (std::uint16_t instrument = 0; instrument < 20; ++instrument)
      engine.apply(event_of(5, body, instrument), outputs);
    EXPECT_LE(engine.market().instrument_count(), max_instruments);
  }
}

// From any moment a restored engine and a copy go on exactly as the original.
TEST(Engine, ARestoredEngineAndACopyGoOnAlike) {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(seed);
    RandomStream stream{seed};
    Engine engine = new_engine();
    std::vector<Output> outputs;
    for (int i = 0; i < 20'000; ++i) {
      outputs.clear();
      engine.apply(stream.next(), outputs);
    }
    ByteWriter saved;
    engine.save(saved);
    Engine restored = new_engine("fixed_spread", "spread=99bps");  // overwritten by what was saved
    ByteReader in{saved.bytes()};
    ASSERT_TRUE(restored.restore(in));
    EXPECT_TRUE(in.at_end());
    Engine copy = engine;
    EXPECT_EQ(restored.digests(), engine.digests());
    EXPECT_EQ(copy.digests(), engine.digests());
    EXPECT_EQ(restored.fields(), engine.fields());

    std::vector<Output> theirs;
    std::vector<Output> copied;
    outputs.clear();
    for (int i = 0; i < 20'000; ++i) {
      const Event& event = stream.next();
      engine.apply(event, outputs);
      restored.apply(event, theirs);
      copy.apply(event, copied);
    }
    EXPECT_FALSE(outputs.empty());
    EXPECT_EQ(digest_of(outputs), digest_of(theirs));
    EXPECT_EQ(digest_of(outputs), digest_of(copied));
    EXPECT_EQ(restored.digests(), engine.digests());
    EXPECT_EQ(copy.digests(), engine.digests());
  }
}

TEST(Engine, RefusesStateThatIsCut) {
  RandomStream stream{4};
  Engine engine = new_engine();
  std::vector<Output> outputs;
  for (int i = 0; i < 3000; ++i) engine.apply(stream.next(), outputs);
  ByteWriter saved;
  engine.save(saved);
  SplitMix64 random{6};
  for (int i = 0; i < 200; ++i) {
    Engine other = new_engine();
    const std::size_t size = random.below(saved.size() / 8) * 8;
    ByteReader in{saved.bytes().first(size)};
    EXPECT_FALSE(other.restore(in)) << size;
  }
}

TEST(Engine, ADigestNamesTheModuleThatDiffers) {
  Engine engine = new_engine();
  Engine other = new_engine("fixed_spread", "levels=2\nspread=6bps");
  const StateDigests a = engine.digests();
  const StateDigests b = other.digests();
  EXPECT_NE(a.root, b.root);
  for (const StateModule module : state_modules)
    EXPECT_EQ(a.of(module) == b.of(module), module != StateModule::strategy) << name_of(module);
  std::set<std::string_view> names;
  for (const StateModule module : state_modules) names.insert(name_of(module));
  EXPECT_EQ(names.size(), state_modules.size());
}

TEST(Engine, FieldsShowWhereTwoStatesDiffer) {
  Engine engine = new_engine();
  std::vector<Output> outputs;
  const Instrument instrument = btc_usdt();
  engine.apply(define(instrument), outputs);
  Engine other = engine;
  other.apply(event_of(5, Fill{.order = {1}, .price = units(600'000), .qty = lots(2)}), outputs);
  std::vector<std::string> differing;
  const std::vector<StateField> ours = engine.fields();
  const std::vector<StateField> theirs = other.fields();
  ASSERT_EQ(ours.size(), theirs.size());
  for (std::size_t i = 0; i < ours.size(); ++i)
    if (ours[i] != theirs[i]) differing.push_back(ours[i].name);
  EXPECT_TRUE(std::ranges::find(differing, "position") != differing.end());
}

// Several traders on one market are as many engines.
TEST(Engine, TradersShareAMarket) {
  RandomStream stream{8};
  Engine alone = new_engine("fixed_spread", "spread=3bps");
  Market market;
  Trader wide{{.max_orders_per_minute = 200}, make_strategy("fixed_spread", "spread=8bps").value()};
  Trader narrow{{.max_orders_per_minute = 200},
                make_strategy("fixed_spread", "spread=3bps").value()};
  std::vector<Output> one;
  std::vector<Output> shared;
  std::vector<Output> other;
  for (int i = 0; i < 20'000; ++i) {
    const Event& event = stream.next();
    alone.apply(event, one);
    market.apply(event);
    wide.apply(event, market, other);
    narrow.apply(event, market, shared);
  }
  EXPECT_EQ(digest_of(one), digest_of(shared));
  EXPECT_NE(digest_of(one), digest_of(other));
}

struct CountedSource {
  RandomStream stream{5};
  int left = 1000;
  int reacted = 0;
  const Event* next() { return left-- > 0 ? &stream.next() : nullptr; }
  void react(const Event&, std::span<const Output>) { ++reacted; }
};

struct CountedSink {
  int accepted = 0;
  int decided_after = 0;
  std::uint64_t seq = 0;
  std::size_t outputs_seen = 0;
  void accept(const Event&) {
    EXPECT_EQ(accepted, decided_after) << "an event is accepted before the last one was decided";
    ++accepted;
    ++seq;
  }
  void decided(const Event& event, std::span<Output> outputs) {
    ++decided_after;
    for (Output& output : outputs) {
      EXPECT_EQ(output.header.recv_time, event.header.recv_time);
      output.header.seq = Seq{seq++};
      ++outputs_seen;
    }
  }
};

TEST(Drive, AcceptsDecidesAndReactsOnceAnEvent) {
  CountedSource source;
  CountedSink sink;
  Engine engine = new_engine();
  drive(source, engine, sink);
  EXPECT_EQ(sink.accepted, 1000);
  EXPECT_EQ(sink.decided_after, 1000);
  EXPECT_EQ(source.reacted, 1000);
  EXPECT_GT(sink.outputs_seen, 0u);
}

}  // namespace
}  // namespace mm
