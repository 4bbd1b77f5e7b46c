#include "live/session_stream.hpp"

#include <algorithm>
#include <thread>

namespace mm::live {

const Event* SessionStream::head(const EventBody& body, InstrumentId instrument) {
  own_ = Event{EventHeader{Seq{}, last_, Time{}, instrument}, body};
  return &own_;
}

const Event* SessionStream::end(std::string_view reason) {
  stage_ = Stage::end;
  end_reason_ = reason;
  return head(SessionEnd{reason}, InstrumentId{});
}

void SessionStream::keep_pace(Time now) {
  if (!pace_.speed) return;
  const auto due = started_ + std::chrono::nanoseconds{static_cast<std::int64_t>(
                                  static_cast<double>((now - begin_).count()) / *pace_.speed)};
  // Short naps, so that a signal does not wait for a long pause of the market.
  while (std::chrono::steady_clock::now() < due && !(pace_.stop != nullptr && pace_.stop->load()))
    std::this_thread::sleep_until(
        std::min(due, std::chrono::steady_clock::now() + std::chrono::milliseconds{50}));
}

const Event* SessionStream::next() {
  switch (stage_) {
    case Stage::start:
      first_ = market_.next();
      if (first_ == nullptr) return nullptr;
      begin_ = last_ = first_->header.recv_time;
      started_ = std::chrono::steady_clock::now();
      stage_ = Stage::definitions;
      return head(plan_.start(), InstrumentId{});
    case Stage::definitions:
      if (defined_ < plan_.instruments.size()) {
        const std::size_t index = defined_++;
        return head(definition_of(plan_.instruments[index]),
                    InstrumentId{static_cast<std::uint16_t>(index)});
      }
      stage_ = Stage::models;
      [[fallthrough]];
    case Stage::models:
      if (told_ < plan_.models.size()) {
        const Setting& model = plan_.models[told_++];
        return head(ParameterChange{model.name, model.value}, InstrumentId{});
      }
      stage_ = Stage::market;
      [[fallthrough]];
    case Stage::market: {
      const Event* event = first_ != nullptr ? first_ : market_.next();
      first_ = nullptr;
      if (event == nullptr) return end("end of data");
      if (pace_.length && event->header.recv_time - begin_ >= *pace_.length) {
        last_ = begin_ + *pace_.length;
        return end("time is up");
      }
      if (pace_.stop != nullptr && pace_.stop->load()) return end("stopped");
      last_ = event->header.recv_time;
      keep_pace(last_);
      return event;
    }
    case Stage::end:
      return nullptr;
  }
  return nullptr;
}

}  // namespace mm::live
