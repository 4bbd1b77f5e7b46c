// Goals 6 to 9, 13 and 25: how fast a journal is replayed.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "bench/blocks.hpp"
#include "bench/goals.hpp"
#include "bench/journals.hpp"
#include "bench/rows.hpp"
#include "engine/assert.hpp"
#include "journal/replay.hpp"

namespace mm::bench {
namespace {

/// The floor of a fold: every row's quantity stored at its price, nothing else.
class BlindStore {
 public:
  void apply(const Event& event) {
    const std::size_t instrument = event.header.instrument.value % 2;
    if (const auto* delta = std::get_if<BookDelta>(&event.body)) {
      store(sides_[instrument][0], delta->bids);
      store(sides_[instrument][1], delta->asks);
    } else if (const auto* snapshot = std::get_if<BookSnapshot>(&event.body)) {
      store(sides_[instrument][0], snapshot->bids);
      store(sides_[instrument][1], snapshot->asks);
    } else if (const auto* quote = std::get_if<BestQuote>(&event.body)) {
      store(quotes_[instrument], {&quote->bid, 1});
      store(quotes_[instrument], {&quote->ask, 1});
    } else if (const auto* trade = std::get_if<Trade>(&event.body)) {
      const Level level{trade->price, trade->qty};
      store(quotes_[instrument], {&level, 1});
    }
  }

