#include "journal/time_seek.hpp"

#include <algorithm>

namespace mm::journal::detail {

std::optional<Seq> TimeSeek::find(const SessionFiles& session, Time time) {
  if (catalog_->index() == nullptr || time <= session.info.first_time) return std::nullopt;
  const auto place = catalog_->index()->block_before(session.info.number, time);
  if (!place) return std::nullopt;
  const auto segment =
      std::find_if(session.segments.begin(), session.segments.end(), [&](std::size_t index) {
        return catalog_->segments()[index].header.number == place->segment;
      });
  if (segment == session.segments.end()) return std::nullopt;

  const auto file = catalog_->open_segment(*segment);
  const std::lock_guard lock{mutex_};
  const auto header = loader_.read_header(*file, place->offset, place->bytes);
  const bool is_the_block =
      header && header->header_checksum == place->header_checksum &&
      header->journal_tag == catalog_->tag() && header->type == BlockType::records &&
      header->first_seq == place->first_seq && header->end_seq() <= session.block_end;
  // The index gives the last block that begins before the time: what is missing from this one is
  // the next one's first record.
  if (!is_the_block || header->first_time >= time || header->last_time < time) return std::nullopt;

  if (!loader_.load(*header)) return std::nullopt;
  const auto before = cursor_.find(loader_.payload(), header->records, time);
  if (!before || *before >= header->records) return std::nullopt;
  return Seq{header->first_seq.value + *before};
}

}  // namespace mm::journal::detail
