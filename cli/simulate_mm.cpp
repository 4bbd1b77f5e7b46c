// mmctl simulate --fill-rules mm: a user's orders against our exchange, as a session of its own.
//
// The lines of the script are annotations of the session, so a session that is kept (--journal) is
// replayed, verified and varied like any other.

#include <fmt/format.h>

#include "cli/build_info.hpp"
#include "cli/order_script.hpp"
#include "cli/progress.hpp"
#include "cli/simulate.hpp"
#include "cli/simulate_answers.hpp"
#include "engine/drive.hpp"
#include "engine/numeric.hpp"
#include "engine/settings.hpp"
#include "live/journal_sink.hpp"
#include "live/recorder.hpp"
#include "live/session_stream.hpp"
#include "sim/world.hpp"
#include "strategies/session_engine.hpp"
#include "venues/capture/capture_feed.hpp"

namespace mm::cli {
namespace {

/// A market with the lines of a script in it. A line of time t comes behind all market events up to
/// t; what is of later than the market's end is not sent.
class ScriptedMarket final : public venues::MarketSource {
 public:
  ScriptedMarket(venues::MarketSource& market, OrderScript& script)
      : market_(market), script_(script) {}

  const Event* next() override {
    if (taken_) {
      script_.pop();
      taken_ = false;
    }
    if (!peeked_) {
      waiting_ = market_.next();
      peeked_ = true;
    }
    if (waiting_ == nullptr) return nullptr;
    const OrderRequest* request = script_.peek();
    if (request != nullptr && request->at < waiting_->header.recv_time) {
      taken_ = true;
      ++sent_;
      line_ = {.header = {.recv_time = request->at},
               .body = Annotation{.author = script_author, .text = script_.line()}};
      return &line_;
    }
    peeked_ = false;
    ++market_events_;
    return waiting_;
  }
  void set_raw_sink(std::function<void(const venues::RawFrame&)> sink) override {
    market_.set_raw_sink(std::move(sink));
  }
  venues::Progress progress() const override { return market_.progress(); }

  std::uint64_t sent() const { return sent_; }
  std::uint64_t market_events() const { return market_events_; }

 private:
  venues::MarketSource& market_;
  OrderScript& script_;
  const Event* waiting_ = nullptr;
  Event line_;
  bool peeked_ = false;
  bool taken_ = false;
  std::uint64_t sent_ = 0;
  std::uint64_t market_events_ = 0;
};

/// The answers, and the journal where one is kept.
class Sink {
 public:
  Sink(Answers& answers, live::JournalSink* journal, std::function<void()> told)
      : answers_(answers), journal_(journal), told_(std::move(told)) {}
  void accept(const Event& event) {
    if (journal_ != nullptr) journal_->accept(event);
    answers_.accept(event);
    told_();
  }
  void decided(const Event& event, std::span<Output> outputs) {
    if (journal_ != nullptr) journal_->decided(event, outputs);
    for (const Output& output : outputs) answers_.sent(output.body);
  }

 private:
  Answers& answers_;
  live::JournalSink* journal_;
  std::function<void()> told_;
};

}  // namespace

int simulate_mm(const Globals& globals, const SimulateOptions& options,
                const SimulateSetup& setup) {
  OrderScript script(options.script, setup.instrument);
  ResponseFile rows(options.responses);
  const live::SessionPlan plan{
      .strategy = "none",
      .parameters = "",
      .execution = "script",
      .settings = format_settings(
          parse_settings(TraderSettings{}.format() + setup.settings.format()).value()),
      .instruments = {setup.instrument}};
  auto engine = make_engine(plan.start());
  if (!engine) throw engine.error();
  const auto captures = venues::open_captures({setup.spec}, plan.instruments);
  ScriptedMarket market(*captures, script);
  live::SessionStream stream(plan, market, {});
  sim::SimWorld world(setup.settings);
  sim::WorldSource<live::SessionStream> source(stream, world, engine->market());

  std::optional<journal::JournalWriter> writer;
  std::optional<live::JournalSink> journal;
  SimulateResult result;
  if (options.journal_given) {
    journal::WriterOptions writing;
    writing.build = build_fingerprint();
    writer.emplace(journal::JournalWriter::open(globals.journal, writing));
    result.session = writer->session_number();
    journal.emplace(*engine, *writer, live::RecorderOptions{}.checkpoint_rows, nullptr);
  }
  Answers answers(setup.instrument, rows);
  Progress progress("simulating", "events");
  Sink sink(answers, journal ? &*journal : nullptr, [&] {
    const auto [done, total] = market.progress();
    progress.update(static_cast<double>(done) / static_cast<double>(total), market.market_events());
  });
  drive(source, *engine, sink);
  if (writer) writer->close();
  rows.close();

  const Trader& trader = engine->trader();
  result.requests = market.sent();
  while (script.peek() != nullptr) {
    ++result.unsent;
    script.pop();
  }
  result.market_events = market.market_events();
  result.pnl = Money::from_units(trader.attribution().net_pnl());
  result.fees = trader.ledger().fees();
  result.position = trader.ledger().position();
  result.lots = world.exchange().totals();
  print_simulation(globals, setup, result, rows, answers);
  return 0;
}

}  // namespace mm::cli
