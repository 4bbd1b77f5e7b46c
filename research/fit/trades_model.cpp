#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <deque>
#include <limits>
#include <vector>

#include "engine/det/math.hpp"
#include "engine/outlook/parameters.hpp"
#include "research/fit/model_fit.hpp"
#include "research/fit/recalibrate.hpp"
#include "research/fit/softmax_fit.hpp"
#include "research/fit/tape.hpp"
#include "research/fit/trade_labels.hpp"

namespace mm::research {
namespace {

constexpr Duration outcome_after = std::chrono::seconds{10};
constexpr Duration gap_closes_within = std::chrono::milliseconds{500};
constexpr Duration forced_within = std::chrono::milliseconds{250};
constexpr Duration interest_before = std::chrono::seconds{60};
constexpr Duration interest_after = std::chrono::seconds{5};
constexpr double least_gap = 2e-4;
constexpr double closed_share = 0.3;
constexpr double embargo_s = 60;
constexpr std::size_t fewest_orders = 1000;
constexpr std::int64_t fewest_of_a_class = 20;
constexpr std::array<double, 4> penalties = {0.1, 1, 10, 100};

struct Labelled {
  double time = 0;               // seconds of the time covered
  std::vector<double> features;  // NaN: absent
  std::size_t label = 0;
};

/// Orders with what they turned out to be ten seconds later.
class LabelReader final : public TapeReader {
 public:
  void on_session(const FitSession& session) override {
    if (session_ != nullptr) covered_ += session_->to - session_->from;
    session_ = &session;
    forget();
    interests_.clear();
    funding_extreme_ = false;
    forced_side_.reset();
  }
  void on_gap(Time, InstrumentId instrument) override {
    if (instrument == InstrumentId{}) forget();
  }

  void on_order(const TakerOrder& order, const TradeFeatures& features) override {
    if (!order.reach_bps || !sigma_) return;
    if (order.at < session_->from || order.at >= session_->to) return;
    const double side = static_cast<double>(sign(order.taker));
    Pending pending;
    pending.at = order.at;
    pending.outcome.taker = order.taker;
    // Reach is counted from the mid before the order.
    pending.outcome.mid_before =
        static_cast<double>(order.worst.units()) / (1 + side * *order.reach_bps * 1e-4);
    pending.outcome.sigma_bps = *sigma_ * 1e4;
    pending.outcome.funding_extreme = funding_extreme_;
    pending.forced = forced_side_ == order.taker && order.at - forced_at_ <= forced_within;
    if (gap_ && side * *gap_ > least_gap) pending.gap = *gap_;
    for (const auto& feature : features)
      pending.features.push_back(feature.value_or(std::numeric_limits<double>::quiet_NaN()));
    pending_.push_back(std::move(pending));
  }

  void on_event(const Event& event, const Market&, const Outlook& outlook) override {
    const Time now = event.header.recv_time;
    const Reading& reading = outlook.reading();
    settle(now);
    if (reading.mid) mid_ = reading.mid;
    sigma_ = reading.sigma;
    funding_extreme_ = reading.liquidation && reading.liquidation->x[1] > 0.9;
    gap_ = reading.lead ? reading.lead->gap : std::nullopt;
    note_gap(now);
    if (const auto* forced = std::get_if<Liquidation>(&event.body);
        forced != nullptr && event.header.instrument == InstrumentId{}) {
      forced_side_ = forced->side;
      forced_at_ = now;
      for (Pending& pending : pending_)
        if (pending.outcome.taker == forced->side && now - pending.at <= forced_within)
          pending.forced = true;
    }
    if (reading.context.open_interest && std::holds_alternative<AssetContext>(event.body))
      note_interest(now, *reading.context.open_interest,
                    outlook.settings().liquidation.threshold_pct);
  }

  const std::vector<Labelled>& orders() const { return orders_; }

 private:
  struct Pending {
    Time at;
    OrderOutcome outcome;
    bool forced = false;
    std::optional<double> gap;  // it traded towards
    std::vector<double> features;
  };
  struct Interest {
    Time at;
    double value = 0;
  };

  void forget() {
    pending_.clear();
    mid_.reset();
    sigma_.reset();
    gap_.reset();
  }

  void note_gap(Time now) {
    if (!gap_) return;
    for (Pending& pending : pending_)
      if (pending.gap && now - pending.at <= gap_closes_within &&
          *gap_ / *pending.gap <= closed_share)
        pending.outcome.gap_closed = true;
  }

  void note_interest(Time now, double value, double threshold_pct) {
    interests_.push_back({now, value});
    while (interests_.front().at < now - interest_before - interest_after) interests_.pop_front();
    double highest = 0;
    for (const Interest& each : interests_) highest = std::max(highest, each.value);
    if (!(highest > 0) || (highest - value) / highest * 100 < threshold_pct) return;
    for (Pending& pending : pending_)
      if (now - pending.at <= interest_after) pending.outcome.open_interest_fell = true;
  }

