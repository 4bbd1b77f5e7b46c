#include "journal/journal_info.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mm::journal::detail {
namespace {

std::uint64_t size_of(const std::filesystem::path& path) {
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  return error ? 0 : bytes;
}

/// What a feed status says, if it reports a gap.
void add_feed_gaps(const Journal& journal, const SessionInfo& session, JournalInfo& info) {
  for (const Marker& marker : journal.markers(session)) {
    if (marker.kind != RecordKind::feed_status) continue;
    RecordCursor cursor =
        journal.read(session, SeqWindow{marker.seq, Seq{marker.seq.value + 1}}, OnDamage::skip);
    if (cursor.next() != RecordCursor::Item::record || cursor.is_output()) continue;
    const auto* status = std::get_if<FeedStatus>(&cursor.event().body);
    if (status == nullptr || status->state != FeedState::gap) continue;
    info.gaps.push_back({.session = session.number,
                         .first_seq = marker.seq,
                         .end_seq = Seq{marker.seq.value + 1},
                         .time = marker.recv_time,
                         .what = fmt::format("feed gap on instrument {}: expected {}, found {}",
                                             cursor.event().header.instrument.value,
                                             status->expected_id, status->found_id)});
  }
}

void add_damage(const Damage& damage, std::uint64_t session, Time time, JournalInfo& info) {
  if (damage.end_seq <= damage.first_seq) return;
  info.gaps.push_back({.session = session,
                       .first_seq = damage.first_seq,
                       .end_seq = damage.end_seq,
                       .time = time,
                       .what = to_string(damage)});
}

}  // namespace

JournalInfo collect_info(const Journal& journal, const Catalog& catalog,
                         const SessionInfo* session) {
  JournalInfo info;
  std::array<std::uint64_t, 256> counts{};
  const auto extend = [&](const SessionInfo& of) {
    if (of.end_seq.value == 0) return;
    if (!info.first || of.first_time < *info.first) info.first = of.first_time;
    if (!info.last || of.last_time > *info.last) info.last = of.last_time;
  };
  for (const SessionFiles& files : catalog.sessions()) {
    if (session != nullptr && files.info.number != session->number) continue;
    extend(files.info);
    Seq expected{0};
    for (const std::size_t index : files.segments) {
      const SegmentFile& segment = catalog.segments()[index];
      const SegmentMap& map = catalog.map(index);
      ++info.segments;
      info.blocks += map.blocks.size();
      info.rows += map.rows;
      info.checkpoints += map.checkpoints;
      info.raw_frames += map.raw_frames;
      info.bytes.records += map.record_bytes + segment_header_bytes;
      info.bytes.checkpoints += map.checkpoint_bytes;
      info.bytes.raw += map.raw_bytes;
      info.bytes.allocated += segment.bytes;
      map.counts.for_each([&](RecordKind kind, std::uint32_t count) {
        counts[static_cast<std::uint8_t>(kind)] += count;
      });
      for (const BlockEntry& block : map.blocks) {
        if (block.type != BlockType::records) continue;
        if (block.first_seq > expected)
          add_damage({.file = segment.name,
                      .offset = block.offset,
                      .what = "records are missing before this block",
                      .action = salvage_advice,
                      .first_seq = expected,
                      .end_seq = block.first_seq},
                     files.info.number, block.first_time, info);
        expected = std::max(expected, block.end_seq);
      }
    }
    if (expected < files.block_end)
      add_damage({.file = catalog.segments()[files.segments.back()].name,
                  .offset = catalog.map(files.segments.back()).end.offset,
                  .what = "records are missing at the end of this segment",
                  .action = salvage_advice,
                  .first_seq = expected,
                  .end_seq = files.block_end},
                 files.info.number, files.info.last_time, info);
    add_feed_gaps(journal, files.info, info);
    if (&files != &catalog.sessions().back()) continue;
    for (const TailContent::Item& item : catalog.tail().records) {
      const Record record = *read_record(item.canonical);
      ++counts[static_cast<std::uint8_t>(kind_of(record))];
      info.bytes.tail += item.canonical.size();
    }
    info.raw_frames += catalog.tail().raw.size();
    for (const Damage& damage : catalog.tail().damages)
      add_damage(damage, files.info.number, files.info.last_time, info);
  }
  for (std::size_t value = 0; value < counts.size(); ++value) {
    if (counts[value] == 0) continue;
    const RecordKind kind = static_cast<RecordKind>(value);
    info.by_kind.emplace_back(kind, counts[value]);
    (is_output(kind) ? info.outputs : info.inputs) += counts[value];
  }
  info.bytes.index = size_of(catalog.dir() / index_name / "data.mdb");
  info.bytes.allocated +=
      info.bytes.index + size_of(catalog.dir() / tail_name) + size_of(catalog.dir() / sync_name);
  std::stable_sort(info.gaps.begin(), info.gaps.end(),
                   [](const JournalInfo::Gap& a, const JournalInfo::Gap& b) {
                     return std::tuple{a.session, a.first_seq} < std::tuple{b.session, b.first_seq};
                   });
  return info;
}

}  // namespace mm::journal::detail
