#include "journal/recover.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "journal/catalog.hpp"

namespace mm::journal::detail {
namespace {

void remove_leftovers(const std::filesystem::path& dir) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator{dir, ignored})
    if (entry.path().filename().string().ends_with(temporary_extension))
      std::filesystem::remove(entry.path(), ignored);
}

LogState state_of(const Catalog& catalog, const SessionFiles& session) {
  const SegmentFile& segment = catalog.segments()[session.segments.back()];
  const LogEnd& end = catalog.map(session.segments.back()).end;
  LogState state;
  state.segment = segment.header;
  state.segment.journal = catalog.journal();
  state.next_block = end.next_block;
  state.chain = end.chain;
  state.input = RollingDigest{end.digests.input};
  state.output = RollingDigest{end.digests.output};
  state.next_seq = end.next_seq;
  state.next_raw = end.next_raw;
  state.totals = end.totals;
  state.last_time = end.last_time;
  return state;
}

/// The log of the dead session, ready to be appended to. A half-written block at its end may be cut
/// off if its records are in the tail or were never confirmed; otherwise it stays, as the damage it
/// is, and the session goes on in a new segment.
BlockLog reopen(Disk& disk, const Catalog& catalog, const SessionFiles& session,
                const BlockLogOptions& options, RecoveryReport& report) {
  const SegmentFile& segment = catalog.segments()[session.segments.back()];
  const SegmentMap& map = catalog.map(session.segments.back());
  const TailContent& tail = catalog.tail();
  LogState state = state_of(catalog, session);
  const bool supplied = !tail.records.empty() && tail.records.front().seq == map.end.next_seq;
  const bool unconfirmed = map.end.next_seq >= map.end.durable_seq;
  if (segment.header_intact && segment.name == segment_file_name(segment.header.number) &&
      (!map.torn || supplied || unconfirmed)) {
    if (map.torn) report.torn_bytes = segment.bytes - map.end.offset;
    return BlockLog::resume(disk, catalog.dir(), std::move(state), map.end.offset, options);
  }
  state.segment.number += 1;
  state.segment.index_in_session += 1;
  state.segment.flags = 0;
  state.segment.first_seq = state.next_seq;
  state.segment.first_block = state.next_block;
  state.segment.chain = state.chain;
  state.segment.input_digest = state.input.value();
  state.segment.output_digest = state.output.value();
  state.segment.first_raw = state.next_raw;
  return BlockLog::begin(disk, catalog.dir(), std::move(state), options);
}

void seal_tail(BlockLog& log, const TailContent& tail, RecoveryReport& report) {
  std::size_t raw_at = 0;
  const auto add_raw_before = [&](Seq seq) {
    for (; raw_at < tail.raw.size() && tail.raw[raw_at].next_seq <= seq; ++raw_at) {
      const TailContent::Raw& raw = tail.raw[raw_at];
      log.add_raw(raw.recv_time, raw.next_seq, raw.feed, raw.bytes);
      ++report.raw_frames_from_tail;
    }
  };
  for (const TailContent::Item& item : tail.records) {
    add_raw_before(item.seq);
    log.add_record(item.canonical);
    ++report.records_from_tail;
    if (log.block_full()) log.seal();
  }
  add_raw_before(Seq{UINT64_MAX});
  log.seal();
}

}  // namespace

RecoveryReport recover(Disk& disk, const std::filesystem::path& dir,
                       const BlockLogOptions& options) {
  RecoveryReport report;
  remove_leftovers(dir);
  const Catalog catalog{dir, true};
  const TailContent& tail = catalog.tail();
  const bool has_session = !catalog.sessions().empty();
  const auto alien = [&](const TailImage& image) {
    return image.header && has_session && image.header->identity.journal != catalog.journal();
  };
  if (alien(tail.tail) || alien(tail.sync))
    throw Error{ErrorKind::data,
                fmt::format("journal: cannot write {}: its {} belongs to another journal; move it "
                            "out of this directory",
                            dir.string(), alien(tail.tail) ? tail_name : sync_name)};
  const std::uint64_t last_session = has_session ? catalog.sessions().back().info.number : 0;
  const auto orphaned = [&](const TailImage& image) {
    return image.header && image.header->identity.session_number > last_session &&
           !image.entries.empty();
  };
  if (orphaned(tail.tail) || orphaned(tail.sync))
    throw Error{ErrorKind::data,
                fmt::format("journal: cannot write {}: its tail holds records of session {}, whose "
                            "segment is missing; restore the segment, or move {} and {} away",
                            dir.string(), last_session + 1, tail_name, sync_name)};
  if (has_session) {
    const SessionFiles& session = catalog.sessions().back();
    const SegmentFile& segment = catalog.segments()[session.segments.back()];
    if (!segment.end_block) {
      BlockLog log = reopen(disk, catalog, session, options, report);
      seal_tail(log, tail, report);
      log.finish(end_recovered);
      report.recovered = true;
      report.detail = fmt::format(
          "session {} had not been closed: sealed {} records from its tail, it now ends at record "
          "{}",
          session.info.number, report.records_from_tail, session.info.end_seq.value);
      for (const Damage& damage : tail.damages) report.detail += "; " + to_string(damage);
    }
  }
  std::error_code ignored;
  if (tail.tail.damaged)
    std::filesystem::rename(dir / tail_name, dir / (std::string{tail_name} + ".damaged"), ignored);
  std::filesystem::remove(dir / tail_name, ignored);
  std::filesystem::remove(dir / sync_name, ignored);
  sync_directory(dir);
  return report;
}

LogState next_session(const std::filesystem::path& dir, const Uuid& journal) {
  const Catalog catalog{dir, true};
  LogState state;
  state.segment.journal = journal;
  state.segment.session_number = 1;
  if (catalog.segments().empty()) {
    if (!catalog.damages().empty())
      throw Error{ErrorKind::data,
                  "journal: cannot continue: " + to_string(catalog.damages().front())};
    return state;
  }
  const bool known = std::any_of(catalog.segments().begin(), catalog.segments().end(),
                                 [](const SegmentFile& segment) { return segment.header_intact; });
  if (!known)
    throw Error{ErrorKind::data,
                fmt::format("journal: cannot continue {}: the headers of all its segments are "
                            "destroyed; {}",
                            dir.string(), salvage_advice)};
  const SegmentFile& last = catalog.segments().back();
  state.segment.journal = catalog.journal();
  state.segment.session_number = catalog.sessions().back().info.number + 1;
  state.segment.number = last.header.number + 1;
  // A number that a damaged or missing file has a claim to is not given away.
  const auto taken = [&](std::uint64_t number) {
    const std::string name = segment_file_name(number);
    return std::any_of(catalog.damages().begin(), catalog.damages().end(),
                       [&](const Damage& damage) { return damage.file == name; });
  };
  while (taken(state.segment.number)) ++state.segment.number;
  if (last.end_block) {
    state.next_block = last.end_block->block_number;
    state.chain = last.end_block->chain;
  } else {
    const LogEnd& end = catalog.map(catalog.segments().size() - 1).end;
    state.next_block = end.next_block;
    state.chain = end.chain;
  }
  state.segment.first_block = state.next_block;
  state.segment.chain = state.chain;
  return state;
}

}  // namespace mm::journal::detail
