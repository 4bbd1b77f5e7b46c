#include "journal/catalog.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "journal/segment_scan.hpp"

namespace mm::journal {

std::string to_string(const Damage& damage) {
  std::string text =
      fmt::format("journal: cannot read {}: byte {}: {}", damage.file, damage.offset, damage.what);
  if (damage.end_seq > damage.first_seq) {
    text += fmt::format(" (records {} to {} are lost", damage.first_seq.value,
                        damage.end_seq.value - 1);
    text += damage.first_seq.value == 0
                ? ")"
                : fmt::format("; last intact record is {})", damage.first_seq.value - 1);
  }
  return text + "; " + damage.action;
}

namespace detail {
namespace {

constexpr std::size_t most_open_files = 256;

struct RecordHead {
  Seq seq;
  bool output = false;
};

/// Number and direction of a canonical record that is valid as a whole.
std::optional<RecordHead> head_of(std::span<const std::byte> canonical) {
  const auto record = read_record(canonical);
  if (!record) return std::nullopt;
  return RecordHead{header_of(*record).seq, std::holds_alternative<Output>(*record)};
}

std::optional<TailContent::Raw> raw_of(std::span<const std::byte> payload) {
  if (payload.size() < raw_entry_header_bytes) return std::nullopt;
  TailContent::Raw raw;
  std::int64_t recv = 0;
  std::uint32_t size = 0;
  std::memcpy(&recv, payload.data(), 8);
  std::memcpy(&raw.next_seq.value, payload.data() + 8, 8);
  std::memcpy(&raw.number, payload.data() + 16, 8);
  std::memcpy(&raw.feed, payload.data() + 24, 4);
  std::memcpy(&size, payload.data() + 28, 4);
  raw.recv_time = time_from_ns(recv);
  if (size > payload.size() - raw_entry_header_bytes) return std::nullopt;
  raw.bytes = payload.subspan(raw_entry_header_bytes, size);
  return raw;
}

std::uint64_t end_of(const FoundEntry& entry) {
  return entry.position + tail_entry_header_bytes + entry.payload.size();
}

/// Nothing between what is consumed and what is published was overwritten while we copied.
bool whole(const TailImage& image) {
  std::uint64_t expected = image.consumed;
  for (const FoundEntry& entry : image.entries) {
    if (entry.position < image.consumed) continue;
    if (entry.position != expected) return false;
    expected = end_of(entry);
  }
  return expected >= image.published;
}

void add_counts(SegmentMap& map, const std::string& name, const BlockHeader& header,
                const SegmentScan& scan, BlockEntry& entry) {
  KindCounts counts;
  const auto prefix = scan.prefix();
  if (prefix.empty() || !decode_counts(prefix, counts)) {
    entry.has_markers = true;  // unknown: whoever looks for one must look inside
    map.damages.push_back({.file = name,
                           .offset = scan.offset() + block_header_bytes,
                           .what = "counts by kind do not have their checksum",
                           .action = salvage_advice,
                           .first_seq = header.first_seq,
                           .end_seq = header.end_seq()});
  }
  SessionTotals& totals = map.end.totals;
  if (totals.inputs + totals.outputs == 0) totals.first_time_ns = to_ns(header.first_time);
  counts.for_each([&](RecordKind kind, std::uint32_t count) {
    map.counts.add(kind, count);
    if (is_marker(kind)) entry.has_markers = true;
    (is_output(kind) ? totals.outputs : totals.inputs) += count;
  });
}

void add_block(SegmentMap& map, const std::string& name, const BlockHeader& header,
               const SegmentScan& scan) {
  LogEnd& end = map.end;
  BlockEntry entry{.offset = scan.offset(),
                   .bytes = header.total_bytes(),
                   .number = header.block_number,
                   .header_checksum = header.header_checksum,
                   .type = header.type,
                   .has_markers = false,
                   .first_seq = header.first_seq,
                   .end_seq = header.end_seq(),
                   .first_time = header.first_time};
  if (header.type == BlockType::records) {
    add_counts(map, name, header, scan, entry);
    map.rows += header.rows;
    map.record_bytes += header.total_bytes();
    end.next_seq = header.end_seq();
    end.last_time = header.last_time;
    end.digests = {header.input_digest, header.output_digest};
  } else if (header.type == BlockType::checkpoint) {
    ++map.checkpoints;
    map.checkpoint_bytes += header.total_bytes();
  } else {
    map.raw_frames += header.records;
    map.raw_bytes += header.total_bytes();
    end.totals.raw_frames += header.records;
    if (const auto prefix = scan.prefix(); prefix.size() == 8) {
      std::uint64_t first = 0;
      std::memcpy(&first, prefix.data(), 8);
      end.next_raw = first + header.records;
    }
  }
  end.offset = scan.offset() + header.total_bytes();
  end.next_block = header.block_number + 1;
  end.chain = header.chain;
  end.durable_seq = std::max(end.durable_seq, header.durable_seq);
  map.blocks.push_back(entry);
}

}  // namespace

bool is_locked(const std::filesystem::path& dir) {
  const File file = File::try_open(dir / lock_name, O_RDONLY);
  if (!file.is_open()) return false;
  if (::flock(file.fd(), LOCK_SH | LOCK_NB) != 0) return true;
  ::flock(file.fd(), LOCK_UN);
  return false;
}

Catalog::Catalog(std::filesystem::path dir, bool own_lock) : dir_(std::move(dir)) {
  std::error_code missing;
  if (!std::filesystem::is_directory(dir_, missing))
    throw Error{ErrorKind::data,
                fmt::format("journal: cannot read {}: there is no such directory; check --journal",
                            dir_.string())};
  live_ = !own_lock && is_locked(dir_);
  read_tail();  // before the segments: what leaves the tail meanwhile is then found in them
  read_directory();
  if (segment_names_.empty() && !has_lock_)
    throw Error{ErrorKind::data,
                fmt::format("journal: cannot read {}: it holds no segment (*.mmj), so it is no "
                            "journal; check --journal",
                            dir_.string())};
  for (const std::string& name : segment_names_) inspect_segment(name);
  settle_identity();
  order_segments();
  maps_.resize(segments_.size());
  open_files_.resize(segments_.size());
  build_sessions();
  for (const SessionFiles& session : sessions_) infos_.push_back(session.info);
  if (!live_ && !own_lock) index_ = IndexReader::open(dir_);
}

void Catalog::note(std::string file, std::uint64_t offset, std::string what, std::string action,
                   Seq first, Seq end) {
  damages_.push_back({.file = std::move(file),
                      .offset = offset,
                      .what = std::move(what),
                      .action = std::move(action),
                      .first_seq = first,
                      .end_seq = end});
}

void Catalog::read_tail() {
  for (int attempt = 0; attempt < 20; ++attempt) {
    tail_.tail = TailImage::of_tail(dir_);
    if (!live_ || !tail_.tail.present || whole(tail_.tail)) break;
  }
  if (live_ && !tail_.tail.present) live_ = false;  // it stopped, or has not begun its session
  if (live_) {
    for (const FoundEntry& entry : tail_.tail.entries)
      if (entry.type == TailEntry::record)
        if (const auto head = head_of(entry.payload)) live_end_ = Seq{head->seq.value + 1};
  } else {
    tail_.sync = TailImage::of_sync(dir_);
  }
}

void Catalog::read_directory() {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{dir_, error}) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(segment_extension)) {
      segment_names_.push_back(name);
    } else if (name == lock_name) {
      has_lock_ = true;
    } else if (name != tail_name && name != sync_name && name != index_name &&
               !name.ends_with(temporary_extension)) {
      strangers_.push_back(name);
    }
  }
  if (error) throw io_error("read", dir_, error.value());
  std::sort(segment_names_.begin(), segment_names_.end());
  std::sort(strangers_.begin(), strangers_.end());
}

