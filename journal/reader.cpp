#include "journal/reader.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "journal/block_log.hpp"
#include "journal/catalog.hpp"
#include "journal/index_fill.hpp"
#include "journal/journal_info.hpp"
#include "journal/raw_cursor.hpp"
#include "journal/record_cursor.hpp"
#include "journal/time_seek.hpp"

namespace mm::journal {

using detail::BlockEntry;
using detail::Catalog;
using detail::SegmentMap;
using detail::SessionFiles;

// --------------------------------------------------------------------------------- RecordCursor

RecordCursor::RecordCursor(std::unique_ptr<detail::RecordCursorImpl> impl)
    : impl_(std::move(impl)) {}
RecordCursor::RecordCursor(RecordCursor&&) noexcept = default;
RecordCursor& RecordCursor::operator=(RecordCursor&&) noexcept = default;
RecordCursor::~RecordCursor() = default;

RecordCursor::Item RecordCursor::next_elsewhere() {
  if (whole_ != nullptr) impl_->leave_whole_block(event_, output_);
  whole_ = nullptr;
  const Item item = impl_->next();
  event_ = impl_->event();
  output_ = impl_->output();
  digests_at_ = impl_->digests_at();
  whole_ = impl_->whole_block();
  return item;
}
const Damage& RecordCursor::damage() const {
  return impl_->damage();
}
Digests RecordCursor::recorded_digests() const {
  return impl_->digests();
}
std::uint64_t RecordCursor::bytes_read() const {
  return impl_->bytes_read();
}
std::uint64_t RecordCursor::bytes_total() const {
  return impl_->bytes_total();
}
void RecordCursor::seek(SeqWindow window) {
  whole_ = nullptr;
  impl_->seek({.seq = window, .time = {}});
}
void RecordCursor::seek(TimeWindow window) {
  whole_ = nullptr;
  impl_->seek({.seq = {}, .time = window});
}

// ------------------------------------------------------------------------------------ RawCursor

RawCursor::RawCursor(std::unique_ptr<detail::RawCursorImpl> impl) : impl_(std::move(impl)) {}
RawCursor::RawCursor(RawCursor&&) noexcept = default;
RawCursor::~RawCursor() = default;
bool RawCursor::next() {
  return impl_->next();
}
const RawFrame& RawCursor::frame() const {
  return impl_->frame();
}
const std::vector<Damage>& RawCursor::damages() const {
  return impl_->damages();
}

// -------------------------------------------------------------------------------------- Journal

Journal::Journal(std::shared_ptr<detail::Catalog> catalog)
    : catalog_(std::move(catalog)), time_seek_(std::make_shared<detail::TimeSeek>(catalog_)) {}
Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;
Journal::~Journal() = default;

Journal Journal::open(const std::filesystem::path& dir) {
  auto catalog = std::make_shared<Catalog>(dir);
  if (catalog->segments().empty() && !catalog->damages().empty())
    throw Error{ErrorKind::data, to_string(catalog->damages().front())};
  return Journal{std::move(catalog)};
}

const std::filesystem::path& Journal::directory() const {
  return catalog_->dir();
}
const std::vector<SessionInfo>& Journal::sessions() const {
  return catalog_->session_infos();
}
const std::vector<Damage>& Journal::damages() const {
  return catalog_->damages();
}
bool Journal::uses_index() const {
  return catalog_->index() != nullptr;
}

const SessionInfo* Journal::find_session(std::string_view text) const {
  const auto& all = sessions();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size())
    for (const SessionInfo& session : all)
      if (session.number == number) return &session;
  if (text.size() < 4) return nullptr;  // too short for an id, and easily taken for a number
  const SessionInfo* found = nullptr;
  for (const SessionInfo& session : all) {
    if (!session.id.starts_with(text)) continue;
    if (found != nullptr) return nullptr;
    found = &session;
  }
  return found;
}

RecordCursor Journal::read(const SessionInfo& session, SeqWindow window, OnDamage on_damage,
                           ReadAhead ahead) const {
  auto impl = std::make_unique<detail::RecordCursorImpl>(catalog_, catalog_->files_of(session),
                                                         on_damage, ahead);
  impl->seek({.seq = window, .time = {}});
  return RecordCursor{std::move(impl)};
}

