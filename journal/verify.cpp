#include "journal/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "engine/bytes.hpp"
#include "journal/ahead.hpp"
#include "journal/block_content.hpp"
#include "journal/block_log.hpp"
#include "journal/catalog.hpp"
#include "journal/index_fill.hpp"
#include "journal/lock.hpp"
#include "journal/segment_scan.hpp"

namespace mm::journal {
namespace {

using detail::Catalog;
using detail::salvage_advice;
using detail::SegmentFile;
using detail::SessionFiles;
using detail::TailContent;

/// A step of a scan, and the block there.
struct Scanned {
  SegmentScan::Step step = SegmentScan::Step::end;
  std::uint64_t offset = 0;
  std::uint64_t damage_end = 0;
  std::string what;  ///< damage
  BlockHeader header;
  std::array<std::byte, block_header_bytes> encoded{};
  detail::BlockContent content;
};

/// The steps of a scan over a segment, taken by a thread ahead of the caller if told so.
class ScanFeed {
 public:
  ScanFeed(std::shared_ptr<const File> file, const SegmentFile& segment, std::uint32_t tag,
           ReadAhead ahead)
      : file_(std::move(file)),
        scan_(*file_, segment_header_bytes, static_cast<std::uint32_t>(segment.header.number),
              tag) {
    if (ahead == ReadAhead::no) return;
    ahead_.emplace(detail::blocks_ahead);
    ahead_->start([this](Scanned& step, std::size_t waiting) {
      take(step);
      if (detail::takes_more(waiting) && step.step == SegmentScan::Step::block &&
          step.header.type == BlockType::records)
        step.content.decode_ahead();
      return step.step != SegmentScan::Step::end;
    });
  }
  /// The one before is gone.
  Scanned& next() {
    current_->content.let_go();
    if (ahead_)
      current_ = &ahead_->next();
    else
      take(own_);
    return *current_;
  }

 private:
  void take(Scanned& step) {
    step.step = scan_.next();
    step.offset = scan_.offset();
    if (step.step == SegmentScan::Step::damage) {
      step.what = scan_.what();
      step.damage_end = scan_.damage_end();
    } else if (step.step == SegmentScan::Step::block) {
      step.header = scan_.header();
      std::ranges::copy(scan_.encoded(), step.encoded.begin());
      step.content.take(file_, step.offset, step.header);
    }
  }

  std::shared_ptr<const File> file_;
  SegmentScan scan_;
  Scanned own_;
  Scanned* current_ = &own_;
  std::optional<detail::Ahead<Scanned>> ahead_;
};

/// Walks all segments and compares every block with what came before it.
class Verifier {
 public:
  Verifier(const Catalog& catalog, Verification& result, const Progress& progress, ReadAhead ahead)
      : catalog_(catalog), result_(result), progress_(progress), ahead_(ahead) {
    for (const SegmentFile& segment : catalog.segments()) total_ += segment.bytes;
  }

  void run() {
    for (const SessionFiles& session : catalog_.sessions()) check_session(session);
    for (const Damage& damage : catalog_.damages()) problem(damage);
    check_tail();
    check_index();
    for (const std::string& name : catalog_.strangers())
      result_.notes.push_back(fmt::format("{} is no part of the journal", name));
  }

 private:
  void problem(const Damage& damage) {
    std::string what = damage.what;
    if (damage.end_seq > damage.first_seq)
      what += fmt::format(" (records {} to {} are lost)", damage.first_seq.value,
                          damage.end_seq.value - 1);
    result_.problems.push_back({damage.file, damage.offset, std::move(what), damage.action});
  }
  void problem(std::string what) {
    result_.problems.push_back({segment_->name, offset_, std::move(what), salvage_advice});
  }
  void advance(std::uint64_t bytes) {
    done_ += bytes;
    if (progress_) progress_(std::min(done_, total_), total_);
  }

  void check_session(const SessionFiles& session);
  void check_segment_start(const SessionFiles& session, std::size_t index);
  void check_segment(const SessionFiles& session, std::size_t index);
  void check_block(Scanned& block);
  void check_records(Scanned& block);
  void check_raw(const Scanned& block);
  void check_end(const Scanned& block);
  void check_tail();
  void check_index();
  void lose_track() { tracked_ = chained_ = digested_ = false; }

  const Catalog& catalog_;
  Verification& result_;
  const Progress& progress_;
  ReadAhead ahead_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;

  const SegmentFile* segment_ = nullptr;
  std::uint64_t offset_ = 0;
  ByteWriter canonical_;

