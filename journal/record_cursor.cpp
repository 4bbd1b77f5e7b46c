#include "journal/record_cursor.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mm::journal::detail {

RecordCursorImpl::RecordCursorImpl(std::shared_ptr<const Catalog> catalog,
                                   const SessionFiles& session, OnDamage on_damage, ReadAhead ahead)
    : catalog_(std::move(catalog)),
      session_(&session),
      on_damage_(on_damage),
      feed_(catalog_, session, ahead) {
  for (const std::size_t segment : session.segments)
    bytes_total_ += catalog_->segments()[segment].bytes;
}

void RecordCursorImpl::seek(const Bounds& bounds) {
  bounds_ = bounds;
  bounds_.seq.to = std::min(bounds.seq.to, session_->info.end_seq);
  phase_ = Phase::between;
  open_damage_.reset();
  block_waits_ = damage_waits_ = false;
  next_block_ = 0;
  tail_at_ = 0;
  event_ = nullptr;
  output_ = nullptr;
  start_near();
  start_bytes_ = feed_.bytes_done();
}

bool RecordCursorImpl::start_at_place(const BlockPlace& place) {
  for (std::size_t i = 0; i < session_->segments.size(); ++i) {
    const SegmentFile& segment = catalog_->segments()[session_->segments[i]];
    if (segment.header.number != place.segment) continue;
    const auto file = catalog_->open_segment(session_->segments[i]);
    std::array<std::byte, block_header_bytes> head{};
    if (file->read_at(head, place.offset) != head.size()) return false;
    const auto header = decode_header(head);
    if (!header || header->header_checksum != place.header_checksum ||
        header->type != BlockType::records || header->first_seq != place.first_seq)
      return false;
    start_at(i, place.offset, place.first_seq);
    return true;
  }
  return false;
}

void RecordCursorImpl::start_at(std::size_t segment_in_session, std::uint64_t offset, Seq first) {
  feed_.start_at(segment_in_session, offset, bounds_);
  block_ = &feed_.current();
  expected_ = first;
}

void RecordCursorImpl::start_near() {
  const Bounds& bounds = bounds_;
  start_at(0, segment_header_bytes, Seq{0});
  const bool by_seq = bounds.seq.from.value > 0;
  const bool by_time = bounds.time.from > session_->info.first_time;
  if (!by_seq && !by_time) return;
  if (catalog_->index() != nullptr) {
    const auto place =
        by_seq ? catalog_->index()->block_at(session_->info.number, bounds.seq.from)
               : catalog_->index()->block_before(session_->info.number, bounds.time.from);
    if (place && start_at_place(*place)) return;
  }
  // Without an index: the last segment that starts early enough, then its last block that does.
  const auto early = [&](Seq seq, Time time) {
    return by_seq ? seq <= bounds.seq.from : time < bounds.time.from;
  };
  for (std::size_t i = session_->segments.size(); i-- > 0;) {
    const std::size_t segment = session_->segments[i];
    if (by_seq && i > 0 && !early(catalog_->segments()[segment].header.first_seq, {})) continue;
    const SegmentMap& map = catalog_->map(segment);
    const BlockEntry* found = nullptr;
    for (const BlockEntry& entry : map.blocks) {
      if (entry.type != BlockType::records) continue;
      if (!early(entry.first_seq, entry.first_time)) break;
      found = &entry;
    }
    if (found == nullptr) continue;
    start_at(i, found->offset, found->first_seq);
    return;
  }
}

Damage RecordCursorImpl::damage_here(std::string what) const {
  return {.file = catalog_->segments()[block_->segment_index].name,
          .offset = block_->offset,
          .what = std::move(what),
          .action = salvage_advice,
          .first_seq = {},
          .end_seq = {}};
}

bool RecordCursorImpl::report(Damage damage, Seq end) {
  const Seq first = expected_;
  if (end > expected_) expected_ = end;
  const bool loses = end > first;
  if (loses && (end <= bounds_.seq.from || first >= bounds_.seq.to)) return false;
  if (!loses && on_damage_ == OnDamage::stop) return false;
  damage.first_seq = first;
  damage.end_seq = loses ? end : first;
  damage_ = std::move(damage);
  damage_waits_ = true;
  return true;
}

RecordCursor::Item RecordCursorImpl::next() {
  using Item = RecordCursor::Item;
  for (;;) {
    if (damage_waits_) {
      damage_waits_ = false;
      if (on_damage_ == OnDamage::stop) {
        phase_ = Phase::done;
        throw Error{ErrorKind::data, to_string(damage_)};
      }
      return Item::damage;
    }
    switch (phase_) {
      case Phase::done:
        return Item::end;
      case Phase::in_block:
        if (step_in_block()) return Item::record;
        break;
      case Phase::in_tail:
        if (step_tail()) return Item::record;
        break;
      case Phase::between:
        if (!step_block()) enter_tail();
        break;
    }
  }
}

void RecordCursorImpl::leave_whole_block(const Event* event, const Output* output) {
  expected_ = Seq{(output != nullptr ? output->header : event->header).seq.value + 1};
}

