#pragma once

// The second half of a JournalWriter: the thread that empties the tail.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "journal/block_log.hpp"
#include "journal/index.hpp"
#include "journal/sync_file.hpp"
#include "journal/tail.hpp"
#include "journal/writer.hpp"

namespace mm::journal::detail {

class WriterThread {
 public:
  /// Everything passed in must outlive this; `index` may be null.
  WriterThread(Tail& tail, BlockLog log, SyncFile& sync_file, IndexWriter* index,
               const WriterOptions& options);
  /// Stops without sealing if stop() was not called.
  ~WriterThread();

  void add_checkpoint(Seq at, std::span<const std::byte> state, std::uint64_t state_digest);
  /// Until everything published before the call is in blocks and synced. Throws on failure.
  void flush();
  /// Until records below `seq` are durable. Throws on failure.
  void wait_durable(Seq seq);
  /// Waits a little for room in the tail.
  void wait_for_room();
  /// Seals everything and ends the session. Throws on failure.
  void stop();

  bool failed() const { return failed_.load(std::memory_order_acquire); }
  [[noreturn]] void throw_failure();
  Seq durable_seq() const { return Seq{durable_.load(std::memory_order_acquire)}; }
  /// After stop().
  const BlockLog& log() const { return log_; }

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void work();
  bool drain();
  void write_checkpoints();
  void seal();
  void sync_all();
  void save_unsealed();
  bool sync_due(Clock::time_point now) const;

  Tail& tail_;
  BlockLog log_;
  SyncFile& sync_file_;
  IndexWriter* index_;
  SyncPolicy policy_;
  Duration quiet_;

  // Writer thread only.
  std::uint64_t position_ = 0;                    // in the tail: taken into log_ up to here
  std::uint64_t sealed_ = 0;                      // in blocks up to here
  std::uint64_t saved_ = 0;                       // in the sync file up to here
  std::optional<Clock::time_point> open_since_;   // first record of the open block
  std::optional<Clock::time_point> dirty_since_;  // first record not yet durable

  // Read by every append, so it shares no cache line with what this thread writes.
  alignas(64) std::atomic<bool> failed_{false};
  alignas(64) std::atomic<std::uint64_t> durable_{0};
  std::atomic<std::uint32_t> checkpoints_waiting_{0};

  struct PendingCheckpoint {
    Seq at;
    std::vector<std::byte> state;
    std::uint64_t digest = 0;
  };
  std::mutex mutex_;
  std::condition_variable wake_writer_;
  std::condition_variable wake_caller_;
  std::deque<PendingCheckpoint> checkpoints_;
  std::uint64_t flush_asked_ = 0;
  std::uint64_t flush_done_ = 0;
  bool urgent_ = false;  // a caller waits for durability
  bool stop_ = false;
  bool abandon_ = false;
  std::optional<Error> failure_;
  std::thread thread_;
};

}  // namespace mm::journal::detail
