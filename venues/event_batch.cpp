#include "venues/event_batch.hpp"

#include <algorithm>

namespace mm::venues {

std::byte* Arena::room_of_bytes(std::size_t bytes) {
  constexpr std::size_t smallest_chunk = 64 * 1024;
  while (chunk_ < chunks_.size() && chunks_[chunk_].size - used_ < bytes) {
    ++chunk_;
    used_ = 0;
  }
  if (chunk_ == chunks_.size()) {
    const std::size_t size = std::max(bytes, smallest_chunk) / alignment * alignment + alignment;
    chunks_.push_back({std::make_unique<std::byte[]>(size), size});
  }
  return chunks_[chunk_].bytes.get() + used_;
}

}  // namespace mm::venues
