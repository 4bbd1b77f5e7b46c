#include "journal/writer_thread.hpp"

#include <fmt/format.h>

#include <cstring>
#include <utility>

namespace mm::journal::detail {
namespace {

constexpr auto idle_wait = std::chrono::milliseconds{2};

}  // namespace

WriterThread::WriterThread(Tail& tail, BlockLog log, SyncFile& sync_file, IndexWriter* index,
                           const WriterOptions& options)
    : tail_(tail),
      log_(std::move(log)),
      sync_file_(sync_file),
      index_(index),
      policy_(options.sync),
      quiet_(options.block_quiet),
      thread_([this] { run(); }) {}

WriterThread::~WriterThread() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard guard{mutex_};
    stop_ = abandon_ = true;
  }
  wake_writer_.notify_one();
  thread_.join();
}

void WriterThread::throw_failure() {
  const std::lock_guard guard{mutex_};
  throw Error{*failure_};
}

void WriterThread::add_checkpoint(Seq at, std::span<const std::byte> state,
                                  std::uint64_t state_digest) {
  const std::lock_guard guard{mutex_};
  checkpoints_.push_back({.at = at, .state = {state.begin(), state.end()}, .digest = state_digest});
  checkpoints_waiting_.fetch_add(1, std::memory_order_release);
}

void WriterThread::flush() {
  std::unique_lock lock{mutex_};
  const std::uint64_t ticket = ++flush_asked_;
  wake_writer_.notify_one();
  wake_caller_.wait(lock, [&] { return flush_done_ >= ticket || failure_; });
  if (failure_) throw Error{*failure_};
}

void WriterThread::wait_durable(Seq seq) {
  std::unique_lock lock{mutex_};
  while (durable_seq() < seq && !failure_) {
    urgent_ = true;
    wake_writer_.notify_one();
    wake_caller_.wait_for(lock, idle_wait);
  }
  if (failure_) throw Error{*failure_};
}

void WriterThread::wait_for_room() {
  std::unique_lock lock{mutex_};
  wake_writer_.notify_one();
  wake_caller_.wait_for(lock, std::chrono::microseconds{200});
}

void WriterThread::stop() {
  {
    const std::lock_guard guard{mutex_};
    stop_ = true;
  }
  wake_writer_.notify_one();
  if (thread_.joinable()) thread_.join();
  if (failed()) throw_failure();
}

void WriterThread::run() {
  try {
    work();
  } catch (const Error& error) {
    const std::lock_guard guard{mutex_};
    failure_ = error;
    failed_.store(true, std::memory_order_release);
  } catch (const std::exception& error) {
    const std::lock_guard guard{mutex_};
    failure_ = Error{ErrorKind::data, fmt::format("journal: cannot write: {}; what was accepted is "
                                                  "kept and sealed at the next start",
                                                  error.what())};
    failed_.store(true, std::memory_order_release);
  }
  wake_caller_.notify_all();
}

void WriterThread::work() {
  for (;;) {
    std::uint64_t flush_ticket = 0;
    bool stopping = false;
    bool urgent = false;
    {
      std::unique_lock lock{mutex_};
      const bool idle = tail_.published_position() == position_ && !stop_ && !urgent_ &&
                        flush_asked_ == flush_done_;
      if (idle) wake_writer_.wait_for(lock, idle_wait);
      if (abandon_) return;
      flush_ticket = flush_asked_;
      stopping = stop_;
      urgent = std::exchange(urgent_, false);
    }
    tail_.keep_writable();
    while (drain()) {
    }
    write_checkpoints();
    const auto now = Clock::now();
    if (open_since_ && now - *open_since_ >= quiet_) seal();
    if (stopping) {
      seal();
      log_.finish(end_closed);
      if (index_ != nullptr) {
        log_.staged().info = IndexedSession{.number = log_.state().segment.session_number,
                                            .id = log_.state().segment.session,
                                            .started = log_.state().segment.started,
                                            .end_seq = log_.next_seq()};
        index_->commit(log_.staged());
      }
      durable_.store(log_.next_seq().value, std::memory_order_release);
      return;
    }
    const bool flushing = flush_ticket != flush_done_;
    if (flushing) seal();
    if (flushing || urgent || sync_due(now)) sync_all();
    if (flushing) {
      const std::lock_guard guard{mutex_};
      flush_done_ = flush_ticket;
    }
    if (flushing || urgent) wake_caller_.notify_all();
  }
}

