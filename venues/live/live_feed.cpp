#include "venues/live/live_feed.hpp"

#include <utility>

namespace mm::venues {
namespace {

Duration steady_now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

constexpr std::size_t first = 0;

}  // namespace

LiveFeed::LiveFeed(const Surroundings& surroundings, const Instrument& instrument, InstrumentId id,
                   FeedPlan plan, std::shared_ptr<RestGate> gate, const LiveSettings& settings,
                   std::uint64_t seed)
    : surroundings_(surroundings),
      id_(id),
      plan_(std::move(plan)),
      gate_(std::move(gate)),
      settings_(settings),
      decoder_(make_feed_decoder(instrument, id)),
      told_down_(plan_.sockets.size()),
      flowing_(plan_.sockets.size()),
      asker_(settings.snapshot_pause, settings.snapshot_pause_most),
      next_poll_(plan_.polls.size()),
      tick_timer_(surroundings.loop) {
  decoder_->follow_sockets();
  ConnectionOwner& owner = *this;
  for (std::size_t stream = 0; stream < plan_.sockets.size(); ++stream) {
    connections_.push_back(std::make_unique<Connection>(surroundings.loop, surroundings.tls, owner,
                                                        stream, plan_.sockets[stream], settings,
                                                        seed + stream));
  }
}

LiveFeed::~LiveFeed() {
  stop();
}

void LiveFeed::start() {
  for (const auto& connection : connections_) {
    connection->open();
    if (plan_.together) break;
  }
  tick_timer_.expire_after(settings_.tick, [this] { tick(); });
}

void LiveFeed::stop() {
  *alive_ = false;
  tick_timer_.cancel();
  for (const auto& connection : connections_) connection->close();
}

// ---------------------------------------------------------------- what arrives

void LiveFeed::arrive(Kind kind, std::size_t stream, std::string text) {
  arrivals_.push_back(
      {.recv = surroundings_.now(), .kind = kind, .stream = stream, .text = std::move(text)});
}

void LiveFeed::on_up(std::size_t stream) {
  flowing_[stream] = false;
  arrive(Kind::up, stream, {});
  if (!plan_.together || stream != first) return;
  for (const auto& connection : connections_) connection->open();
}

void LiveFeed::on_frame(std::size_t stream, std::string_view text,
                        const std::shared_ptr<Line>& line) {
  flowing_[stream] = true;
  arrivals_.push_back({.recv = surroundings_.now(),
                       .kind = Kind::frame,
                       .stream = stream,
                       .frame = text,
                       .line = line});
}

void LiveFeed::on_stale(std::size_t stream, const std::string& why) {
  arrive(Kind::stale, stream, why);
}

void LiveFeed::on_down(std::size_t stream, const std::string& why) {
  flowing_[stream] = false;
  arrive(Kind::down, stream, why);
  if (!plan_.together || stream != first) return;
  for (std::size_t other = 1; other < connections_.size(); ++other) connections_[other]->close();
}

void LiveFeed::on_doubled(std::size_t, bool doubled) {
  doubled_ += doubled ? 1 : -1;
  decoder_->set_doubled(doubled_ > 0);
}

void LiveFeed::on_trouble(std::size_t stream, const std::string& what) {
  arrive(Kind::trouble, stream, named(stream, what));
}

std::string LiveFeed::named(std::size_t stream, const std::string& text) const {
  return connections_[stream]->name() + ": " + text;
}

// ---------------------------------------------------------------- what is taken

std::optional<Time> LiveFeed::waiting_since() const {
  if (arrivals_.empty()) return std::nullopt;
  return arrivals_.front().recv;
}

std::span<const Event> LiveFeed::take() {
  present_ = std::move(arrivals_.front());
  arrivals_.pop_front();
  batch_.clear();
  raw_ = {};
  decode(present_);
  return batch_.events();
}

void LiveFeed::decode(const Arrival& arrival) {
  EventHeader header;
  header.recv_time = arrival.recv;
  header.instrument = id_;
  switch (arrival.kind) {
    case Kind::frame:
      raw_ = arrival.frame;
      decoder_->on_frame(arrival.recv, arrival.frame, batch_);
      for (const Event& event : batch_.events()) connections_[arrival.stream]->heard(event.kind());
      break;
    case Kind::snapshot:
    case Kind::poll:
      raw_ = std::string_view(arrival.text).substr(0, arrival.length);
      decoder_->on_frame(arrival.recv, raw_, batch_);
      break;
    case Kind::up:
      if (arrival.stream == first) {
        decoder_->on_connected(arrival.recv, batch_);
      } else if (told_down_[arrival.stream]) {
        batch_.add_status(header, FeedState::anomaly, named(arrival.stream, "connected again"));
      }
      told_down_[arrival.stream] = false;
      break;
    case Kind::down:
      say_down(arrival.stream, header, arrival.text);
      break;
    case Kind::stale:
      batch_.add_status(header, arrival.stream == first ? FeedState::stale : FeedState::anomaly,
                        named(arrival.stream, arrival.text));
      break;
    case Kind::trouble:
      batch_.add_status(header, FeedState::anomaly, arrival.text);
      break;
    case Kind::notice:
      batch_.add(header, RateLimit{arrival.notice.used, arrival.notice.limit,
                                   arrival.notice.retry_after.count(),
                                   batch_.arena().copy_text(arrival.notice.detail)});
      break;
  }
}

void LiveFeed::say_down(std::size_t stream, const EventHeader& header, const std::string& why) {
  const bool again = told_down_[stream];
  told_down_[stream] = true;
  if (stream == first && !again) {
    decoder_->on_lost(header.recv_time, named(stream, why), batch_);
  } else {
    batch_.add_status(header, FeedState::anomaly,
                      named(stream, (again ? "still down: " : "lost: ") + why));
  }
}

void LiveFeed::release() {
  const Arrival done = std::exchange(present_, {});
  raw_ = {};
  if (done.kind == Kind::snapshot) asker_.answered(steady_now());
  if (done.kind == Kind::frame) {
    connections_[done.stream]->take_next(*done.line);
    ask_for_snapshot();
  }
}

// ---------------------------------------------------------------- what is asked

void LiveFeed::tick() {
  tick_timer_.expire_after(settings_.tick, [this] { tick(); });
  ask_for_snapshot();
  const Duration now = steady_now();
  for (std::size_t poll = 0; poll < plan_.polls.size(); ++poll) {
    if (now < next_poll_[poll] || gate_->closed_for() > Duration{}) continue;
    next_poll_[poll] = now + plan_.polls[poll].every;
    ask(plan_.polls[poll].request, plan_.polls[poll].name, false);
  }
}

void LiveFeed::ask_for_snapshot() {
  if (!plan_.snapshot || gate_->closed_for() > Duration{}) return;
  if (!asker_.ask(decoder_->needs_snapshot(), flowing_[first], steady_now())) return;
  ask(*plan_.snapshot, "depth snapshot", true);
}

void LiveFeed::ask(const net::HttpRequest& request, std::string what, bool snapshot) {
  gate_->ask(request,
             [this, alive = alive_, what = std::move(what), snapshot](RestGate::Answer answer) {
               if (!*alive) return;
               if (answer.notice) {
                 arrive(Kind::notice, first, {});
                 arrivals_.back().notice = std::move(*answer.notice);
               }
               if (!answer.problem.empty()) {
                 arrive(Kind::trouble, first, what + ": " + answer.problem);
                 if (snapshot) asker_.answered(steady_now());
                 return;
               }
               const std::size_t length = answer.body.size();
               answer.body.append(frame_padding, ' ');
               arrive(snapshot ? Kind::snapshot : Kind::poll, first, std::move(answer.body));
               arrivals_.back().length = length;
             });
}

}  // namespace mm::venues
