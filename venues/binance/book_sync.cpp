#include "venues/binance/book_sync.hpp"

#include <string>
#include <utility>

namespace mm::venues::binance {

bool BookSync::is_old(const BookDelta& delta) const {
  if (state_ == State::following || rule_ == IdRule::spot) return delta.last_id <= last_id_;
  return delta.last_id < last_id_;
}

bool BookSync::continues(const BookDelta& delta) const {
  if (state_ == State::anchored) {
    if (rule_ == IdRule::spot) return delta.first_id <= last_id_ + 1;
    return delta.first_id <= last_id_ || delta.prev_id == last_id_;
  }
  return rule_ == IdRule::spot ? delta.first_id == last_id_ + 1 : delta.prev_id == last_id_;
}

void BookSync::keep(const EventHeader& header, const BookDelta& delta) {
  if (buffer_.size() == most_buffered) {
    buffer_.pop_front();
    ++counters_.unused_updates;
  }
  buffer_.push_back({header.exchange_time, delta,
                     std::vector<Level>(delta.bids.begin(), delta.bids.end()),
                     std::vector<Level>(delta.asks.begin(), delta.asks.end())});
}

bool BookSync::apply(const EventHeader& header, const BookDelta& delta, EventBatch& out) {
  if (is_old(delta)) {
    ++(state_ == State::anchored ? counters_.before_snapshot : counters_.duplicates);
    return true;
  }
  if (!continues(delta)) {
    const std::int64_t expected = rule_ == IdRule::spot ? last_id_ + 1 : last_id_;
    const std::int64_t found = rule_ == IdRule::spot ? delta.first_id : delta.prev_id;
    EventHeader status = header;
    status.exchange_time =
        delta.event_time_ns == 0 ? header.exchange_time : time_from_ns(delta.event_time_ns);
    out.add_status(status, FeedState::gap, "depth updates are missing", expected, found);
    ++counters_.gaps;
    announce_ = true;
    state_ = State::buffering;
    return false;
  }
  state_ = State::following;
  last_id_ = delta.last_id;
  out.add(header, delta);
  return true;
}

void BookSync::on_delta(const EventHeader& header, const BookDelta& delta, EventBatch& out) {
  if (state_ == State::buffering || !apply(header, delta, out)) keep(header, delta);
}

void BookSync::on_snapshot(const EventHeader& header, const BookSnapshot& snapshot,
                           EventBatch& out) {
  if (state_ != State::buffering && snapshot.update_id < last_id_) {
    ++counters_.duplicates;
    return;
  }
  const State before = std::exchange(state_, State::anchored);
  const std::int64_t id_before = std::exchange(last_id_, snapshot.update_id);

  while (!buffer_.empty() && is_old(buffer_.front().delta)) {
    buffer_.pop_front();
    ++counters_.before_snapshot;
  }
  if (!buffer_.empty() && !continues(buffer_.front().delta)) {
    ++counters_.anomalies;
    out.add_status(header, FeedState::anomaly,
                   "depth snapshot " + std::to_string(snapshot.update_id) +
                       " is older than the buffered updates: not used",
                   snapshot.update_id, buffer_.front().delta.first_id);
    state_ = before;
    last_id_ = id_before;
    return;
  }

  out.add(header, snapshot);
  if (std::exchange(announce_, false)) {
    out.add_status(header, FeedState::resynchronised, "depth follows snapshot again",
                   snapshot.update_id, snapshot.update_id);
  }
  // An update that breaks the chain within the buffer goes back into it with all that follow.
  std::deque<Buffered> pending = std::exchange(buffer_, {});
  for (Buffered& kept : pending) {
    EventHeader own = header;
    own.exchange_time = kept.exchange_time;
    kept.delta.bids = out.arena().copy(std::span<const Level>(kept.bids));
    kept.delta.asks = out.arena().copy(std::span<const Level>(kept.asks));
    on_delta(own, kept.delta, out);
  }
}

void BookSync::on_lost() {
  counters_.unused_updates += static_cast<std::int64_t>(buffer_.size());
  buffer_.clear();
  state_ = State::buffering;
  announce_ = true;
}

void BookSync::on_end() {
  counters_.unused_updates += static_cast<std::int64_t>(buffer_.size());
  buffer_.clear();
}

}  // namespace mm::venues::binance
