#pragma once

// Walking over the blocks of one segment file, from header to header, past whatever is damaged.
//
// Behind a place that is no block the scan looks for the next one: a header whose checksum holds
// and that names this journal and segment, at a multiple of eight bytes.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "journal/block_header.hpp"
#include "journal/file.hpp"

namespace mm::journal {

class SegmentScan {
 public:
  enum class Step {
    block,   ///< header() stands at offset(); end blocks too
    damage,  ///< bytes [offset(), damage_end()) are no block; what() says why
    end,     ///< nothing but zeros up to the end of the file
  };

  /// `file` must outlive the scan. `segment` and `tag` are what the blocks must carry.
  SegmentScan(const File& file, std::uint64_t start, std::uint32_t segment, std::uint32_t tag);

  Step next();

  const BlockHeader& header() const { return header_; }
  std::uint64_t offset() const { return offset_; }
  /// The 128 bytes of header().
  std::span<const std::byte> encoded() const { return std::span{head_}.first(block_header_bytes); }
  /// The block's prefix if it is intact; empty otherwise (also if there is none).
  std::span<const std::byte> prefix() const;
  std::uint64_t damage_end() const { return damage_end_; }
  const std::string& what() const { return what_; }

 private:
  bool accepts(std::span<const std::byte> bytes, std::uint64_t at, BlockHeader& header,
               std::string* why) const;
  std::uint64_t find_block(std::uint64_t from) const;
  bool zero_from(std::uint64_t from) const;

  const File* file_;
  std::uint64_t position_;
  std::uint32_t segment_;
  std::uint32_t tag_;
  std::uint64_t size_ = 0;
  BlockHeader header_;
  std::uint64_t offset_ = 0;
  std::uint64_t damage_end_ = 0;
  std::string what_;
  std::array<std::byte, block_header_bytes + 128> head_{};
  std::size_t head_size_ = 0;
};

/// Reads, checks and decompresses the payload of a block. Buffers are kept from block to block.
class BlockLoader {
 public:
  BlockLoader();
  ~BlockLoader();
  BlockLoader(const BlockLoader&) = delete;
  BlockLoader& operator=(const BlockLoader&) = delete;

  /// False if the block is damaged; why() says how. Spans hold until the next load.
  bool load(const File& file, std::uint64_t offset, const BlockHeader& header);

  /// Likewise, reading the header too: of a block that is said to have `bytes` in all, in one go.
  /// Empty, with why() unchanged, if that is not where a block of that length stands.
  std::optional<BlockHeader> read_header(const File& file, std::uint64_t offset,
                                         std::uint64_t bytes);
  /// Checks and decompresses what read_header() has read.
  bool load(const BlockHeader& header);

  std::span<const std::byte> payload() const { return payload_; }
  std::span<const std::byte> area() const { return area_; }
  std::span<const std::byte> prefix() const { return prefix_; }
  const std::string& why() const { return why_; }

 private:
  struct Buffers;
  bool unpack(std::span<const std::byte> stored, const BlockHeader& header);
  std::unique_ptr<Buffers> buffers_;
  std::span<const std::byte> area_;
  std::span<const std::byte> prefix_;
  std::span<const std::byte> payload_;
  std::string why_;
};

}  // namespace mm::journal
