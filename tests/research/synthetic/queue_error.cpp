#include "tests/research/synthetic/queue_error.hpp"

#include <cmath>
#include <map>

#include "engine/market.hpp"
#include "sim/exchange.hpp"
#include "tests/sim/synthetic/rig.hpp"

namespace mm::research::testing {
namespace {

std::vector<Output> decisions_of(const SyntheticRun& run) {
  std::vector<Output> decisions;
  const RecordStream records = run.recording().records();
  for (RecordView record = records(); !record.at_end(); record = records())
    if (record.output != nullptr) decisions.push_back(*record.output);
  return decisions;
}

/// True places by order, as told up to a moment of the venue.
class Places {
 public:
  explicit Places(const std::vector<sim::Truth>& truth)
      : told_(sim::testing::of_kind<sim::TruthQueue>(truth)) {}

  void reach(Time at) {
    for (; next_ < told_.size() && told_[next_].time <= at; ++next_) {
      const sim::TruthQueue& place = told_[next_];
      if (place.left == Qty{}) {
        now_.erase(place.order.value);
      } else {
        now_[place.order.value] = place;
      }
    }
  }
  const sim::TruthQueue* find(ClientOrderId order) const {
    const auto at = now_.find(order.value);
    return at == now_.end() ? nullptr : &at->second;
  }

 private:
  std::vector<sim::TruthQueue> told_;
  std::size_t next_ = 0;
  std::map<std::uint64_t, sim::TruthQueue> now_;
};

struct Judged {
  sim::Exchange exchange;
  QueueError error;

  void look(const Places& places) {
    for (const Side side : {Side::buy, Side::sell}) {
      for (const sim::RestingOrder& order : exchange.resting(side)) {
        const sim::TruthQueue* truth = places.find(order.id);
        if (truth == nullptr || !order.position.known()) continue;
        const double off = order.position.lots_ahead() - static_cast<double>(truth->ahead.lots());
        ++error.places;
        error.mean_ahead += static_cast<double>(truth->ahead.lots());
        error.bias += off;
        error.mean_absolute += std::abs(off);
      }
    }
  }
};

}  // namespace

void QueueError::add(const QueueError& other) {
  const auto all = static_cast<double>(places + other.places);
  if (all == 0) return;
  const double mine = static_cast<double>(places) / all;
  const double theirs = static_cast<double>(other.places) / all;
  mean_ahead = mean_ahead * mine + other.mean_ahead * theirs;
  bias = bias * mine + other.bias * theirs;
  mean_absolute = mean_absolute * mine + other.mean_absolute * theirs;
  places += other.places;
}

std::vector<QueueError> queue_errors(const SyntheticRun& run,
                                     const std::vector<sim::QueueModel>& models) {
  std::vector<Judged> judged;
  for (const sim::QueueModel& model : models) {
    sim::Settings settings = run.plan().simulator;
    settings.queue = model;
    judged.push_back({sim::Exchange{settings}, {.model = model.name()}});
  }
  const std::vector<Output> decisions = decisions_of(run);
  Places places(run.truth());
  sim::SyntheticMarket source = market_without_us(run.plan());
  Market market;
  market.apply({.body = definition_of(sim::testing::quoted_btc())});
  std::size_t next = 0;
  while (const Event* event = source.next(sim::testing::synthetic_start + run.plan().length)) {
    const Time now = event->header.recv_time;
    for (; next < decisions.size() && decisions[next].header.recv_time < now; ++next) {
      for (Judged& of : judged) of.exchange.send(decisions[next].header.recv_time, decisions[next]);
    }
    if (event->header.instrument.value != 0) continue;
    for (Judged& of : judged)
      while (of.exchange.next_arrival() < now) of.exchange.arrive(market.quoted());
    market.apply(*event);
    for (Judged& of : judged) {
      of.exchange.on_market(*event, market.quoted());
      while (of.exchange.next_answer() <= now) of.exchange.take_answer();
    }
    if (event->kind() != RecordKind::book_delta) continue;
    places.reach(event->header.exchange_time);
    for (Judged& of : judged) of.look(places);
  }
  std::vector<QueueError> errors;
  for (Judged& of : judged) {
    if (of.error.places > 0) {
      const auto count = static_cast<double>(of.error.places);
      of.error.mean_ahead /= count;
      of.error.bias /= count;
      of.error.mean_absolute /= count;
    }
    errors.push_back(of.error);
  }
  return errors;
}

}  // namespace mm::research::testing
