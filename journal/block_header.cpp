#include "journal/block_header.hpp"

#include <fmt/format.h>

#include <cstring>

#include "engine/bytes.hpp"
#include "journal/block_codec.hpp"
#include "journal/fixed_layout.hpp"

namespace mm::journal {
namespace {

constexpr std::size_t chained_header_bytes = 88;
constexpr std::size_t header_checksum_at = 120;

}  // namespace

void encode_header(BlockHeader& header, std::byte* at) {
  std::memset(at, 0, block_header_bytes);
  put(at, block_magic);
  put(at + 4, header.type);
  put(at + 5, header.codec);
  put(at + 6, static_cast<std::uint8_t>(format_version));
  put(at + 7, header.flags);
  put(at + 8, header.payload_bytes);
  put(at + 12, header.raw_bytes);
  put(at + 16, header.records);
  put(at + 20, header.rows);
  put(at + 24, header.first_seq.value);
  put(at + 32, to_ns(header.first_time));
  put(at + 40, to_ns(header.last_time));
  put(at + 48, header.block_number);
  put(at + 56, header.segment);
  put(at + 60, header.session);
  put(at + 64, header.durable_seq.value);
  put(at + 72, header.input_digest);
  put(at + 80, header.output_digest);
  put(at + 88, header.chain.low);
  put(at + 96, header.chain.high);
  put(at + 104, header.prefix_bytes);
  put(at + 106, header.prefix_checksum);
  put(at + 108, header.journal_tag);
  put(at + 112, header.payload_checksum);
  header.header_checksum = hash64({at, header_checksum_at});
  put(at + header_checksum_at, header.header_checksum);
}

std::optional<BlockHeader> decode_header(std::span<const std::byte> bytes, std::string* why) {
  const auto no = [&](std::string reason) {
    if (why != nullptr) *why = std::move(reason);
    return std::nullopt;
  };
  if (bytes.size() < block_header_bytes)
    return no(fmt::format("block header is cut short after {} of 128 bytes", bytes.size()));
  const std::byte* at = bytes.data();
  if (const auto magic = get<std::uint32_t>(at); magic != block_magic)
    return no(
        fmt::format("no block starts here (magic {:08x}, expected {:08x})", magic, block_magic));
  const auto found = get<std::uint64_t>(at + header_checksum_at);
  if (const auto expected = hash64({at, header_checksum_at}); found != expected)
    return no(fmt::format("block header has checksum {:016x}, expected {:016x}", found, expected));
  if (const auto version = get<std::uint8_t>(at + 6); version != format_version)
    return no(fmt::format("block is of format version {}, this program reads {}", version,
                          format_version));
  BlockHeader header;
  const auto type = get<std::uint8_t>(at + 4);
  const auto codec = get<std::uint8_t>(at + 5);
  if (type < 1 || type > 4) return no(fmt::format("block is of unknown type {}", type));
  if (codec > 1) return no(fmt::format("block is of unknown codec {}", codec));
  header.type = static_cast<BlockType>(type);
  header.codec = static_cast<BlockCodec>(codec);
  header.flags = get<std::uint8_t>(at + 7);
  header.payload_bytes = get<std::uint32_t>(at + 8);
  header.raw_bytes = get<std::uint32_t>(at + 12);
  header.records = get<std::uint32_t>(at + 16);
  header.rows = get<std::uint32_t>(at + 20);
  header.first_seq = Seq{get<std::uint64_t>(at + 24)};
  header.first_time = time_from_ns(get<std::int64_t>(at + 32));
  header.last_time = time_from_ns(get<std::int64_t>(at + 40));
  header.block_number = get<std::uint64_t>(at + 48);
  header.segment = get<std::uint32_t>(at + 56);
  header.session = get<std::uint32_t>(at + 60);
  header.durable_seq = Seq{get<std::uint64_t>(at + 64)};
  header.input_digest = get<std::uint64_t>(at + 72);
  header.output_digest = get<std::uint64_t>(at + 80);
  header.chain = {.high = get<std::uint64_t>(at + 96), .low = get<std::uint64_t>(at + 88)};
  header.prefix_bytes = get<std::uint16_t>(at + 104);
  header.prefix_checksum = get<std::uint16_t>(at + 106);
  header.journal_tag = get<std::uint32_t>(at + 108);
  header.payload_checksum = get<std::uint64_t>(at + 112);
  header.header_checksum = found;
  if (header.raw_bytes > block_raw_limit)
    return no(fmt::format("block claims {} bytes before compression, the limit is {}",
                          header.raw_bytes, block_raw_limit));
  if (header.payload_bytes > block_payload_limit || header.prefix_bytes % 8 != 0)
    return no(fmt::format("block claims a payload of {} bytes behind a prefix of {}",
                          header.payload_bytes, header.prefix_bytes));
  if (header.first_seq.value > UINT64_MAX / 2)
    return no(fmt::format("block starts at record {}", header.first_seq.value));
  return header;
}

Digest128 chain_after(const Digest128& previous, std::span<const std::byte> encoded,
                      std::span<const std::byte> area) {
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  std::array<std::byte, 16> before;
  put(before.data(), previous.low);
  put(before.data() + 8, previous.high);
  XXH3_128bits_update(&state, before.data(), before.size());
  XXH3_128bits_update(&state, encoded.data(), chained_header_bytes);
  XXH3_128bits_update(&state, area.data(), area.size());
  const XXH128_hash_t hash = XXH3_128bits_digest(&state);
  return {.high = hash.high64, .low = hash.low64};
}

std::uint16_t prefix_checksum(std::span<const std::byte> prefix) {
  return prefix.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(hash64(prefix));
}

std::vector<std::byte> encode_counts(const KindCounts& counts) {
  std::vector<std::byte> prefix;
  counts.for_each([&](RecordKind kind, std::uint32_t count) {
    const std::uint32_t entry = static_cast<std::uint32_t>(kind) | count << 8;
    const std::size_t at = prefix.size();
    prefix.resize(at + 4);
    put(prefix.data() + at, entry);
  });
  prefix.resize(padded8(prefix.size()));
  return prefix;
}

bool decode_counts(std::span<const std::byte> prefix, KindCounts& counts) {
  std::uint32_t last = 0;
  for (std::size_t at = 0; at + 4 <= prefix.size(); at += 4) {
    const auto entry = get<std::uint32_t>(prefix.data() + at);
    if (entry == 0 && at + 4 == prefix.size()) break;
    if ((entry & 0xff) <= last || entry >> 8 == 0) return false;
    last = entry & 0xff;
    counts.add(static_cast<RecordKind>(last), entry >> 8);
  }
  return true;
}

std::array<std::byte, session_totals_bytes> encode_totals(const SessionTotals& totals) {
  std::array<std::byte, session_totals_bytes> bytes;
  put(bytes.data(), totals.inputs);
  put(bytes.data() + 8, totals.outputs);
  put(bytes.data() + 16, totals.raw_frames);
  put(bytes.data() + 24, totals.first_time_ns);
  return bytes;
}

std::optional<SessionTotals> decode_totals(std::span<const std::byte> bytes) {
  if (bytes.size() != session_totals_bytes) return std::nullopt;
  return SessionTotals{.inputs = get<std::uint64_t>(bytes.data()),
                       .outputs = get<std::uint64_t>(bytes.data() + 8),
                       .raw_frames = get<std::uint64_t>(bytes.data() + 16),
                       .first_time_ns = get<std::int64_t>(bytes.data() + 24)};
}

}  // namespace mm::journal
