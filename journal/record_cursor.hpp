#pragma once

// The machinery behind RecordCursor: from a place in a segment to the next record.

#include <memory>
#include <optional>

#include "journal/block_feed.hpp"
#include "journal/catalog.hpp"

namespace mm::journal::detail {

class RecordCursorImpl {
 public:
  RecordCursorImpl(std::shared_ptr<const Catalog> catalog, const SessionFiles& session,
                   OnDamage on_damage, ReadAhead ahead);

  void seek(const Bounds& bounds);
  RecordCursor::Item next();

  /// The current block if every record of it lies in the window: its records may then be walked
  /// without next(), until there are no more. Null otherwise.
  BlockCursor* whole_block() {
    return phase_ == Phase::in_block && whole_ ? &block_->content.records() : nullptr;
  }
  /// After such a walk: the last record that it gave.
  void leave_whole_block(const Event* event, const Output* output);

  const Event* event() const { return event_; }
  const Output* output() const { return output_; }
  const Damage& damage() const { return damage_; }
  Digests digests() const { return digests_; }
  Seq digests_at() const { return digests_at_; }
  std::uint64_t bytes_read() const { return feed_.bytes_done() - start_bytes_; }
  std::uint64_t bytes_total() const { return bytes_total_; }

 private:
  enum class Phase { between, in_block, in_tail, done };

  void start_near();
  void start_at(std::size_t segment_in_session, std::uint64_t offset, Seq first);
  bool start_at_place(const BlockPlace& place);
  bool inside(const EventHeader& header) const {
    return header.seq >= bounds_.seq.from && header.recv_time >= bounds_.time.from;
  }
  bool step_block();
  void enter_block();
  void enter_tail();
  bool step_tail();
  bool step_in_block();
  /// Queues damage for [expected_, end) if the window has a part in it; true if something is
  /// queued.
  bool report(Damage damage, Seq end);
  /// `what` is wrong where the feed stands.
  Damage damage_here(std::string what) const;

  std::shared_ptr<const Catalog> catalog_;
  const SessionFiles* session_;
  OnDamage on_damage_;
  Bounds bounds_;
  BlockFeed feed_;
  BlockStep* block_ = nullptr;  ///< where the feed stands
  bool whole_ = false;          ///< the block's records are all inside the window
  Phase phase_ = Phase::done;
  Seq expected_;                       // the next record's number
  std::uint64_t next_block_ = 0;       // number of the next block, 0 = not known
  std::optional<Damage> open_damage_;  // seen, its extent not yet known
  bool block_waits_ = false;  // the feed stands at a block that a damage report came before
  bool damage_waits_ = false;
  Damage damage_;
  std::size_t tail_at_ = 0;
  std::optional<Record> tail_record_;
  const Event* event_ = nullptr;
  const Output* output_ = nullptr;
  Digests digests_;
  Seq digests_at_;
  std::uint64_t start_bytes_ = 0;
  std::uint64_t bytes_total_ = 0;
};

}  // namespace mm::journal::detail
