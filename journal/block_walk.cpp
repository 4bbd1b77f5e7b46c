#include "journal/block_walk.hpp"

#include <algorithm>

namespace mm::journal::detail {

BlockWalk::BlockWalk(std::shared_ptr<const Catalog> catalog, const SessionFiles& session)
    : catalog_(std::move(catalog)), session_(&session) {}

const SegmentFile& BlockWalk::segment() const {
  return catalog_->segments()[session_->segments[position_]];
}

void BlockWalk::start_at(std::size_t segment_in_session, std::uint64_t offset) {
  position_ = segment_in_session;
  offset_ = offset;
  scan_.reset();
}

void BlockWalk::open_segment() {
  file_ = catalog_->open_segment(segment_index());
  // An open end was settled when the catalog was made: a block may have grown there since, or only
  // half of one may stand there.
  stop_at_ = segment().end_block ? UINT64_MAX : catalog_->map(segment_index()).end.offset;
  scan_.emplace(*file_, offset_, static_cast<std::uint32_t>(segment().header.number),
                catalog_->tag());
}

std::uint64_t BlockWalk::bytes_done() const {
  std::uint64_t done = 0;
  for (std::size_t i = 0; i < std::min(position_, session_->segments.size()); ++i)
    done += catalog_->segments()[session_->segments[i]].bytes;
  return done + (scan_ ? scan_->offset() : offset_);
}

BlockWalk::Step BlockWalk::next() {
  while (position_ < session_->segments.size()) {
    if (!scan_) open_segment();
    const auto step = scan_->next();
    const bool over = step == SegmentScan::Step::end || scan_->offset() >= stop_at_ ||
                      (step == SegmentScan::Step::block &&
                       (scan_->header().block_number >= segment().block_limit ||
                        scan_->header().type == BlockType::end));
    if (over) {
      if (position_ + 1 == session_->segments.size()) return Step::end;
      ++position_;
      offset_ = segment_header_bytes;
      scan_.reset();
      continue;
    }
    if (step == SegmentScan::Step::block) return Step::block;
    damage_ = {.file = segment().name,
               .offset = scan_->offset(),
               .what = scan_->what(),
               .action = salvage_advice,
               .first_seq = {},
               .end_seq = {}};
    return Step::damage;
  }
  return Step::end;
}

}  // namespace mm::journal::detail
