#include "sim/round_trips.hpp"

#include <algorithm>
#include <variant>

namespace mm::sim {

void RoundTrips::on_output(const Output& output) {
  if (const auto* order = std::get_if<PlaceOrder>(&output.body))
    under_way_[order->order] = output.header.recv_time;
}

void RoundTrips::on_event(const Event& event) {
  const EventHeader& header = event.header;
  switch (event.kind()) {
    case RecordKind::session_start:
      real_ = std::get<SessionStart>(event.body).execution == "live";
      if (!real_) delay_ = Duration{0};
      return;
    case RecordKind::book_snapshot:
    case RecordKind::book_delta:
    case RecordKind::best_quote:
    case RecordKind::trade:
      if (real_ && header.instrument.value == 0 && header.exchange_time != Time{})
        delay_ = header.recv_time - header.exchange_time;
      return;
    case RecordKind::order_reject:
      under_way_.erase(std::get<OrderReject>(event.body).order);
      return;
    case RecordKind::order_ack:
      break;
    default:
      return;
  }
  const auto sent = under_way_.find(std::get<OrderAck>(event.body).order);
  if (sent == under_way_.end()) return;
  if (header.exchange_time != Time{} && delay_) {
    const Time arrival = std::clamp(header.exchange_time + *delay_, sent->second, header.recv_time);
    if (header.recv_time - sent->second <= LatencyModel::longest)
      trips_.push_back({sent->second, arrival - sent->second, header.recv_time - arrival});
  }
  under_way_.erase(sent);
}

std::vector<RoundTrip> RoundTrips::thinned() const {
  std::vector<RoundTrip> kept;
  const std::size_t count = std::min(trips_.size(), LatencyModel::most_rows);
  for (std::size_t i = 0; i < count; ++i) kept.push_back(trips_[i * trips_.size() / count]);
  return kept;
}

}  // namespace mm::sim
