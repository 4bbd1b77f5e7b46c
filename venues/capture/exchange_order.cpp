#include "venues/capture/exchange_order.hpp"

#include <algorithm>
#include <tuple>
#include <variant>

#include "engine/assert.hpp"
#include "engine/result.hpp"
#include "venues/capture/capture_bytes.hpp"

namespace mm::venues {
namespace {

/// Heap order. // total order: numbers differ
bool later(const ExchangeFrame& a, const ExchangeFrame& b) {
  return std::tie(a.at, a.number) > std::tie(b.at, b.number);
}

}  // namespace

ExchangeOrder::ExchangeOrder(const Instrument& instrument, std::vector<std::string> files)
    : instrument_(instrument), codec_(instrument), files_(std::move(files)) {
  MM_ASSERT(!files_.empty(), "there is a file to read");
  for (std::size_t i = files_.size(); i-- > 0;) {
    file_ = FrameReader::open(files_[i], instrument_);
    total_ += file_size(files_[i]);
  }
}

const ExchangeFrame* ExchangeOrder::next() {
  while (file_ && (waiting_.empty() || newest_ - waiting_.front().at < most_lateness)) read();
  if (waiting_.empty()) return nullptr;
  std::pop_heap(waiting_.begin(), waiting_.end(), later);
  current_ = std::move(waiting_.back());
  waiting_.pop_back();
  given_ = current_.at;
  return &current_;
}

void ExchangeOrder::read() {
  CaptureFrame frame;
  if (file_->next(frame)) {
    take(frame);
    return;
  }
  done_ += file_->consumed();
  file_.reset();
  if (++file_index_ < files_.size()) file_ = FrameReader::open(files_[file_index_], instrument_);
}

void ExchangeOrder::take(const CaptureFrame& frame) {
  arena_.clear();
  if (!frame.problem.empty()) {
    ++anomalies_;
    return;
  }
  const auto message = codec_.decode(frame.text, arena_);
  if (message.has_error()) {
    ++anomalies_;
    return;
  }
  if (message->outcome != binance::Outcome::decoded) return;

  ExchangeFrame kept{.at = message->exchange_time};
  if (const auto* delta = std::get_if<BookDelta>(&message->body)) {
    kept.kind = ExchangeFrame::Kind::depth;
    kept.bids.assign(delta->bids.begin(), delta->bids.end());
    kept.asks.assign(delta->asks.begin(), delta->asks.end());
  } else if (const auto* snapshot = std::get_if<BookSnapshot>(&message->body)) {
    kept.kind = ExchangeFrame::Kind::snapshot;
    kept.bids.assign(snapshot->bids.begin(), snapshot->bids.end());
    kept.asks.assign(snapshot->asks.begin(), snapshot->asks.end());
  } else if (const auto* trade = std::get_if<Trade>(&message->body)) {
    if (!aggregated_) aggregated_ = message->aggregated;
    if (*aggregated_ != message->aggregated) return;
    kept.kind = ExchangeFrame::Kind::trade;
    kept.price = trade->price;
    kept.qty = trade->qty;
    kept.aggressor = trade->aggressor;
  } else {
    return;
  }
  if (kept.at == Time{}) {
    // A spot snapshot carries no time: it is what stood when it arrived, behind all that came.
    kept.at = newest_;
  }
  shift_ = std::max(shift_, kept.at - frame.recv_time);
  if (kept.at < given_)
    throw Error(ErrorKind::data, files_[file_index_] + ": the frame received at " +
                                     std::to_string(to_ns(frame.recv_time)) +
                                     " ns is stamped more than " +
                                     std::to_string(most_lateness / std::chrono::seconds{1}) +
                                     " s before others that came first; are the files in order?");
  newest_ = std::max(newest_, kept.at);
  kept.number = ++count_;
  waiting_.push_back(std::move(kept));
  std::push_heap(waiting_.begin(), waiting_.end(), later);
}

}  // namespace mm::venues
