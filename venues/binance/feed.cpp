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
    ++counters_.frames;
    if (link_.said_by_frame()) out.add_status(header, FeedState::connected, {});
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
    } else if (came_before(*decoded)) {
      ++counters_.duplicates;
    } else if (const auto* context = std::get_if<AssetContext>(&decoded->body)) {
      out.add(header, joined(*context));
    } else {
      out.add(header, decoded->body);
    }
  }

  void follow_sockets() override { link_.follow_sockets(); }
  void on_connected(Time recv, EventBatch& out) override {
    EventHeader header;
    header.recv_time = recv;
    header.instrument = id_;
    if (link_.said_by_socket()) out.add_status(header, FeedState::connected, {});
  }

  void on_lost(Time recv, std::string_view why, EventBatch& out) override {
    EventHeader header;
    header.recv_time = recv;
    header.instrument = id_;
    out.add_status(header, FeedState::lost, why);
    sync_.on_lost();
    link_.lost();
  }

  void set_doubled(bool doubled) override { doubled_ = doubled; }

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
  /// Whether two connections carry the streams and this is the second to bring it.
  bool came_before(const Message& message) {
    std::int64_t* last = nullptr;
    std::int64_t id = 0;
    if (const auto* trade = std::get_if<Trade>(&message.body)) {
      last = &last_trade_;
      id = trade->trade_id;
    } else if (const auto* quote = std::get_if<BestQuote>(&message.body)) {
      last = &last_quote_;
      id = quote->update_id;
    } else if (const auto* context = std::get_if<AssetContext>(&message.body)) {
      const bool polled = context->open_interest_e8 != absent_e;
      if (polled) return false;
      last = &last_context_;
      id = context->event_time_ns;
    } else if (const auto* liquidation = std::get_if<Liquidation>(&message.body)) {
      last = &last_liquidation_;
      id = liquidation->event_time_ns;
    } else {
      return false;
    }
    if (doubled_ && id <= *last) return true;
    *last = id;
    return false;
  }

  /// Mark prices and the polled open interest come apart; a context is all that is known.
  const AssetContext& joined(const AssetContext& news) {
    const std::int64_t known_interest = context_.open_interest_e8;
    if (news.open_interest_e8 != absent_e) {
      context_.open_interest_e8 = news.open_interest_e8;
      context_.event_time_ns = news.event_time_ns;
    } else {
      context_ = news;
      context_.open_interest_e8 = known_interest;
    }
    return context_;
  }

  bool of_the_tape(const Message& trade) {
    if (!aggregated_tape_) aggregated_tape_ = trade.aggregated;
    return *aggregated_tape_ == trade.aggregated;
  }

  FeedCounters counters_;
  Codec codec_;
  BookSync sync_;
  InstrumentId id_;
  Link link_;
  bool doubled_ = false;
  AssetContext context_;
  std::int64_t last_trade_ = -1;
  std::int64_t last_quote_ = -1;
  std::int64_t last_context_ = -1;
  std::int64_t last_liquidation_ = -1;
  std::optional<bool> aggregated_tape_;
};

}  // namespace

std::unique_ptr<FeedDecoder> make_feed(const Instrument& instrument, InstrumentId id) {
  return std::make_unique<Feed>(instrument, id);
}

}  // namespace mm::venues::binance