// Also where the walk over a whole block came to its end: there is nothing left then.
bool RecordCursorImpl::step_in_block() {
  BlockCursor& records = block_->content.records();
  while (records.next()) {
    const EventHeader& header = records.header();
    if (!inside(header)) {
      expected_ = Seq{header.seq.value + 1};
      continue;
    }
    if (bounds_.behind(header.seq, header.recv_time)) {
      phase_ = Phase::done;
      return false;
    }
    expected_ = Seq{header.seq.value + 1};
    if (records.is_output()) {
      output_ = &records.output();
      event_ = nullptr;
    } else {
      event_ = &records.event();
      output_ = nullptr;
    }
    return true;
  }
  phase_ = Phase::between;
  if (records.damaged() || expected_ < block_->header.end_seq()) {
    report(damage_here(records.damaged() ? records.error().message()
                                         : "block holds fewer records than its header says"),
           block_->header.end_seq());
  }
  return false;
}

bool RecordCursorImpl::step_block() {
  if (expected_ >= bounds_.seq.to) {
    phase_ = Phase::done;
    return true;
  }
  if (!block_waits_) block_ = &feed_.next();
  if (block_->step == BlockWalk::Step::end) return false;
  if (block_->step == BlockWalk::Step::damage) {
    if (!open_damage_) open_damage_ = block_->damage;
    next_block_ = 0;
    return true;
  }
  const BlockHeader& header = block_->header;
  if (!block_waits_) {
    if (next_block_ != 0 && header.block_number != next_block_ && !open_damage_)
      open_damage_ =
          damage_here(header.block_number < next_block_
                          ? fmt::format("block {} stands here again", header.block_number)
                          : fmt::format("blocks {} to {} are missing before this one", next_block_,
                                        header.block_number - 1));
    next_block_ = std::max(next_block_, header.block_number + 1);
  }
  if (header.type != BlockType::records) return true;
  if (header.first_seq < expected_) {  // a second copy
    block_waits_ = false;
    return true;
  }
  if (open_damage_ || header.first_seq > expected_) {
    Damage damage =
        open_damage_ ? *open_damage_ : damage_here("records are missing before this block");
    open_damage_.reset();
    // Before the window, by time: the next block still starts before it.
    const bool before = header.first_time < bounds_.time.from;
    block_waits_ = true;
    if (before)
      expected_ = header.first_seq;
    else if (report(std::move(damage), header.first_seq))
      return true;
  }
  block_waits_ = false;
  enter_block();
  return true;
}

void RecordCursorImpl::enter_block() {
  const BlockHeader& header = block_->header;
  if (!bounds_.touch(header)) {
    if (bounds_.behind(header.first_seq, header.first_time))
      phase_ = Phase::done;
    else
      expected_ = header.end_seq();
    return;
  }
  std::string why;
  if (!block_->content.decode())
    why = block_->content.why();
  else if (const std::size_t found = block_->content.records().records(); found != header.records)
    why = fmt::format("block holds {} records, its header says {}", found, header.records);
  if (!why.empty()) {
    report(damage_here(std::move(why)), header.end_seq());
    return;
  }
  digests_ = {header.input_digest, header.output_digest};
  digests_at_ = header.end_seq();
  whole_ = bounds_.hold(header);
  phase_ = Phase::in_block;
}

void RecordCursorImpl::enter_tail() {
  const TailContent& tail = catalog_->tail();
  const bool has_tail = session_->info.tail_records != 0 || !tail.damages.empty();
  const bool ours = has_tail && session_->info.number == catalog_->sessions().back().info.number;
  if (open_damage_ || expected_ < session_->block_end) {
    Damage damage = open_damage_ ? *open_damage_
                                 : damage_here("records are missing at the end of this segment");
    if (!open_damage_) damage.offset = catalog_->map(block_->segment_index).end.offset;
    open_damage_.reset();
    if (report(std::move(damage), session_->block_end)) return;
  }
  if (!ours) {
    phase_ = Phase::done;
    return;
  }
  phase_ = Phase::in_tail;
}

bool RecordCursorImpl::step_tail() {
  const TailContent& tail = catalog_->tail();
  while (tail_at_ < tail.records.size()) {
    const TailContent::Item& item = tail.records[tail_at_];
    if (item.seq < expected_) {
      ++tail_at_;
      continue;
    }
    if (item.seq > expected_) {
      Damage damage = tail.damages.empty() ? Damage{.file = tail_name,
                                                    .offset = 0,
                                                    .what = "records are missing from the tail",
                                                    .action = salvage_advice,
                                                    .first_seq = {},
                                                    .end_seq = {}}
                                           : tail.damages.front();
      for (const Damage& known : tail.damages)
        if (known.first_seq == expected_) damage = known;
      if (report(std::move(damage), item.seq)) return false;
      continue;
    }
    ++tail_at_;
    tail_record_ = read_record(item.canonical);
    const EventHeader& header = header_of(*tail_record_);
    expected_ = Seq{item.seq.value + 1};
    if (!inside(header)) continue;
    if (bounds_.behind(header.seq, header.recv_time)) {
      phase_ = Phase::done;
      return false;
    }
    digests_ = tail.digests;
    digests_at_ = session_->info.end_seq;
    event_ = std::get_if<Event>(&*tail_record_);
    output_ = std::get_if<Output>(&*tail_record_);
    return true;
  }
  // What was accepted behind the last intact record, if anything, is lost.
  phase_ = Phase::done;
  for (const Damage& known : tail.damages)
    if (known.first_seq == expected_ && known.end_seq > known.first_seq &&
        bounds_.seq.to >= session_->info.end_seq) {
      bounds_.seq.to = Seq{UINT64_MAX};
      report(known, known.end_seq);
      return false;
    }
  return false;
}

}  // namespace mm::journal::detail
