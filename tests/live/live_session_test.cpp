// Live sessions over real sockets against a venue that does what the test says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>

#include "engine/drive.hpp"
#include "journal/replay.hpp"
#include "tests/live/live_rig.hpp"
#include "venues/capture/capture_feed.hpp"

namespace mm::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

journal::ReplayResult replayed(const LiveRig& rig) {
  const journal::Journal of = journal::Journal::open(rig.directory / "journal");
  return journal::replay(of, of.sessions().back(), {},
                         [](const SessionStart& start) { return make_engine(start).value(); });
}

TEST(LiveSession, RecordsWhatBothVenuesSayAndReplaysBitExactly) {
  LiveRig rig;
  rig.run({LiveRig::hyperliquid, LiveRig::binance}, [&] { return rig.venue.rounds >= 150; });
  const Recorded recorded(rig.directory / "journal");

  EXPECT_EQ(kind_of(recorded.records[0]), RecordKind::session_start);
  EXPECT_EQ(kind_of(recorded.records[1]), RecordKind::instrument_defined);
  EXPECT_EQ(kind_of(recorded.records[2]), RecordKind::instrument_defined);
  EXPECT_EQ(rig.result.end_reason, "the test has seen enough");
  for (const RecordKind kind : {RecordKind::book_snapshot, RecordKind::best_quote,
                                RecordKind::trade, RecordKind::asset_context}) {
    EXPECT_GT(recorded.count(kind, 0), 10u) << name_of(kind);
  }
  EXPECT_GT(recorded.count(RecordKind::book_delta, 1), 50u);
  EXPECT_EQ(recorded.count(RecordKind::book_snapshot, 1), 1u);
  EXPECT_GT(recorded.count(RecordKind::trade, 1), 50u);
  EXPECT_GT(recorded.count(RecordKind::asset_context, 1), 10u);
  EXPECT_THAT(recorded.statuses(0), ElementsAre("connected"));
  EXPECT_THAT(recorded.statuses(1), ElementsAre("connected"));
  EXPECT_GT(recorded.count(RecordKind::place_order), 0u);
  EXPECT_GT(recorded.count(RecordKind::fill), 0u);
  const auto sockets = rig.venue.sockets("/ws");
  ASSERT_EQ(sockets.size(), 2u) << "both book cadences on one socket could not be told apart";
  for (const auto* socket : sockets)
    EXPECT_THAT(socket->heard, testing::Contains(R"({"method":"ping"})"));

  const journal::ReplayResult replay = replayed(rig);
  EXPECT_TRUE(replay.bit_exact);
  EXPECT_GT(replay.outputs, 10u);
}

/// The recorded market and control events, as the upstream of a re-run.
struct RecordedMarket {
  const std::vector<Record>& records;
  std::size_t at = 0;
  const Event* next() {
    while (at < records.size()) {
      const auto* event = std::get_if<Event>(&records[at++]);
      if (event != nullptr && !sim::is_simulated(event->kind())) return event;
    }
    return nullptr;
  }
};

struct Rewriting {
  std::vector<std::vector<std::byte>> bytes;
  void accept(const Event& event) { add(event); }
  void decided(const Event&, std::span<Output> outputs) {
    for (const Output& output : outputs) add(output);
  }
  template <class R>
  void add(const R& record) {
    R numbered = record;
    numbered.header.seq = Seq{bytes.size()};
    ByteWriter out;
    write_record(out, numbered);
    bytes.emplace_back(out.bytes().begin(), out.bytes().end());
  }
};

