#include "tests/research/synthetic/regime_truth.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "engine/outlook/outlook.hpp"
#include "tests/sim/synthetic/rig.hpp"

namespace mm::research::testing {
namespace {

using sim::testing::synthetic_start;

constexpr Duration warm_up = std::chrono::hours{1};
constexpr Duration short_cascade = std::chrono::seconds{10};
constexpr Duration aftermath = std::chrono::seconds{30};

struct Cascade {
  Time from;
  std::optional<Time> until;
};

/// One detector followed through time.
struct Follower {
  CascadeCalls* calls = nullptr;
  bool on = false;
  bool found = false;  // the present cascade

  void see(Time now, bool calls_now, const std::optional<Cascade>& last) {
    const bool in_cascade = last && !last->until;
    if (calls_now && in_cascade && !found) {
      found = true;
      ++calls->found;
      calls->delays_s.push_back(sim::seconds_of(now - last->from));
    }
    if (calls_now && !on) {
      ++calls->calls;
      const bool behind = last && last->until && now - *last->until <= aftermath;
      if (!in_cascade && !behind) ++calls->false_calls;
    }
    on = calls_now;
  }
};

class RegimeStudy {
 public:
  explicit RegimeStudy(const SyntheticPlan& plan)
      : plan_(plan), market_(market_without_us(plan)), outlook_(settings_of_window()) {
    market_.set_truth([this](const sim::Truth& of) {
      if (const auto* regime = std::get_if<sim::TruthRegime>(&of)) enter(*regime);
    });
  }

  RegimeTruth run() {
    Market market;
    std::vector<Output> outputs;
    const auto hear = [&](const Event& event) {
      market.apply(event);
      outlook_.apply(event, market, outputs);
      outputs.clear();
    };
    const Time start = synthetic_start;
    for (const std::uint16_t id : {std::uint16_t{0}, std::uint16_t{1}}) {
      const Instrument of = id == 0 ? sim::testing::quoted_btc() : sim::testing::lead_btc();
      hear({.header = {.recv_time = start, .instrument = InstrumentId{id}},
            .body = definition_of(of)});
    }
    Time second = start + warm_up;
    sim::testing::run_market(market_, plan_.length, [&](const Event& event) {
      hear(event);
      const Time now = event.header.recv_time;
      if (now < start + warm_up) return;
      const Reading& reading = outlook_.reading();
      see(now, reading);
      if (now < second) return;
      second = now + std::chrono::seconds{1};
      ++result_.seconds[static_cast<std::size_t>(regime_)]
                       [static_cast<std::size_t>(reading.most_likely)];
    });
    result_.days = sim::seconds_of(plan_.length - warm_up) / 86'400;
    return result_;
  }

 private:
  static OutlookSettings settings_of_window() {
    OutlookSettings settings;
    settings.features.window = window_of(50, 5);
    settings.window_is_set = true;
    return settings;
  }

  void enter(const sim::TruthRegime& to) {
    const bool was = cascade_ && !cascade_->until;
    const bool is = to.regime == sim::Regime::cascade;
    regime_ = to.regime;
    if (is && !was) {
      cascade_ = Cascade{to.time, std::nullopt};
      for (Follower& each : followers_) each.found = false;
      for (Follower& each : followers_) before_[index(each)] = each.calls->delays_s.size();
    }
    if (!is && was) {
      cascade_->until = to.time;
      conclude(to.time);
    }
  }

  std::size_t index(const Follower& of) const {
    return static_cast<std::size_t>(&of - followers_.data());
  }

  /// Cascades that were over at once are not counted, nor what was called in them.
  void conclude(Time end) {
    const bool counts =
        cascade_->from >= synthetic_start + warm_up && end - cascade_->from >= short_cascade;
    result_.cascades += counts ? 1 : 0;
    for (Follower& each : followers_) {
      CascadeCalls& calls = *each.calls;
      if (calls.delays_s.size() == before_[index(each)]) continue;
      if (counts) {
        calls.leads_s.push_back(sim::seconds_of(end - cascade_->from) - calls.delays_s.back());
      } else {
        calls.delays_s.pop_back();
        --calls.found;
      }
    }
  }

  void see(Time now, const Reading& reading) {
    const bool collapsing = reading.features.liquidity == LiquidityState::collapsing;
    const bool said[] = {reading.cascade,
                         reading.belief[static_cast<std::size_t>(Regime::cascade)] > 0.5,
                         collapsing};
    for (std::size_t i = 0; i < followers_.size(); ++i) followers_[i].see(now, said[i], cascade_);
  }

  SyntheticPlan plan_;
  RegimeTruth result_;
  sim::SyntheticMarket market_;
  Outlook outlook_;
  sim::Regime regime_ = sim::Regime::quiet;
  std::optional<Cascade> cascade_;
  std::array<Follower, 3> followers_{{{&result_.liquidation}, {&result_.belief}, {&result_.flush}}};
  std::array<std::size_t, 3> before_{};
};

void join(CascadeCalls& to, const CascadeCalls& from) {
  to.found += from.found;
  to.calls += from.calls;
  to.false_calls += from.false_calls;
  to.delays_s.insert(to.delays_s.end(), from.delays_s.begin(), from.delays_s.end());
  to.leads_s.insert(to.leads_s.end(), from.leads_s.begin(), from.leads_s.end());
}

}  // namespace

double RegimeTruth::accuracy() const {
  std::int64_t right = 0;
  std::int64_t all = 0;
  for (std::size_t i = 0; i < regimes; ++i)
    for (std::size_t j = 0; j < regimes; ++j) {
      all += seconds[i][j];
      right += i == j ? seconds[i][j] : 0;
    }
  return all > 0 ? static_cast<double>(right) / static_cast<double>(all) : 0;
}

double RegimeTruth::always_the_same() const {
  std::int64_t most = 0;
  std::int64_t all = 0;
  for (const auto& row : seconds) {
    std::int64_t sum = 0;
    for (const std::int64_t count : row) sum += count;
    most = std::max(most, sum);
    all += sum;
  }
  return all > 0 ? static_cast<double>(most) / static_cast<double>(all) : 0;
}

void RegimeTruth::add(const RegimeTruth& other) {
  days += other.days;
  cascades += other.cascades;
  for (std::size_t i = 0; i < regimes; ++i)
    for (std::size_t j = 0; j < regimes; ++j) seconds[i][j] += other.seconds[i][j];
  join(liquidation, other.liquidation);
  join(belief, other.belief);
  join(flush, other.flush);
}

RegimeTruth measure_regimes(const SyntheticPlan& plan) {
  return RegimeStudy{plan}.run();
}

}  // namespace mm::research::testing