void Catalog::inspect_segment(const std::string& name) {
  const File file = File::try_open(dir_ / name, O_RDONLY);
  if (!file.is_open()) {
    note(name, 0, fmt::format("cannot be opened: {}", std::strerror(errno)),
         "give this user read access to the file");
    return;
  }
  SegmentFile segment;
  segment.name = name;
  segment.bytes = file.size();
  std::array<std::byte, segment_header_bytes> head{};
  const std::size_t got = file.read_at(head, 0);
  std::string why;
  if (const auto header = decode_segment_header(std::span{head}.first(got), &why)) {
    segment.header = *header;
  } else {
    note(name, 0, why, salvage_advice);
    segment.header_intact = false;
    if (!infer_header(segment, file)) return;
  }
  constexpr std::size_t end_bytes = block_header_bytes + session_totals_bytes;
  if (segment.bytes >= segment_header_bytes + end_bytes && segment.bytes % 8 == 0) {
    std::array<std::byte, end_bytes> last{};
    file.read_at(last, segment.bytes - end_bytes);
    const auto header = decode_header(last);
    const auto area = std::span{last}.subspan(block_header_bytes);
    const auto totals = decode_totals(area);
    if (header && header->type == BlockType::end && header->total_bytes() == end_bytes &&
        header->segment == segment.header.number && hash64(area) == header->payload_checksum &&
        totals) {
      segment.end_block = *header;
      segment.end_totals = *totals;
    }
  }
  segments_.push_back(std::move(segment));
}

