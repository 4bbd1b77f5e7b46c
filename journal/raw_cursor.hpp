#pragma once

// The machinery behind RawCursor: raw frames of a session's blocks, then of its tail.

#include <memory>
#include <vector>

#include "journal/block_walk.hpp"

namespace mm::journal::detail {

class RawCursorImpl {
 public:
  RawCursorImpl(std::shared_ptr<const Catalog> catalog, const SessionFiles& session,
                OnDamage on_damage);

  bool next();
  const RawFrame& frame() const { return frame_; }
  const std::vector<Damage>& damages() const { return damages_; }

 private:
  bool next_in_block();
  bool next_in_tail();
  void found(Damage damage);

  std::shared_ptr<const Catalog> catalog_;
  const SessionFiles* session_;
  OnDamage on_damage_;
  BlockWalk walk_;
  BlockLoader loader_;
  std::span<const std::byte> rest_;  // of the block's frames
  std::uint64_t next_number_ = 0;
  std::size_t tail_at_ = 0;
  RawFrame frame_;
  std::vector<Damage> damages_;
};

}  // namespace mm::journal::detail
