#include "venues/capture/capture_feed.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/result.hpp"
#include "venues/capture/capture_bytes.hpp"
#include "venues/capture/capture_lines.hpp"
#include "venues/event_batch.hpp"

namespace mm::venues {
namespace {

using hyperliquid::RecorderCsv;

/// Further back than this at the start of a file, and the files are in the wrong order.
constexpr Duration most_overlap = std::chrono::minutes(1);

/// Files that are read together: one capture, or the CSV files of one recorder.
using Group = std::vector<std::string>;

/// Frames of a group, by (receive time, position in the group).
class GroupReader {
 public:
  GroupReader(const Group& files, const Instrument& instrument) {
    for (const std::string& file : files) tracks_.push_back({FrameReader::open(file, instrument)});
  }

  bool next(CaptureFrame& frame) {
    if (chosen_ != nullptr) chosen_->fresh = false;
    chosen_ = nullptr;
    for (Track& track : tracks_) {
      if (!track.fresh && !track.ended) {
        track.ended = !track.reader->next(track.frame);
        track.fresh = !track.ended;
      }
      if (track.ended) continue;
      // A line with a problem has no time and goes first.
      if (chosen_ == nullptr || track.frame.recv_time < chosen_->frame.recv_time) chosen_ = &track;
    }
    if (chosen_ == nullptr) return false;
    frame = chosen_->frame;
    return true;
  }

  std::uint64_t consumed() const {
    std::uint64_t sum = 0;
    for (const Track& track : tracks_) sum += track.reader->consumed();
    return sum;
  }

 private:
  struct Track {
    std::unique_ptr<FrameReader> reader;
    CaptureFrame frame;
    bool fresh = false;  // the frame has not been given out
    bool ended = false;
  };
  std::vector<Track> tracks_;
  Track* chosen_ = nullptr;
};

std::vector<Group> group(const std::vector<std::string>& files) {
  std::vector<Group> groups;
  std::vector<RecorderCsv::Kind> together;  // kinds of the CSV files in the last group
  for (const std::string& file : files) {
    const std::optional<RecorderCsv::Kind> kind = probe_capture(file);
    const bool joins = kind && !together.empty() &&
                       std::find(together.begin(), together.end(), *kind) == together.end();
    if (!joins) {
      groups.emplace_back();
      together.clear();
    }
    groups.back().push_back(file);
    if (kind) together.push_back(*kind);
  }
  return groups;
}

class Feed final : public CaptureFeed {
 public:
  Feed(const Instrument& instrument, InstrumentId id, const std::vector<std::string>& files)
      : instrument_(instrument),
        id_(id),
        groups_(group(files)),
        decoder_(make_feed_decoder(instrument, id)) {
    for (const std::string& file : files) progress_.total += file_size(file);
  }

  bool advance() override {
    batch_.clear();
    raw_ = {};
    CaptureFrame frame;
    while (reader_ == nullptr || !reader_->next(frame)) {
      if (reader_ != nullptr) finished_bytes_ += reader_->consumed();
      reader_.reset();
      if (next_group_ == groups_.size()) return end();
      reader_ = std::make_unique<GroupReader>(groups_[next_group_++], instrument_);
      at_start_ = true;
    }
    take(frame);
    return true;
  }

  Time recv_time() const override { return recv_; }
  std::span<const Event> events() const override { return batch_.events(); }
  std::string_view raw() const override { return raw_; }
  Progress progress() const override {
    return {finished_bytes_ + (reader_ != nullptr ? reader_->consumed() : 0), progress_.total};
  }
  const FeedCounters& counters() const override { return decoder_->counters(); }

 private:
  EventHeader header() const {
    EventHeader of;
    of.recv_time = recv_;
    of.instrument = id_;
    return of;
  }

