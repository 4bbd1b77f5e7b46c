// mmctl simulate --fill-rules mm: a user's orders against our exchange, as a session of its own.
//
// The lines of the script are annotations of the session, so a session that is kept (--journal) is
// replayed, verified and varied like any other.

#include <fmt/format.h>

#include <array>

#include "cli/build_info.hpp"
#include "cli/order_script.hpp"
#include "cli/print_record.hpp"
#include "cli/progress.hpp"
#include "cli/simulate.hpp"
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

struct CauseTotal {
  std::uint64_t fills = 0;
  std::int64_t lots = 0;
};

/// Answers as rows, and the totals of the summary. Hears a session like a journal does.
class Answers {
 public:
  Answers(const Instrument& instrument, ResponseFile& rows)
      : instrument_(instrument), rows_(rows) {}

  void accept(const Event& event) {
    std::visit([&](const auto& body) { answer(event.header, body); }, event.body);
  }
  void decided(std::span<const Output> outputs) {
    for (const Output& output : outputs) {
      if (const auto* order = std::get_if<PlaceOrder>(&output.body))
        sent_[order->order] = {order->price, order->qty};
      if (const auto* moved = std::get_if<ReplaceOrder>(&output.body))
        sent_[moved->replacement] = {moved->price, moved->qty};
    }
  }
  const CauseTotal& of(FillCause cause) const { return causes_[static_cast<std::size_t>(cause)]; }
  std::uint64_t fills() const { return fills_; }

 private:
  struct Terms {
    Price price;
    Qty qty;
  };

  ResponseRow row(const EventHeader& header, ClientOrderId id, const Terms& terms) const {
    return {.heard = header.recv_time,
            .id = id,
            .tick = ticks(terms.price),
            .leaves = format_qty(instrument_, terms.qty),
            .exchange_time = header.exchange_time};
  }
  /// What the exchange took under this id, or else what was sent: an id may be sent anew while its
  /// order still rests, and is refused then.
  const Terms& of_order(ClientOrderId id) {
    const auto taken = taken_.find(id);
    return taken == taken_.end() ? sent_[id] : taken->second;
  }
  std::int64_t ticks(Price price) const { return price.units() / instrument_.tick.units(); }

  template <class Body>
  void answer(const EventHeader& header, const Body& body) {
    if constexpr (std::is_same_v<Body, OrderAck>) {
      taken_[body.order] = {body.price, body.remaining};
      ResponseRow ack = row(header, body.order, taken_[body.order]);
      ack.status = "New";
      rows_.write(ack);
    } else if constexpr (std::is_same_v<Body, OrderReject>) {
      ResponseRow no = row(header, body.order, sent_[body.order]);
      no.status = body.reason == RejectReason::post_only_would_cross ? "Expired" : "Rejected";
      rows_.write(no);
    } else if constexpr (std::is_same_v<Body, OrderDone>) {
      ResponseRow done = row(header, body.order, of_order(body.order));
      done.status = body.reason == DoneReason::expired    ? "Expired"
                    : body.reason == DoneReason::replaced ? "Replaced"
                                                          : "Canceled";
      done.leaves = format_qty(instrument_, body.remaining);
      rows_.write(done);
    } else if constexpr (std::is_same_v<Body, CancelReject>) {
      ResponseRow no = row(header, body.order, of_order(body.order));
      no.status = "New";
      no.request = "Rejected";
      rows_.write(no);
    } else if constexpr (std::is_same_v<Body, Fill>) {
      ResponseRow fill = row(header, body.order, of_order(body.order));
      fill.status = body.remaining == Qty{} ? "Filled" : "PartiallyFilled";
      fill.filled_tick = ticks(body.price);
      fill.filled_qty = format_qty(instrument_, body.qty);
      fill.leaves = format_qty(instrument_, body.remaining);
      fill.maker = body.maker;
      rows_.write(fill);
      ++fills_;
      CauseTotal& total = causes_[static_cast<std::size_t>(body.cause)];
      ++total.fills;
      total.lots += body.qty.lots();
    }
  }

