#include "venues/live/connection.hpp"

#include <algorithm>
#include <utility>

namespace mm::venues {
namespace {

Duration steady_now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

/// A venue's answer to our ping proves that the socket stands, not that the market is heard.
bool is_pong(std::string_view text) {
  return text.size() < 64 && text.find("\"pong\"") != std::string_view::npos;
}

}  // namespace

Line::Line(Connection& owner, net::Loop& loop, const net::TlsClient* tls, const net::Url& url,
           const net::WebSocketOptions& options)
    : owner_(&owner), client_(loop, tls, url, *this, options) {}

void Line::on_open() {
  if (owner_ != nullptr) owner_->line_opened(*this);
}
void Line::on_message(std::string_view text) {
  if (owner_ != nullptr) owner_->line_message(*this, text);
}
void Line::on_closed(const std::string& why) {
  if (owner_ != nullptr) owner_->line_closed(*this, why);
}

Connection::Connection(net::Loop& loop, const net::TlsClient* tls, ConnectionOwner& owner,
                       std::size_t stream, SocketPlan plan, const LiveSettings& settings,
                       std::uint64_t seed)
    : loop_(loop),
      tls_(tls),
      owner_(owner),
      stream_(stream),
      plan_(std::move(plan)),
      settings_(settings),
      backoff_(settings.retry_first, settings.retry_most, seed),
      silence_(plan_.silence, plan_.watches),
      behind_(settings.unread_for),
      tick_timer_(loop),
      retry_timer_(loop),
      say_timer_(loop) {}

Connection::~Connection() {
  close();
}

bool Connection::up() const {
  return std::any_of(lines_.begin(), lines_.end(), [](const auto& line) { return line->open_; });
}

void Connection::open() {
  if (!lines_.empty()) return;
  retry_timer_.cancel();
  const Duration pause = owner_.connect_pause();
  if (pause > Duration{}) {
    retry_timer_.expire_after(pause, [this] { open(); });
    return;
  }
  connect();
}

void Connection::connect() {
  lines_.push_back(
      std::make_shared<Line>(*this, loop_, tls_, plan_.url,
                             net::WebSocketOptions{.connect_timeout = settings_.connect_timeout}));
}

void Connection::close() {
  for (const auto& line : lines_) line->owner_ = nullptr;
  lines_.clear();
  unsaid_.clear();
  tick_timer_.cancel();
  retry_timer_.cancel();
  say_timer_.cancel();
  doubled_ = replacing_ = false;
}

void Connection::retry() {
  const Duration pause = std::max(backoff_.next(), owner_.connect_pause());
  retry_timer_.expire_after(pause, [this] { connect(); });
}

void Connection::line_opened(Line& line) {
  const Duration now = steady_now();
  const bool was_up = up();
  line.open_ = true;
  line.opened_at_ = now;
  unsaid_.clear();
  for (const std::string& text : plan_.hello) say(text);
  next_ping_ = now + plan_.ping_every;
  line.client_.receive();
  if (was_up) {
    replacing_ = false;
    for (const auto& other : lines_) {
      if (other.get() != &line) other->retire_at_ = now + plan_.overlap;
    }
    set_doubled(true);
    return;
  }
  silence_.opened(now);
  drained_at_ = now;
  tick_timer_.expire_after(settings_.tick, [this] { tick(); });
  owner_.on_up(stream_);
}

void Connection::line_message(Line& line, std::string_view text) {
  if (!is_pong(text)) silence_.frame(steady_now());
  line.frame_out_ = true;
  const auto self = std::find_if(lines_.begin(), lines_.end(),
                                 [&](const auto& other) { return other.get() == &line; });
  owner_.on_frame(stream_, text, *self);
}

void Connection::take_next(Line& line) {
  line.frame_out_ = false;
  if (line.owner_ == this) line.client_.receive();
}

void Connection::heard(RecordKind kind) {
  silence_.event(kind, steady_now());
}

void Connection::line_closed(Line& line, const std::string& why) {
  const Duration now = steady_now();
  const bool was_open = line.open_;
  if (was_open && now - line.opened_at_ >= settings_.healthy_after) backoff_.reset();
  line.owner_ = nullptr;
  const auto self = std::find_if(lines_.begin(), lines_.end(),
                                 [&](const auto& other) { return other.get() == &line; });
  const std::shared_ptr<Line> until_the_end = *self;  // the line's own call is still under way
  lines_.erase(self);
  if (up()) {
    // A successor that did not come to stand, or a predecessor that went before its time.
    if (!was_open) {
      replacing_ = false;
      lines_.front()->opened_at_ = now - plan_.life + backoff_.next();
    }
    return;
  }
  if (was_open && !lines_.empty()) {
    // The successor is on its way; it will be the stream.
    replacing_ = false;
    owner_.on_down(stream_, why);
    return;
  }
  fail(why);
}

void Connection::fail(const std::string& why) {
  for (const auto& line : lines_) line->owner_ = nullptr;
  lines_.clear();
  unsaid_.clear();
  tick_timer_.cancel();
  say_timer_.cancel();
  replacing_ = false;
  set_doubled(false);
  retry();
  owner_.on_down(stream_, why);
}

void Connection::tick() {
  const Duration now = steady_now();
  tick_timer_.expire_after(settings_.tick, [this] { tick(); });
  if (!up()) return;  // a successor is on its way

  std::size_t unread = 0;
  bool ours_to_read = false;
  for (const auto& line : lines_) {
    if (!line->open_) continue;
    const std::size_t waiting = line->client_.unread_bytes();
    unread = std::max(unread, waiting);
    ours_to_read = ours_to_read || line->frame_out_ || waiting > 0;
  }
  switch (behind_.see(unread >= settings_.unread_bytes, now)) {
    case Episode::Told::begins:
      owner_.on_trouble(stream_, "cannot keep up with the venue: " + std::to_string(unread) +
                                     " bytes wait to be read");
      break;
    case Episode::Told::ends:
      owner_.on_trouble(stream_, "keeps up with the venue again");
      break;
    case Episode::Told::nothing:
      break;
  }

  // What waits to be read may hold what is missed: silence is judged up to the last moment at which
  // everything received had been read.
  if (!ours_to_read) drained_at_ = now;
  if (const auto why = silence_.too_long(drained_at_)) {
    owner_.on_stale(stream_, *why);
    fail(*why + ": connection given up");
    return;
  }
  if (!plan_.ping.empty() && now >= next_ping_) {
    next_ping_ = now + plan_.ping_every;
    say(plan_.ping);
  }
  if (plan_.life > Duration{} && !replacing_ && lines_.size() == 1 &&
      now - lines_.front()->opened_at_ >= plan_.life && owner_.connect_pause() == Duration{}) {
    replacing_ = true;
    connect();
  }
  std::erase_if(lines_, [&](const auto& line) {
    if (now < line->retire_at_ || !line->open_) return false;
    // What it has received and nobody has read is in its successor as well.
    line->owner_ = nullptr;
    doubled_until_ = now + plan_.overlap;
    return true;
  });
  if (doubled_ && lines_.size() == 1 && now >= doubled_until_) set_doubled(false);
}

void Connection::set_doubled(bool doubled) {
  if (doubled_ == doubled) return;
  doubled_ = doubled;
  doubled_until_ = steady_now() + plan_.overlap;
  owner_.on_doubled(stream_, doubled);
}

void Connection::say(std::string text) {
  unsaid_.push_back(std::move(text));
  if (unsaid_.size() == 1) say_next();
}

void Connection::say_next() {
  const Duration now = steady_now();
  if (unsaid_.empty() || lines_.empty() || !lines_.back()->open_) return;
  if (now >= next_word_) {
    lines_.back()->client_.send(std::move(unsaid_.front()));
    unsaid_.pop_front();
    next_word_ = now + plan_.message_gap;
  }
  if (!unsaid_.empty()) say_timer_.expire_after(next_word_ - now, [this] { say_next(); });
}

}  // namespace mm::venues