bool WriterThread::sync_due(Clock::time_point now) const {
  if (!dirty_since_) return false;
  switch (policy_.mode) {
    case SyncPolicy::Mode::always:
      return true;
    case SyncPolicy::Mode::interval:
      return now - *dirty_since_ >= policy_.interval;
    case SyncPolicy::Mode::none:
      return false;
  }
  return false;
}

// One pass over what was published when it starts, up to a block.
bool WriterThread::drain() {
  const std::uint64_t published = tail_.published_position();
  if (position_ == published) return false;
  const auto now = Clock::now();
  if (!dirty_since_) dirty_since_ = now;
  if (!open_since_) open_since_ = now;
  const bool checkpoints = checkpoints_waiting_.load(std::memory_order_acquire) != 0;
  while (position_ < published) {
    const std::span<const std::byte> entry = tail_.view(position_, published);
    std::uint64_t word = 0;
    std::memcpy(&word, entry.data(), 8);
    const std::size_t size = word >> 32;
    const auto payload = entry.subspan(tail_entry_header_bytes, size - tail_entry_header_bytes);
    if (static_cast<TailEntry>(static_cast<std::uint32_t>(word)) == TailEntry::record) {
      if (checkpoints) write_checkpoints();
      if (!log_.add_record(payload))
        throw Error{ErrorKind::data,
                    fmt::format("journal: cannot write record {}: it does not read back as it was "
                                "written; this is a bug of the caller",
                                log_.next_seq().value)};
    } else {
      std::int64_t recv = 0;
      std::uint64_t next_seq = 0;
      std::uint32_t feed = 0;
      std::uint32_t bytes = 0;
      std::memcpy(&recv, payload.data(), 8);
      std::memcpy(&next_seq, payload.data() + 8, 8);
      std::memcpy(&feed, payload.data() + 24, 4);
      std::memcpy(&bytes, payload.data() + 28, 4);
      log_.add_raw(time_from_ns(recv), Seq{next_seq}, feed,
                   payload.subspan(raw_entry_header_bytes, bytes));
    }
    position_ += size;
    if (log_.block_full()) {
      seal();
      return true;
    }
  }
  return position_ != tail_.published_position();
}

void WriterThread::write_checkpoints() {
  while (checkpoints_waiting_.load(std::memory_order_acquire) != 0) {
    PendingCheckpoint checkpoint;
    {
      const std::lock_guard guard{mutex_};
      if (checkpoints_.front().at > log_.next_seq()) return;
      checkpoint = std::move(checkpoints_.front());
      checkpoints_.pop_front();
      checkpoints_waiting_.fetch_sub(1, std::memory_order_release);
    }
    log_.add_checkpoint(checkpoint.state, checkpoint.digest);
    seal();
  }
}

void WriterThread::seal() {
  log_.set_durable(durable_seq());
  log_.seal();
  open_since_.reset();
  sealed_ = position_;
  tail_.release(position_);
  wake_caller_.notify_all();
}

void WriterThread::sync_all() {
  if (log_.has_unsynced()) {
    log_.sync();
    // Never before the segment is synced: the index names only what is there for good.
    if (index_ != nullptr && !log_.staged().empty()) index_->commit(log_.staged());
    log_.staged().clear();
  }
  save_unsealed();
  dirty_since_.reset();
  durable_.store(log_.next_seq().value, std::memory_order_release);
}

void WriterThread::save_unsealed() {
  if (sealed_ >= saved_) {
    sync_file_.start_over();
    saved_ = sealed_;
  }
  if (saved_ == position_) return;
  sync_file_.append(tail_.view(saved_, position_));
  saved_ = position_;
  if (sync_file_.sync()) return;
  // The kernel may have dropped what was written; only a new file can be trusted.
  sync_file_.replace();
  sync_file_.append(tail_.view(sealed_, position_));
  if (!sync_file_.sync()) throw io_error("sync", sync_name, EIO);
}

}  // namespace mm::journal::detail
