#include "live/recorder.hpp"

#include "engine/drive.hpp"

namespace mm::live {
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
  std::function<void(RecordingStatus&)> told;
  if (options.status) {
    told = [&](RecordingStatus& status) {
      status.progress = market.progress();
      options.status(status);
    };
  }
  JournalSink sink(engine, writer, options.checkpoint_rows, std::move(told));
  drive(source, engine, sink);
  return sink.status();
}

}  // namespace mm::live