// A counterfactual at the session's own parameters must give the session: the order in which own
// and market events were heard live is the one in which the simulator merges them.
TEST(LiveSession, APaperSessionIsWhatItsMarketAndTheSimulatorMake) {
  LiveRig rig;
  rig.run({LiveRig::hyperliquid, LiveRig::binance}, [&] { return rig.venue.rounds >= 200; });
  const Recorded recorded(rig.directory / "journal");
  ASSERT_GT(recorded.count(RecordKind::fill), 0u);
  ASSERT_GT(recorded.count(RecordKind::timer), 0u);

  RecordedMarket market{recorded.records};
  sim::Settings simulation;
  sim::Settings::parse(rig.plan.settings, simulation);
  sim::SimWorld world(simulation);
  Engine engine = make_engine(rig.plan.start()).value();
  sim::WorldSource<RecordedMarket> source(market, world, engine.market());
  Rewriting again;
  drive(source, engine, again);
  ASSERT_EQ(again.bytes.size(), recorded.bytes.size());
  for (std::size_t at = 0; at < again.bytes.size(); ++at) {
    ASSERT_EQ(again.bytes[at], recorded.bytes[at]) << "record " << at;
  }
}

// The raw frames of a session are a capture: read back as files they must say the same.
TEST(LiveSession, ItsFramesFedAsFilesGiveTheSameMarket) {
  LiveRig rig;
  rig.raw = true;
  rig.execution = "none";
  rig.run({LiveRig::hyperliquid, LiveRig::binance}, [&] { return rig.venue.rounds >= 150; });
  const auto is_market = [](RecordKind kind) { return kind <= RecordKind::liquidation; };
  const auto unnumbered = [](Event event) {
    event.header.seq = {};
    ByteWriter out;
    write_record(out, event);
    return std::vector<std::byte>(out.bytes().begin(), out.bytes().end());
  };

  const journal::Journal journal = journal::Journal::open(rig.directory / "journal");
  const std::string files[] = {(rig.directory / "one.txt").string(),
                               (rig.directory / "two.txt").string()};
  {
    std::ofstream captures[] = {std::ofstream(files[0]), std::ofstream(files[1])};
    journal::RawCursor cursor = journal.raw(journal.sessions().back());
    while (cursor.next()) {
      const journal::RawFrame& frame = cursor.frame();
      captures[frame.feed] << to_ns(frame.recv_time) << ' '
                           << std::string_view(reinterpret_cast<const char*>(frame.bytes.data()),
                                               frame.bytes.size())
                           << '\n';
    }
  }
  const Recorded recorded(rig.directory / "journal");
  for (std::uint16_t feed = 0; feed < 2; ++feed) {
    const auto capture =
        venues::open_capture(rig.plan.instruments[feed], InstrumentId{feed}, {files[feed]});
    std::vector<std::vector<std::byte>> from_file;
    while (capture->advance()) {
      for (const Event& event : capture->events())
        if (is_market(event.kind())) from_file.push_back(unnumbered(event));
    }
    std::vector<std::vector<std::byte>> from_socket;
    for (const Record& record : recorded.records) {
      const auto* event = std::get_if<Event>(&record);
      if (event != nullptr && is_market(event->kind()) && event->header.instrument.value == feed)
        from_socket.push_back(unnumbered(*event));
    }
    EXPECT_GT(from_socket.size(), 150u);
    EXPECT_EQ(from_file, from_socket) << "feed " << feed;
  }
}

TEST(LiveSession, AStopCancelsOurOrdersBeforeTheEnd) {
  LiveRig rig;
  rig.run({LiveRig::hyperliquid}, [&] {
    // Without prints nothing fills, and both quotes are there at the end.
    if (auto* socket = rig.venue.subscribed("trades")) std::erase(socket->subscriptions, "trades");
    return rig.venue.rounds >= 40;
  });
  const Recorded recorded(rig.directory / "journal");
  std::vector<RecordKind> last;  // what concerns orders, from the kill switch on
  for (const Record& record : recorded.records) {
    const RecordKind kind = kind_of(record);
    if (kind == RecordKind::kill_switch ||
        (!last.empty() && (kind == RecordKind::place_order || kind == RecordKind::replace_order ||
                           kind == RecordKind::cancel_order || kind == RecordKind::order_done ||
                           kind == RecordKind::session_end))) {
      last.push_back(kind);
    }
  }
  ASSERT_GE(last.size(), 6u);
  EXPECT_EQ(last[1], RecordKind::cancel_order);
  EXPECT_EQ(last[2], RecordKind::cancel_order);
  for (std::size_t at = 3; at + 1 < last.size(); ++at) EXPECT_EQ(last[at], RecordKind::order_done);
  EXPECT_EQ(last.back(), RecordKind::session_end);
  EXPECT_EQ(rig.result.orders_left, 0u);
}