 private:
  static constexpr std::size_t slots = std::size_t{1} << 18;
  using Array = std::vector<std::uint32_t>;
  static void store(Array& to, std::span<const Level> levels) {
    std::uint32_t* const at = to.data();
    for (const Level& level : levels)
      at[static_cast<std::uint64_t>(level.price.units()) & (slots - 1)] =
          static_cast<std::uint32_t>(level.qty.lots());
  }
  std::array<std::array<Array, 2>, 2> sides_{
      {{Array(slots), Array(slots)}, {Array(slots), Array(slots)}}};
  std::array<Array, 2> quotes_{Array(slots), Array(slots)};
};

/// The books of a replay are those of the obvious implementation.
void compare_books(const Engine& engine, const MapMarket& expected) {
  for (std::size_t i = 0; i < engine.market().instrument_count(); ++i) {
    const L2Book& book =
        engine.market().instrument(InstrumentId{static_cast<std::uint16_t>(i)}).book();
    MM_ASSERT((Touch{book.best_bid(), book.best_ask()} == expected.book(i).touch()),
              "the replayed book differs from std::map's");
    MM_ASSERT(book.level_count(Side::buy) + book.level_count(Side::sell) == expected.book(i).size(),
              "the replayed book has other levels than std::map's");
  }
}

std::string ns_a_row(const Contest& contest, std::string_view name, std::size_t rows) {
  return fmt::format("{} {:.2f} ns/row", name,
                     quantile(contest.samples(name), 0.5) * 1e9 / static_cast<double>(rows));
}

void measure_fold(const Recording& recording, const Plan& plan, Report& report) {
  BlindStore floor;
  Contest contest;
  contest.add("blind store", [&] {
    for (const Event& event : recording.events) floor.apply(event);
  });
  contest.add("fold", [&] {
    Engine engine = make_null_engine();
    std::vector<Output> outputs;
    for (const Event& event : recording.events) engine.apply(event, outputs);
    keep(outputs.data());
  });
  contest.add("std::map", [&] {
    MapMarket market;
    for (const Event& event : recording.events) market.apply(event);
    keep(market.book(0).size());
  });
  contest.run_rounds(plan.rounds(11));
  if (plan.wants("13.store"))
    report.add({"13.store", "fold / blind store of the same decoded rows", 2.8},
               contest.ratio("fold", "blind store"), recording.real);
  if (plan.wants("13.map"))
    report.add({"13.map", "fold / std::map", 0.13}, contest.ratio("fold", "std::map"),
               recording.real);
  report.say(ns_a_row(contest, "blind store", recording.rows) + ", " +
             ns_a_row(contest, "fold", recording.rows) + ", " +
             ns_a_row(contest, "std::map", recording.rows));
}

/// What `mmctl replay` does, from the files of a journal that the page cache holds.
void replay_files(const journal::Journal& journal, journal::ReadAhead ahead) {
  const auto null_engine = [](const SessionStart&) { return make_null_engine(); };
  const journal::ReplayResult result =
      journal::replay(journal, journal.sessions().back(), {}, null_engine, {}, ahead);
  MM_ASSERT(result.bit_exact, "a replay decides what was recorded");
}

void measure_two_threads(const Recording& recording, const Plan& plan, Report& report) {
  const Blocks blocks = make_blocks(recording);
  ScratchDirectory scratch{plan.directory};
  const std::filesystem::path dir = scratch.fresh();
  record_session(dir, recording);
  const journal::Journal journal = journal::Journal::open(dir);
  BlockReplay replay;
  Contest contest;
  contest.add("zstd", [&] { replay.decompress(blocks); });
  contest.add(
      "one thread", [&] { replay_files(journal, journal::ReadAhead::no); }, Clock::wall);
  contest.add(
      "two threads", [&] { replay_files(journal, journal::ReadAhead::yes); }, Clock::wall);
  contest.run_rounds(plan.rounds(15));
  report.add({"9", "mmctl replay on two threads, wall / bare zstd", 1.5},
             contest.ratio("two threads", "zstd"), recording.real);
  report.say(fmt::format("wall of one thread / zstd {:.2f}; ",
                         contest.ratio("one thread", "zstd").median) +
             ns_a_row(contest, "zstd", recording.rows) + ", " +
             ns_a_row(contest, "one thread", recording.rows) + ", " +
             ns_a_row(contest, "two threads", recording.rows));
}

void measure_checks(const Recording& recording, const Plan& plan, Report& report) {
  const Blocks blocks = make_paper_blocks(recording);
  BlockReplay replay;
  Contest contest;
  contest.add("without", [&] { replay.run(blocks, make_quoting_engine(), Checks::none); });
  contest.add("with", [&] { replay.run(blocks, make_quoting_engine(), Checks::all); });
  contest.run_rounds(plan.rounds(15));
  report.add({"25", "replay of a paper session: with checksums, digests / without", 1.03},
             contest.ratio("with", "without"), recording.real);
  report.say(ns_a_row(contest, "without", blocks.rows) + ", " +
             ns_a_row(contest, "with", blocks.rows));
}

}  // namespace

void measure_replay(const Recording& recording, const Plan& plan, Report& report) {
  const std::string& name = recording.name;
  const bool first = name == "R1";
  const auto wants_any = [&](std::initializer_list<std::string> ids) {
    for (const std::string& id : ids)
      if (plan.wants(id)) return true;
    return false;
  };
  const bool wants_rows = plan.wants("7." + name) || (first && plan.wants("8"));
  if (wants_any({"6." + name, "7." + name}) || (first && wants_any({"8"}))) {
    const Blocks blocks = make_blocks(recording);
    BlockReplay replay;
    RowReplay obvious;
    Contest contest;
    std::vector<RowBlock> row_blocks;
    contest.add("zstd", [&] { replay.decompress(blocks); });
    contest.add("columns", [&] { replay.decode(blocks); });
    contest.add("replay", [&] { replay.run(blocks, make_null_engine(), Checks::all); });
    if (wants_rows) {
      row_blocks = make_row_blocks(recording, block_rows);
      contest.add("zstd of rows", [&] { obvious.decompress(row_blocks); });
      contest.add("obvious", [&] { obvious.run(row_blocks); });
    }
    contest.run_rounds(plan.rounds(15));
    if (wants_rows) compare_books(replay.engine(), obvious.market());
    if (plan.wants("6." + name))
      report.add({"6." + name, "replay on one thread / bare zstd of the same blocks", 2.4},
                 contest.ratio("replay", "zstd"), recording.real);
    if (plan.wants("7." + name))
      report.add({"7." + name, "replay / bare zstd of one capnp struct a row", 0.45},
                 contest.ratio("replay", "zstd of rows"), recording.real);
    if (first && plan.wants("8"))
      report.add({"8", "replay / rows, getters, std::map", 0.15},
                 contest.ratio("replay", "obvious"), recording.real);
    report.say(ns_a_row(contest, "zstd", recording.rows) + ", " +
               ns_a_row(contest, "columns", recording.rows) + ", " +
               ns_a_row(contest, "replay", recording.rows) +
               fmt::format(", columns / zstd {:.2f}", contest.ratio("columns", "zstd").median));
  }
  if (!first) return;
  if (plan.wants("9")) measure_two_threads(recording, plan, report);
  if (wants_any({"13.store", "13.map"})) measure_fold(recording, plan, report);
  if (plan.wants("25")) measure_checks(recording, plan, report);
}

}  // namespace mm::bench
