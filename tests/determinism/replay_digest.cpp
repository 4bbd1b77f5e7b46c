// replay_digest JOURNAL: what this build makes of a recorded session, as one line of digests.
//
//   core     the recorded inputs through the core: outputs and state at the end, compared with the
//            recording
//   closed   the recorded market through core and paper exchange together: events and outputs
//   enhanced, wall_aware   the same with the strategies that use every model: outputs and state
//   synthetic  a synthetic market with orders of ours in its matching
//   det      the elementary functions
//
// tests/determinism/run.sh builds it in several ways and compares the lines. It links engine,
// strategies, sim and journal only, and includes nothing that makes a build slow.

#include <cstdio>
#include <exception>
#include <string_view>
#include <variant>

#include "engine/det/self_check.hpp"
#include "engine/drive.hpp"
#include "engine/record.hpp"
#include "journal/reader.hpp"
#include "journal/replay.hpp"
#include "sim/world.hpp"
#include "strategies/session_engine.hpp"
#include "tests/sim/synthetic/rig.hpp"

namespace {

using namespace mm;

Engine engine_of(const SessionStart& start) {
  auto engine = make_engine(start);
  if (!engine) throw engine.error();
  return std::move(*engine);
}

/// Recorded inputs that a simulation does not bring itself.
class MarketOf {
 public:
  explicit MarketOf(journal::RecordCursor& cursor) : cursor_(cursor) {}
  const Event* next() {
    while (cursor_.next() == journal::RecordCursor::Item::record)
      if (!cursor_.is_output() && !sim::is_simulated(cursor_.event().kind()))
        return &cursor_.event();
    return nullptr;
  }

 private:
  journal::RecordCursor& cursor_;
};

struct DigestSink {
  RollingDigest inputs;
  RollingDigest outputs;
  ByteWriter scratch;

  template <class EventOrOutput>
  void add(RollingDigest& digest, const EventOrOutput& record) {
    scratch.clear();
    write_record(scratch, record);
    digest.add(scratch.bytes());
  }
  void accept(const Event& event) { add(inputs, event); }
  void decided(const Event&, std::span<Output> decided_outputs) {
    for (const Output& output : decided_outputs) add(outputs, output);
  }
};

SessionStart start_of(const Event& event) {
  const auto* start = std::get_if<SessionStart>(&event.body);
  if (start == nullptr) throw Error(ErrorKind::data, "the session does not begin with its start");
  return *start;
}

/// The recorded market through a core with this strategy and a paper exchange.
struct Closed {
  DigestSink sink;
  std::uint64_t state = 0;
};
Closed closed_loop(const journal::Journal& journal, const journal::SessionInfo& session,
                   const SessionStart& start, const sim::Settings& settings) {
  Engine engine = engine_of(start);
  journal::RecordCursor cursor = journal.read(session);
  MarketOf market(cursor);
  sim::SimWorld world(settings);
  sim::WorldSource<MarketOf> source(market, world, engine.market());
  Closed closed;
  drive(source, engine, closed.sink);
  closed.state = journal::state_digest_of(engine);
  return closed;
}

int run(const char* path) {
  if (const auto failure = det::self_check()) {
    std::fprintf(stderr, "%s\n", det::describe(*failure).data());
    return 1;
  }
  const journal::Journal journal = journal::Journal::open(path);
  const journal::SessionInfo& session = journal.sessions().at(0);
  std::uint64_t state = 0;
  journal::ReplayHooks hooks;
  hooks.at_checkpoint = [&](Seq, const Engine& engine) {
    state = journal::state_digest_of(engine);
  };
  const journal::ReplayResult replay =
      journal::replay(journal, session, journal::TimeWindow{}, engine_of, hooks);

  journal::RecordCursor head = journal.read(session);
  head.next();
  const SessionStart start = start_of(head.event());
  sim::Settings settings;
  if (sim::Settings::parse(start.settings, settings)) return 1;
  const Closed closed = closed_loop(journal, session, start, settings);

  std::printf("core %016llx state %016llx exact %s closed %016llx %016llx state %016llx",
              static_cast<unsigned long long>(replay.digest),
              static_cast<unsigned long long>(state), replay.bit_exact ? "yes" : "no",
              static_cast<unsigned long long>(closed.sink.inputs.value()),
              static_cast<unsigned long long>(closed.sink.outputs.value()),
              static_cast<unsigned long long>(closed.state));
  for (const char* strategy : {"enhanced", "wall_aware"}) {
    SessionStart modelled = start;
    modelled.strategy = strategy;
    modelled.parameters = "levels=2\nspread=1bps\n";
    modelled.execution = "paper";
    const Closed quoted = closed_loop(journal, session, modelled, settings);
    std::printf(" %s %016llx state %016llx", strategy,
                static_cast<unsigned long long>(quoted.sink.outputs.value()),
                static_cast<unsigned long long>(quoted.state));
  }
  std::printf(" synthetic %016llx det %016llx\n",
              static_cast<unsigned long long>(sim::testing::synthetic_digest()),
              static_cast<unsigned long long>(det::elementary_functions_digest()));
  return replay.bit_exact ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: replay_digest JOURNAL\n", stderr);
    return 2;
  }
  try {
    return run(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "replay_digest: %s\n", error.what());
    return 3;
  }
}