bool Catalog::infer_header(SegmentFile& segment, const File& file) const {
  // Any block tells its segment and session; which journal it is, its neighbours must say.
  std::vector<std::byte> buffer(std::min<std::uint64_t>(segment.bytes, std::uint64_t{4} << 20));
  buffer.resize(file.read_at(buffer, 0));
  for (std::size_t at = segment_header_bytes; at + block_header_bytes <= buffer.size(); at += 8) {
    const auto header = decode_header(std::span{buffer}.subspan(at));
    if (!header) continue;
    segment.header.number = header->segment;
    segment.header.session_number = header->session;
    segment.header.first_seq = header->first_seq;
    segment.header.first_block = header->block_number;
    segment.header.flags = header->journal_tag;  // until settle_identity
    return true;
  }
  return false;
}

void Catalog::settle_identity() {
  std::map<Uuid, std::size_t> votes;
  for (const SegmentFile& segment : segments_)
    if (segment.header_intact) ++votes[segment.header.journal];
  if (votes.empty()) {
    if (!segments_.empty()) tag_ = segments_.front().header.flags;
  } else {
    journal_ = std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) {
                 return a.second < b.second;
               })->first;
    tag_ = tag_of(journal_);
  }
  std::vector<SegmentFile> kept;
  for (SegmentFile& segment : segments_) {
    const bool ours =
        segment.header_intact ? segment.header.journal == journal_ : segment.header.flags == tag_;
    if (!segment.header_intact) segment.header.flags = 0;
    if (ours)
      kept.push_back(std::move(segment));
    else
      note(segment.name, 0,
           fmt::format("segment belongs to another journal ({})", to_hex(segment.header.journal)),
           "move the file out of this directory");
  }
  segments_ = std::move(kept);
}