  // What the next block must continue. The flags fall when something before it is damaged.
  bool tracked_ = false;
  bool chained_ = false;
  bool digested_ = false;
  std::uint64_t next_block_ = 0;
  Digest128 chain_;
  Seq next_seq_;
  std::uint64_t next_raw_ = 0;
  Time last_time_;
  RollingDigest input_;
  RollingDigest output_;
  SessionTotals totals_;
};

void Verifier::check_session(const SessionFiles& session) {
  next_seq_ = Seq{0};
  next_raw_ = 0;
  last_time_ = time_from_ns(INT64_MIN);
  input_ = output_ = RollingDigest{};
  totals_ = SessionTotals{};
  digested_ = true;
  for (std::size_t i = 0; i < session.segments.size(); ++i) {
    check_segment_start(session, i);
    check_segment(session, i);
  }
  if (session.info.recovered)
    result_.notes.push_back(fmt::format(
        "session {} was ended by a kill; its accepted records were sealed at the next start",
        session.info.number));
}

void Verifier::check_segment_start(const SessionFiles& session, std::size_t index) {
  segment_ = &catalog_.segments()[session.segments[index]];
  offset_ = 0;
  const SegmentHeader& header = segment_->header;
  ++result_.segments;
  if (!segment_->header_intact) {
    lose_track();
    return;
  }
  const SegmentFile& first = catalog_.segments()[session.segments.front()];
  if (first.header_intact && header.session != first.header.session)
    problem("segment belongs to another session than the one before it");
  if (index == 0 && header.first_seq.value != 0)
    problem(fmt::format("session starts at record {}: the segments before it are missing",
                        header.first_seq.value));
  if ((header.flags & segment_rewrites) == 0) {
    if (tracked_ && header.first_block != next_block_)
      problem(fmt::format("segment starts with block {}, expected {}", header.first_block,
                          next_block_));
    if (chained_ && header.chain != chain_)
      problem("chain of the segment does not continue the one before it");
    if (tracked_ && index > 0 && header.first_seq != next_seq_)
      problem(fmt::format("segment starts at record {}, expected {}", header.first_seq.value,
                          next_seq_.value));
  }
  if (header.first_seq != next_seq_) digested_ = false;
  next_block_ = header.first_block;
  chain_ = header.chain;
  next_seq_ = header.first_seq;
  next_raw_ = header.first_raw;
  if (!digested_) {
    input_ = RollingDigest{header.input_digest};
    output_ = RollingDigest{header.output_digest};
    digested_ = true;
  } else if (input_.value() != header.input_digest || output_.value() != header.output_digest) {
    problem("digests of the segment header are not those of the records before it");
  }
  tracked_ = chained_ = true;
}

void Verifier::check_segment(const SessionFiles& session, std::size_t index) {
  const std::size_t number = session.segments[index];
  const auto file = catalog_.open_segment(number);
  const bool open_end = !segment_->end_block;
  const std::uint64_t stop_at = open_end ? catalog_.map(number).end.offset : UINT64_MAX;
  const bool torn = open_end && catalog_.map(number).torn;
  bool ended = false;
  ScanFeed feed{file, *segment_, catalog_.tag(), ahead_};
  for (;;) {
    Scanned& block = feed.next();
    if (block.step == SegmentScan::Step::end) break;
    offset_ = block.offset;
    if (open_end && offset_ >= stop_at && (torn || session.info.live)) {
      if (torn)
        result_.notes.push_back(
            fmt::format("{} ends in a half-written block at byte {} ({}); its records are in the "
                        "tail",
                        segment_->name, offset_, catalog_.map(number).torn_what));
      break;
    }
    if (block.step == SegmentScan::Step::damage) {
      problem(block.what + fmt::format("; the next intact block is at byte {}", block.damage_end));
      advance(block.damage_end - offset_);
      lose_track();
      continue;
    }
    const BlockHeader& header = block.header;
    if (header.block_number >= segment_->block_limit) break;
    if (ended) problem("a block stands behind the end block");
    check_block(block);
    ended = ended || header.type == BlockType::end;
    advance(header.total_bytes());
  }
  if (!ended && index + 1 < session.segments.size() && segment_->block_limit == UINT64_MAX)
    result_.notes.push_back(fmt::format(
        "{} has no end block: its writer died while it began the next segment", segment_->name));
}

void Verifier::check_block(Scanned& block) {
  const BlockHeader& header = block.header;
  const bool is_end = header.type == BlockType::end;
  if (!is_end) ++result_.blocks;
  if (tracked_ && header.block_number != next_block_)
    problem(fmt::format("block {} stands where block {} should", header.block_number, next_block_));
  if (header.session != segment_->header.session_number)
    problem(fmt::format("block belongs to session {}", header.session));
  if (!block.content.unpack()) {
    problem(block.content.why());
    // The header still tells what must follow.
    chained_ = digested_ = false;
  } else {
    const std::size_t used = std::size_t{header.prefix_bytes} + header.payload_bytes;
    if (!all_zero(block.content.area().subspan(used))) problem("padding of the block is not zero");
    if (prefix_checksum(block.content.prefix()) != header.prefix_checksum)
      problem("prefix of the block does not have its checksum");
    if (!is_end) {
      const Digest128 chain = chain_after(chain_, block.encoded, block.content.area());
      if (chained_ && chain != header.chain) problem("chain is broken at this block");
    } else if (chained_ && header.chain != chain_) {
      problem("chain is broken at the end block");
    }
    if (header.type == BlockType::records) check_records(block);
    if (header.type == BlockType::raw_frames) check_raw(block);
    if (header.type == BlockType::checkpoint) {
      ++result_.checkpoints;
      if (block.content.payload().size() < checkpoint_head_bytes)
        problem("checkpoint is too short");
      if (tracked_ && header.first_seq != next_seq_)
        problem(fmt::format("checkpoint stands at record {}, expected {}", header.first_seq.value,
                            next_seq_.value));
    }
    if (is_end) check_end(block);
  }
  if (!digested_) {
    input_ = RollingDigest{header.input_digest};
    output_ = RollingDigest{header.output_digest};
    digested_ = true;
  } else if (header.input_digest != input_.value() || header.output_digest != output_.value()) {
    problem("digests in the header are not those of the records");
    input_ = RollingDigest{header.input_digest};
    output_ = RollingDigest{header.output_digest};
  }
  if (is_end) return;
  chain_ = header.chain;
  next_block_ = header.block_number + 1;
  next_seq_ = header.type == BlockType::records ? header.end_seq() : next_seq_;
  tracked_ = chained_ = true;
}

void Verifier::check_records(Scanned& block) {
  const BlockHeader& header = block.header;
  if (tracked_ && header.first_seq != next_seq_)
    problem(fmt::format("block starts at record {}, expected {}", header.first_seq.value,
                        next_seq_.value));
  if (!block.content.decode()) {
    problem(block.content.why());
    digested_ = false;
    return;
  }
  BlockCursor& cursor = block.content.records();
  KindCounts counts;
  std::uint64_t records = 0;
  Time first = header.first_time;
  Time last = last_time_;
  bool ordered = true;
  while (cursor.next()) {
    canonical_.clear();
    if (cursor.is_output()) {
      write_record(canonical_, cursor.output());
      output_.add(canonical_.bytes());
      counts.add(cursor.output().kind());
      ++result_.outputs;
      ++totals_.outputs;
    } else {
      write_record(canonical_, cursor.event());
      input_.add(canonical_.bytes());
      counts.add(cursor.event().kind());
      ++result_.events;
      ++totals_.inputs;
    }
    const Time time = cursor.header().recv_time;
    if (records == 0) first = time;
    if (totals_.inputs + totals_.outputs == 1) totals_.first_time_ns = to_ns(time);
    ordered = ordered && time >= last;
    last = time;
    ++records;
  }
  if (cursor.damaged()) problem(cursor.error().message());
  if (records != header.records)
    problem(fmt::format("block holds {} records, its header says {}", records, header.records));
  if (!ordered) problem("times of the records go back");
  if (records != 0 && (first != header.first_time || last != header.last_time))
    problem("times in the header are not those of the records");
  KindCounts stored;
  if (!decode_counts(block.content.prefix(), stored) || stored != counts)
    problem("counts by kind are not those of the records");
  last_time_ = last;
}

void Verifier::check_raw(const Scanned& block) {
  const BlockHeader& header = block.header;
  std::uint64_t first = 0;
  if (block.content.prefix().size() != 8) {
    problem("block of raw frames does not say where it starts");
    return;
  }
  std::memcpy(&first, block.content.prefix().data(), 8);
  if (tracked_ && first != next_raw_)
    problem(fmt::format("block starts at raw frame {}, expected {}", first, next_raw_));
  std::uint32_t frames = 0;
  std::span<const std::byte> rest = block.content.payload();
  while (rest.size() >= raw_frame_head_bytes) {
    std::uint32_t size = 0;
    std::memcpy(&size, rest.data() + 20, 4);
    if (padded8(size) > rest.size() - raw_frame_head_bytes) break;
    rest = rest.subspan(raw_frame_head_bytes + padded8(size));
    ++frames;
  }
  if (!rest.empty() || frames != header.records)
    problem(
        fmt::format("block holds {} whole raw frames, its header says {}", frames, header.records));
  result_.raw_frames += frames;
  totals_.raw_frames += frames;
  next_raw_ = first + header.records;
}

void Verifier::check_end(const Scanned& block) {
  const BlockHeader& header = block.header;
  if (tracked_ && header.first_seq != next_seq_)
    problem(fmt::format("end block says that the records end at {}, they end at {}",
                        header.first_seq.value, next_seq_.value));
  const auto totals = decode_totals(block.content.payload());
  if (!totals)
    problem("end block does not hold the session's totals");
  else if (result_.problems.empty() && *totals != totals_)
    problem("totals in the end block are not those of the records");
}

void Verifier::check_tail() {
  const TailContent& tail = catalog_.tail();
  for (const Damage& damage : tail.damages) problem(damage);
  const bool has_session = !catalog_.sessions().empty();
  if (tail.ours) {
    const SessionInfo& session = catalog_.sessions().back().info;
    const std::string state =
        session.live ? "is being written" : "was not closed and is sealed at the next start";
    result_.notes.push_back(fmt::format("session {} {}; {} of its records are in the tail",
                                        session.number, state, session.tail_records));
    const auto outputs = static_cast<std::uint64_t>(
        std::count_if(tail.records.begin(), tail.records.end(), [](const TailContent::Item& item) {
          return is_output(static_cast<RecordKind>(item.canonical[4]));
        }));
    result_.outputs += outputs;
    result_.events += tail.records.size() - outputs;
    result_.raw_frames += tail.raw.size();
    return;
  }
  for (const auto& [image, name] :
       {std::pair{&tail.tail, tail_name}, std::pair{&tail.sync, sync_name}}) {
    if (!image->present) continue;
    const bool alien =
        image->header && has_session && image->header->identity.journal != catalog_.journal();
    const bool orphaned = image->header && !alien && !image->entries.empty() &&
                          image->header->identity.session_number >
                              (has_session ? catalog_.sessions().back().info.number : 0);
    if (alien)
      result_.problems.push_back(
          {name, 0, "file belongs to another journal", "move the file out of this directory"});
    else if (orphaned)
      result_.problems.push_back({name, 0,
                                  fmt::format("file holds records of session {}, whose segment is "
                                              "missing",
                                              image->header->identity.session_number),
                                  "restore the segment from a copy"});
    else
      result_.notes.push_back(
          fmt::format("{} is left over and holds nothing that is needed", name));
  }
}

void Verifier::check_index() {
  if (catalog_.live()) return;
  const auto mark = read_index_mark(catalog_.dir());
  if (!mark || !index_is_clean(catalog_.dir(), *mark))
    result_.notes.push_back(
        "the index is missing, unfinished or damaged; it will be rebuilt "
        "('mmctl verify --rebuild-index' does it now)");
  if (!mark) return;
  const std::uint64_t there =
      catalog_.segments().empty() ? 0 : catalog_.segments().back().header.number + 1;
  for (std::uint64_t number = there; number < mark->segments; ++number) {
    const std::string name = segment_file_name(number);
    const bool known = std::any_of(result_.problems.begin(), result_.problems.end(),
                                   [&](const Problem& problem) { return problem.file == name; });
    if (!known)
      result_.problems.push_back({name, 0, "segment is missing: the index was closed with it",
                                  "restore the file from a copy; without it its records are lost"});
  }
}

}  // namespace

Verification verify(const std::filesystem::path& dir, const Progress& progress, ReadAhead ahead) {
  Verification result;
  try {
    const Catalog catalog{dir};
    result.readable = !catalog.segments().empty() || catalog.damages().empty();
    Verifier{catalog, result, progress, ahead}.run();
  } catch (const Error& error) {
    result.problems.push_back(
        {dir.string(), 0, error.message(), "check the path given with --journal"});
  }
  result.ok = result.problems.empty();
  return result;
}

void rebuild_index(const std::filesystem::path& dir) {
  // The catalog refuses what is no journal before the lock leaves a file there.
  static_cast<void>(Catalog{dir});
  const WriterLock lock{dir};
  const auto catalog = std::make_shared<const Catalog>(dir, true);
  std::error_code ignored;
  std::filesystem::remove_all(dir / index_name, ignored);
  std::uint64_t segments = 0;
  std::uint64_t blocks = 0;
  if (!catalog->segments().empty()) {
    const SegmentFile& last = catalog->segments().back();
    segments = last.header.number + 1;
    blocks = last.end_block ? last.end_block->block_number
                            : catalog->map(catalog->segments().size() - 1).end.next_block;
  }
  IndexWriter index{dir, blocks};
  detail::fill_index(index, catalog);
  index.close(segments, blocks);
  if (!read_index_mark(dir))
    throw Error{ErrorKind::data,
                fmt::format("journal: cannot write the index of {}: check its permissions and the "
                            "free space; the journal itself does not need it",
                            dir.string())};
}

}  // namespace mm::journal
