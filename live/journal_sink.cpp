#include "live/journal_sink.hpp"

#include <variant>

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

}  // namespace

void JournalSink::accept(const Event& event) {
  writer_.append(event);
  ++status_.inputs;
  status_.now = event.header.recv_time;
  if (event.header.instrument.value == 0 && event.header.exchange_time != Time{})
    status_.lag = event.header.recv_time - event.header.exchange_time;
  if (std::holds_alternative<Fill>(event.body)) ++status_.fills;
  if (const auto* feed = std::get_if<FeedStatus>(&event.body))
    status_.gaps += feed->state == FeedState::gap || feed->state == FeedState::lost ? 1 : 0;
  rows_ += rows_of(event);
}

void JournalSink::decided(const Event&, std::span<Output> outputs) {
  for (Output& output : outputs) {
    output.header.seq = writer_.append(output);
    if (std::holds_alternative<Alert>(output.body)) {
      ++status_.alerts;
    } else if (std::holds_alternative<PlaceOrder>(output.body) ||
               std::holds_alternative<CancelOrder>(output.body) ||
               std::holds_alternative<ReplaceOrder>(output.body)) {
      status_.last_decision = output;
    }
  }
  status_.outputs += outputs.size();
  if (rows_ >= checkpoint_rows_) save_checkpoint();
  if (told_) told_(status_);
}

void JournalSink::save_checkpoint() {
  rows_ = 0;
  state_.clear();
  engine_.save(state_);
  writer_.add_checkpoint(writer_.next_seq(), state_.bytes(), journal::state_digest_of(engine_));
}

}  // namespace mm::live