  void take(const CaptureFrame& frame) {
    if (!frame.problem.empty()) {
      batch_.add_status(header(), FeedState::anomaly, frame.problem);
      return;
    }
    if (frame.recv_time >= recv_) {
      recv_ = frame.recv_time;
      stepped_back_ = false;
    } else {
      const Duration step = frame.recv_time - recv_;
      if (at_start_ && -step > most_overlap) refuse_order(-step);
      if (!std::exchange(stepped_back_, true)) {
        batch_.add(header(), ClockStep{step.count()});
      }
    }
    at_start_ = false;
    raw_ = frame.text;
    decoder_->on_frame(recv_, frame.text, batch_);
    for (const Event& event : batch_.events()) note(event.kind());
  }

  [[noreturn]] void refuse_order(Duration back) const {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(back).count();
    throw Error(ErrorKind::usage, groups_[next_group_ - 1].front() + " begins " +
                                      std::to_string(seconds) +
                                      " s before the end of the file in front of it; name the "
                                      "files of an instrument in the order of time");
  }

  void note(RecordKind kind) {
    if (kind == RecordKind::feed_status || kind == RecordKind::clock_step) return;
    // A REST snapshot of Binance does not name its symbol, so it proves nothing.
    const bool anonymous =
        kind == RecordKind::book_snapshot && instrument_.venue.starts_with("binance");
    found_ = found_ || !anonymous;
  }

  bool end() {
    if (std::exchange(ended_, true)) return false;
    const FeedCounters& seen = decoder_->counters();
    if (!found_) {
      throw Error(ErrorKind::data, "nothing of " + instrument_.venue + ":" + instrument_.symbol +
                                       " in " + groups_.front().front() +
                                       (groups_.size() > 1 ? " and the files after it" : "") +
                                       ": " + std::to_string(seen.frames) + " frames, " +
                                       std::to_string(seen.other_symbol) + " of other symbols, " +
                                       std::to_string(seen.unknown_kind) + " of unknown kinds, " +
                                       std::to_string(seen.anomalies) + " malformed");
    }
    decoder_->on_end(recv_, batch_);
    return !batch_.events().empty();
  }

  Instrument instrument_;
  InstrumentId id_;
  std::vector<Group> groups_;
  std::unique_ptr<FeedDecoder> decoder_;
  std::size_t next_group_ = 0;
  std::unique_ptr<GroupReader> reader_;
  EventBatch batch_;
  std::string_view raw_;
  Time recv_;
  bool at_start_ = false;      // of a group
  bool stepped_back_ = false;  // within a run of lines earlier than recv_
  bool found_ = false;         // something of the instrument
  bool ended_ = false;
  std::uint64_t finished_bytes_ = 0;
  Progress progress_;
};

}  // namespace

std::unique_ptr<CaptureFeed> open_capture(const Instrument& instrument, InstrumentId id,
                                          const std::vector<std::string>& files) {
  return std::make_unique<Feed>(instrument, id, files);
}

std::vector<Instrument> instruments_of(const std::vector<FeedSpec>& specs,
                                       const Instruments& table) {
  std::vector<Instrument> instruments;
  check_distinct(specs);
  for (const FeedSpec& spec : specs) {
    const std::string flag = quoted_flag(spec);
    Instrument of = table.find(spec.venue, spec.symbol, flag);
    of.role = spec.role;
    instruments.push_back(std::move(of));
  }
  return instruments;
}

std::unique_ptr<MarketSource> open_captures(const std::vector<FeedSpec>& specs,
                                            const std::vector<Instrument>& instruments) {
  std::vector<std::unique_ptr<FrameFeed>> feeds;
  for (std::size_t at = 0; at < specs.size(); ++at) {
    if (specs[at].files.empty()) {
      throw Error(ErrorKind::usage,
                  quoted_flag(specs[at]) + ": no capture named; expected =FILE[,FILE...]");
    }
    const InstrumentId id{static_cast<std::uint16_t>(at)};
    feeds.push_back(open_capture(instruments[at], id, specs[at].files));
  }
  return merge(std::move(feeds));
}

}  // namespace mm::venues
