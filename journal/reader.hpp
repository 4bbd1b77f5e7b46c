#pragma once

// Reading a journal: sessions, records of a window, checkpoints, markers, raw frames.
//
// A Journal is a snapshot taken when it is opened: of a session that is still being written it
// holds what was accepted by then, including the part that is not yet in a block. Readers take no
// lock, write nothing and need no index; with one, seeking costs a look-up and one block. Memory
// does not grow with the length of a window.
//
// Nothing damaged is passed over in silence: a cursor either throws at it or yields it as an item.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/output.hpp"
#include "journal/block_codec.hpp"
#include "journal/damage.hpp"

namespace mm::journal {

namespace detail {
class Catalog;
class RecordCursorImpl;
class RawCursorImpl;
class TimeSeek;
}  // namespace detail

struct SessionInfo {
  std::uint64_t number = 0;  ///< 1 for the first session of the journal
  std::string id;            ///< 32 hexadecimal digits
  std::string build;         ///< fingerprint of the program that recorded it
  Time started;              ///< wall clock when recording began; not part of any digest
  Seq end_seq;               ///< records are [0, end_seq)
  Time first_time;           ///< recv_time of the first and last record; 0 if there is none
  Time last_time;
  std::uint64_t inputs = 0;
  std::uint64_t outputs = 0;
  std::uint64_t input_digest = 0;  ///< after the last record; see `digests_known`
  std::uint64_t output_digest = 0;
  bool digests_known = true;  ///< false if damage hides the end of the session
  bool closed = false;        ///< stopped cleanly, or recovered by a later writer
  bool recovered = false;     ///< its writer was killed; a later one sealed what it had accepted
  bool live = false;          ///< a writer holds the lock now
  std::uint64_t tail_records = 0;  ///< of end_seq, those not yet in a block
};

/// What to do at a damaged place.
enum class OnDamage {
  stop,  ///< throw mm::Error (kind data) naming file, offset, last intact record
  skip,  ///< yield it as Item::damage and go on behind it
};

/// Who checks and decompresses blocks. The records, and what is said of damage, are the same.
enum class ReadAhead {
  no,   ///< the caller's thread, each when it is its turn
  yes,  ///< a thread of the cursor's own, some blocks ahead: for who walks over many of them
};

/// Records of [from, to). Both bounds are clipped to the session.
struct SeqWindow {
  Seq from{0};
  Seq to{UINT64_MAX};
};
struct TimeWindow {
  Time from = time_from_ns(INT64_MIN);
  Time to = time_from_ns(INT64_MAX);
};

/// Digests of a session up to some record, so that a fold that starts inside can be compared.
struct Digests {
  std::uint64_t input = 0;
  std::uint64_t output = 0;
  bool operator==(const Digests&) const = default;
};

/// Walks over records in order. event() and output() are views into the current block, valid until
/// the next call of next().
class RecordCursor {
 public:
  enum class Item { record, damage, end };

  explicit RecordCursor(std::unique_ptr<detail::RecordCursorImpl> impl);
  RecordCursor(RecordCursor&&) noexcept;
  RecordCursor& operator=(RecordCursor&&) noexcept;
  ~RecordCursor();

  Item next() {
    // Most records lie in a block that the window takes as a whole.
    if (whole_ != nullptr && whole_->next()) [[likely]] {
      event_ = whole_->event_if();
      // Not both at once: a copy in one wide word would have to wait until the block's two stores
      // are through to the cache.
      if (event_ == nullptr || output_ != nullptr) output_ = whole_->output_if();
      return Item::record;
    }
    return next_elsewhere();
  }

  bool is_output() const { return output_ != nullptr; }
  const Event& event() const { return *event_; }     ///< needs !is_output()
  const Output& output() const { return *output_; }  ///< needs is_output()
  const EventHeader& header() const {
    return output_ != nullptr ? output_->header : event_->header;
  }
  const Damage& damage() const;

  /// Starts over with another window of the same session; cheaper than a new cursor.
  void seek(SeqWindow window);
  void seek(TimeWindow window);

  /// Digests as recorded, after the last record of the block that holds the current record, and the
  /// number behind that record. For the unsealed tail: computed, at the end of the tail.
  Digests recorded_digests() const;
  Seq recorded_digests_at() const { return digests_at_; }

  /// Bytes of journal consumed so far and to come, for a progress bar.
  std::uint64_t bytes_read() const;
  std::uint64_t bytes_total() const;

 private:
  Item next_elsewhere();

