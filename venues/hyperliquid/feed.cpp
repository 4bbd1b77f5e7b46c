#include "venues/hyperliquid/feed.hpp"

#include <algorithm>
#include <string>
#include <variant>

#include "venues/hyperliquid/book_merge.hpp"
#include "venues/hyperliquid/codec.hpp"
#include "venues/hyperliquid/trade_filter.hpp"

namespace mm::venues::hyperliquid {
namespace {

class Feed final : public FeedDecoder {
 public:
  Feed(const Instrument& instrument, InstrumentId id) : codec_(instrument), id_(id) {}

  void on_frame(Time recv, std::string_view frame, EventBatch& out) override {
    EventHeader header = header_at(recv);
    ++counters_.frames;
    if (link_.said_by_frame()) connected(header, out);
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
      case Outcome::user:
      case Outcome::unknown_kind:
        ++counters_.unknown_kind;
        return;
      case Outcome::venue_error:
        ++counters_.anomalies;
        out.add_status(header, FeedState::anomaly, "venue: " + std::string(decoded->text));
        return;
    }
    if (std::holds_alternative<Trade>(decoded->items.front().body)) {
      add_trades(header, decoded->items, out);
      return;
    }
    const Item& item = decoded->items.front();
    header.exchange_time = item.exchange_time;
    if (!std::holds_alternative<AssetContext>(item.body)) filter_.on_venue_time(item.exchange_time);
    if (const auto* book = std::get_if<BookSnapshot>(&item.body)) {
      add_book(header, item.fast, *book, out);
    } else {
      out.add(header, item.body);
    }
  }

  void follow_sockets() override { link_.follow_sockets(); }
  void on_connected(Time recv, EventBatch& out) override {
    if (link_.said_by_socket()) connected(header_at(recv), out);
  }

  void on_lost(Time recv, std::string_view why, EventBatch& out) override {
    out.add_status(header_at(recv), FeedState::lost, why);
    state_ = State::lost;
    link_.lost();
    books_.clear();
  }

  void on_end(Time, EventBatch&) override {}
  const FeedCounters& counters() const override { return counters_; }

 private:
  enum class State { following, lost, returned };

  EventHeader header_at(Time recv) const {
    EventHeader header;
    header.recv_time = recv;
    header.instrument = id_;
    return header;
  }

  void connected(const EventHeader& header, EventBatch& out) {
    if (state_ == State::lost) state_ = State::returned;
    out.add_status(header, FeedState::connected, {});
  }

  void add_book(EventHeader header, bool fast, const BookSnapshot& book, EventBatch& out) {
    const auto merged = books_.take(fast, header.exchange_time, book, out.arena());
    if (!merged) {
      ++counters_.duplicates;
      return;
    }
    header.exchange_time = merged->time;
    out.add(header, merged->book);
    if (state_ != State::returned) return;
    state_ = State::following;
    out.add_status(header, FeedState::resynchronised, {});
  }

  void add_trades(EventHeader header, std::span<const Item> items, EventBatch& out) {
    Time newest;
    for (const Item& item : items) newest = std::max(newest, item.exchange_time);
    filter_.on_trades_frame(newest);
    for (const Item& item : items) {
      const auto& trade = std::get<Trade>(item.body);
      switch (filter_.judge(item.exchange_time, trade.trade_id)) {
        case TradeFilter::Verdict::history:
          ++counters_.history_trades;
          continue;
        case TradeFilter::Verdict::duplicate:
          ++counters_.duplicates;
          continue;
        case TradeFilter::Verdict::news:
          break;
      }
      header.exchange_time = item.exchange_time;
      out.add(header, trade);
    }
  }

  FeedCounters counters_;
  Codec codec_;
  TradeFilter filter_;
  BookMerge books_;
  Link link_;
  InstrumentId id_;
  State state_ = State::following;
};

}  // namespace

std::unique_ptr<FeedDecoder> make_feed(const Instrument& instrument, InstrumentId id) {
  return std::make_unique<Feed>(instrument, id);
}

}  // namespace mm::venues::hyperliquid
