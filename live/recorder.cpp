#include "live/recorder.hpp"

#include <variant>

#include "engine/drive.hpp"
#include "journal/replay.hpp"

namespace mm::live {
namespace {

std::uint64_t rows_of(const Event& event) {
  if (const auto* delta = std::get_if<BookDelta>(&event.body))
    return delta->bids.size() + delta->asks.size();
  if (const auto* snapshot = std::get_if<BookSnapshot>(&event.body))
    return snapshot->bids.size() + snapshot->asks.size();
  return std::holds_alternative<BestQuote>(event.body) ? 2 : 1;
}

/// Writes inputs and outputs to the journal and saves the core's state now and then.
class JournalSink {
 public:
  JournalSink(const Engine& engine, const venues::MarketSource& market,
              journal::JournalWriter& writer, const RecorderOptions& options)
      : engine_(engine), market_(market), writer_(writer), options_(options) {}

  void accept(const Event& event) {
    writer_.append(event);
    ++status_.inputs;
    status_.now = event.header.recv_time;
    if (std::holds_alternative<Fill>(event.body)) ++status_.fills;
    if (const auto* feed = std::get_if<FeedStatus>(&event.body))
      status_.gaps += feed->state == FeedState::gap ? 1 : 0;
    rows_ += rows_of(event);
  }

  void decided(const Event&, std::span<Output> outputs) {
    for (Output& output : outputs) output.header.seq = writer_.append(output);
    status_.outputs += outputs.size();
    if (rows_ >= options_.checkpoint_rows) save_checkpoint();
    if (options_.status) {
      status_.progress = market_.progress();
      options_.status(status_);
    }
  }

  const RecordingStatus& status() const { return status_; }

 private:
  void save_checkpoint() {
    rows_ = 0;
    state_.clear();
    engine_.save(state_);
    writer_.add_checkpoint(writer_.next_seq(), state_.bytes(), journal::state_digest_of(engine_));
  }

  const Engine& engine_;
  const venues::MarketSource& market_;
  journal::JournalWriter& writer_;
  const RecorderOptions& options_;
  RecordingStatus status_;
  ByteWriter state_;
  std::uint64_t rows_ = 0;
};

}  // namespace

RecordingStatus record_session(const SessionPlan& plan, venues::MarketSource& market,
                               Engine& engine, const sim::Settings& settings,
                               journal::JournalWriter& writer, const RecorderOptions& options) {
  if (options.raw)
    market.set_raw_sink([&writer](const venues::RawFrame& frame) {
      writer.add_raw(frame.recv_time, frame.instrument.value,
                     std::as_bytes(std::span{frame.text.data(), frame.text.size()}));
    });
  SessionStream stream(plan, market, options.pace);
  sim::SimWorld world(settings);
  sim::WorldSource<SessionStream> source(stream, world, engine.market());
  JournalSink sink(engine, market, writer, options);
  drive(source, engine, sink);
  return sink.status();
}

}  // namespace mm::live
