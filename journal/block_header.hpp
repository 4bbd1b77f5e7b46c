#pragma once

// The 128 bytes in front of every block, and the chain that binds a block to all before it.
//
//   offset  0  u32  magic
//           4  u8   type           5  u8  codec      6  u8  version (1)      7  u8  flags
//           8  u32  payload bytes as stored, without prefix and padding
//          12  u32  payload bytes before compression
//          16  u32  records       20  u32 rows
//          24  u64  first seq
//          32  i64  first recv_time, ns                40  i64  last recv_time, ns
//          48  u64  block number, counted through the journal
//          56  u32  segment number                     60  u32  session number
//          64  u64  durable seq: records below it were on stable storage when this was written
//          72  u64  digest of the inputs               80  u64  digest of the outputs, after the
//          block 88  u128 chain (low, high)
//         104  u16  prefix bytes  106  u16 low bits of the prefix's XXH3-64, 0 without one
//         108  u32  tag of the journal
//         112  u64  XXH3-64 of prefix, payload and zero padding
//         120  u64  XXH3-64 of bytes 0..119
//         128  prefix: counts by kind (records), first frame number (raw frames)
//              payload, then zeros up to a multiple of eight
//
//   chain(n) = XXH3-128(chain(n-1) as 16 bytes | header bytes 0..87 | prefix, payload and padding)
//
// End blocks close a segment. They take no block number and leave the chain as it was.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/event.hpp"
#include "engine/hash.hpp"
#include "journal/format.hpp"

namespace mm::journal {

class KindCounts;

enum class BlockType : std::uint8_t { records = 1, checkpoint = 2, raw_frames = 3, end = 4 };
enum class BlockCodec : std::uint8_t { stored = 0, zstd = 1 };

/// Flags of an end block: why the segment ends.
inline constexpr std::uint8_t end_rolled = 1;     ///< the session goes on in the next segment
inline constexpr std::uint8_t end_closed = 2;     ///< the session was stopped cleanly
inline constexpr std::uint8_t end_recovered = 4;  ///< its writer died; a later one closed it

inline constexpr std::size_t block_header_bytes = 128;
inline constexpr std::uint32_t block_magic = 0x4b4c424du;  // "MBLK"

struct BlockHeader {
  BlockType type = BlockType::records;
  BlockCodec codec = BlockCodec::zstd;
  std::uint8_t flags = 0;
  std::uint32_t payload_bytes = 0;
  std::uint32_t raw_bytes = 0;
  std::uint32_t records = 0;
  std::uint32_t rows = 0;
  Seq first_seq;
  Time first_time;
  Time last_time;
  std::uint64_t block_number = 0;
  std::uint32_t segment = 0;
  std::uint32_t session = 0;
  Seq durable_seq;
  std::uint64_t input_digest = 0;
  std::uint64_t output_digest = 0;
  Digest128 chain;
  std::uint16_t prefix_bytes = 0;
  std::uint16_t prefix_checksum = 0;  ///< lets counts be believed without reading the payload
  std::uint32_t journal_tag = 0;
  std::uint64_t payload_checksum = 0;
  std::uint64_t header_checksum = 0;  ///< set by encode and decode

  /// Number behind the last record (checkpoints and raw frames hold none of the session's records).
  Seq end_seq() const {
    return type == BlockType::records ? Seq{first_seq.value + records} : first_seq;
  }
  /// Prefix, payload and padding.
  std::size_t area_bytes() const {
    return (std::size_t{prefix_bytes} + payload_bytes + 7) & ~std::size_t{7};
  }
  std::size_t total_bytes() const { return block_header_bytes + area_bytes(); }
};

/// Fills in header_checksum and writes the 128 bytes at `at`.
void encode_header(BlockHeader& header, std::byte* at);

/// Empty if the bytes are no header of this version with plausible sizes; `why` says in what way.
std::optional<BlockHeader> decode_header(std::span<const std::byte> bytes,
                                         std::string* why = nullptr);

/// `encoded` are the header's bytes as on disk, of which the first 88 count.
Digest128 chain_after(const Digest128& previous, std::span<const std::byte> encoded,
                      std::span<const std::byte> area);

/// BlockHeader::prefix_checksum of these bytes.
std::uint16_t prefix_checksum(std::span<const std::byte> prefix);

/// The prefix of a block of records: u32 each, kind in the low byte, count above; zero padding.
std::vector<std::byte> encode_counts(const KindCounts& counts);
/// Adds what the prefix says; false if it is malformed.
bool decode_counts(std::span<const std::byte> prefix, KindCounts& counts);

/// What an end block holds: totals of its session up to there.
struct SessionTotals {
  std::uint64_t inputs = 0;
  std::uint64_t outputs = 0;
  std::uint64_t raw_frames = 0;
  std::int64_t first_time_ns = 0;
  bool operator==(const SessionTotals&) const = default;
};
inline constexpr std::size_t session_totals_bytes = 32;
std::array<std::byte, session_totals_bytes> encode_totals(const SessionTotals& totals);
std::optional<SessionTotals> decode_totals(std::span<const std::byte> bytes);

}  // namespace mm::journal
