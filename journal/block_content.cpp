#include "journal/block_content.hpp"

#include <algorithm>
#include <utility>

namespace mm::journal::detail {

void BlockContent::take(std::shared_ptr<const File> file, std::uint64_t offset,
                        const BlockHeader& header) {
  clear();
  file_ = std::move(file);
  offset_ = offset;
  header_ = header;
  stage_ = Stage::found;
  if (is_large()) return;
  try {
    load();
  } catch (const Error&) {
    failed_ = std::current_exception();
  }
}

void BlockContent::clear() {
  stage_ = Stage::damaged;
  file_ = nullptr;
  why_.clear();
  failed_ = nullptr;
}

bool BlockContent::is_large() const {
  constexpr std::uint32_t most = std::uint32_t{1} << 20;
  return std::max(header_.raw_bytes, header_.payload_bytes) > most;
}

void BlockContent::load() {
  const bool intact = buffers_->loader.load(*file_, offset_, header_);
  stage_ = intact ? Stage::unpacked : Stage::damaged;
  if (!intact) why_ = buffers_->loader.why();
}

bool BlockContent::unpack() {
  if (failed_) std::rethrow_exception(failed_);
  if (stage_ == Stage::found) load();
  return stage_ != Stage::damaged;
}

void BlockContent::decode_ahead() {
  if (stage_ == Stage::unpacked) decode();
}

bool BlockContent::decode() {
  if (stage_ == Stage::decoded) return true;
  if (!unpack()) return false;
  const auto loaded = buffers_->records.load(buffers_->loader.payload(), header_.first_seq);
  stage_ = loaded ? Stage::decoded : Stage::damaged;
  if (!loaded) why_ = loaded.error().message();
  return loaded.has_value();
}

void BlockContent::let_go() {
  if (file_ != nullptr && is_large()) buffers_ = std::make_unique<Buffers>();
  clear();
}

}  // namespace mm::journal::detail
