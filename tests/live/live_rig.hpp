#pragma once

// A live session against the scripted venue, in one thread, with times cut to fractions of a
// second.

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "live/live_session.hpp"
#include "live/paper_execution.hpp"
#include "sim/settings.hpp"
#include "strategies/session_engine.hpp"
#include "tests/journal/journal_fixture.hpp"
#include "tests/live/scripted_venue.hpp"
#include "venues/live/definitions.hpp"

namespace mm::test {

/// Waits long enough for a busy machine, short enough for a test.
inline venues::LiveSettings quick_settings() {
  using namespace std::chrono_literals;
  venues::LiveSettings of;
  of.connect_timeout = 500ms;
  of.rest_timeout = 2s;
  of.retry_first = 10ms;
  of.retry_most = 40ms;
  of.tick = 5ms;
  of.ping_every = 30ms;
  of.hl_quote_silence = 400ms;
  of.hl_book_cadence = 150ms;
  of.hl_fast_cadence = 150ms;
  of.binance_silence = 400ms;
  of.mark_silence = 400ms;
  of.snapshot_pause = 10ms;
  of.snapshot_pause_most = 20ms;
  of.open_interest_every = 50ms;
  of.unread_bytes = 64 << 10;
  of.unread_for = 20ms;
  return of;
}

class LiveRig {
 public:
  net::Loop loop;

 private:
  std::unique_ptr<net::Loop> venue_loop_;  ///< null: the venue shares ours
  std::thread venue_thread_;

 public:
  ScriptedVenue venue;
  venues::LiveSettings settings = quick_settings();
  live::StopRequest stop;
  std::string execution = "paper";
  std::string strategy = "fixed_spread";
  std::string parameters = "spread=4bps\n";
  std::string core_settings = "latency=3ms,2ms\nstale=300ms\n";
  bool raw = false;
  Duration patience = std::chrono::seconds{1};
  Duration start_patience = std::chrono::seconds{10};
  std::function<void(bool ready)> following;
  std::unique_ptr<live::Execution> wrapped;  ///< instead of paper
  std::unique_ptr<live::Clock> clock = std::make_unique<live::SystemClock>();
  journal::testing::TempDir directory;
  live::LiveResult result;

  enum class VenueRuns { beside_us, on_its_own_thread };
  explicit LiveRig(VenueRuns runs = VenueRuns::beside_us)
      : venue_loop_(runs == VenueRuns::beside_us ? nullptr : std::make_unique<net::Loop>()),
        venue(venue_loop_ ? *venue_loop_ : loop) {}

  static constexpr const char* hyperliquid = "hyperliquid:ETH";
  static constexpr const char* binance = "binance-usdm:ETHUSDT";

  /// Records until `done`, which runs on the venue's thread, says so after a round of the venue; 5
  /// s at most.
  void run(const std::vector<std::string>& feeds, const std::function<bool()>& done) {
    std::vector<venues::FeedSpec> specs;
    for (const std::string& feed : feeds)
      specs.push_back(venues::parse_feed_spec(specs.empty() ? "--venue" : "--lead", feed));
    const auto network = venues::Network::parse(venue.url()).value();
    if (venue_loop_) venue_thread_ = std::thread([&] { venue_loop_->run(); });
    venues::RestGates gates(loop, nullptr, settings.rest_timeout);
    const auto table = venues::Instruments::built_in();
    const auto definitions = venues::ask_for_definitions(
        loop, gates, specs, network, table, std::chrono::seconds{2}, [] { return false; });
    plan.strategy = strategy;
    plan.execution = execution;
    plan.parameters = parameters;
    plan.settings = core_settings;
    plan.instruments = definitions->instruments;
    Engine engine = make_engine(plan.start()).value();
    sim::Settings simulation;
    sim::Settings::parse(plan.settings, simulation);

    std::vector<std::unique_ptr<venues::LiveFeed>> live;
    for (std::size_t at = 0; at < plan.instruments.size(); ++at) {
      auto feed = venues::plan_feed(plan.instruments[at], network, settings);
      const auto gate = gates.at(feed.rest);
      live.push_back(std::make_unique<venues::LiveFeed>(
          venues::LiveFeed::Surroundings{loop, nullptr, [&] { return clock->now(); }},
          plan.instruments[at], InstrumentId{static_cast<std::uint16_t>(at)}, std::move(feed), gate,
          settings, at));
    }
    if (wrapped == nullptr) wrapped = std::make_unique<live::PaperExecution>(simulation);
    const auto watch = [&] {
      if (done()) loop.post([&] { stop.reason = "the test has seen enough"; });
    };
    // A venue with a thread of its own is under way already.
    if (venue_loop_)
      venue_loop_->post([this, watch] { venue.each_round = watch; });
    else
      venue.each_round = watch;
    live::LiveOptions options;
    options.source.length = std::chrono::seconds{5};
    options.source.patience = patience;
    options.source.start_patience = start_patience;
    options.source.following = following;
    options.raw = raw;
    journal::WriterOptions writing;
    writing.sync.mode = journal::SyncPolicy::Mode::none;
    auto writer = journal::JournalWriter::open(directory / "journal", writing);
    result = live::record_live({plan, loop, *clock, live, *wrapped, stop}, stop, engine, writer,
                               std::move(options));
    writer.close();
    if (venue_loop_) {
      venue_loop_->stop();
      venue_thread_.join();
    }
    venue.each_round = {};
  }

  live::SessionPlan plan;
};

/// What a journal holds, in copies that last.
struct Recorded {
  std::vector<std::vector<std::byte>> bytes;  ///< canonical, inputs and outputs
  std::vector<Record> records;                ///< views into `bytes`

  explicit Recorded(const std::filesystem::path& journal) {
    const journal::Journal of = journal::Journal::open(journal);
    journal::RecordCursor cursor = of.read(of.sessions().back(), journal::SeqWindow{});
    while (cursor.next() == journal::RecordCursor::Item::record) {
      ByteWriter out;
      if (cursor.is_output()) {
        write_record(out, cursor.output());
      } else {
        write_record(out, cursor.event());
      }
      const auto whole = out.bytes();
      bytes.emplace_back(whole.begin(), whole.end());
    }
    for (const auto& one : bytes) records.push_back(*read_record(one));
  }

  std::size_t count(RecordKind kind, int instrument = -1) const {
    std::size_t found = 0;
    for (const Record& record : records) {
      if (kind_of(record) != kind) continue;
      if (instrument < 0 || header_of(record).instrument.value == instrument) ++found;
    }
    return found;
  }

  /// States of the feed in order, anomalies as their text.
  std::vector<std::string> statuses(int instrument) const {
    std::vector<std::string> told;
    for (const Record& record : records) {
      const auto* event = std::get_if<Event>(&record);
      const auto* status = event == nullptr ? nullptr : std::get_if<FeedStatus>(&event->body);
      if (status == nullptr || event->header.instrument.value != instrument) continue;
      static constexpr const char* names[] = {"?",   "connected",      "lost",
                                              "gap", "resynchronised", "stale"};
      told.emplace_back(status->state == FeedState::anomaly
                            ? std::string(status->detail)
                            : names[static_cast<std::size_t>(status->state)]);
    }
    return told;
  }
};

}  // namespace mm::test