RecordCursor Journal::read(const SessionInfo& session, TimeWindow window, OnDamage on_damage,
                           ReadAhead ahead) const {
  auto impl = std::make_unique<detail::RecordCursorImpl>(catalog_, catalog_->files_of(session),
                                                         on_damage, ahead);
  impl->seek({.seq = {}, .time = window});
  return RecordCursor{std::move(impl)};
}

Seq Journal::seq_at(const SessionInfo& session, Time time) const {
  if (const auto found = time_seek_->find(catalog_->files_of(session), time)) return *found;
  RecordCursor cursor = read(session, TimeWindow{.from = time}, OnDamage::skip);
  for (;;) {
    switch (cursor.next()) {
      case RecordCursor::Item::record:
        return cursor.header().seq;
      case RecordCursor::Item::damage:
        break;
      case RecordCursor::Item::end:
        return session.end_seq;
    }
  }
}

namespace {

std::optional<Checkpoint> load_checkpoint(const Catalog& catalog, std::size_t segment,
                                          std::uint64_t offset, std::uint64_t header_checksum) {
  const auto file = catalog.open_segment(segment);
  std::array<std::byte, block_header_bytes> head{};
  if (file->read_at(head, offset) != head.size()) return std::nullopt;
  const auto header = decode_header(head);
  if (!header || header->type != BlockType::checkpoint ||
      header->header_checksum != header_checksum)
    return std::nullopt;
  BlockLoader loader;
  if (!loader.load(*file, offset, *header)) return std::nullopt;
  const auto payload = loader.payload();
  if (payload.size() < checkpoint_head_bytes) return std::nullopt;
  Checkpoint checkpoint;
  checkpoint.at = header->first_seq;
  std::memcpy(&checkpoint.state_digest, payload.data(), 8);
  checkpoint.digests = {header->input_digest, header->output_digest};
  checkpoint.state.assign(payload.begin() + checkpoint_head_bytes, payload.end());
  return checkpoint;
}

}  // namespace

std::optional<Checkpoint> Journal::checkpoint_before(const SessionInfo& session, Seq seq) const {
  const SessionFiles& files = catalog_->files_of(session);
  if (catalog_->index() != nullptr) {
    if (const auto place = catalog_->index()->checkpoint_at(session.number, seq))
      for (const std::size_t segment : files.segments)
        if (catalog_->segments()[segment].header.number == place->segment)
          if (auto found =
                  load_checkpoint(*catalog_, segment, place->offset, place->header_checksum))
            return found;
  }
  for (std::size_t i = files.segments.size(); i-- > 0;) {
    const SegmentMap& map = catalog_->map(files.segments[i]);
    for (std::size_t b = map.blocks.size(); b-- > 0;) {
      const BlockEntry& entry = map.blocks[b];
      if (entry.type != BlockType::checkpoint || entry.first_seq > seq) continue;
      if (auto found =
              load_checkpoint(*catalog_, files.segments[i], entry.offset, entry.header_checksum))
        return found;
    }
  }
  return std::nullopt;
}

std::vector<Marker> Journal::markers(const SessionInfo& session, SeqWindow window) const {
  std::vector<Marker> markers;
  const SessionFiles& files = catalog_->files_of(session);
  if (catalog_->index() != nullptr && session.closed) {
    if (const auto found = catalog_->index()->markers(session.number, window.from, window.to)) {
      for (const IndexedMarker& marker : *found)
        markers.push_back({.seq = marker.seq, .recv_time = marker.time, .kind = marker.kind});
      return markers;
    }
  }
  for (const IndexedMarker& marker : detail::collect_markers(catalog_, files, window))
    markers.push_back({.seq = marker.seq, .recv_time = marker.time, .kind = marker.kind});
  return markers;
}

RawCursor Journal::raw(const SessionInfo& session, OnDamage on_damage) const {
  return RawCursor{
      std::make_unique<detail::RawCursorImpl>(catalog_, catalog_->files_of(session), on_damage)};
}

JournalInfo Journal::info(const SessionInfo* session) const {
  return detail::collect_info(*this, *catalog_, session);
}

}  // namespace mm::journal
