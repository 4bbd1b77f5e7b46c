#include "journal/block_feed.hpp"

namespace mm::journal::detail {

void BlockStep::take(const BlockWalk& walk, BlockWalk::Step at, const Bounds& bounds) {
  content.let_go();
  step = at;
  bytes_done = walk.bytes_done();
  segment_index = walk.segment_index();
  if (at == BlockWalk::Step::end) return;
  offset = walk.offset();
  if (at == BlockWalk::Step::damage) {
    damage = walk.damage();
    return;
  }
  header = walk.header();
  if (header.type == BlockType::records && bounds.touch(header))
    content.take(walk.file(), offset, header);
}

BlockFeed::BlockFeed(std::shared_ptr<const Catalog> catalog, const SessionFiles& session,
                     ReadAhead ahead)
    : walk_(std::move(catalog), session) {
  if (ahead == ReadAhead::yes) ahead_ = std::make_unique<Ahead<BlockStep>>(blocks_ahead);
}

void BlockFeed::start_at(std::size_t segment_in_session, std::uint64_t offset,
                         const Bounds& bounds) {
  if (ahead_) ahead_->stop();
  walk_.start_at(segment_in_session, offset);
  bounds_ = bounds;
  own_.take(walk_, BlockWalk::Step::end, bounds_);
  current_ = &own_;
}

bool BlockFeed::fill(BlockStep& step, std::size_t waiting) {
  step.take(walk_, walk_.next(), bounds_);
  if (takes_more(waiting) && step.step == BlockWalk::Step::block) step.content.decode_ahead();
  return step.step != BlockWalk::Step::end;
}

BlockStep& BlockFeed::next() {
  current_->content.let_go();
  if (ahead_) {
    if (!ahead_->started())
      ahead_->start([this](BlockStep& step, std::size_t waiting) { return fill(step, waiting); });
    current_ = &ahead_->next();
  } else {
    own_.take(walk_, walk_.next(), bounds_);
  }
  return *current_;
}

}  // namespace mm::journal::detail