  std::unique_ptr<detail::RecordCursorImpl> impl_;
  BlockCursor* whole_ = nullptr;  ///< of the current block, if the window takes all of it
  const Event* event_ = nullptr;
  const Output* output_ = nullptr;
  Seq digests_at_;
};

/// State of the core after all records below `at`, as the recorder saved it.
struct Checkpoint {
  Seq at;
  std::uint64_t state_digest = 0;
  Digests digests;  ///< of the records below `at`
  std::vector<std::byte> state;
};

/// A record worth finding: fill, feed status (gap), alert, annotation, parameter change, kill
/// switch, wall pulled, flush, change of liquidity or regime.
struct Marker {
  Seq seq;
  Time recv_time;
  RecordKind kind = RecordKind::unspecified;
};

struct RawFrame {
  Time recv_time;
  Seq next_seq;  ///< the record that followed
  std::uint32_t feed = 0;
  std::span<const std::byte> bytes;
};

class RawCursor {
 public:
  explicit RawCursor(std::unique_ptr<detail::RawCursorImpl> impl);
  RawCursor(RawCursor&&) noexcept;
  ~RawCursor();

  /// False at the end. Damage throws or is skipped as the cursor was opened; skipped places are
  /// collected in `damages`.
  bool next();
  const RawFrame& frame() const;
  const std::vector<Damage>& damages() const;

 private:
  std::unique_ptr<detail::RawCursorImpl> impl_;
};

/// What a journal holds, from the headers alone: no block is decompressed.
struct JournalInfo {
  struct Bytes {
    std::uint64_t records = 0;  ///< blocks of records with their headers (and segment headers)
    std::uint64_t checkpoints = 0;
    std::uint64_t raw = 0;
    std::uint64_t index = 0;
    std::uint64_t tail = 0;       ///< unsealed records in the tail
    std::uint64_t allocated = 0;  ///< size of all files
  };
  /// Consecutive feed gaps as journaled, and records lost to damage.
  struct Gap {
    std::uint64_t session = 0;
    Seq first_seq;
    Seq end_seq;  ///< equal to first_seq + 1 for a feed gap: the record that reports it
    Time time;
    std::string what;
  };
  std::uint64_t inputs = 0;
  std::uint64_t outputs = 0;
  std::uint64_t rows = 0;  ///< of blocks: levels, or 1 for a record without levels
  std::uint64_t segments = 0;
  std::uint64_t blocks = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t raw_frames = 0;
  std::optional<Time> first;
  std::optional<Time> last;
  Bytes bytes;
  std::vector<std::pair<RecordKind, std::uint64_t>> by_kind;  ///< ascending by kind, counts > 0
  std::vector<Gap> gaps;
};

class Journal {
 public:
  /// Throws mm::Error (data) if the directory is missing, is no journal or has no readable segment.
  static Journal open(const std::filesystem::path& dir);
  Journal(Journal&&) noexcept;
  Journal& operator=(Journal&&) noexcept;
  ~Journal();

  const std::filesystem::path& directory() const;

  /// In order of recording. An empty journal has none.
  const std::vector<SessionInfo>& sessions() const;
  /// By number ("2") or by at least four digits its id begins with; null if none or several match.
  const SessionInfo* find_session(std::string_view text) const;
  /// Files that are damaged as a whole, alien, missing or in the wrong place.
  const std::vector<Damage>& damages() const;
  /// True if look-ups use the LMDB index; answers do not depend on it.
  bool uses_index() const;

  RecordCursor read(const SessionInfo& session, SeqWindow window = {},
                    OnDamage on_damage = OnDamage::stop, ReadAhead ahead = ReadAhead::no) const;
  RecordCursor read(const SessionInfo& session, TimeWindow window,
                    OnDamage on_damage = OnDamage::stop, ReadAhead ahead = ReadAhead::no) const;

  /// The number of the first record at or after `time`; the session's end_seq if there is none.
  Seq seq_at(const SessionInfo& session, Time time) const;

  /// The last intact checkpoint at or before `seq`.
  std::optional<Checkpoint> checkpoint_before(const SessionInfo& session, Seq seq) const;

  /// Markers of the session in [from, to), in order.
  std::vector<Marker> markers(const SessionInfo& session, SeqWindow window = {}) const;

  RawCursor raw(const SessionInfo& session, OnDamage on_damage = OnDamage::stop) const;

  /// Of all sessions, or of one.
  JournalInfo info(const SessionInfo* session = nullptr) const;

 private:
  explicit Journal(std::shared_ptr<detail::Catalog> catalog);
  std::shared_ptr<detail::Catalog> catalog_;
  std::shared_ptr<detail::TimeSeek> time_seek_;
};

}  // namespace mm::journal
