#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <vector>

#include "engine/det/math.hpp"
#include "engine/models/softmax.hpp"
#include "research/fit/clustered_errors.hpp"
#include "research/fit/model_fit.hpp"
#include "research/fit/softmax_fit.hpp"
#include "research/fit/tape.hpp"

namespace mm::research {
namespace {

/// Seconds around a forced order that count as a cascade, and silence between two of them.
constexpr Duration around = std::chrono::seconds{5};
constexpr Duration between = std::chrono::seconds{60};
constexpr Duration cluster_length = std::chrono::minutes{5};
constexpr std::int64_t fewest_cascades = 3;
constexpr std::int64_t fewest_seconds = 20;

struct Second {
  Time at;
  std::array<double, 3> x{};
  bool forced = false;
};

/// The detector's inputs once a second, and whether the venue told of forced orders then.
class CascadeReader final : public TapeReader {
 public:
  void on_session(const FitSession& session) override {
    session_ = &session;
    last_forced_.reset();
    next_ = Time{};
    begin_ = seconds_.size();
    starts_.push_back(begin_);
  }

  void on_event(const Event& event, const Market&, const Outlook& outlook) override {
    const Time now = event.header.recv_time;
    if (now < session_->from) return;
    if (std::holds_alternative<Liquidation>(event.body) &&
        event.header.instrument == InstrumentId{}) {
      if (!last_forced_ || now - *last_forced_ > between) cascades_.push_back(now);
      last_forced_ = now;
      for (std::size_t i = seconds_.size(); i-- > begin_ && seconds_[i].at + around >= now;)
        seconds_[i].forced = true;
    }
    const std::optional<LiquidationScore>& score = outlook.reading().liquidation;
    if (now < next_ || now >= session_->to || !score) return;
    next_ = now + std::chrono::seconds{1};
    seconds_.push_back({now, score->x, last_forced_ && now - *last_forced_ <= around});
  }

  const std::vector<Second>& seconds() const { return seconds_; }
  /// Where in them each session begins.
  const std::vector<std::size_t>& starts() const { return starts_; }
  std::int64_t cascades_before(Time time) const {
    return std::ranges::lower_bound(cascades_, time) - cascades_.begin();
  }

 private:
  const FitSession* session_ = nullptr;
  std::size_t begin_ = 0;  // of the session, in seconds_
  std::optional<Time> last_forced_;
  std::vector<Time> cascades_;
  std::vector<Second> seconds_;
  std::vector<std::size_t> starts_;
  Time next_;
};

std::optional<double> log_loss(std::span<const Second> seconds, const LiquidationWeights& weights) {
  if (seconds.empty()) return std::nullopt;
  double sum = 0;
  for (const Second& second : seconds) {
    const double p = logistic(weights.bias + weights.open_interest * second.x[0] +
                              weights.funding * second.x[1] + weights.move * second.x[2]);
    sum -= det::log(std::clamp(second.forced ? p : 1 - p, 1e-15, 1.0));
  }
  return sum / static_cast<double>(seconds.size());
}

/// Five minutes are a cluster, longer ones where a cascade goes on; none spans two sessions.
std::vector<std::size_t> clusters_of(std::span<const Second> seconds,
                                     const std::vector<std::size_t>& starts) {
  std::vector<std::size_t> clusters;
  std::size_t number = 0;
  Time begin = seconds.front().at;
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    const bool session = i > 0 && std::ranges::binary_search(starts, i);
    const bool calm = !seconds[i].forced && (i == 0 || !seconds[i - 1].forced);
    if (session || (calm && seconds[i].at - begin >= cluster_length)) {
      ++number;
      begin = seconds[i].at;
    }
    clusters.push_back(number);
  }
  return clusters;
}

LiquidationWeights weights_of(const ModelValues& values) {
  return {.bias = values.number("bias"),
          .open_interest = values.number("open_interest"),
          .funding = values.number("funding"),
          .move = values.number("move")};
}

}  // namespace