/// The machine's clock, set forward once by an hour.
class SteppedClock final : public live::Clock {
 public:
  explicit SteppedClock(const bool& stepped) : stepped_(stepped) {}
  Time now() override {
    const auto steady = std::chrono::steady_clock::now().time_since_epoch();
    const Time wall = time_from_ns(1'700'000'000'000'000'000) + steady;
    return rule_.read(steady, stepped_ ? wall + 1h : wall);
  }
  Duration take_step() override { return rule_.take_step(); }

 private:
  const bool& stepped_;
  live::ClockRule rule_;
};

TEST(LiveSession, AStepOfTheClockIsAnEventAndTimeGoesOn) {
  LiveRig rig;
  bool stepped = false;
  rig.clock = std::make_unique<SteppedClock>(stepped);
  rig.run({LiveRig::hyperliquid}, [&] {
    stepped = rig.venue.rounds >= 40;
    return rig.venue.rounds >= 80;
  });
  const Recorded recorded(rig.directory / "journal");
  ASSERT_EQ(recorded.count(RecordKind::clock_step), 1u);
  Time last;
  for (const Record& record : recorded.records) {
    const EventHeader& header = header_of(record);
    EXPECT_GE(header.recv_time, last);
    last = header.recv_time;
    const auto* event = std::get_if<Event>(&record);
    const auto* step = event == nullptr ? nullptr : std::get_if<ClockStep>(&event->body);
    if (step == nullptr) continue;
    EXPECT_NEAR(static_cast<double>(step->step_ns), 3.6e12, 1e9);
  }
  EXPECT_TRUE(replayed(rig).bit_exact);
}

/// Has nothing to say and gets ready some time after it was first asked.
class SlowToBegin final : public live::Execution {
 public:
  explicit SlowToBegin(Duration delay) : delay_(delay) {}
  Time next_due() const override { return Time::max(); }
  const Event* next_before(Time, const Market&) override { return nullptr; }
  void on_market(const Event&, const Market&) override {}
  void react(const Event&, std::span<const Output>) override {}
  bool ready() const override {
    const auto now = std::chrono::steady_clock::now();
    if (!asked_) asked_ = now;
    return now - *asked_ >= delay_;
  }

 private:
  Duration delay_;
  mutable std::optional<std::chrono::steady_clock::time_point> asked_;
};

// Else the core would decide what can only be refused; but the market is worth recording anyway.
TEST(LiveSession, TheMarketWaitsForTheExecutionButNotForEver) {
  for (const bool gets_ready : {true, false}) {
    LiveRig rig;
    rig.wrapped = std::make_unique<SlowToBegin>(gets_ready ? 400ms : 1h);
    rig.start_patience = gets_ready ? Duration{10s} : Duration{400ms};
    std::optional<bool> ready;
    std::size_t since = 0;
    rig.following = [&](bool of) {
      ready = of;
      since = rig.venue.rounds;
    };
    rig.run({LiveRig::hyperliquid}, [&] { return ready && rig.venue.rounds >= since + 100; });
    EXPECT_EQ(ready, gets_ready);
    const Recorded recorded(rig.directory / "journal");
    ASSERT_GT(recorded.count(RecordKind::book_snapshot), 0u);
    const Time begin = header_of(recorded.records.front()).recv_time;
    for (const Record& record : recorded.records) {
      if (kind_of(record) > RecordKind::liquidation) continue;
      EXPECT_GE(header_of(record).recv_time - begin, Duration{300ms});
    }
  }
}

