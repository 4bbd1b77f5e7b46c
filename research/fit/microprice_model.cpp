#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <deque>
#include <vector>

#include "engine/random.hpp"
#include "research/fit/microprice_fit.hpp"
#include "research/fit/model_fit.hpp"
#include "research/fit/tape.hpp"
#include "research/what_if/blocks.hpp"

namespace mm::research {
namespace {

constexpr Duration horizon = std::chrono::seconds{1};
constexpr int resamples = 100;
constexpr std::int64_t fewest_transitions = 1000;

constexpr std::array<SpreadUnit, 2> units = {SpreadUnit::ticks, SpreadUnit::half_bps};

/// A touch and where the mid was a second later.
struct Outcome {
  MicropriceView view;
  double mid_after = 0;
  bool inside = false;  // of the part that is fitted
};

MicropriceView view_of(const InstrumentState& state) {
  const Touch& touch = state.touch();
  return {.bid = static_cast<double>(touch.bid.price.units()),
          .ask = static_cast<double>(touch.ask.price.units()),
          .bid_qty = static_cast<double>(touch.bid.qty.lots()),
          .ask_qty = static_cast<double>(touch.ask.qty.lots()),
          .tick = static_cast<double>(state.definition().tick.units())};
}

double mid_of(const MicropriceView& view) {
  return (view.bid + view.ask) / 2;
}

/// Transitions of the touch in blocks of time, and one outcome a second.
class TouchReader final : public TapeReader {
 public:
  explicit TouchReader(const FitRequest& request)
      : split_(request.split()),
        block_(block_length_of(Duration{static_cast<std::int64_t>(
            static_cast<double>(request.covered().count()) * (1 - request.holdout))})) {}

  void on_session(const FitSession& session) override {
    session_ = &session;
    first_block_ = blocks_.front().size();
    forget();
    next_sample_ = Time{};
  }
  void on_gap(Time, InstrumentId instrument) override {
    if (instrument == InstrumentId{}) forget();
  }

  void on_event(const Event& event, const Market& market, const Outlook&) override {
    const Time now = event.header.recv_time;
    if (now < session_->from || event.header.instrument != InstrumentId{}) return;
    const InstrumentState& state = market.quoted();
    settle(now);
    if (!state.quotable()) {
      forget();
      return;
    }
    const Touch& touch = state.touch();
    if (last_ && touch == touch_) return;
    const MicropriceView view = view_of(state);
    if (last_ && now < split_) count(now, *last_, view);
    touch_ = touch;
    last_ = view;
    if (now < next_sample_ || now + horizon >= session_->to) return;
    next_sample_ = now + horizon;
    waiting_.push_back({now + horizon, view});
  }

  /// Blocks of the part that is fitted, of one unit.
  const std::vector<MicropriceCounts>& blocks(SpreadUnit unit) const {
    return blocks_[static_cast<std::size_t>(unit)];
  }
  const std::vector<Outcome>& outcomes() const { return outcomes_; }
  /// Share of transitions that start at the widest of the spreads counted in ticks.
  double wide_share() const {
    return transitions_ == 0 ? 0 : static_cast<double>(wide_) / static_cast<double>(transitions_);
  }
  std::int64_t transitions() const { return transitions_; }

 private:
  struct Waiting {
    Time due;
    MicropriceView view;
  };

  void forget() {
    last_.reset();
    waiting_.clear();
  }
  void settle(Time now) {
    // The mid that holds a second later: the last one before anything newer.
    while (!waiting_.empty() && waiting_.front().due < now) {
      if (last_)
        outcomes_.push_back({waiting_.front().view, mid_of(*last_), waiting_.front().due < split_});
      waiting_.pop_front();
    }
  }
  void count(Time now, const MicropriceView& from, const MicropriceView& to) {
    const auto block = first_block_ + static_cast<std::size_t>((now - session_->from) / block_);
    ++transitions_;
    for (const SpreadUnit unit : units) {
      std::vector<MicropriceCounts>& blocks = blocks_[static_cast<std::size_t>(unit)];
      while (blocks.size() <= block) blocks.emplace_back(unit);
      const MicropriceCell cell = microprice_cell(unit, from);
      if (unit == SpreadUnit::ticks && cell.spread == microprice_spreads - 1) ++wide_;
      blocks[block].add(cell, (mid_of(to) - mid_of(from)) / microprice_step(unit, from),
                        microprice_cell(unit, to));
    }
  }

