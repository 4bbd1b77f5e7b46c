#include "journal/index_fill.hpp"

#include <algorithm>

#include "journal/record_cursor.hpp"

namespace mm::journal::detail {

std::vector<IndexedMarker> collect_markers(const std::shared_ptr<const Catalog>& catalog,
                                           const SessionFiles& session, SeqWindow window) {
  std::vector<IndexedMarker> markers;
  RecordCursorImpl cursor{catalog, session, OnDamage::skip, ReadAhead::no};
  const auto take = [&](Seq from, Seq to) {
    if (from >= to) return;
    cursor.seek({.seq = {from, to}, .time = {}});
    for (auto item = cursor.next(); item != RecordCursor::Item::end; item = cursor.next()) {
      if (item != RecordCursor::Item::record) continue;
      const bool output = cursor.output() != nullptr;
      const RecordKind kind = output ? cursor.output()->kind() : cursor.event()->kind();
      const EventHeader& header = output ? cursor.output()->header : cursor.event()->header;
      if (is_marker(kind))
        markers.push_back({.seq = header.seq, .time = header.recv_time, .kind = kind});
    }
  };
  for (const std::size_t segment : session.segments)
    for (const BlockEntry& block : catalog->map(segment).blocks)
      if (block.type == BlockType::records && block.has_markers)
        take(std::max(block.first_seq, window.from), std::min(block.end_seq, window.to));
  take(std::max(session.block_end, window.from), window.to);
  return markers;
}

void fill_index(IndexWriter& index, const std::shared_ptr<const Catalog>& catalog) {
  for (const SessionFiles& session : catalog->sessions()) {
    IndexBatch batch;
    batch.session = session.info.number;
    for (const std::size_t number : session.segments) {
      const SegmentFile& segment = catalog->segments()[number];
      for (const BlockEntry& block : catalog->map(number).blocks) {
        if (block.type != BlockType::records && block.type != BlockType::checkpoint) continue;
        auto& list = block.type == BlockType::records ? batch.blocks : batch.checkpoints;
        list.push_back({.segment = segment.header.number,
                        .offset = block.offset,
                        .bytes = block.bytes,
                        .header_checksum = block.header_checksum,
                        .first_seq = block.first_seq,
                        .first_time = block.first_time});
      }
      batch.info = IndexedSession{.number = session.info.number,
                                  .id = segment.header.session,
                                  .started = segment.header.started,
                                  .end_seq = session.block_end};
    }
    batch.markers = collect_markers(catalog, session, SeqWindow{Seq{0}, session.block_end});
    if (!index.commit(batch)) return;
  }
}

}  // namespace mm::journal::detail