// The core's stale guard is a timer: it must fire by the wall clock when nobody says anything.
TEST(LiveSession, AMarketThatFallsSilentLosesOurQuotes) {
  LiveRig rig;
  rig.settings.hl_quote_silence = rig.settings.hl_book_cadence = 10s;
  rig.settings.hl_fast_cadence = 10s;
  std::size_t silent_since = 0;
  rig.run({LiveRig::hyperliquid}, [&] {
    if (rig.venue.rounds == 40) {
      silent_since = rig.venue.rounds;
      for (auto* socket : rig.venue.sockets("/ws")) socket->fed = false;
    }
    return silent_since != 0 && rig.venue.rounds > silent_since + 350;
  });
  const Recorded recorded(rig.directory / "journal");
  bool stale = false;
  std::size_t cancels = 0;
  for (const Record& record : recorded.records) {
    if (kind_of(record) == RecordKind::kill_switch) break;
    const auto* output = std::get_if<Output>(&record);
    if (output == nullptr) continue;
    const auto* alert = std::get_if<Alert>(&output->body);
    stale = stale || (alert != nullptr && alert->code == AlertCode::stale_feed);
    const auto* cancel = std::get_if<CancelOrder>(&output->body);
    cancels += cancel != nullptr && cancel->reason == DecisionReason::stale_feed ? 1 : 0;
  }
  EXPECT_TRUE(stale);
  EXPECT_EQ(cancels, 2u);
}

// ---------------------------------------------------------------- trouble

TEST(LiveTrouble, ACutHyperliquidSocketComesBackWithAllItsStreams) {
  LiveRig rig;
  bool cut = false;
  std::size_t back = 0;
  rig.run({LiveRig::hyperliquid}, [&] {
    if (!cut && rig.venue.rounds >= 30) {
      cut = true;
      rig.venue.subscribed("l2Book")->peer->cut();
    }
    if (cut && back == 0 && rig.venue.sockets("/ws").size() == 4) back = rig.venue.rounds;
    return back != 0 && rig.venue.rounds > back + 30;
  });
  const Recorded recorded(rig.directory / "journal");
  EXPECT_THAT(recorded.statuses(0),
              ElementsAre("connected", "lost", "connected", "resynchronised"));
  EXPECT_TRUE(replayed(rig).bit_exact);
  EXPECT_EQ(rig.result.status.gaps, 1u);
}

TEST(LiveTrouble, ASocketThatDiesInTheMiddleOfAFrameIsALoss) {
  LiveRig rig;
  bool cut = false;
  std::size_t back = 0;
  rig.run({LiveRig::binance}, [&] {
    if (!cut && rig.venue.rounds >= 30) {
      cut = true;
      rig.venue.open_socket("/public/stream")->peer->send_torn("{\"stream\":\"ethusdt@de", 900);
    }
    if (cut && back == 0 && rig.venue.sockets("/public/stream").size() == 2)
      back = rig.venue.rounds;
    return back != 0 && rig.venue.rounds > back + 30;
  });
  const Recorded recorded(rig.directory / "journal");
  EXPECT_THAT(recorded.statuses(0),
              ElementsAre("connected", "lost", "connected", "resynchronised"));
  EXPECT_EQ(recorded.count(RecordKind::book_snapshot), 2u);
  EXPECT_EQ(rig.venue.sockets("/market/stream").size(), 1u) << "the tape goes on";
}

