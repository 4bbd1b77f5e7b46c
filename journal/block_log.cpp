#include "journal/block_log.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/assert.hpp"
#include "journal/fixed_layout.hpp"

namespace mm::journal {
namespace {

constexpr std::size_t open_bytes_limit = std::size_t{8} << 20;
constexpr std::size_t raw_bytes_limit = std::size_t{1} << 20;
constexpr int checkpoint_level = 1;

}  // namespace

BlockLog::BlockLog(Disk& disk, std::filesystem::path dir, LogState state,
                   const BlockLogOptions& options, std::unique_ptr<SegmentWriter> segment)
    : disk_(disk),
      dir_(std::move(dir)),
      options_(options),
      state_(std::move(state)),
      segment_(std::move(segment)),
      compressor_(ZSTD_createCCtx()),
      synced_end_(segment_->end()),
      written_(state_),
      synced_(state_) {
  MM_ASSERT(compressor_ != nullptr, "zstd gives a context");
  staged_.session = state_.segment.session_number;
}

BlockLog::BlockLog(BlockLog&& other) noexcept
    : disk_(other.disk_),
      dir_(std::move(other.dir_)),
      options_(other.options_),
      state_(std::move(other.state_)),
      segment_(std::move(other.segment_)),
      compressor_(std::exchange(other.compressor_, nullptr)),
      builder_(std::move(other.builder_)),
      open_bytes_(other.open_bytes_),
      raw_(std::move(other.raw_)),
      raw_count_(other.raw_count_),
      raw_first_time_(other.raw_first_time_),
      raw_last_time_(other.raw_last_time_),
      raw_first_seq_(other.raw_first_seq_),
      pending_(std::move(other.pending_)),
      unsynced_(std::move(other.unsynced_)),
      unsynced_blocks_(other.unsynced_blocks_),
      synced_end_(other.synced_end_),
      written_(std::move(other.written_)),
      synced_(std::move(other.synced_)),
      durable_seq_(other.durable_seq_),
      staged_(std::move(other.staged_)),
      blocks_written_(other.blocks_written_),
      segments_written_(other.segments_written_) {}

BlockLog::~BlockLog() {
  ZSTD_freeCCtx(compressor_);
}

BlockLog BlockLog::begin(Disk& disk, const std::filesystem::path& dir, LogState start,
                         const BlockLogOptions& options) {
  auto segment =
      std::make_unique<SegmentWriter>(disk, dir, start.segment, options.preallocate_bytes);
  return BlockLog{disk, dir, std::move(start), options, std::move(segment)};
}

BlockLog BlockLog::resume(Disk& disk, const std::filesystem::path& dir, LogState state,
                          std::uint64_t end, const BlockLogOptions& options) {
  auto segment = std::make_unique<SegmentWriter>(disk, dir, state.segment.number, end);
  return BlockLog{disk, dir, std::move(state), options, std::move(segment)};
}

bool BlockLog::add_record(std::span<const std::byte> canonical) {
  const std::optional<Record> record = read_record(canonical);
  if (!record) return false;
  const EventHeader& header = header_of(*record);
  MM_ASSERT(header.seq >= state_.next_seq, "records come to the log in order");
  // Blocks hold contiguous numbers, so a gap starts a new one.
  if (header.seq != state_.next_seq && !builder_.empty()) seal();
  const bool output = std::holds_alternative<Output>(*record);
  if (state_.totals.inputs + state_.totals.outputs == 0)
    state_.totals.first_time_ns = to_ns(header.recv_time);
  std::visit([&](const auto& of) { builder_.add(of); }, *record);
  (output ? state_.output : state_.input).add(canonical);
  ++(output ? state_.totals.outputs : state_.totals.inputs);
  open_bytes_ += canonical.size();
  state_.next_seq = Seq{header.seq.value + 1};
  state_.last_time = header.recv_time;
  if (const RecordKind kind = kind_of(*record); is_marker(kind))
    staged_.markers.push_back({.seq = header.seq, .time = header.recv_time, .kind = kind});
  return true;
}

void BlockLog::add_raw(Time recv_time, Seq next_seq, std::uint32_t feed,
                       std::span<const std::byte> bytes) {
  if (raw_count_ == 0) {
    raw_first_time_ = recv_time;
    raw_first_seq_ = next_seq;
  }
  raw_last_time_ = recv_time;
  const std::size_t at = raw_.size();
  raw_.resize(at + raw_frame_head_bytes + padded8(bytes.size()));
  put(raw_.data() + at, to_ns(recv_time));
  put(raw_.data() + at + 8, next_seq.value);
  put(raw_.data() + at + 16, feed);
  put(raw_.data() + at + 20, static_cast<std::uint32_t>(bytes.size()));
  if (!bytes.empty())
    std::memcpy(raw_.data() + at + raw_frame_head_bytes, bytes.data(), bytes.size());
  ++raw_count_;
  ++state_.next_raw;
  ++state_.totals.raw_frames;
}

bool BlockLog::block_full() const {
  return builder_.rows() >= options_.block_rows || open_bytes_ >= open_bytes_limit ||
         raw_.size() >= raw_bytes_limit;
}

BlockHeader BlockLog::draft(BlockType type) const {
  BlockHeader header;
  header.type = type;
  header.first_seq = state_.next_seq;
  header.first_time = header.last_time = state_.last_time;
  header.block_number = state_.next_block;
  header.segment = static_cast<std::uint32_t>(state_.segment.number);
  header.session = static_cast<std::uint32_t>(state_.segment.session_number);
  header.durable_seq = durable_seq_;
  header.input_digest = state_.input.value();
  header.output_digest = state_.output.value();
  header.chain = state_.chain;
  header.journal_tag = tag_of(state_.segment.journal);
  return header;
}

void BlockLog::frame(BlockHeader header, std::span<const std::byte> prefix,
                     std::span<const std::byte> payload, int level) {
  MM_ASSERT(payload.size() <= block_raw_limit, "a block's payload has a bounded size");
  const std::size_t start = pending_.size();
  const std::size_t bound = ZSTD_compressBound(payload.size());
  pending_.resize(start + block_header_bytes + prefix.size() + bound + 8);
  std::byte* area = pending_.data() + start + block_header_bytes;
  if (!prefix.empty()) std::memcpy(area, prefix.data(), prefix.size());
  ZSTD_CCtx_setParameter(compressor_, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(compressor_, ZSTD_c_checksumFlag, 1);
  const std::size_t size =
      ZSTD_compress2(compressor_, area + prefix.size(), bound, payload.data(), payload.size());
  MM_ASSERT(ZSTD_isError(size) == 0, "zstd compresses into a buffer of its own bound");
  header.codec = BlockCodec::zstd;
  header.prefix_bytes = static_cast<std::uint16_t>(prefix.size());
  header.prefix_checksum = prefix_checksum(prefix);
  header.payload_bytes = static_cast<std::uint32_t>(size);
  header.raw_bytes = static_cast<std::uint32_t>(payload.size());
  std::memset(area + prefix.size() + size, 0, header.area_bytes() - prefix.size() - size);
  pending_.resize(start + header.total_bytes());
  std::byte* encoded = pending_.data() + start;
  area = encoded + block_header_bytes;
  header.payload_checksum = hash64({area, header.area_bytes()});
  encode_header(header, encoded);
  header.chain =
      chain_after(state_.chain, {encoded, block_header_bytes}, {area, header.area_bytes()});
  encode_header(header, encoded);
  state_.chain = header.chain;
  ++state_.next_block;
}

void BlockLog::stage(const BlockHeader& header, std::uint64_t offset) {
  if (header.type != BlockType::records && header.type != BlockType::checkpoint) return;
  auto& list = header.type == BlockType::records ? staged_.blocks : staged_.checkpoints;
  list.push_back({.segment = header.segment,
                  .offset = offset,
                  .bytes = header.total_bytes(),
                  .header_checksum = header.header_checksum,
                  .first_seq = header.first_seq,
                  .first_time = header.first_time});
}

void BlockLog::write_pending() {
  if (pending_.empty()) return;
  const std::uint64_t offset = segment_->end();
  segment_->append(pending_);
  for (std::size_t at = 0; at < pending_.size();) {
    const auto header = decode_header(std::span{pending_}.subspan(at));
    MM_ASSERT(header.has_value(), "a block reads back as it was framed");
    stage(*header, offset + at);
    at += header->total_bytes();
    ++unsynced_blocks_;
    ++blocks_written_;
  }
  if (options_.keep_unsynced) unsynced_.insert(unsynced_.end(), pending_.begin(), pending_.end());
  pending_.clear();
  written_ = state_;
  if (segment_->end() >= options_.segment_bytes) roll();
}

void BlockLog::seal() {
  if (!builder_.empty()) {
    BlockHeader header = draft(BlockType::records);
    header.records = static_cast<std::uint32_t>(builder_.records());
    header.rows = static_cast<std::uint32_t>(builder_.rows());
    header.first_seq = builder_.first_seq();
    header.first_time = builder_.first_time();
    header.last_time = builder_.last_time();
    const std::vector<std::byte> counts = encode_counts(builder_.counts());
    frame(header, counts, builder_.finish(), options_.compression_level);
    builder_.reset();
    open_bytes_ = 0;
  }
  if (raw_count_ != 0) {
    BlockHeader header = draft(BlockType::raw_frames);
    header.records = raw_count_;
    header.first_seq = raw_first_seq_;
    header.first_time = raw_first_time_;
    header.last_time = raw_last_time_;
    std::array<std::byte, 8> number;
    put(number.data(), state_.next_raw - raw_count_);
    frame(header, number, raw_, options_.compression_level);
    raw_.clear();
    raw_count_ = 0;
  }
  write_pending();
}

void BlockLog::add_checkpoint(std::span<const std::byte> state, std::uint64_t state_digest) {
  seal();
  std::vector<std::byte> payload(checkpoint_head_bytes + state.size());
  put(payload.data(), state_digest);
  if (!state.empty())
    std::memcpy(payload.data() + checkpoint_head_bytes, state.data(), state.size());
  frame(draft(BlockType::checkpoint), {}, payload, checkpoint_level);
  write_pending();
}

void BlockLog::write_end(std::uint8_t flags) {
  BlockHeader header = draft(BlockType::end);
  header.codec = BlockCodec::stored;
  header.flags = flags;
  const auto totals = encode_totals(state_.totals);
  header.payload_bytes = header.raw_bytes = static_cast<std::uint32_t>(totals.size());
  header.payload_checksum = hash64(totals);
  std::vector<std::byte> bytes(block_header_bytes + totals.size());
  encode_header(header, bytes.data());
  std::memcpy(bytes.data() + block_header_bytes, totals.data(), totals.size());
  segment_->append(bytes);
}

void BlockLog::sync() {
  if (unsynced_blocks_ == 0) return;
  if (!segment_->sync()) rewrite_unsynced();
  unsynced_.clear();
  unsynced_blocks_ = 0;
  synced_end_ = segment_->end();
  synced_ = written_;
}

void BlockLog::roll() {
  sync();
  LogState next = state_;
  next.segment.number += 1;
  next.segment.index_in_session += 1;
  next.segment.flags = 0;
  next.segment.first_seq = state_.next_seq;
  next.segment.first_block = state_.next_block;
  next.segment.chain = state_.chain;
  next.segment.input_digest = state_.input.value();
  next.segment.output_digest = state_.output.value();
  next.segment.first_raw = state_.next_raw;
  // The new segment exists before the old one says that it goes on there.
  auto segment =
      std::make_unique<SegmentWriter>(disk_, dir_, next.segment, options_.preallocate_bytes);
  write_end(end_rolled);
  if (!segment_->finish()) throw io_error("sync", segment_->path(), EIO);
  segment_ = std::move(segment);
  state_ = std::move(next);
  written_ = synced_ = state_;
  synced_end_ = segment_->end();
  ++segments_written_;
}

void BlockLog::rewrite_unsynced() {
  if (!options_.keep_unsynced) throw io_error("sync", segment_->path(), EIO);
  const std::uint64_t old_segment = state_.segment.number;
  LogState next = synced_;
  next.segment.number += 1;
  next.segment.index_in_session += 1;
  next.segment.flags = segment_rewrites;
  next.segment.first_seq = synced_.next_seq;
  next.segment.first_block = synced_.next_block;
  next.segment.chain = synced_.chain;
  next.segment.input_digest = synced_.input.value();
  next.segment.output_digest = synced_.output.value();
  next.segment.first_raw = synced_.next_raw;
  auto segment =
      std::make_unique<SegmentWriter>(disk_, dir_, next.segment, options_.preallocate_bytes);
  // The poisoned file keeps what it had confirmed. Whether it can still be cut does not matter: the
  // new header says that its blocks count instead.
  segment_->abandon(synced_end_);
  Digest128 chain = next.chain;
  const auto unconfirmed = [&](const BlockPlace& place) {
    return place.segment == old_segment && place.offset >= synced_end_;
  };
  std::erase_if(staged_.blocks, unconfirmed);
  std::erase_if(staged_.checkpoints, unconfirmed);
  const std::uint64_t offset = segment->end();
  for (std::size_t at = 0; at < unsynced_.size();) {
    std::byte* encoded = unsynced_.data() + at;
    auto header = decode_header({encoded, unsynced_.size() - at});
    MM_ASSERT(header.has_value(), "a block reads back as it was framed");
    header->segment = static_cast<std::uint32_t>(next.segment.number);
    encode_header(*header, encoded);
    header->chain = chain_after(chain, {encoded, block_header_bytes},
                                {encoded + block_header_bytes, header->area_bytes()});
    encode_header(*header, encoded);
    chain = header->chain;
    stage(*header, offset + at);
    at += header->total_bytes();
  }
  segment->append(unsynced_);
  segment_ = std::move(segment);
  written_.segment = state_.segment = next.segment;
  written_.chain = state_.chain = chain;
  ++segments_written_;
  if (!segment_->sync()) throw io_error("sync", segment_->path(), EIO);
}

void BlockLog::finish(std::uint8_t end_flags) {
  seal();
  sync();
  write_end(end_flags);
  if (!segment_->finish()) {
    // Only the end block is unconfirmed; it is repeated with nothing else in a new segment.
    unsynced_.clear();
    rewrite_unsynced();
    write_end(end_flags);
    if (!segment_->finish()) throw io_error("sync", segment_->path(), EIO);
  }
}

}  // namespace mm::journal