void Catalog::order_segments() {
  // Of two files with one number, the one whose name fits counts, then the intact one.
  std::stable_sort(
      segments_.begin(), segments_.end(), [](const SegmentFile& a, const SegmentFile& b) {
        const auto rank = [](const SegmentFile& s) {
          return std::tuple{s.header.number, segment_number_of(s.name) != s.header.number,
                            !s.header_intact};
        };
        return rank(a) < rank(b);
      });
  std::vector<SegmentFile> kept;
  for (SegmentFile& segment : segments_) {
    const std::string proper = segment_file_name(segment.header.number);
    if (!kept.empty() && kept.back().header.number == segment.header.number) {
      note(segment.name, 0, fmt::format("is a second copy of segment {}", proper),
           "move the file out of this directory");
      continue;
    }
    if (segment.name != proper)
      note(segment.name, 0, fmt::format("file is segment {} under another name", proper),
           fmt::format("rename it to {}", proper));
    kept.push_back(std::move(segment));
  }
  segments_ = std::move(kept);

  std::uint64_t expected = 0;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const SegmentHeader& header = segments_[i].header;
    for (; expected < header.number; ++expected) {
      const auto named = [&](const Damage& d) { return d.file == segment_file_name(expected); };
      if (std::any_of(damages_.begin(), damages_.end(), named)) continue;
      const bool inside = i > 0 && segments_[i - 1].header.session_number == header.session_number;
      const Seq first =
          inside && segments_[i - 1].end_block ? segments_[i - 1].end_block->first_seq : Seq{0};
      note(segment_file_name(expected), 0, "segment is missing",
           "restore the file from a copy; without it its records are lost", inside ? first : Seq{},
           inside ? header.first_seq : Seq{});
    }
    expected = header.number + 1;
    if (i > 0 && (header.flags & segment_rewrites) != 0)
      segments_[i - 1].block_limit = header.first_block;
  }
  // The next segment of a session that is being written may be younger than our list of files; what
  // it holds was in the tail when we read that.
  if (live_ && !segments_.empty() && segments_.back().end_block &&
      (segments_.back().end_block->flags & end_rolled) != 0)
    segments_.back().end_block.reset();
  if (!segments_.empty() && segments_.back().end_block &&
      (segments_.back().end_block->flags & end_rolled) != 0) {
    const Seq first = segments_.back().end_block->first_seq;
    note(segment_file_name(expected), 0,
         fmt::format("segment is missing: the session goes on in it from record {}", first.value),
         "restore the file from a copy; without it its records are lost", first, first);
  }
}

void Catalog::build_sessions() {
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const SegmentHeader& header = segments_[i].header;
    if (sessions_.empty() || sessions_.back().info.number != header.session_number) {
      sessions_.emplace_back();
      sessions_.back().info.number = header.session_number;
    }
    SessionFiles& session = sessions_.back();
    session.segments.push_back(i);
    if (segments_[i].header_intact && session.info.id.empty()) {
      session.info.id = to_hex(header.session);
      session.info.build = header.build;
      session.info.started = header.started;
    }
  }
  for (std::size_t i = 0; i < sessions_.size(); ++i)
    finish_session(sessions_[i], i + 1 == sessions_.size());
}

void Catalog::finish_session(SessionFiles& session, bool last) {
  SessionInfo& info = session.info;
  const SegmentFile& segment = segments_[session.segments.back()];
  if (info.id.empty()) info.id = fmt::format("unknown-{}", info.number);
  if (segment.end_block) {
    const BlockHeader& end = *segment.end_block;
    info.end_seq = session.block_end = end.first_seq;
    info.last_time = end.last_time;
    info.inputs = segment.end_totals.inputs;
    info.outputs = segment.end_totals.outputs;
    info.first_time = time_from_ns(segment.end_totals.first_time_ns);
    info.input_digest = end.input_digest;
    info.output_digest = end.output_digest;
    info.closed = (end.flags & (end_closed | end_recovered)) != 0;
    info.recovered = (end.flags & end_recovered) != 0;
    info.digests_known = info.closed;
    return;
  }
  const bool may_have_tail = last && tail_.tail.header &&
                             tail_.tail.header->identity.session_number == info.number &&
                             tail_.tail.header->identity.journal == journal_;
  info.live = live_ && may_have_tail;
  const SegmentMap& scanned = map(session.segments.back());
  info.end_seq = session.block_end = scanned.end.next_seq;
  info.last_time = scanned.end.last_time;
  info.first_time = time_from_ns(scanned.end.totals.first_time_ns);
  info.inputs = scanned.end.totals.inputs;
  info.outputs = scanned.end.totals.outputs;
  info.input_digest = scanned.end.digests.input;
  info.output_digest = scanned.end.digests.output;
  info.digests_known = scanned.end.clean;
  if (last) place_tail(session);
  if (info.live || (last && tail_.ours)) return;
  note(segment.name, scanned.end.offset,
       scanned.torn ? fmt::format("the log stops in a half-written block ({}), and the tail that "
                                  "holds its records is missing",
                                  scanned.torn_what)
                    : "the log stops without an end block, and there is no tail: the file was cut "
                      "or the tail removed",
       salvage_advice, info.end_seq, info.end_seq);
  info.digests_known = false;
}