TEST(LiveTrouble, AHalfOpenSocketIsStaleAndReplaced) {
  LiveRig rig;
  bool frozen = false;
  std::size_t back = 0;
  rig.run({LiveRig::binance}, [&] {
    if (!frozen && rig.venue.rounds >= 30) {
      frozen = true;
      rig.venue.open_socket("/public/stream")->peer->freeze();
    }
    if (frozen && back == 0 && rig.venue.sockets("/public/stream").size() == 2)
      back = rig.venue.rounds;
    return back != 0 && rig.venue.rounds > back + 30;
  });
  const Recorded recorded(rig.directory / "journal");
  EXPECT_THAT(recorded.statuses(0),
              ElementsAre("connected", "stale", "lost", "connected", "resynchronised"));
}

// Frames still come, but no quotes: the socket is no good.
TEST(LiveTrouble, AStreamThatStallsIsStaleThoughTheSocketStands) {
  LiveRig rig;
  rig.settings.hl_quote_silence = 150ms;
  bool stalled = false;
  rig.run({LiveRig::hyperliquid}, [&] {
    auto* socket = rig.venue.subscribed("l2Book");
    if (!stalled && rig.venue.rounds >= 30 && socket != nullptr) {
      stalled = true;
      std::erase(socket->subscriptions, "bbo");
    }
    return rig.venue.sockets("/ws").size() == 4 && rig.venue.subscribed("bbo") != nullptr;
  });
  const auto statuses = Recorded(rig.directory / "journal").statuses(0);
  ASSERT_GE(statuses.size(), 3u);
  EXPECT_EQ(statuses[1], "stale");
  EXPECT_EQ(statuses[2], "lost");
}

TEST(LiveTrouble, AMissingDepthUpdateIsAGapAndThenTheBookIsTheVenuesAgain) {
  LiveRig rig;
  bool skipped = false;
  rig.run({LiveRig::binance}, [&] {
    if (!skipped && rig.venue.rounds >= 30) {
      skipped = true;
      rig.venue.skip_depth_update();
    }
    return skipped && rig.venue.rounds > 80;
  });
  const Recorded recorded(rig.directory / "journal");
  EXPECT_THAT(recorded.statuses(0), ElementsAre("connected", "gap", "resynchronised"));
  EXPECT_EQ(recorded.count(RecordKind::book_snapshot), 2u);
  EXPECT_EQ(rig.venue.sockets("/public/stream").size(), 1u) << "no need to connect again";
}

TEST(LiveTrouble, ARepeatedDepthUpdateIsTakenOnce) {
  LiveRig rig;
  rig.run({LiveRig::binance}, [&] {
    if (rig.venue.rounds == 30) rig.venue.repeat_depth_update();
    return rig.venue.rounds > 60;
  });
  EXPECT_THAT(Recorded(rig.directory / "journal").statuses(0), ElementsAre("connected"));
}