  const Instrument& instrument_;
  ResponseFile& rows_;
  std::map<ClientOrderId, Terms> sent_;
  std::map<ClientOrderId, Terms> taken_;
  std::array<CauseTotal, 6> causes_{};
  std::uint64_t fills_ = 0;
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
    if (!outputs.empty()) answers_.decided(outputs);
  }

 private:
  Answers& answers_;
  live::JournalSink* journal_;
  std::function<void()> told_;
};

struct Result {
  std::uint64_t requests = 0;
  std::uint64_t unsent = 0;
  std::uint64_t market_events = 0;
  Money pnl;
  Money fees;
  Qty position;
  sim::Conservation lots;
  std::optional<std::uint64_t> session;
};

void print(const Globals& globals, const SimulateSetup& setup, const Result& result,
           const ResponseFile& rows, const Answers& answers) {
  constexpr std::pair<std::string_view, FillCause> causes[] = {{"queue", FillCause::queue},
                                                               {"through", FillCause::through},
                                                               {"cross", FillCause::cross},
                                                               {"taker", FillCause::taker}};
  const Instrument& instrument = setup.instrument;
  const auto lots = [&](std::int64_t count) {
    return format_qty(instrument, Qty::from_lots(count));
  };
  if (result.unsent != 0)
    fmt::print(stderr,
               "mmctl: warning: {} requests are of after the market's end and were not sent\n",
               result.unsent);
  if (globals.json) {
    Json counts = Json::object();
    for (const auto& [name, count] : rows.by_status()) counts[name] = count;
    Json by_cause = Json::object();
    for (const auto& [name, cause] : causes)
      by_cause[std::string(name)] =
          Json{{"fills", answers.of(cause).fills}, {"qty", lots(answers.of(cause).lots)}};
    Json document{{"fill_rules", "mm"},
                  {"queue", setup.settings.queue.name()},
                  {"latency", setup.settings.latency.short_name()},
                  {"market_events", result.market_events},
                  {"requests", result.requests},
                  {"unsent", result.unsent},
                  {"responses", rows.count()},
                  {"by_status", std::move(counts)},
                  {"fills", answers.fills()},
                  {"by_cause", std::move(by_cause)},
                  {"position", format_qty(instrument, result.position)},
                  {"pnl", format_money(result.pnl)},
                  {"fees", format_money(result.fees)},
                  {"currency", instrument.settlement},
                  {"conservation",
                   {{"ordered", lots(result.lots.ordered)},
                    {"filled", lots(result.lots.filled)},
                    {"cancelled", lots(result.lots.cancelled)},
                    {"resting", lots(result.lots.resting)},
                    {"holds", result.lots.holds()}}}};
    if (result.session) document["session"] = *result.session;
    fmt::print("{}\n", document.dump(2));
    return;
  }
  fmt::print("rules      mm, {}, latency {}\n", setup.settings.queue.name(),
             setup.settings.latency.short_name());
  fmt::print("market     {} events\n", result.market_events);
  fmt::print("requests   {}\nresponses  {}", result.requests, rows.count());
  for (const auto& [name, count] : rows.by_status()) fmt::print(", {} {}", count, name);
  fmt::print("\nfills      {}", answers.fills());
  for (const auto& [name, cause] : causes)
    if (answers.of(cause).fills != 0)
      fmt::print(", {} {} ({})", answers.of(cause).fills, name, lots(answers.of(cause).lots));
  fmt::print("\naccount    position {}, P&L {} {} marked to mid (fees {})\n",
             format_qty(instrument, result.position), format_money(result.pnl),
             instrument.settlement, format_money(result.fees));
  fmt::print("lots       {} ordered = {} filled + {} cancelled + {} resting\n",
             lots(result.lots.ordered), lots(result.lots.filled), lots(result.lots.cancelled),
             lots(result.lots.resting));
  if (result.session) fmt::print("journal    session {} in {}\n", *result.session, globals.journal);
}

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
  Result result;
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
  print(globals, setup, result, rows, answers);
  return 0;
}

}  // namespace mm::cli
