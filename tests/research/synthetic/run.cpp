#include "tests/research/synthetic/run.hpp"

#include <cstring>

#include "engine/drive.hpp"
#include "engine/engine.hpp"
#include "engine/trader.hpp"
#include "sim/synthetic/session.hpp"
#include "strategies/registry.hpp"
#include "strategies/session_engine.hpp"
#include "tests/sim/synthetic/rig.hpp"

namespace mm::research::testing {

using sim::testing::lead_btc;
using sim::testing::quoted_btc;
using sim::testing::settings_of;
using sim::testing::synthetic_start;

struct RunKeeper {
  SyntheticRun& run;
  bool keep;
  ByteWriter bytes;

  template <class EventOrOutput>
  void add(const EventOrOutput& record) {
    bytes.clear();
    write_record(bytes, record);
    run.offsets_.push_back(run.words_.size());
    run.words_.resize(run.words_.size() + bytes.size() / 8);
    std::memcpy(&run.words_[run.offsets_.back()], bytes.bytes().data(), bytes.size());
  }
  void accept(const Event& event) {
    if (std::holds_alternative<Fill>(event.body)) ++run.fills_;
    if (keep) add(event);
  }
  void decided(const Event&, std::span<const Output> outputs) {
    if (!keep) return;
    for (const Output& output : outputs) add(output);
  }
};

namespace {

/// Start, definitions, the exchange's session up to its length, and the end.
class Source {
 public:
  Source(const SessionStart& start, sim::SyntheticSession& session, Duration length)
      : start_(start), session_(session), end_(synthetic_start + length) {}

  const Event* next() {
    if (stage_ < 3) return head();
    if (stage_ == 4) return nullptr;
    const Event* event = waiting_ != nullptr ? waiting_ : session_.next();
    waiting_ = nullptr;
    if (event->header.recv_time < end_) return event;
    stage_ = 4;
    own_ = {.header = {.recv_time = end_}, .body = SessionEnd{"time is up"}};
    return &own_;
  }
  void react(const Event& event, std::span<const Output> outputs) {
    session_.react(event, outputs);
  }

 private:
  const Event* head() {
    if (stage_ == 0) waiting_ = session_.next();
    own_ = {.header = {.recv_time = waiting_->header.recv_time}, .body = start_};
    if (stage_ > 0) {
      own_.header.instrument = InstrumentId{static_cast<std::uint16_t>(stage_ - 1)};
      own_.body = definition_of(stage_ == 1 ? quoted_ : lead_);
    }
    ++stage_;
    return &own_;
  }

  SessionStart start_;
  sim::SyntheticSession& session_;
  Time end_;
  Instrument quoted_ = quoted_btc();
  Instrument lead_ = lead_btc();
  int stage_ = 0;
  const Event* waiting_ = nullptr;
  Event own_;
};

}  // namespace

SyntheticRun SyntheticRun::of(const SyntheticPlan& plan, bool keep) {
  SyntheticRun run;
  run.plan_ = plan;
  const sim::SyntheticSettings settings_of_market = settings_of(plan.seed, plan.market);
  sim::SyntheticMarket market(quoted_btc(), lead_btc(), settings_of_market, synthetic_start,
                              plan.simulator);
  if (plan.keep_truth) market.set_truth([&run](const sim::Truth& of) { run.truth_.push_back(of); });
  TraderSettings trader;
  trader.max_orders_per_minute = 0;
  const std::string settings = trader.format() + plan.told.value_or(plan.simulator).format();
  const std::string parameters =
      make_strategy(plan.strategy, plan.parameters).value()->parameters();
  const SessionStart start{.strategy = plan.strategy,
                           .parameters = parameters,
                           .execution = settings_of_market.own_displayed != 0 ? "live" : "paper",
                           .settings = settings};
  Engine engine = make_engine(start).value();
  sim::SyntheticSession session(market);
  Source source(start, session, plan.length);
  RunKeeper keeper{run, keep, {}};
  drive(source, engine, keeper);
  run.pnl_ = Money::from_units(engine.trader().attribution().net_pnl());
  return run;
}

Record SyntheticRun::record_at(std::size_t index) const {
  const std::span words{words_};
  const std::size_t end = index + 1 < offsets_.size() ? offsets_[index + 1] : words_.size();
  return read_record(std::as_bytes(words.subspan(offsets_[index], end - offsets_[index]))).value();
}

Recording SyntheticRun::recording() const {
  return {.inputs = [this]() -> EventStream {
            return [this, index = std::size_t{0}, current = Event{}]() mutable -> const Event* {
              while (index < offsets_.size()) {
                const Record record = record_at(index++);
                if (const auto* event = std::get_if<Event>(&record)) {
                  current = *event;
                  return &current;
                }
              }
              return nullptr;
            };
          },
          .records = [this]() -> RecordStream {
            return [this, index = std::size_t{0}, current = Record{}]() mutable -> RecordView {
              if (index == offsets_.size()) return {};
              current = record_at(index++);
              return {.event = std::get_if<Event>(&current),
                      .output = std::get_if<Output>(&current)};
            };
          }};
}

sim::SyntheticMarket market_without_us(const SyntheticPlan& plan) {
  return {quoted_btc(), lead_btc(), settings_of(plan.seed, plan.market), synthetic_start};
}

}  // namespace mm::research::testing