Result<ModelFit> fit_liquidation_model(const FitRequest& request) {
  CascadeReader reader;
  const Tape tape{.beyond = around};
  if (const auto error = read_tape(request.sessions, tape, reader)) return *error;
  const std::vector<Second>& seconds = reader.seconds();
  const auto split = static_cast<std::size_t>(
      std::ranges::lower_bound(seconds, request.split(), {}, &Second::at) - seconds.begin());
  const std::span<const Second> fitted{seconds.data(), split};
  const std::span<const Second> rest{seconds.data() + split, seconds.size() - split};
  const auto forced = std::ranges::count_if(fitted, &Second::forced);
  const std::int64_t cascades = reader.cascades_before(request.split());
  if (cascades < fewest_cascades || forced < fewest_seconds)
    return refused_fit(
        "liquidation",
        fmt::format("in the part that is fitted the venue told of {} cascades of forced orders, "
                    "and in {} of {} seconds with known open interest and funding one was going "
                    "on: at least {} cascades and {} such seconds are needed; take a longer window "
                    "or keep the built-in weights",
                    cascades, forced, fitted.size(), fewest_cascades, fewest_seconds));
  LabelledSample sample;
  for (const Second& second : fitted) {
    sample.features.push_back({second.x[0], second.x[1], second.x[2]});
    sample.labels.push_back(second.forced ? 1 : 0);
  }
  const auto found = fit_softmax(sample, 2);
  if (found.has_error()) return refused_fit("liquidation", found.error().message());
  // Two classes: the logit is the difference of their scores.
  const auto difference = [&](std::size_t j) { return found->weights[4 + j] - found->weights[j]; };
  const LiquidationWeights weights{.bias = difference(0),
                                   .open_interest = difference(1),
                                   .funding = difference(2),
                                   .move = difference(3)};
  ModelFit fit;
  fit.model = "liquidation";
  fit.values.set("bias", weights.bias);
  fit.values.set("funding", weights.funding);
  fit.values.set("move", weights.move);
  fit.values.set("open_interest", weights.open_interest);
  fit.values.set("threshold_pct", LiquidationDetector::Settings{}.threshold_pct);
  const std::vector<std::size_t> clusters = clusters_of(fitted, reader.starts());
  const std::array ordered = {weights.bias, weights.open_interest, weights.funding, weights.move};
  const std::vector<double> errors = clustered_logit_errors(sample, clusters, ordered);
  const auto error = [&](std::size_t j) {
    return errors.empty() || !std::isfinite(errors[j]) ? std::nullopt : std::optional{errors[j]};
  };
  fit.estimates = {
      {"bias", "", weights.bias, error(0)},
      {"funding", "", weights.funding, error(2)},
      {"move", "", weights.move, error(3)},
      {"open_interest", "", weights.open_interest, error(1)},
      {"threshold_pct", "%", LiquidationDetector::Settings{}.threshold_pct, std::nullopt}};
  fit.counts = {{"seconds", static_cast<std::int64_t>(seconds.size())},
                {"fitted_seconds", static_cast<std::int64_t>(fitted.size())},
                {"cascades", cascades},
                {"seconds_in_cascades", forced},
                {"clusters", static_cast<std::int64_t>(clusters.back()) + 1}};
  fit.notes.emplace_back(
      "Errors take five minutes, and a cascade whole, for one observation; threshold_pct is not "
      "fitted.");
  FitScore score{.name = "log_loss",
                 .doc = "-ln p of whether forced orders come within 5 s; less is better"};
  score.in_sample = log_loss(fitted, weights);
  score.out_of_sample = log_loss(rest, weights);
  if (request.judge) score.judged = log_loss(seconds, weights_of(*request.judge));
  FitScore usual{.name = "log_loss_default", .doc = "the same with the built-in weights"};
  usual.in_sample = log_loss(fitted, {});
  usual.out_of_sample = log_loss(rest, {});
  fit.scores = {score, usual};
  return fit;
}

}  // namespace mm::research
