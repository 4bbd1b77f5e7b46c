#include "journal/raw_cursor.hpp"

#include <fmt/format.h>

#include <cstring>

#include "engine/bytes.hpp"
#include "journal/block_log.hpp"

namespace mm::journal::detail {

RawCursorImpl::RawCursorImpl(std::shared_ptr<const Catalog> catalog, const SessionFiles& session,
                             OnDamage on_damage)
    : catalog_(std::move(catalog)),
      session_(&session),
      on_damage_(on_damage),
      walk_(catalog_, session) {}

void RawCursorImpl::found(Damage damage) {
  if (on_damage_ == OnDamage::stop) throw Error{ErrorKind::data, to_string(damage)};
  damages_.push_back(std::move(damage));
}

bool RawCursorImpl::next() {
  for (;;) {
    if (next_in_block()) return true;
    const auto step = walk_.next();
    if (step == BlockWalk::Step::end) return next_in_tail();
    if (step == BlockWalk::Step::damage) {
      found(walk_.damage());
      continue;
    }
    const BlockHeader& header = walk_.header();
    if (header.type != BlockType::raw_frames) continue;
    std::uint64_t first = 0;
    if (!loader_.load(*walk_.file(), walk_.offset(), header) || loader_.prefix().size() != 8) {
      found({.file = walk_.segment().name,
             .offset = walk_.offset(),
             .what = loader_.why(),
             .action = salvage_advice,
             .first_seq = {},
             .end_seq = {}});
      continue;
    }
    std::memcpy(&first, loader_.prefix().data(), 8);
    if (first < next_number_) continue;  // a second copy
    next_number_ = first + header.records;
    rest_ = loader_.payload();
  }
}

bool RawCursorImpl::next_in_block() {
  if (rest_.size() < raw_frame_head_bytes) return false;
  std::int64_t recv = 0;
  std::uint32_t size = 0;
  std::memcpy(&recv, rest_.data(), 8);
  std::memcpy(&frame_.next_seq.value, rest_.data() + 8, 8);
  std::memcpy(&frame_.feed, rest_.data() + 16, 4);
  std::memcpy(&size, rest_.data() + 20, 4);
  rest_ = rest_.subspan(raw_frame_head_bytes);
  if (padded8(size) > rest_.size()) {
    rest_ = {};
    found({.file = walk_.segment().name,
           .offset = walk_.offset(),
           .what = fmt::format("a raw frame claims {} bytes, its block has fewer", size),
           .action = salvage_advice,
           .first_seq = {},
           .end_seq = {}});
    return false;
  }
  frame_.recv_time = time_from_ns(recv);
  frame_.bytes = rest_.first(size);
  rest_ = rest_.subspan(padded8(size));
  return true;
}

bool RawCursorImpl::next_in_tail() {
  if (session_->info.number != catalog_->sessions().back().info.number) return false;
  const auto& raw = catalog_->tail().raw;
  while (tail_at_ < raw.size() && raw[tail_at_].number < next_number_) ++tail_at_;
  if (tail_at_ >= raw.size()) return false;
  const TailContent::Raw& found_raw = raw[tail_at_++];
  frame_ = {.recv_time = found_raw.recv_time,
            .next_seq = found_raw.next_seq,
            .feed = found_raw.feed,
            .bytes = found_raw.bytes};
  return true;
}

}  // namespace mm::journal::detail