void Catalog::place_tail(SessionFiles& session) {
  SessionInfo& info = session.info;
  const auto fits = [&](const TailImage& image) {
    return image.header && image.header->identity.session_number == info.number &&
           image.header->identity.journal == journal_;
  };
  tail_.ours = fits(tail_.tail) || fits(tail_.sync);
  std::vector<FoundEntry> entries;
  if (fits(tail_.tail)) entries = tail_.tail.entries;
  if (fits(tail_.sync))
    entries.insert(entries.end(), tail_.sync.entries.begin(), tail_.sync.entries.end());
  std::stable_sort(entries.begin(), entries.end(), [](const FoundEntry& a, const FoundEntry& b) {
    return a.position < b.position;
  });
  const LogEnd& end = map(session.segments.back()).end;
  RollingDigest input{end.digests.input};
  RollingDigest output{end.digests.output};
  Seq next = end.next_seq;
  std::uint64_t next_raw = end.next_raw;
  const auto lost = [&](Seq from, Seq to, std::uint64_t position) {
    const std::uint64_t capacity =
        tail_.tail.header ? tail_.tail.header->capacity : std::uint64_t{1} << 62;
    tail_.damages.push_back({.file = tail_name,
                             .offset = tail_header_bytes + position % capacity,
                             .what = "records of the unsealed tail do not have their checksum",
                             .action = salvage_advice,
                             .first_seq = from,
                             .end_seq = to});
  };
  std::uint64_t reached = 0;
  for (const FoundEntry& entry : entries) {
    const std::uint64_t before = std::exchange(reached, std::max(reached, end_of(entry)));
    if (entry.type == TailEntry::raw) {
      if (const auto raw = raw_of(entry.payload); raw && raw->number >= next_raw) {
        next_raw = raw->number + 1;
        tail_.raw.push_back(*raw);
      }
      continue;
    }
    const auto head = head_of(entry.payload);
    if (!head || head->seq < next) continue;
    if (head->seq > next) lost(next, head->seq, before);
    next = Seq{head->seq.value + 1};
    tail_.records.push_back({.seq = head->seq, .canonical = entry.payload});
    (head->output ? output : input).add(entry.payload);
    ++(head->output ? info.outputs : info.inputs);
    const Record record = *read_record(entry.payload);
    info.last_time = header_of(record).recv_time;
    if (next.value == 1) info.first_time = info.last_time;
  }
  // A counter that points behind the last intact entry: something was accepted that is not there.
  if (!info.live && fits(tail_.tail) && tail_.tail.published > reached &&
      (tail_.tail.published - tail_.tail.consumed <= tail_.tail.header->capacity)) {
    lost(next, Seq{next.value + 1}, reached);
    info.digests_known = false;
  }
  if (!tail_.damages.empty()) info.digests_known = false;
  if (!info.live && tail_.tail.stray)
    tail_.damages.push_back({.file = tail_name,
                             .offset = 72,
                             .what = "bytes of the tail's header page that must be zero are not",
                             .action = salvage_advice,
                             .first_seq = next,
                             .end_seq = next});
  if (tail_.tail.present && tail_.tail.damaged)
    tail_.damages.push_back({.file = tail_name,
                             .offset = 0,
                             .what = "header of the tail is destroyed",
                             .action = salvage_advice,
                             .first_seq = next,
                             .end_seq = next});
  tail_.digests = {.input = input.value(), .output = output.value()};
  info.end_seq = next;
  info.tail_records = tail_.records.size();
  info.input_digest = input.value();
  info.output_digest = output.value();
}

