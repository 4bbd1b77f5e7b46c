#include "live/live_source.hpp"

#include <algorithm>
#include <utility>

namespace mm::live {

LiveSource::LiveSource(const LiveWorld& world, const Engine& engine, Options options)
    : world_(world), engine_(engine), options_(std::move(options)) {}

const Event* LiveSource::own_head(const EventBody& body, InstrumentId instrument) {
  head_ = Event{EventHeader{.recv_time = begin_, .instrument = instrument}, body};
  own_ = false;
  return &head_;
}

const Event* LiveSource::next() {
  switch (stage_) {
    case Stage::start:
      begin_ = world_.clock.now();
      stage_ = Stage::definitions;
      return own_head(world_.plan.start(), InstrumentId{});
    case Stage::definitions: {
      const auto& instruments = world_.plan.instruments;
      if (given_ < instruments.size()) {
        const InstrumentId id{static_cast<std::uint16_t>(given_)};
        return own_head(definition_of(instruments[given_++]), id);
      }
      stage_ = Stage::models;
      given_ = 0;
      [[fallthrough]];
    }
    case Stage::models:
      if (given_ < world_.plan.models.size()) {
        const Setting& model = world_.plan.models[given_++];
        return own_head(ParameterChange{model.name, model.value}, InstrumentId{});
      }
      stage_ = Stage::notes;
      given_ = 0;
      [[fallthrough]];
    case Stage::notes:
      if (given_ < options_.notes.size())
        return own_head(Annotation{"mmctl", options_.notes[given_++]}, InstrumentId{});
      stage_ = Stage::running;
      [[fallthrough]];
    case Stage::running:
    case Stage::stopping:
      return running();
    case Stage::ended:
      return nullptr;
  }
  return nullptr;
}

const Event* LiveSource::before(Time at, const Event* event) {
  const Event* own = world_.execution.next_before(at, engine_.market());
  own_ = own != nullptr;
  return own_ ? own : event;
}

venues::LiveFeed* LiveSource::earliest() const {
  venues::LiveFeed* found = nullptr;
  Time since = Time::max();
  for (const auto& feed : world_.feeds) {
    const std::optional<Time> waiting = feed->waiting_since();
    if (waiting && *waiting < since) {
      found = feed.get();
      since = *waiting;
    }
  }
  return found;
}

void LiveSource::follow_market() {
  const bool ready = world_.execution.ready();
  if (!ready && world_.clock.now() - begin_ < options_.start_patience) return;
  following_ = true;
  for (const auto& feed : world_.feeds) feed->start();
  if (options_.following) options_.following(ready);
}

const Event* LiveSource::running() {
  while (true) {
    if (!following_ && stage_ == Stage::running) follow_market();
    if (!events_.empty()) {
      const Event* event = before(events_.front().header.recv_time, &events_.front());
      if (!own_) events_ = events_.subspan(1);
      return event;
    }
    if (taken_ != nullptr) std::exchange(taken_, nullptr)->release();

    venues::LiveFeed* const feed = earliest();
    if (!controls_.empty() && (feed == nullptr || controls_.front().at <= *feed->waiting_since())) {
      const Control& control = controls_.front();
      head_ = Event{EventHeader{.recv_time = control.at}, control.body};
      const Event* event = before(control.at, &head_);
      if (!own_) controls_.pop_front();
      return event;
    }
    if (feed != nullptr) {
      events_ = feed->take();
      taken_ = feed;
      if (options_.raw && !feed->raw().empty()) {
        options_.raw({feed->recv_time(), feed->id(), feed->raw()});
      }
      continue;
    }

    const Time now = world_.clock.now();
    if (const Duration step = world_.clock.take_step(); step != Duration{}) {
      controls_.push_back({now, ClockStep{step.count()}});
      continue;
    }
    if (const Event* event = before(now, nullptr)) return event;
    if (stage_ == Stage::running) {
      const bool time_is_up = options_.length && now - begin_ >= *options_.length;
      if (world_.stop.reason || time_is_up) {
        end_reason_ = world_.stop.reason.value_or("time is up");
        begin_stop(now);
        continue;
      }
    } else if (!std::exchange(execution_stops_, true)) {
      // Behind the kill switch, so that the core's own cancels went first.
      world_.execution.begin_stop(now);
      continue;
    } else if (may_end(now)) {
      return end(now);
    }
    sleep(now);
  }
}

void LiveSource::begin_stop(Time now) {
  stage_ = Stage::stopping;
  stop_until_ = now + options_.patience;
  // The core cancels what it has out and quotes no more; its acknowledgements are still heard.
  if (engine_.trader().settings().trading)
    controls_.push_back({now, KillSwitch{true, end_reason_}});
}

bool LiveSource::may_end(Time now) const {
  return now >= stop_until_ || (engine_.trader().orders().empty() && world_.execution.at_rest());
}

const Event* LiveSource::end(Time now) {
  stage_ = Stage::ended;
  orders_left_ = engine_.trader().orders().all().size();
  head_ = Event{EventHeader{.recv_time = now}, SessionEnd{end_reason_}};
  own_ = false;
  return &head_;
}

void LiveSource::sleep(Time now) {
  // Not for long: a stop may be asked for at any time, and a step of the clock is to be seen.
  Time until = std::min(world_.execution.next_due(), now + std::chrono::milliseconds{100});
  if (options_.length && stage_ == Stage::running) {
    until = std::min(until, begin_ + *options_.length);
  }
  const Duration rest = std::max(Duration{}, until - now) + std::chrono::microseconds{1};
  world_.loop.run_one_until(net::Loop::Instant::clock::now() + rest);
}

void LiveSource::react(const Event& event, std::span<const Output> outputs) {
  if (!own_) world_.execution.on_market(event, engine_.market());
  world_.execution.react(event, outputs);
}

}  // namespace mm::live
