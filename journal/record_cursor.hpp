#pragma once

// The machinery behind RecordCursor: from a place in a segment to the next record.

#include <memory>
#include <optional>

#include "journal/catalog.hpp"
#include "journal/segment_scan.hpp"

namespace mm::journal::detail {

/// Blocks of a session in order, of one type, with everything damaged between them.
class BlockWalk {
 public:
  enum class Step { block, damage, end };

  BlockWalk(std::shared_ptr<const Catalog> catalog, const SessionFiles& session);

  /// Goes on at `place`, or at the session's start.
  void start_at(std::size_t segment_in_session, std::uint64_t offset);
  /// `damage` places have the file, offset and reason, but no records.
  Step next();

  const BlockHeader& header() const { return scan_->header(); }
  std::uint64_t offset() const { return scan_->offset(); }
  std::span<const std::byte> encoded() const { return scan_->encoded(); }
  std::span<const std::byte> prefix() const { return scan_->prefix(); }
  const File& file() const { return *file_; }
  const SegmentFile& segment() const;
  std::size_t segment_index() const { return session_->segments[position_]; }
  const Damage& damage() const { return damage_; }
  std::uint64_t bytes_done() const;

 private:
  void open_segment();

  std::shared_ptr<const Catalog> catalog_;
  const SessionFiles* session_;
  std::size_t position_ = 0;  // in session_->segments
  std::uint64_t offset_ = segment_header_bytes;
  std::uint64_t stop_at_ = UINT64_MAX;
  std::shared_ptr<const File> file_;
  std::optional<SegmentScan> scan_;
  Damage damage_;
};

struct Bounds {
  SeqWindow seq;
  TimeWindow time;
};

class RecordCursorImpl {
 public:
  RecordCursorImpl(std::shared_ptr<const Catalog> catalog, const SessionFiles& session,
                   OnDamage on_damage);

  void seek(const Bounds& bounds);
  RecordCursor::Item next();

  const Event* event() const { return event_; }
  const Output* output() const { return output_; }
  const Damage& damage() const { return damage_; }
  Digests digests() const { return digests_; }
  Seq digests_at() const { return digests_at_; }
  std::uint64_t bytes_read() const { return bytes_before_ + walk_.bytes_done() - start_bytes_; }
  std::uint64_t bytes_total() const { return bytes_total_; }

 private:
  enum class Phase { between, in_block, in_tail, done };

  void start_near(const Bounds& bounds);
  bool start_at_place(const BlockPlace& place);
  bool inside(const EventHeader& header) const {
    return header.seq >= bounds_.seq.from && header.recv_time >= bounds_.time.from;
  }
  bool behind(Seq seq, Time time) const { return seq >= bounds_.seq.to || time >= bounds_.time.to; }
  bool step_block();
  void enter_block();
  void enter_tail();
  bool step_tail();
  bool step_in_block();
  /// Queues damage for [expected_, end) if the window has a part in it; true if something is
  /// queued.
  bool report(Damage damage, Seq end);

  std::shared_ptr<const Catalog> catalog_;
  const SessionFiles* session_;
  OnDamage on_damage_;
  Bounds bounds_;
  BlockWalk walk_;
  BlockLoader loader_;
  BlockCursor block_;
  Phase phase_ = Phase::done;
  Seq expected_;                       // the next record's number
  std::uint64_t next_block_ = 0;       // number of the next block, 0 = not known
  std::optional<Damage> open_damage_;  // seen, its extent not yet known
  bool block_waits_ = false;  // the walk stands at a block that a damage report came before
  bool damage_waits_ = false;
  Damage damage_;
  std::size_t tail_at_ = 0;
  std::optional<Record> tail_record_;
  const Event* event_ = nullptr;
  const Output* output_ = nullptr;
  Digests digests_;
  Seq digests_at_;
  std::uint64_t bytes_before_ = 0;
  std::uint64_t start_bytes_ = 0;
  std::uint64_t bytes_total_ = 0;
};

}  // namespace mm::journal::detail
