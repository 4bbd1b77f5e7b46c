#pragma once

// From block to block through the segments of one session.

#include <memory>
#include <optional>
#include <span>

#include "journal/catalog.hpp"
#include "journal/segment_scan.hpp"

namespace mm::journal::detail {

/// Blocks of a session in order, of one type, with everything damaged between them.
class BlockWalk {
 public:
  enum class Step { block, damage, end };

  BlockWalk(std::shared_ptr<const Catalog> catalog, const SessionFiles& session);

  /// Goes on at `place`, or at the session's start.
  void start_at(std::size_t segment_in_session, std::uint64_t offset);
  /// `damage` places have the file, offset and reason, but no records.
  Step next();

  const BlockHeader& header() const { return scan_->header(); }
  std::uint64_t offset() const { return scan_->offset(); }
  std::span<const std::byte> encoded() const { return scan_->encoded(); }
  std::span<const std::byte> prefix() const { return scan_->prefix(); }
  const std::shared_ptr<const File>& file() const { return file_; }
  const SegmentFile& segment() const;
  std::size_t segment_index() const { return session_->segments[position_]; }
  const Damage& damage() const { return damage_; }
  std::uint64_t bytes_done() const;

 private:
  void open_segment();

  std::shared_ptr<const Catalog> catalog_;
  const SessionFiles* session_;
  std::size_t position_ = 0;  // in session_->segments
  std::uint64_t offset_ = segment_header_bytes;
  std::uint64_t stop_at_ = UINT64_MAX;
  std::shared_ptr<const File> file_;
  std::optional<SegmentScan> scan_;
  Damage damage_;
};

}  // namespace mm::journal::detail
