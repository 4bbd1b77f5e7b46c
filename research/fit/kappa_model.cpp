#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <vector>

#include "engine/det/math.hpp"
#include "engine/models/kappa.hpp"
#include "research/fit/model_fit.hpp"
#include "research/fit/tape.hpp"
#include "research/gate_losses.hpp"

namespace mm::research {
namespace {

constexpr std::int64_t fewest_orders = 100;
constexpr Duration book_step = std::chrono::seconds{10};
constexpr Duration exposure_step = std::chrono::seconds{1};
/// Markets change from one window to the next; what a window knows is no surer than this.
constexpr double drift_log_variance = 0.25;

using GridCounts = std::array<double, kappa_grid_bps.size()>;

/// Taker orders that go beyond each depth of the grid.
GridCounts beyond(const std::vector<double>& reaches) {
  GridCounts counts{};
  for (const double reach : reaches)
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (reach > kappa_grid_bps[i]) counts[i] += 1;
  return counts;
}

class ReachReader final : public TapeReader {
 public:
  explicit ReachReader(const FitRequest& request) : split_(request.split()) {}

  void on_session(const FitSession& session) override {
    session_ = &session;
    mid_.reset();
    own_.clear();
    next_exposure_ = next_book_ = Time{};
  }

  void on_order(const TakerOrder& order, const TradeFeatures&) override {
    if (!order.reach_bps || order.at < session_->from || order.at >= session_->to) return;
    (order.at < split_ ? inside_ : outside_).push_back(*order.reach_bps);
  }

  void on_event(const Event& event, const Market& market, const Outlook& outlook) override {
    const Time now = event.header.recv_time;
    note_own(event);
    if (event.header.instrument != InstrumentId{}) return;
    const InstrumentState& state = market.quoted();
    mid_ = state.quotable() ? std::optional{mid_units(state.touch())} : std::nullopt;
    if (now < session_->from || now >= split_ || !mid_) return;
    if (now >= next_exposure_) {
      next_exposure_ = now + exposure_step;
      for (const auto& [order, price] : own_)
        own_depths_[bucket_of(price)].exposure_s += seconds_of(exposure_step);
    }
    const std::optional<KappaEstimate>& book = outlook.reading().kappa_book;
    if (now >= next_book_ && book) {
      next_book_ = now + book_step;
      book_logs_ += det::log(book->kappa);
      ++books_;
    }
  }

  const std::vector<double>& inside() const { return inside_; }
  const std::vector<double>& outside() const { return outside_; }
  std::optional<KappaEstimate> book() const {
    if (books_ == 0) return std::nullopt;
    return KappaEstimate{.kappa = det::exp(book_logs_ / static_cast<double>(books_)),
                         .log_variance = kappa_book_variance};
  }
  std::optional<KappaOwn> own() const { return kappa_own(own_depths_); }
  std::int64_t own_fills() const { return own_fills_; }
  std::int64_t books() const { return books_; }

 private:
  /// Whole basis points from the mid, as OwnFills has them.
  std::size_t bucket_of(Price price) const {
    const double depth = std::fabs(static_cast<double>(price.units()) - *mid_) / *mid_ * 1e4;
    return std::min(static_cast<std::size_t>(depth), OwnFills::buckets - 1);
  }

  void note_own(const Event& event) {
    if (event.header.instrument != InstrumentId{}) return;
    if (const auto* ack = std::get_if<OrderAck>(&event.body)) {
      own_[ack->order.value] = ack->price;
    } else if (const auto* done = std::get_if<OrderDone>(&event.body)) {
      own_.erase(done->order.value);
    } else if (const auto* fill = std::get_if<Fill>(&event.body)) {
      const Time now = event.header.recv_time;
      if (fill->maker && mid_ && now >= session_->from && now < split_) {
        own_depths_[bucket_of(fill->price)].fills += 1;
        ++own_fills_;
      }
      if (fill->remaining == Qty{}) own_.erase(fill->order.value);
    }
  }

