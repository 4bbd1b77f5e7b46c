#pragma once

// JournalWriter: the only way records get into a journal.
//
//   caller's thread  --append-->  tail (mapped file)  --writer thread-->  blocks in segments, index
//
// append() writes the record into the tail and returns; from then on a killed process loses
// nothing. Power loss costs at most the sync interval. A second thread builds blocks of about
// `block_rows` rows, compresses and appends them, keeps the index and syncs. Layout:
// docs/journal_format.md.
//
// All calls of one writer come from one thread. Errors are thrown as mm::Error of kind `data`: a
// directory that is no journal, is locked by another writer, cannot be written; a full disk. After
// an error the journal stays readable up to the last record that append() returned for.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "engine/output.hpp"

namespace mm::journal {

class Disk;

/// When accepted records are forced to stable storage.
struct SyncPolicy {
  enum class Mode {
    interval,  ///< within `interval` of being accepted, by the writer thread
    always,    ///< before append() returns
    none,      ///< only when a segment is sealed: power loss may cost what came after
  };
  Mode mode = Mode::interval;
  Duration interval = std::chrono::milliseconds{50};
};

struct WriterOptions {
  SyncPolicy sync;
  std::string build;  ///< fingerprint kept in the segment header: version, compiler, flags; ≤ 256 B
  std::size_t tail_bytes = std::size_t{16} << 20;          ///< rounded up to whole pages
  std::uint64_t segment_bytes = std::uint64_t{256} << 20;  ///< a new segment is begun beyond this
  std::uint64_t preallocate_bytes = std::uint64_t{64} << 20;  ///< zero-filled ahead, at most 64 MiB
  std::uint32_t block_rows = 4096;
  Duration block_quiet =
      std::chrono::seconds{60};  ///< a block is sealed this long after its first record
  int compression_level = 3;     ///< zstd, of blocks of records and raw frames
  /// Identity, for fixtures and salvage; empty: random ids, the wall clock. 32 hexadecimal digits.
  std::string journal_id;
  std::string session_id;
  std::optional<Time> started;
  Disk* disk = nullptr;  ///< tests put faults here; null = the real one
};

/// What a session came to.
struct WriterSummary {
  std::uint64_t inputs = 0;
  std::uint64_t outputs = 0;
  std::uint64_t input_digest = 0;  ///< mm::RollingDigest over the canonical inputs
  std::uint64_t output_digest = 0;
  std::uint64_t blocks = 0;
  std::uint64_t segments = 0;
  std::uint64_t blocked_appends = 0;  ///< appends that waited because the tail was full
};

/// What an open journal's predecessor left behind; all zero after a clean stop.
struct RecoveryReport {
  bool recovered = false;
  std::uint64_t records_from_tail = 0;  ///< accepted but not yet in a block when the writer died
  std::uint64_t raw_frames_from_tail = 0;
  std::uint64_t torn_bytes =
      0;               ///< half-written block at the end, cut off (its records were in the tail)
  std::string detail;  ///< one sentence for the log, empty if nothing was done
};

class JournalWriter {
 public:
  /// Takes the lock of `dir` (created if missing), recovers what a killed predecessor left, and
  /// begins a new session. Refuses a directory that holds anything but a journal.
  static JournalWriter open(const std::filesystem::path& dir, const WriterOptions& options);

  JournalWriter(JournalWriter&&) noexcept;
  JournalWriter& operator=(JournalWriter&&) = delete;
  /// Closes as close() does, but keeps silent about errors.
  ~JournalWriter();

  /// Accepts a record: when this returns, it survives the death of the process. The journal numbers
  /// the records of a session itself, from 0; what `header.seq` holds does not matter. recv_time
  /// must not decrease. Waits while the tail is full; throws if the writer thread has failed.
  Seq append(const Event& event);
  Seq append(const Output& output);

  /// The number the next append() will give.
  Seq next_seq() const;

  /// Keeps the core's state after all records below `at`, which must be next_seq(): a replay may
  /// start there. The bytes are copied.
  void add_checkpoint(Seq at, std::span<const std::byte> state, std::uint64_t state_digest);

  /// Keeps a frame as it came from the venue, beside the records decoded from it. `feed` is an
  /// index of the caller's; the frame stands before the next record. Survives the process like a
  /// record.
  void add_raw(Time recv_time, std::uint32_t feed, std::span<const std::byte> bytes);

  /// Waits until everything accepted is in blocks and synced. For tests and for a clean hand-over;
  /// it cuts a block short.
  void flush();

  /// Clean stop: seals everything, cuts the segment to its end, removes tail and sync file, marks
  /// the index clean, frees the lock. Later calls do nothing but return the same summary.
  WriterSummary close();

  /// Everything below is on stable storage.
  Seq durable_seq() const;
  std::uint64_t blocked_appends() const;

  std::uint64_t session_number() const;   ///< 1 for the first session of the journal
  const std::string& session_id() const;  ///< 32 hexadecimal digits, random
  const RecoveryReport& recovery() const;

 private:
  struct Impl;
  explicit JournalWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace mm::journal
