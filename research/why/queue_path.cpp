#include "research/why/queue_path.hpp"

#include <algorithm>

namespace mm::research::why {
namespace {

sim::Settings without_latency(std::string_view lines) {
  sim::Settings settings;
  // A session was recorded with them, so they are readable.
  sim::Settings::parse(lines, settings);
  settings.latency = sim::LatencyModel{.entry = Duration{0}, .response = Duration{0}};
  settings.venue_orders_per_minute = 0;
  return settings;
}

std::optional<double> displayed_of(const TrackedOrder& tracked) {
  if (!tracked.queue.known()) return std::nullopt;
  return static_cast<double>(tracked.flow.lots());
}

}  // namespace

QueueFollower::QueueFollower(const Session& session, std::span<const Arrival> arrivals)
    : arrivals_(arrivals.begin(), arrivals.end()),
      tracker_(QueueTracker::Settings{.in_book = session.real_orders()}) {
  path_.model = "estimate";
  if (!session.real_orders()) {
    paper_.emplace(without_latency(session.settings));
    path_.model = paper_->settings().queue.name();
  }
}

void QueueFollower::before_market(Time market_time, const InstrumentState& instrument) {
  // What a venue shows at the moment of our acceptance may show our order already.
  const auto is_before = [&](Time at) { return paper_ ? at < market_time : at <= market_time; };
  while (next_ < arrivals_.size() && is_before(arrivals_[next_].at))
    arrive(arrivals_[next_++], instrument);
}

void QueueFollower::arrive(const Arrival& arrival, const InstrumentState& instrument) {
  const OrderStep& step = arrival.step;
  if (paper_) {
    const bool moves = next_ > 1;  // behind the first of them
    OutputBody body = PlaceOrder{.order = step.order,
                                 .side = step.side,
                                 .price = step.price,
                                 .qty = step.qty,
                                 .time_in_force = step.time_in_force};
    if (moves)
      body = ReplaceOrder{.order = step.replaces,
                          .replacement = step.order,
                          .side = step.side,
                          .price = step.price,
                          .qty = step.qty,
                          .time_in_force = step.time_in_force};
    paper_->send(arrival.at, {.header = {.recv_time = arrival.at}, .body = body});
    paper_->arrive(instrument);
    while (paper_->next_answer() != Time::max()) paper_->take_answer();
  }
  if (!accepted()) return;
  path_.accepted = arrival.at;
  tracker_.accept(arrival.at, step.order, step.side, step.price, step.qty, instrument);
  note(arrival.at);
}

void QueueFollower::on_event(const Event& event, const InstrumentState& instrument) {
  // From the start: whether its market is open is part of the exchange's state.
  if (paper_) {
    paper_->on_market(event, instrument);
    while (paper_->next_answer() != Time::max()) paper_->take_answer();
  }
  if (!accepted()) return;
  tracker_.on_event(event, instrument);
  note(event.header.recv_time);
}

QueuePoint QueueFollower::point(Time time) const {
  QueuePoint point{.time = time};
  const OrderStep& step = arrivals_.back().step;
  if (const TrackedOrder* tracked = tracker_.find(step.order)) {
    point.estimate = tracked->queue.ahead();
    point.lo = tracked->queue.ahead_lo();
    point.hi = tracked->queue.ahead_hi();
    point.displayed = displayed_of(*tracked);
  }
  point.ahead = point.estimate;
  if (paper_) {
    point.ahead.reset();
    for (const sim::RestingOrder& resting : paper_->resting(step.side))
      if (resting.id == step.order && resting.position.known())
        point.ahead = resting.position.lots_ahead();
  }
  return point;
}

void QueueFollower::note(Time time) {
  std::vector<QueuePoint>& points = path_.points;
  const QueuePoint now = point(time);
  if (!points.empty() && points.back().ahead == now.ahead &&
      points.back().displayed == now.displayed)
    return;
  if (points.size() == most_points) {
    // Every second one goes, but for the first.
    std::size_t kept = 1;
    for (std::size_t i = 2; i < points.size(); i += 2) points[kept++] = points[i];
    path_.left_out += points.size() - kept;
    points.resize(kept);
  }
  points.push_back(now);
}

std::optional<QueuePath> QueueFollower::path() const {
  if (path_.points.empty()) return std::nullopt;
  QueuePath path = path_;
  if (const TrackedOrder* tracked = tracker_.find(arrivals_.back().step.order)) {
    path.traded = tracked->flow.filled();
    path.cancelled = tracked->flow.cancelled();
    path.added = tracked->flow.added();
  }
  return path;
}

}  // namespace mm::research::why
