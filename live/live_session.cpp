#include "live/live_session.hpp"

#include <utility>

#include "engine/drive.hpp"

namespace mm::live {
namespace {

/// Calls again and again.
class Every {
 public:
  Every(net::Loop& loop, Duration period, std::function<void()> call)
      : timer_(loop), period_(period), call_(std::move(call)) {
    again();
  }

 private:
  void again() {
    timer_.expire_after(period_, [this] {
      again();
      call_();
    });
  }
  net::Timer timer_;
  Duration period_;
  std::function<void()> call_;
};

}  // namespace

LiveResult record_live(const LiveWorld& world, StopRequest& stop, Engine& engine,
                       journal::JournalWriter& writer, LiveOptions options) {
  if (options.raw) {
    options.source.raw = [&writer](const venues::RawFrame& frame) {
      writer.add_raw(frame.recv_time, frame.instrument.value,
                     std::as_bytes(std::span{frame.text.data(), frame.text.size()}));
    };
  }
  LiveSource source(world, engine, std::move(options.source));
  JournalSink sink(engine, writer, options.checkpoint_rows, {});
  std::optional<Every> report;
  if (options.report) {
    report.emplace(world.loop, options.report_every, [&] { options.report(sink.status()); });
  }
  std::optional<Every> guard;
  if (options.guard) {
    guard.emplace(world.loop, options.guard_every, [&] {
      if (!stop.reason) stop.reason = options.guard();
    });
  }
  drive(source, engine, sink);
  for (const auto& feed : world.feeds) feed->stop();
  return {sink.status(), std::string(source.end_reason()), source.orders_left()};
}

}  // namespace mm::live