const SessionFiles& Catalog::files_of(const SessionInfo& session) const {
  for (const SessionFiles& files : sessions_)
    if (files.info.number == session.number) return files;
  throw Error{ErrorKind::usage,
              fmt::format("journal: {} has no session {}", dir_.string(), session.number)};
}

std::shared_ptr<const File> Catalog::open_segment(std::size_t segment) const {
  const std::lock_guard guard{mutex_};
  if (open_files_[segment]) return open_files_[segment];
  auto file = std::make_shared<const File>(File::open(dir_ / segments_[segment].name, O_RDONLY));
  if (segment < most_open_files) open_files_[segment] = file;
  return file;
}

const SegmentMap& Catalog::map(std::size_t number) const {
  const std::shared_ptr<const File> file = open_segment(number);
  const std::lock_guard guard{mutex_};
  if (maps_[number]) return *maps_[number];
  auto map = scan(number, *file, UINT64_MAX);
  const bool open_end = !segments_[number].end_block && !live_;
  if (open_end && !map->damages.empty() && map->damages.back().offset >= map->end.offset) {
    // Nothing readable follows: the last append was cut short, in the header already.
    map->torn = true;
    map->torn_what = map->damages.back().what;
    map->damages.pop_back();
  } else if (open_end && !map->blocks.empty()) {
    // The header of the last block may have come through without its payload.
    const BlockEntry last = map->blocks.back();
    SegmentScan again{*file, last.offset,
                      static_cast<std::uint32_t>(segments_[number].header.number), tag_};
    BlockLoader loader;
    if (again.next() == SegmentScan::Step::block &&
        !loader.load(*file, last.offset, again.header())) {
      map = scan(number, *file, last.offset);
      map->torn = true;
      map->torn_what = loader.why();
    }
  }
  maps_[number] = std::move(map);
  return *maps_[number];
}

std::unique_ptr<SegmentMap> Catalog::scan(std::size_t number, const File& file,
                                          std::uint64_t stop_at) const {
  const SegmentFile& segment = segments_[number];
  auto result = std::make_unique<SegmentMap>();
  LogEnd& end = result->end;
  end.next_seq = segment.header.first_seq;
  end.next_block = segment.header.first_block;
  end.next_raw = segment.header.first_raw;
  end.chain = segment.header.chain;
  end.digests = {segment.header.input_digest, segment.header.output_digest};
  if (number > 0 && segments_[number - 1].header.session_number == segment.header.session_number) {
    const SegmentFile& before = segments_[number - 1];
    end.totals = before.end_block ? before.end_totals : map(number - 1).end.totals;
    end.last_time = before.end_block ? before.end_block->last_time : map(number - 1).end.last_time;
  }
  const bool growing = live_ && number + 1 == segments_.size() && !segment.end_block;
  SegmentScan scan{file, segment_header_bytes, static_cast<std::uint32_t>(segment.header.number),
                   tag_};
  while (!growing || end.next_seq < live_end_) {
    const auto step = scan.next();
    if (step == SegmentScan::Step::end || scan.offset() >= stop_at) break;
    if (step == SegmentScan::Step::damage) {
      result->damages.push_back({.file = segment.name,
                                 .offset = scan.offset(),
                                 .what = scan.what(),
                                 .action = salvage_advice,
                                 .first_seq = end.next_seq,
                                 .end_seq = end.next_seq});
      end.clean = false;
      continue;
    }
    const BlockHeader& header = scan.header();
    if (header.block_number >= segment.block_limit) break;
    if (!result->damages.empty() && result->damages.back().first_seq == end.next_seq &&
        header.first_seq > end.next_seq)
      result->damages.back().end_seq = header.first_seq;
    if (header.type == BlockType::end) break;
    add_block(*result, segment.name, header, scan);
  }
  return result;
}

}  // namespace detail
}  // namespace mm::journal
