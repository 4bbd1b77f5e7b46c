#pragma once

// What stands in a block: read and checked, decompressed, decoded. Two threads may share the work:
// one does take() and perhaps decode(), the other one, which gets the whole object, what is left.
//
// Blocks that are large are left to the second one, and their buffers are not kept, so that a row
// of these objects stays small whatever the journal holds.

#include <cstdint>
#include <exception>
#include <memory>
#include <string>

#include "journal/block_codec.hpp"
#include "journal/segment_scan.hpp"

namespace mm::journal::detail {

/// How many blocks one thread is ahead of the other at most: of 4,096 rows each, 4 MB in all with
/// their decoded columns.
inline constexpr std::size_t blocks_ahead = 16;
/// Who is far ahead takes more of the work: decodes columns as well.
constexpr bool takes_more(std::size_t waiting) {
  return waiting >= blocks_ahead / 2;
}

class BlockContent {
 public:
  /// Forgets what was there and begins with this block: checks and decompresses it, unless it is
  /// large.
  void take(std::shared_ptr<const File> file, std::uint64_t offset, const BlockHeader& header);
  /// decode(), if take() has done the rest of it.
  void decode_ahead();

  /// What take() has left to do. False if the block is damaged; why() says how. Throws Error if its
  /// bytes could not be had from the disk.
  bool unpack();
  /// The records of a block of records. False if it is damaged, by unpack() or its columns.
  bool decode();
  const std::string& why() const { return why_; }

  /// After unpack().
  std::span<const std::byte> payload() const { return buffers_->loader.payload(); }
  std::span<const std::byte> area() const { return buffers_->loader.area(); }
  std::span<const std::byte> prefix() const { return buffers_->loader.prefix(); }
  /// After decode().
  BlockCursor& records() { return buffers_->records; }

  /// When the records are no longer needed.
  void let_go();

 private:
  struct Buffers {
    BlockLoader loader;
    BlockCursor records;
  };
  enum class Stage { found, unpacked, decoded, damaged };
  void clear();
  void load();
  bool is_large() const;

  Stage stage_ = Stage::damaged;
  std::shared_ptr<const File> file_;
  std::uint64_t offset_ = 0;
  BlockHeader header_;
  std::unique_ptr<Buffers> buffers_ = std::make_unique<Buffers>();
  std::string why_;
  std::exception_ptr failed_;
};

}  // namespace mm::journal::detail
