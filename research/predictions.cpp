#include "research/predictions.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace mm::research {
namespace {

double seconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1e9;
}

std::optional<double> mid_of(const InstrumentState& instrument) {
  if (!instrument.quotable()) return std::nullopt;
  const Touch& touch = instrument.touch();
  return (static_cast<double>(touch.bid.price.units()) +
          static_cast<double>(touch.ask.price.units())) /
         2;
}

}  // namespace

// ---------------------------------------------------------------- joining

// Everything due before `now` is read off the mid in force; at the end only what is due by then.
void PredictionJoin::settle(Time now, bool at_end) {
  const auto due = [&](Time at) { return at < now || (at_end && at <= now); };
  for (std::size_t i = 0; i < due_moves_.size(); ++i) {
    while (!due_moves_[i].empty() && due(due_moves_[i].front().at)) {
      PredictedMoment& moment = moments_[due_moves_[i].front().moment];
      if (mid_ && moment.mid > 0) moment.move[i] = std::log(*mid_ / moment.mid);
      due_moves_[i].pop_front();
    }
  }
  while (!due_fills_.empty() && due(due_fills_.front().at)) {
    const DueFill& fill = due_fills_.front();
    const double side = static_cast<double>(sign(fill.side));
    for (const std::size_t order : fill.orders) {
      if (!mid_) continue;
      orders_[order].pnl_10s_bps = side * (*mid_ - fill.price) / fill.price * 1e4;
      if (fill.mid > 0)
        orders_[order].against_10s_bps = -side * (*mid_ - fill.mid) / fill.mid * 1e4;
    }
    due_fills_.pop_front();
  }
}

void PredictionJoin::end(ClientOrderId order, Time at, const Fill* fill) {
  const auto open = open_.find(order.value);
  if (open == open_.end()) return;
  for (const std::size_t index : open->second) {
    PredictedOrder& ended = orders_[index];
    ended.end_s = seconds(at - moments_[ended.moment].at);
    ended.filled = fill != nullptr;
  }
  if (fill != nullptr)
    due_fills_.push_back({.at = at + move_horizons[1],
                          .price = static_cast<double>(fill->price.units()),
                          .mid = mid_.value_or(0),
                          .side = fill->side,
                          .orders = std::move(open->second)});
  open_.erase(open);
}

void PredictionJoin::add(const RecordView& record) {
  if (record.event != nullptr) {
    const Event& event = *record.event;
    const Time now = event.header.recv_time;
    settle(now, false);
    last_ = now;
    if (const auto* fill = std::get_if<Fill>(&event.body)) {
      end(fill->order, now, fill);
    } else if (const auto* done = std::get_if<OrderDone>(&event.body)) {
      end(done->order, now, nullptr);
    } else if (const auto* reject = std::get_if<OrderReject>(&event.body)) {
      end(reject->order, now, nullptr);
    }
    market_.apply(event);
    if (event.header.instrument.value == 0) mid_ = mid_of(market_.quoted());
    return;
  }
  if (record.output == nullptr) return;
  const Output& output = *record.output;
  if (const auto* head = std::get_if<Prediction>(&output.body)) {
    const Time at = output.header.recv_time;
    keeping_ = at >= from_ && at < to_;
    if (!keeping_) return;
    for (std::size_t i = 0; i < move_horizons.size(); ++i)
      due_moves_[i].push_back({at + move_horizons[i], moments_.size()});
    moments_.push_back(
        {.at = at, .seq = output.header.seq, .head = *head, .mid = mid_.value_or(0), .move = {}});
  } else if (const auto* level = std::get_if<PredictedLevel>(&output.body)) {
    if (!keeping_) return;
    open_[level->order.value].push_back(orders_.size());
    orders_.push_back({.moment = moments_.size() - 1, .predicted = *level});
  } else if (const auto* note = std::get_if<FillNote>(&output.body)) {
    fill_notes_.push_back(*note);
  }
}

