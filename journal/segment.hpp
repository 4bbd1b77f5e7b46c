#pragma once

// Segment: one file of blocks. A session has one or more; a segment belongs to one session.
//
// File = 512-byte header, blocks, an end block, nothing. While it is written, zeros stand behind
// the last block: the file is allocated ahead so that appending does not change its size every
// time.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "engine/hash.hpp"
#include "engine/types.hpp"
#include "journal/file.hpp"
#include "journal/format.hpp"

namespace mm::journal {

///   offset  0  u64 magic   8 u32 version (1)   12 u32 header bytes (512)
///          16  journal uuid    32 session uuid
///          48  u64 session number, from 1        56 u64 segment number, from 0
///          64  u64 index of the segment in its session
///          72  u64 number of the first record    80 u64 number of the first block
///          88  u128 chain before the first block
///         104  u64 digest of the inputs, 112 of the outputs, before the first record
///         120  i64 wall clock at the session's start, ns
///         128  u64 number of the first raw frame
///         136  u32 flags     140 u32 length of the build text     144 build text, zero padded
///         400  zeros         504 u64 XXH3-64 of bytes 0..503
struct SegmentHeader {
  Uuid journal{};
  Uuid session{};
  std::uint64_t session_number = 0;
  std::uint64_t number = 0;
  std::uint64_t index_in_session = 0;
  Seq first_seq;
  std::uint64_t first_block = 0;
  Digest128 chain;
  std::uint64_t input_digest = 0;
  std::uint64_t output_digest = 0;
  Time started;
  std::uint64_t first_raw = 0;
  std::uint32_t flags = 0;
  std::string build;
};

/// The segment repeats blocks of the one before it, whose storage failed to confirm them: blocks of
/// the earlier file from `first_block` on do not count.
inline constexpr std::uint32_t segment_rewrites = 1;

inline constexpr std::size_t segment_header_bytes = 512;
inline constexpr std::size_t build_text_bytes = 256;

std::array<std::byte, segment_header_bytes> encode_segment_header(const SegmentHeader& header);
std::optional<SegmentHeader> decode_segment_header(std::span<const std::byte> bytes,
                                                   std::string* why = nullptr);

/// Appends to a segment. Not thread-safe.
class SegmentWriter {
 public:
  /// Creates the file under a temporary name, syncs it, moves it into place, syncs the directory.
  SegmentWriter(Disk& disk, const std::filesystem::path& dir, const SegmentHeader& header,
                std::uint64_t preallocate);
  /// Goes on at `end` of an existing file, which is cut there first.
  SegmentWriter(Disk& disk, const std::filesystem::path& dir, std::uint64_t number,
                std::uint64_t end);

  /// Throws when the disk refuses; the file then ends where it did before, as far as possible.
  void append(std::span<const std::byte> bytes);
  /// False if the kernel reports an error: what was appended since the last sync may be lost.
  bool sync();
  /// Cuts off what was allocated ahead, and syncs; false as for sync().
  bool finish();
  /// Gives up what stands behind `end` in a file that no longer syncs; errors do not matter.
  void abandon(std::uint64_t end);

  std::uint64_t end() const { return end_; }
  std::uint64_t number() const { return number_; }
  const std::filesystem::path& path() const { return file_.path(); }

 private:
  void allocate_ahead(std::uint64_t needed);

  Disk& disk_;
  File file_;
  std::uint64_t number_;
  std::uint64_t end_;
  std::uint64_t allocated_;
  std::uint64_t preallocate_;
};

}  // namespace mm::journal
