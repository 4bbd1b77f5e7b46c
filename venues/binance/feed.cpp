#include "venues/binance/feed.hpp"

#include <optional>
#include <string>
#include <variant>

#include "venues/binance/book_sync.hpp"
#include "venues/binance/codec.hpp"

namespace mm::venues::binance {
namespace {

class Feed final : public FeedDecoder {
 public:
  Feed(const Instrument& instrument, InstrumentId id)
      : codec_(instrument),
        sync_(instrument.venue == "binance-spot" ? IdRule::spot : IdRule::futures, counters_),
        id_(id) {}

  void on_frame(Time recv, std::string_view frame, EventBatch& out) override {
    EventHeader header;
    header.recv_time = recv;
    header.instrument = id_;
    if (counters_.frames++ == 0 || lost_) {
      lost_ = false;
      out.add_status(header, FeedState::connected, {});
    }
    const Result<Message> decoded = codec_.decode(frame, out.arena());
    if (decoded.has_error()) {
      ++counters_.anomalies;
      out.add_status(header, FeedState::anomaly, decoded.error().message());
      return;
    }
    switch (decoded->outcome) {
      case Outcome::decoded:
        break;
      case Outcome::control:
        ++counters_.control;
        return;
      case Outcome::other_symbol:
        ++counters_.other_symbol;
        return;
      case Outcome::unknown_kind:
        ++counters_.unknown_kind;
        return;
      case Outcome::skipped_trade:
        ++counters_.skipped_trades;
        return;
    }
    header.exchange_time = decoded->exchange_time;
    if (const auto* delta = std::get_if<BookDelta>(&decoded->body)) {
      sync_.on_delta(header, *delta, out);
    } else if (const auto* snapshot = std::get_if<BookSnapshot>(&decoded->body)) {
      sync_.on_snapshot(header, *snapshot, out);
    } else if (std::holds_alternative<Trade>(decoded->body) && !of_the_tape(*decoded)) {
      ++counters_.skipped_trades;
    } else {
      out.add(header, decoded->body);
    }
  }

  void on_lost(Time recv, std::string_view why, EventBatch& out) override {
    EventHeader header;
    header.recv_time = recv;
    header.instrument = id_;
    out.add_status(header, FeedState::lost, why);
    sync_.on_lost();
    lost_ = true;
  }

  void on_end(Time recv, EventBatch& out) override {
    if (const std::size_t left = sync_.buffered(); left != 0) {
      EventHeader header;
      header.recv_time = recv;
      header.instrument = id_;
      ++counters_.anomalies;
      out.add_status(header, FeedState::anomaly,
                     std::to_string(left) + " depth updates without a snapshot were not used");
    }
    sync_.on_end();
  }

  bool needs_snapshot() const override { return sync_.needs_snapshot(); }
  const FeedCounters& counters() const override { return counters_; }

 private:
  bool of_the_tape(const Message& trade) {
    if (!aggregated_tape_) aggregated_tape_ = trade.aggregated;
    return *aggregated_tape_ == trade.aggregated;
  }

  FeedCounters counters_;
  Codec codec_;
  BookSync sync_;
  InstrumentId id_;
  bool lost_ = false;
  std::optional<bool> aggregated_tape_;
};

}  // namespace

std::unique_ptr<FeedDecoder> make_feed(const Instrument& instrument, InstrumentId id) {
  return std::make_unique<Feed>(instrument, id);
}

}  // namespace mm::venues::binance