  Time split_;
  const FitSession* session_ = nullptr;
  std::vector<double> inside_;
  std::vector<double> outside_;
  std::optional<double> mid_;
  std::map<std::uint64_t, Price> own_;
  std::array<DepthExposure, OwnFills::buckets> own_depths_ = [] {
    std::array<DepthExposure, OwnFills::buckets> depths{};
    for (std::size_t i = 0; i < depths.size(); ++i)
      depths[i].depth_bps = static_cast<double>(i) + 0.5;
    return depths;
  }();
  std::int64_t own_fills_ = 0;
  Time next_exposure_;
  Time next_book_;
  double book_logs_ = 0;
  std::int64_t books_ = 0;
};

/// -mean ln p of the cell of the grid in which an order's reach ends, p by the exponential law.
std::optional<double> reach_score(const std::vector<double>& reaches, double kappa) {
  double sum = 0;
  double orders = 0;
  for (const double reach : reaches) {
    if (!(reach > 0)) continue;
    sum += reach_loss(reach, kappa);
    orders += 1;
  }
  if (!(orders > 0)) return std::nullopt;
  return sum / orders;
}

std::optional<double> error_of(double kappa, double log_variance) {
  return kappa * std::sqrt(log_variance);
}

}  // namespace

Result<ModelFit> fit_kappa_model(const FitRequest& request) {
  ReachReader reader{request};
  if (const auto error = read_tape(request.sessions, {}, reader)) return *error;
  const GridCounts counts = beyond(reader.inside());
  if (counts[0] < static_cast<double>(fewest_orders))
    return refused_fit("kappa", fmt::format("{:.0f} taker orders beyond the mid in the part that "
                                            "is fitted are too few: at least {} are needed; take "
                                            "a longer window",
                                            counts[0], fewest_orders));
  ModelFit fit;
  fit.model = "kappa";
  std::vector<KappaEstimate> sources;
  const auto add = [&](const char* name, std::optional<KappaEstimate> source) {
    if (!source) return;
    sources.push_back(*source);
    fit.estimates.push_back(
        {name, "", source->kappa, error_of(source->kappa, source->log_variance)});
  };
  add("book", reader.book());
  if (const auto robust = kappa_robust(kappa_grid_bps, counts); robust && *robust > 0)
    add("robust", KappaEstimate{.kappa = *robust, .log_variance = 2 / counts[0]});
  const std::optional<KappaOwn> own = reader.own();
  if (own) add("own", KappaEstimate{.kappa = own->kappa, .log_variance = own->log_variance});
  if (sources.empty())
    return refused_fit("kappa",
                       "the orders' reach does not fall with depth, so that neither the book nor "
                       "the orders tell kappa; take a longer window or keep the default");
  const KappaFinal together = combine_kappa(sources);
  const double log_variance = together.log_sd * together.log_sd + drift_log_variance;
  fit.values.set("prior", together.kappa);
  fit.values.set("prior_log_variance", log_variance);
  fit.estimates.insert(fit.estimates.begin(),
                       FitEstimate{"prior", "", together.kappa, together.kappa * together.log_sd});
  if (own) fit.estimates.push_back({"own_intensity", "1/s", own->intensity, std::nullopt});
  fit.counts = {{"taker_orders", static_cast<std::int64_t>(reader.inside().size())},
                {"books", reader.books()},
                {"own_fills", reader.own_fills()}};
  if (!own)
    fit.notes.push_back(fmt::format(
        "{} own maker fills do not tell kappa (at least {:.0f} at two depths); book and taker "
        "orders alone do.",
        reader.own_fills(), kappa_own_min_fills));
  fit.notes.push_back(
      fmt::format("The prior's variance is that of the estimates and {} for what changes between "
                  "windows.",
                  drift_log_variance));
  FitScore score{.name = "reach",
                 .doc =
                     "-ln p of how far a taker order went, by the exponential law; less is "
                     "better"};
  score.in_sample = reach_score(reader.inside(), together.kappa);
  score.out_of_sample = reach_score(reader.outside(), together.kappa);
  FitScore usual{.name = "reach_default", .doc = "the same with the built-in prior"};
  usual.in_sample = reach_score(reader.inside(), kappa_prior.kappa);
  usual.out_of_sample = reach_score(reader.outside(), kappa_prior.kappa);
  if (request.judge) {
    std::vector<double> all = reader.inside();
    all.insert(all.end(), reader.outside().begin(), reader.outside().end());
    score.judged = reach_score(all, request.judge->number("prior"));
  }
  fit.scores = {score, usual};
  return fit;
}

}  // namespace mm::research