void PredictionJoin::finish() {
  settle(last_, true);
  for (const auto& [order, indices] : open_)
    for (const std::size_t index : indices)
      orders_[index].end_s = seconds(last_ - moments_[orders_[index].moment].at);
  open_.clear();
  for (auto& due : due_moves_) due.clear();
  due_fills_.clear();
}

PredictionJoin join_predictions(const RecordStream& records, Time from, Time to) {
  PredictionJoin join{from, to};
  for (RecordView record = records(); !record.at_end(); record = records()) join.add(record);
  join.finish();
  return join;
}

// ---------------------------------------------------------------- censored outcomes

CensoredWeights censored_weights(std::span<const Ending> endings, double horizon_s,
                                 std::span<const std::int64_t> strata) {
  CensoredWeights result;
  result.weight.resize(endings.size(), 0.0);
  result.outcome.resize(endings.size(), false);
  std::map<std::int64_t, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < endings.size(); ++i)
    groups[strata.empty() ? 0 : strata[i]].push_back(i);

  std::size_t weighted = 0;
  std::size_t cut = 0;
  std::size_t censored = 0;
  for (auto& [stratum, records] : groups) {
    // total order: by time, fills first, then by index
    std::sort(records.begin(), records.end(), [&](std::size_t a, std::size_t b) {
      if (endings[a].end_s != endings[b].end_s) return endings[a].end_s < endings[b].end_s;
      if (endings[a].filled != endings[b].filled) return endings[a].filled;
      return a < b;
    });
    // Kaplan-Meier of the censorings. Fills at the same time leave the set at risk first.
    double curve = 1;
    std::optional<double> at_horizon;
    for (std::size_t next = 0; next < records.size();) {
      const double time = endings[records[next]].end_s;
      if (time > horizon_s && !at_horizon) at_horizon = curve;
      const double before = curve;
      std::size_t end = next;
      while (end < records.size() && endings[records[end]].end_s == time) ++end;
      std::size_t fills = 0;
      while (next + fills < end && endings[records[next + fills]].filled) ++fills;
      for (std::size_t k = next; k < next + fills; ++k) {
        if (time > horizon_s) continue;
        result.weight[records[k]] = 1 / before;
        result.outcome[records[k]] = true;
      }
      const double at_risk = static_cast<double>(records.size() - next - fills);
      const double cancels = static_cast<double>(end - next - fills);
      if (time <= horizon_s) censored += end - next - fills;
      if (cancels > 0) curve *= 1 - cancels / at_risk;
      next = end;
    }
    const double left = at_horizon.value_or(curve);
    for (const std::size_t record : records)
      if (endings[record].end_s > horizon_s) result.weight[record] = 1 / left;
    for (const std::size_t record : records) {
      double& weight = result.weight[record];
      if (!(weight > 0)) continue;
      ++weighted;
      if (weight <= largest_weight) continue;
      weight = largest_weight;
      ++cut;
    }
  }
  if (weighted > 0) result.cut_share = static_cast<double>(cut) / static_cast<double>(weighted);
  if (!endings.empty())
    result.censored_share = static_cast<double>(censored) / static_cast<double>(endings.size());
  return result;
}

std::optional<double> censored_brier(std::span<const double> predicted,
                                     const CensoredWeights& weights) {
  if (predicted.empty()) return std::nullopt;
  double sum = 0;
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    const double miss = (weights.outcome[i] ? 1 : 0) - predicted[i];
    sum += weights.weight[i] * miss * miss;
  }
  return sum / static_cast<double>(predicted.size());
}

std::optional<double> censored_frequency(const CensoredWeights& weights) {
  double filled = 0;
  double known = 0;
  for (std::size_t i = 0; i < weights.weight.size(); ++i) {
    known += weights.weight[i];
    if (weights.outcome[i]) filled += weights.weight[i];
  }
  if (!(known > 0)) return std::nullopt;
  return filled / known;
}

}  // namespace mm::research