TEST(LiveTrouble, TheVenuesWishToBeLeftAloneIsRespectedAndRecorded) {
  LiveRig rig;
  rig.settings.open_interest_every = 10s;
  rig.venue.answer_next("/fapi/v1/depth",
                        {429, {{"Retry-After", "1"}, {"X-MBX-USED-WEIGHT-1M", "2401"}}, "{}"});
  std::size_t asked_again = 0;
  rig.run({LiveRig::binance}, [&] {
    if (asked_again == 0 && rig.venue.requests["/fapi/v1/depth"] == 2)
      asked_again = rig.venue.rounds;
    return asked_again != 0 && rig.venue.rounds > asked_again + 20;
  });
  const Recorded recorded(rig.directory / "journal");
  ASSERT_EQ(recorded.count(RecordKind::rate_limit), 1u);
  Time limited;
  Time snapshot;
  for (const Record& record : recorded.records) {
    const auto* event = std::get_if<Event>(&record);
    if (event == nullptr) continue;
    if (const auto* limit = std::get_if<RateLimit>(&event->body)) {
      EXPECT_EQ(limit->retry_after_ns, 1'000'000'000);
      EXPECT_EQ(limit->used, 2401);
      EXPECT_EQ(limit->detail, "HTTP 429: slow down");
      limited = event->header.recv_time;
    }
    if (std::holds_alternative<BookSnapshot>(event->body)) snapshot = event->header.recv_time;
  }
  EXPECT_GE(snapshot - limited, 990ms);
}

TEST(LiveTrouble, TheLossOfASecondStreamLeavesTheBookAlone) {
  LiveRig rig;
  bool cut = false;
  std::size_t back = 0;
  rig.run({LiveRig::binance}, [&] {
    if (!cut && rig.venue.rounds >= 30) {
      cut = true;
      rig.venue.open_socket("/market/stream")->peer->close(1001, "going away");
    }
    if (cut && back == 0 && rig.venue.sockets("/market/stream").size() == 2)
      back = rig.venue.rounds;
    return back != 0 && rig.venue.rounds > back + 20;
  });
  EXPECT_THAT(Recorded(rig.directory / "journal").statuses(0),
              ElementsAre("connected", HasSubstr("market: lost: "), "market: connected again"));
}

TEST(LiveTrouble, AVenueThatRefusesIsTriedAgainAndAgain) {
  LiveRig rig;
  rig.venue.refuse("/public", true);
  std::size_t up = 0;
  rig.run({LiveRig::binance}, [&] {
    if (rig.venue.rounds == 60) rig.venue.refuse("/public", false);
    if (up == 0 && rig.venue.open_socket("/public") != nullptr) up = rig.venue.rounds;
    return up != 0 && rig.venue.rounds > up + 30;
  });
  const auto statuses = Recorded(rig.directory / "journal").statuses(0);
  ASSERT_GE(statuses.size(), 4u);
  EXPECT_EQ(statuses[0], "lost");
  EXPECT_THAT(statuses[1], HasSubstr("public: still down: "));
  EXPECT_EQ(statuses[statuses.size() - 2], "connected");
  EXPECT_EQ(statuses.back(), "resynchronised");
}

/// Trades whose id does not follow that of the one before.
std::size_t holes_in_the_tape(const Recorded& recorded) {
  std::size_t holes = 0;
  std::int64_t last = 0;
  for (const Record& record : recorded.records) {
    const auto* event = std::get_if<Event>(&record);
    const auto* trade = event == nullptr ? nullptr : std::get_if<Trade>(&event->body);
    if (trade == nullptr) continue;
    if (last != 0 && trade->trade_id != last + 1) ++holes;
    last = trade->trade_id;
  }
  return holes;
}

// Binance ends a connection after a day: the next one must be there before.
TEST(LiveTrouble, AConnectionIsReplacedWithoutAGapOrADouble) {
  LiveRig rig;
  rig.settings.life = 100ms;
  rig.settings.overlap = 40ms;
  rig.run({LiveRig::binance}, [&] {
    return rig.venue.sockets("/public/stream").size() >= 4 && rig.venue.rounds > 150;
  });
  const Recorded recorded(rig.directory / "journal");
  EXPECT_THAT(recorded.statuses(0), ElementsAre("connected"));
  EXPECT_GT(recorded.count(RecordKind::trade), 100u);
  EXPECT_EQ(holes_in_the_tape(recorded), 0u);
}

/// Too slow for the market for a while; counts the trades that the core has heard.
class SlowExecution final : public live::Execution {
 public:
  SlowExecution(const std::atomic<bool>& slow, std::atomic<std::size_t>& heard)
      : slow_(slow), heard_(heard) {}
  Time next_due() const override { return Time::max(); }
  const Event* next_before(Time, const Market&) override { return nullptr; }
  void on_market(const Event& event, const Market&) override {
    if (event.kind() != RecordKind::trade) return;
    ++heard_;
    if (!slow_) return;
    const auto until = std::chrono::steady_clock::now() + 3ms;
    while (std::chrono::steady_clock::now() < until) {
    }
  }
  void react(const Event&, std::span<const Output>) override {}

 private:
  const std::atomic<bool>& slow_;
  std::atomic<std::size_t>& heard_;
};

// The moments are what the core has heard, not what the venue has sent: on a busy machine the one
// is long before the other.
TEST(LiveTrouble, FallingBehindIsSaidOnceAndNothingIsLost) {
  LiveRig rig(LiveRig::VenueRuns::on_its_own_thread);
  rig.settings.unread_bytes = 8 << 10;
  std::atomic<bool> slow = false;
  std::atomic<std::size_t> heard = 0;
  bool flooded = false;
  rig.wrapped = std::make_unique<SlowExecution>(slow, heard);
  rig.execution = "none";
  std::size_t before = 0;
  std::size_t caught_up = 0;
  rig.run({LiveRig::binance}, [&] {
    if (!flooded && rig.venue.rounds >= 30 && heard >= 10) {
      flooded = slow = true;
      before = heard;
      rig.venue.flood(150);
    }
    if (flooded && heard >= before + 60) slow = false;
    if (flooded && caught_up == 0 && heard >= before + 210) caught_up = rig.venue.rounds;
    return caught_up != 0 && rig.venue.rounds > caught_up + 60;
  });
  const Recorded recorded(rig.directory / "journal");
  std::vector<std::string> of_the_market;  // the other stream may fall behind as well
  for (const std::string& status : recorded.statuses(0))
    if (status.starts_with("market: ")) of_the_market.push_back(status);
  EXPECT_THAT(of_the_market, ElementsAre(HasSubstr("cannot keep up with the venue: "),
                                         HasSubstr("keeps up with the venue again")));
  EXPECT_GT(recorded.count(RecordKind::trade), 200u);
  EXPECT_EQ(holes_in_the_tape(recorded), 0u);
}

// ---------------------------------------------------------------- before a session

TEST(LiveDefinitions, UnknownInstrumentsAndAbsentVenuesAreToldApart) {
  net::Loop loop;
  ScriptedVenue venue(loop);
  const auto ask = [&](const std::string& feed, const std::string& url) {
    venues::RestGates gates(loop, nullptr, 500ms);
    const std::vector<venues::FeedSpec> specs{venues::parse_feed_spec("--venue", feed)};
    return venues::ask_for_definitions(loop, gates, specs, venues::Network::parse(url).value(),
                                       venues::Instruments::built_in(), 1s, [] { return false; });
  };
  const auto kind = [&](const std::string& feed, const std::string& url) {
    try {
      ask(feed, url);
    } catch (const Error& error) {
      EXPECT_THAT(error.message(), HasSubstr("--venue " + feed));
      return error.kind();
    }
    ADD_FAILURE() << feed;
    return ErrorKind::data;
  };
  EXPECT_EQ(kind("hyperliquid:eth", venue.url()), ErrorKind::usage);
  EXPECT_EQ(kind("binance-usdm:BTCUSDT", venue.url()), ErrorKind::usage);
  EXPECT_EQ(kind("binance-spot:BTCUSDT", venue.url()), ErrorKind::venue) << "404";
  EXPECT_EQ(kind("hyperliquid:ETH", "http://127.0.0.1:1"), ErrorKind::venue);

  const auto definitions = ask("binance-usdm:ETHUSDT", venue.url());
  ASSERT_EQ(definitions->clocks.size(), 1u);
  EXPECT_FALSE(definitions->clocks[0].beyond(100ms));
}

TEST(LiveDefinitions, AClockIsOffOnlyBeyondTheDoubtOfTheRoundTrip) {
  EXPECT_FALSE((venues::ClockOffset{"v", 150ms, 60ms}.beyond(100ms)));
  EXPECT_TRUE((venues::ClockOffset{"v", 170ms, 60ms}.beyond(100ms)));
  EXPECT_TRUE((venues::ClockOffset{"v", -170ms, 60ms}.beyond(100ms)));
}

}  // namespace
}  // namespace mm::test