  void settle(Time now) {
    while (!pending_.empty() && pending_.front().at + outcome_after < now) {
      Pending& done = pending_.front();
      if (mid_) {
        done.outcome.mid_after = *mid_;
        if (done.forced) done.outcome.open_interest_fell = done.outcome.funding_extreme = true;
        orders_.push_back({seconds_of(covered_ + (done.at - session_->from)),
                           std::move(done.features),
                           static_cast<std::size_t>(label_order(done.outcome).label)});
      }
      pending_.pop_front();
    }
  }

  const FitSession* session_ = nullptr;
  Duration covered_{0};  // by the sessions before
  std::deque<Pending> pending_;
  std::deque<Interest> interests_;
  std::optional<double> mid_;
  std::optional<double> sigma_;
  std::optional<double> gap_;
  bool funding_extreme_ = false;
  std::optional<Side> forced_side_;
  Time forced_at_;
  std::vector<Labelled> orders_;
};

/// Means and deviations of what is there.
TradeClassifier standardised(const std::vector<const Labelled*>& orders) {
  TradeClassifier classifier;
  for (std::size_t j = 0; j < trade_features; ++j) {
    double n = 0, sum = 0, squares = 0;
    for (const Labelled* order : orders) {
      const double x = order->features[j];
      if (std::isnan(x)) continue;
      n += 1;
      sum += x;
      squares += x * x;
    }
    if (n < 2) continue;
    classifier.mean[j] = sum / n;
    const double variance = squares / n - sum / n * sum / n;
    if (variance > 1e-18) classifier.sd[j] = std::sqrt(variance);
  }
  return classifier;
}

LabelledSample sample_of(const std::vector<const Labelled*>& orders,
                         const TradeClassifier& classifier) {
  LabelledSample sample;
  for (const Labelled* order : orders) {
    std::vector<double> row;
    for (std::size_t j = 0; j < trade_features; ++j) {
      const double x = order->features[j];
      row.push_back(
          std::isnan(x) ? 0 : std::clamp((x - classifier.mean[j]) / classifier.sd[j], -5.0, 5.0));
    }
    sample.features.push_back(std::move(row));
    sample.labels.push_back(order->label);
  }
  return sample;
}

/// Weights by the kinds that were seen; one that was not is as likely as half an order of them.
bool learn(TradeClassifier& classifier, const std::vector<const Labelled*>& orders,
           const std::array<std::int64_t, trade_classes>& seen, double penalty) {
  constexpr std::size_t row = 1 + trade_features;
  std::vector<std::size_t> kinds;
  std::array<std::size_t, trade_classes> place{};
  for (std::size_t k = 0; k < trade_classes; ++k) {
    place[k] = kinds.size();
    if (seen[k] > 0) kinds.push_back(k);
  }
  LabelledSample sample = sample_of(orders, classifier);
  for (std::size_t& label : sample.labels) label = place[label];
  const auto found = fit_softmax(sample, kinds.size(), penalty);
  if (found.has_error()) return false;
  const double unseen = det::log(0.5 / static_cast<double>(orders.size()));
  double largest = found->weights[0];
  for (std::size_t i = 0; i < kinds.size(); ++i)
    largest = std::max(largest, found->weights[i * row]);
  for (std::size_t k = 0; k < trade_classes; ++k) classifier.weights[k * row] = largest + unseen;
  for (std::size_t i = 0; i < kinds.size(); ++i)
    for (std::size_t j = 0; j < row; ++j)
      classifier.weights[kinds[i] * row + j] = found->weights[i * row + j];
  return true;
}

/// -mean ln p of what the orders turned out to be.
std::optional<double> log_loss(const std::vector<const Labelled*>& orders,
                               const TradeClassifier& classifier) {
  if (orders.empty()) return std::nullopt;
  double sum = 0;
  for (const Labelled* order : orders) {
    TradeFeatures features;
    for (std::size_t j = 0; j < trade_features; ++j)
      if (!std::isnan(order->features[j])) features[j] = order->features[j];
    sum -= det::log(std::max(classifier.classify(features)[order->label], 1e-15));
  }
  return sum / static_cast<double>(orders.size());
}

using Shares = std::array<double, trade_classes>;

/// A half more of each than were seen, so that none is impossible.
Shares shares_of(const std::vector<const Labelled*>& orders) {
  Shares shares;
  shares.fill(0.5);
  for (const Labelled* order : orders) shares[order->label] += 1;
  for (double& share : shares)
    share /= static_cast<double>(orders.size()) + 0.5 * static_cast<double>(trade_classes);
  return shares;
}

std::optional<double> base_loss(const std::vector<const Labelled*>& orders, const Shares& shares) {
  if (orders.empty()) return std::nullopt;
  double sum = 0;
  for (const Labelled* order : orders) sum -= det::log(shares[order->label]);
  return sum / static_cast<double>(orders.size());
}

double temperature_of(const std::vector<const Labelled*>& orders,
                      const TradeClassifier& classifier) {
  const LabelledSample sample = sample_of(orders, classifier);
  std::vector<std::vector<double>> logits;
  for (const auto& row : sample.features) {
    std::vector<double> scores;
    for (std::size_t k = 0; k < trade_classes; ++k) {
      const std::size_t at = k * (1 + trade_features);
      double score = classifier.weights[at];
      for (std::size_t j = 0; j < trade_features; ++j)
        score += classifier.weights[at + 1 + j] * row[j];
      scores.push_back(score);
    }
    logits.push_back(std::move(scores));
  }
  return fit_temperature(logits, sample.labels).temperature;
}

TradeClassifier classifier_of(const ModelValues& values) {
  OutlookSettings settings;
  const auto wrong = set_model_parameter(settings, "trades", values.format());
  return wrong ? TradeClassifier{} : *settings.classifier;
}

}  // namespace

Result<ModelFit> fit_trades_model(const FitRequest& request) {
  LabelReader reader;
  const Tape tape{.beyond = outcome_after + Duration{1}};
  if (const auto error = read_tape(request.sessions, tape, reader)) return *error;
  const std::vector<Labelled>& orders = reader.orders();
  if (orders.size() < fewest_orders)
    return refused_fit("trades", fmt::format("{} labelled taker orders are too few: at least {} "
                                             "are needed; take a longer window",
                                             orders.size(), fewest_orders));
  std::vector<double> times;
  for (const Labelled& order : orders) times.push_back(order.time);
  const std::vector<Block> blocks = time_split(times, seconds_of(outcome_after), embargo_s);
  std::array<std::vector<const Labelled*>, 4> parts;
  for (std::size_t i = 0; i < orders.size(); ++i)
    parts[static_cast<std::size_t>(blocks[i])].push_back(&orders[i]);
  const auto& train = parts[static_cast<std::size_t>(Block::train)];
  const auto& calibrate = parts[static_cast<std::size_t>(Block::calibrate)];
  const auto& test = parts[static_cast<std::size_t>(Block::test)];
  std::array<std::int64_t, trade_classes> seen{};
  for (const Labelled* order : train) ++seen[order->label];
  const auto enough =
      std::ranges::count_if(seen, [](std::int64_t count) { return count >= fewest_of_a_class; });
  if (enough < 2 || calibrate.empty() || test.empty())
    return refused_fit(
        "trades",
        fmt::format("of the {} orders to train with {} are noise, {} informed, {} of "
                    "liquidations, {} arbitrage; at least two kinds must come {} times, and "
                    "orders be left to calibrate and to test with; take a longer window",
                    train.size(), seen[0], seen[1], seen[2], seen[3], fewest_of_a_class));

  // The penalty that does best on the calibration block, then the temperature there.
  std::optional<TradeClassifier> best;
  double best_loss = 0;
  double best_penalty = 0;
  for (const double penalty : penalties) {
    TradeClassifier candidate = standardised(train);
    if (!learn(candidate, train, seen, penalty)) continue;
    const double loss = *log_loss(calibrate, candidate);
    if (best && loss >= best_loss) continue;
    best = candidate;
    best_loss = loss;
    best_penalty = penalty;
  }
  if (!best)
    return refused_fit("trades",
                       "no minimum was found: a kind of order may be told apart perfectly; take a "
                       "longer window");
  best->temperature = temperature_of(calibrate, *best);

  ModelFit fit;
  fit.model = "trades";
  OutlookSettings settings;
  settings.classifier = *best;
  fit.values = model_values(settings, "trades");
  const Shares shares = shares_of(train);
  for (std::size_t k = 0; k < trade_classes; ++k)
    fit.estimates.push_back(
        {std::string{name_of(static_cast<TradeClass>(k))} + " share", "", shares[k], std::nullopt});
  fit.estimates.push_back({"temperature", "", best->temperature, std::nullopt});
  fit.estimates.push_back({"penalty", "", best_penalty, std::nullopt});
  fit.counts = {{"labelled_orders", static_cast<std::int64_t>(orders.size())},
                {"train", static_cast<std::int64_t>(train.size())},
                {"calibrate", static_cast<std::int64_t>(calibrate.size())},
                {"test", static_cast<std::int64_t>(test.size())}};
  fit.notes.emplace_back(
      "Of the orders, 60 % train, 20 % calibrate and 20 % test, in that order of time, with 10 s "
      "of labels and a minute more between them; --holdout does not apply.");
  FitScore score{.name = "log_loss",
                 .doc = "-ln p of what an order turned out to be, by test; less is better"};
  score.in_sample = log_loss(train, *best);
  score.out_of_sample = log_loss(test, *best);
  FitScore base{.name = "log_loss_shares", .doc = "the same by the shares of the kinds alone"};
  base.in_sample = base_loss(train, shares);
  base.out_of_sample = base_loss(test, shares);
  if (request.judge) {
    std::vector<const Labelled*> all;
    for (const Labelled& order : orders) all.push_back(&order);
    score.judged = log_loss(all, classifier_of(*request.judge));
    base.judged = base_loss(all, shares_of(all));
  }
  fit.scores = {score, base};
  return fit;
}

}  // namespace mm::research
