#include <fmt/format.h>

#include <bitset>

#include "engine/bytes.hpp"
#include "journal/block_log.hpp"
#include "journal/catalog.hpp"
#include "journal/raw_cursor.hpp"
#include "journal/record_cursor.hpp"
#include "journal/verify.hpp"
#include "journal/writer.hpp"

namespace mm::journal {
namespace {

using detail::Catalog;
using detail::SessionFiles;

class Salvage {
 public:
  Salvage(std::shared_ptr<const Catalog> catalog, const std::filesystem::path& out,
          const Progress& progress)
      : catalog_(std::move(catalog)),
        journal_(Journal::open(catalog_->dir())),
        out_(out),
        progress_(progress) {
    for (const auto& segment : catalog_->segments()) total_ += segment.bytes;
  }

  SalvageReport run() {
    report_.lost = catalog_->damages();
    for (const SessionFiles& session : catalog_->sessions()) {
      save(session);
      ++report_.sessions;
    }
    return std::move(report_);
  }

 private:
  void save(const SessionFiles& session) {
    WriterOptions options;
    options.sync.mode = SyncPolicy::Mode::none;  // the original is still there
    options.build = session.info.build;
    options.started = session.info.started;
    if (uuid_from_hex(session.info.id)) options.session_id = session.info.id;
    JournalWriter writer = JournalWriter::open(out_, options);
    find_checkpoints(session);
    next_checkpoint_ = 0;
    RawCursor raw = journal_.raw(session.info, OnDamage::skip);
    bool more_raw = raw.next();
    std::bitset<max_instruments> instruments;
    Time last_time = session.info.first_time;
    RecordCursor cursor = journal_.read(session.info, SeqWindow{}, OnDamage::skip);
    for (auto item = cursor.next(); item != RecordCursor::Item::end; item = cursor.next()) {
      if (item == RecordCursor::Item::damage) {
        report_.lost.push_back(cursor.damage());
        add_gap(writer, cursor.damage(), last_time, instruments);
        continue;
      }
      const EventHeader& header = cursor.header();
      for (; more_raw && raw.frame().next_seq <= header.seq; more_raw = raw.next())
        add_raw(writer, raw.frame());
      add_checkpoints(writer, session, header.seq);
      if (cursor.is_output())
        writer.append(cursor.output());
      else
        writer.append(cursor.event());
      ++report_.records;
      instruments.set(header.instrument.value);
      last_time = header.recv_time;
      if (progress_ && header.seq.value % 65'536 == 0)
        progress_(std::min(done_ + cursor.bytes_read(), total_), total_);
    }
    add_checkpoints(writer, session, session.info.end_seq);
    for (; more_raw; more_raw = raw.next()) add_raw(writer, raw.frame());
    report_.lost.insert(report_.lost.end(), raw.damages().begin(), raw.damages().end());
    writer.close();
    done_ += cursor.bytes_total();
  }

  void find_checkpoints(const SessionFiles& session) {
    checkpoints_.clear();
    for (const std::size_t segment : session.segments)
      for (const auto& block : catalog_->map(segment).blocks)
        if (block.type == BlockType::checkpoint) checkpoints_.push_back(block.first_seq);
  }

  // A checkpoint behind a gap is as good as one before it: it is the state the recorder had.
  void add_checkpoints(JournalWriter& writer, const SessionFiles& session, Seq reached) {
    for (; next_checkpoint_ < checkpoints_.size() && checkpoints_[next_checkpoint_] <= reached;
         ++next_checkpoint_) {
      const Seq at = checkpoints_[next_checkpoint_];
      const auto checkpoint = journal_.checkpoint_before(session.info, at);
      if (at != reached || !checkpoint || checkpoint->at != at) continue;
      writer.add_checkpoint(writer.next_seq(), checkpoint->state, checkpoint->state_digest);
      ++report_.checkpoints;
    }
  }

  void add_raw(JournalWriter& writer, const RawFrame& frame) {
    writer.add_raw(frame.recv_time, frame.feed, frame.bytes);
    ++report_.raw_frames;
  }

  static void add_gap(JournalWriter& writer, const Damage& damage, Time time,
                      const std::bitset<max_instruments>& instruments) {
    if (damage.end_seq <= damage.first_seq) return;
    const std::string detail = "salvage: records lost in " + damage.file;
    for (std::uint16_t i = 0; i < max_instruments; ++i) {
      if (!instruments.test(i)) continue;
      writer.append(
          Event{.header = {.seq = {}, .recv_time = time, .exchange_time = {}, .instrument = {i}},
                .body = FeedStatus{.state = FeedState::gap,
                                   .expected_id = static_cast<std::int64_t>(damage.first_seq.value),
                                   .found_id = static_cast<std::int64_t>(damage.end_seq.value),
                                   .detail = detail}});
    }
  }

  std::shared_ptr<const Catalog> catalog_;
  Journal journal_;
  std::filesystem::path out_;
  const Progress& progress_;
  SalvageReport report_;
  std::vector<Seq> checkpoints_;
  std::size_t next_checkpoint_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace

SalvageReport salvage(const std::filesystem::path& dir, const std::filesystem::path& out,
                      const Progress& progress) {
  std::error_code error;
  if (std::filesystem::exists(out, error) &&
      !(std::filesystem::is_directory(out, error) && std::filesystem::is_empty(out, error)))
    throw Error{ErrorKind::data,
                fmt::format("journal: cannot salvage into {}: it is not an empty directory; name a "
                            "new one",
                            out.string())};
  return Salvage{std::make_shared<const Catalog>(dir), out, progress}.run();
}

}  // namespace mm::journal