  Time split_;
  Duration block_;
  const FitSession* session_ = nullptr;
  std::size_t first_block_ = 0;  // of the session
  std::array<std::vector<MicropriceCounts>, units.size()> blocks_;
  std::optional<MicropriceView> last_;
  Touch touch_;
  std::deque<Waiting> waiting_;
  Time next_sample_;
  std::vector<Outcome> outcomes_;
  std::int64_t transitions_ = 0;
  std::int64_t wide_ = 0;
};

MicropriceCounts sum_of(const std::vector<MicropriceCounts>& blocks, SpreadUnit unit) {
  MicropriceCounts sum{unit};
  for (const MicropriceCounts& block : blocks) sum.add(block);
  return sum;
}

using CellErrors =
    std::array<std::array<std::optional<double>, microprice_spreads>, microprice_imbalances>;

/// Deviation of each cell over tables of blocks drawn with replacement.
CellErrors errors_of(const std::vector<MicropriceCounts>& blocks, SpreadUnit unit,
                     std::uint64_t seed) {
  struct Moments {
    double n = 0, sum = 0, squares = 0;
  };
  std::array<std::array<Moments, microprice_spreads>, microprice_imbalances> moments{};
  SplitMix64 random{seed};
  for (int round = 0; round < resamples; ++round) {
    MicropriceCounts drawn{unit};
    for (std::size_t i = 0; i < blocks.size(); ++i)
      drawn.add(blocks[std::min(
          static_cast<std::size_t>(random.uniform() * static_cast<double>(blocks.size())),
          blocks.size() - 1)]);
    const Result<MicropriceTable> table = drawn.table();
    if (table.has_error()) continue;
    for (std::size_t i = 0; i < moments.size(); ++i)
      for (std::size_t s = 0; s < moments[i].size(); ++s) {
        const std::optional<double> g = table->g[i][s];
        if (!g) continue;
        moments[i][s].n += 1;
        moments[i][s].sum += *g;
        moments[i][s].squares += *g * *g;
      }
  }
  CellErrors errors;
  for (std::size_t i = 0; i < moments.size(); ++i)
    for (std::size_t s = 0; s < moments[i].size(); ++s) {
      const Moments& of = moments[i][s];
      if (of.n < resamples / 2.0) continue;
      const double mean = of.sum / of.n;
      errors[i][s] = std::sqrt(std::max(of.squares / of.n - mean * mean, 0.0) * of.n / (of.n - 1));
    }
  return errors;
}

MicropriceTable table_of(const ModelValues& values) {
  MicropriceTable table;
  table.unit = values.number("unit") == 0 ? SpreadUnit::ticks : SpreadUnit::half_bps;
  const auto& g = *values.find("g");
  for (std::size_t cell = 0; cell < g.size(); ++cell)
    table.g[cell / microprice_spreads][cell % microprice_spreads] = g[cell];
  return table;
}

/// 1 - mean squared error over that of the mid, over the outcomes that `take` takes.
template <class Predict, class Take>
std::optional<double> skill(const std::vector<Outcome>& outcomes, Predict&& predict, Take&& take) {
  double errors = 0;
  double of_mid = 0;
  for (const Outcome& outcome : outcomes) {
    if (!take(outcome)) continue;
    const double error = outcome.mid_after - predict(outcome.view);
    const double mid_error = outcome.mid_after - mid_of(outcome.view);
    errors += error * error;
    of_mid += mid_error * mid_error;
  }
  if (!(of_mid > 0)) return std::nullopt;
  return 1 - errors / of_mid;
}

FitScore score_of(std::string name, std::string doc, const std::vector<Outcome>& outcomes,
                  const MicropriceTable* table, const std::optional<MicropriceTable>& judged) {
  const auto predict = [table](const MicropriceView& view) { return microprice(table, view); };
  FitScore score{.name = std::move(name), .doc = std::move(doc)};
  score.in_sample = skill(outcomes, predict, [](const Outcome& of) { return of.inside; });
  score.out_of_sample = skill(outcomes, predict, [](const Outcome& of) { return !of.inside; });
  if (judged)
    score.judged = skill(
        outcomes, [&](const MicropriceView& view) { return microprice(&*judged, view); },
        [](const Outcome&) { return true; });
  return score;
}

}  // namespace

Result<ModelFit> fit_microprice_model(const FitRequest& request) {
  TouchReader reader{request};
  if (const auto error = read_tape(request.sessions, {}, reader)) return *error;
  if (reader.transitions() < fewest_transitions)
    return refused_fit("microprice",
                       fmt::format("{} changes of the touch in the part that is fitted are too "
                                   "few: at least {} are needed; take a longer window",
                                   reader.transitions(), fewest_transitions));
  // A spread of mostly four ticks and more is not told apart in ticks.
  const SpreadUnit unit = reader.wide_share() > 0.5 ? SpreadUnit::half_bps : SpreadUnit::ticks;
  const std::vector<MicropriceCounts>& blocks = reader.blocks(unit);
  const Result<MicropriceTable> table = sum_of(blocks, unit).table();
  if (table.has_error()) return refused_fit("microprice", table.error().message());

  ModelFit fit;
  fit.model = "microprice";
  std::vector<MaybeNumber> g;
  std::int64_t known = 0;
  for (const auto& row : table->g)
    for (const std::optional<double>& cell : row) {
      g.push_back(cell);
      known += cell ? 1 : 0;
    }
  fit.values.set("g", g);
  fit.values.set("unit", unit == SpreadUnit::ticks ? 0.0 : 1.0);
  const CellErrors errors = errors_of(blocks, unit, request.seed);
  for (std::size_t cell = 0; cell < g.size(); ++cell)
    if (g[cell])
      fit.estimates.push_back({fmt::format("g[{}]", cell),
                               unit == SpreadUnit::ticks ? "ticks" : "half bps", *g[cell],
                               errors[cell / microprice_spreads][cell % microprice_spreads]});
  fit.counts = {{"transitions", reader.transitions()},
                {"blocks", static_cast<std::int64_t>(blocks.size())},
                {"cells", known},
                {"outcomes", static_cast<std::int64_t>(reader.outcomes().size())}};
  fit.notes.push_back(
      fmt::format("{} of {} cells were seen often enough; the others stay with the weighted mid.",
                  known, g.size()));
  std::optional<MicropriceTable> judged;
  if (request.judge) judged = table_of(*request.judge);
  const std::vector<Outcome>& outcomes = reader.outcomes();
  fit.scores = {
      score_of("skill",
               "share of the mid's squared error in a second that the microprice "
               "foretells; more is better",
               outcomes, &*table, judged),
      score_of("weighted_mid", "the same of the weighted mid", outcomes, nullptr, std::nullopt)};
  return fit;
}

}  // namespace mm::research
