#include "tests/research/synthetic/run.hpp"

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

  void accept(const Event& event) {
    if (std::holds_alternative<Fill>(event.body)) ++run.fills_;
    if (keep) run.records_.keep(event);
  }
  void decided(const Event&, std::span<const Output> outputs) {
    if (!keep) return;
    for (const Output& output : outputs) run.records_.keep(output);
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
  RunKeeper keeper{run, keep};
  drive(source, engine, keeper);
  run.pnl_ = Money::from_units(engine.trader().attribution().net_pnl());
  return run;
}

sim::SyntheticMarket market_without_us(const SyntheticPlan& plan) {
  return {quoted_btc(), lead_btc(), settings_of(plan.seed, plan.market), synthetic_start};
}

}  // namespace mm::research::testing
