#include "journal/segment_scan.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>

#include "engine/assert.hpp"

namespace mm::journal {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 18;

std::span<std::byte> room(std::vector<std::byte>& buffer, std::size_t size) {
  if (buffer.size() < size) buffer.resize(std::max(size, 2 * buffer.size()));
  return std::span{buffer}.first(size);
}

/// One for each thread and all its loaders: making one costs as much as decompressing two blocks.
ZSTD_DCtx* decompressor() {
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  static thread_local const std::unique_ptr<ZSTD_DCtx, Free> context{ZSTD_createDCtx()};
  MM_ASSERT(context != nullptr, "zstd gives a context");
  return context.get();
}

}  // namespace

SegmentScan::SegmentScan(const File& file, std::uint64_t start, std::uint32_t segment,
                         std::uint32_t tag)
    : file_(&file), position_(start), segment_(segment), tag_(tag), size_(file.size()) {}

bool SegmentScan::accepts(std::span<const std::byte> bytes, std::uint64_t at, BlockHeader& header,
                          std::string* why) const {
  const auto decoded = decode_header(bytes, why);
  if (!decoded) return false;
  header = *decoded;
  const auto no = [&](std::string reason) {
    if (why != nullptr) *why = std::move(reason);
    return false;
  };
  if (header.journal_tag != tag_) return no("block belongs to another journal");
  if (header.segment != segment_)
    return no(fmt::format("block belongs to segment {}", segment_file_name(header.segment)));
  if (at + header.total_bytes() > size_)
    return no(
        fmt::format("block of {} bytes is cut short after {}", header.total_bytes(), size_ - at));
  return true;
}

bool SegmentScan::zero_from(std::uint64_t from) const {
  std::vector<std::byte> buffer(chunk_bytes);
  for (std::uint64_t at = file_->next_data(from); at < size_;
       at = file_->next_data(at + buffer.size())) {
    const std::size_t got = file_->read_at(buffer, at);
    if (!all_zero(std::span{buffer}.first(got))) return false;
  }
  return true;
}

std::uint64_t SegmentScan::find_block(std::uint64_t from) const {
  std::vector<std::byte> buffer(chunk_bytes);
  BlockHeader ignored;
  for (std::uint64_t at = from; at + block_header_bytes <= size_;) {
    const std::uint64_t data = file_->next_data(at) / 8 * 8;
    at = std::max(at, data);
    const std::size_t got = file_->read_at(buffer, at);
    if (got < block_header_bytes) break;
    for (std::size_t i = 0; i + block_header_bytes <= got; i += 8) {
      std::uint32_t magic = 0;
      std::memcpy(&magic, buffer.data() + i, 4);
      if (magic == block_magic &&
          accepts(std::span{buffer}.subspan(i, block_header_bytes), at + i, ignored, nullptr))
        return at + i;
    }
    at += (got - block_header_bytes) / 8 * 8 + 8;
  }
  return size_;
}

SegmentScan::Step SegmentScan::next() {
  offset_ = position_;
  if (position_ + block_header_bytes > size_) size_ = file_->size();
  if (position_ >= size_) return Step::end;
  head_size_ = file_->read_at(head_, position_);
  const std::span<const std::byte> head{head_.data(), std::min(head_size_, block_header_bytes)};
  if (accepts(head, position_, header_, &what_)) {
    position_ += header_.total_bytes();
    return Step::block;
  }
  // The file of a writer that lives may have grown by this block since we asked for its size.
  if (const std::uint64_t now = file_->size(); now != size_) {
    size_ = now;
    return next();
  }
  const bool zeros = all_zero(head);
  if (zeros && zero_from(position_)) return Step::end;
  if (zeros) what_ = "zeros stand where a block should start, but data follow";
  damage_end_ = position_ = find_block(position_ + 8);
  return Step::damage;
}

std::span<const std::byte> SegmentScan::prefix() const {
  const std::size_t end = block_header_bytes + header_.prefix_bytes;
  if (header_.prefix_bytes == 0 || end > head_size_) return {};
  const auto bytes = std::span{head_}.subspan(block_header_bytes, header_.prefix_bytes);
  return prefix_checksum(bytes) == header_.prefix_checksum ? bytes : std::span<const std::byte>{};
}

struct BlockLoader::Buffers {
  std::vector<std::byte> stored;
  std::vector<std::byte> raw;
};

BlockLoader::BlockLoader() : buffers_(std::make_unique<Buffers>()) {}
BlockLoader::~BlockLoader() = default;

bool BlockLoader::load(const File& file, std::uint64_t offset, const BlockHeader& header) {
  const std::span<std::byte> stored = room(buffers_->stored, header.area_bytes());
  const std::size_t got = file.read_at(stored, offset + block_header_bytes);
  if (got != stored.size()) {
    why_ = fmt::format("payload of {} bytes is cut short after {}", stored.size(), got);
    return false;
  }
  return unpack(stored, header);
}

std::optional<BlockHeader> BlockLoader::read_header(const File& file, std::uint64_t offset,
                                                    std::uint64_t bytes) {
  constexpr std::uint64_t most = block_header_bytes + block_payload_limit + (1u << 16);
  if (bytes < block_header_bytes || bytes > most) return std::nullopt;
  const std::span<std::byte> stored = room(buffers_->stored, static_cast<std::size_t>(bytes));
  if (file.read_at(stored, offset) != stored.size()) return std::nullopt;
  const auto header = decode_header(stored);
  if (!header || header->total_bytes() != bytes) return std::nullopt;
  return header;
}

bool BlockLoader::load(const BlockHeader& header) {
  return unpack(std::span{buffers_->stored}.subspan(block_header_bytes, header.area_bytes()),
                header);
}

bool BlockLoader::unpack(std::span<const std::byte> stored, const BlockHeader& header) {
  if (const std::uint64_t found = hash64(stored); found != header.payload_checksum) {
    why_ = fmt::format("payload of block {} has checksum {:016x}, expected {:016x}",
                       header.block_number, found, header.payload_checksum);
    return false;
  }
  area_ = stored;
  prefix_ = stored.first(header.prefix_bytes);
  const auto body = stored.subspan(header.prefix_bytes, header.payload_bytes);
  if (header.codec == BlockCodec::stored) {
    payload_ = body;
    return true;
  }
  if (ZSTD_getFrameContentSize(body.data(), body.size()) != header.raw_bytes) {
    why_ = fmt::format("payload of block {} does not hold the {} bytes its header promises",
                       header.block_number, header.raw_bytes);
    return false;
  }
  const std::span<std::byte> raw = room(buffers_->raw, header.raw_bytes);
  const std::size_t size =
      ZSTD_decompressDCtx(decompressor(), raw.data(), raw.size(), body.data(), body.size());
  if (ZSTD_isError(size) != 0 || size != raw.size()) {
    why_ = fmt::format("payload of block {} does not decompress: {}", header.block_number,
                       ZSTD_isError(size) != 0 ? ZSTD_getErrorName(size) : "wrong size");
    return false;
  }
  payload_ = raw;
  return true;
}

}  // namespace mm::journal
