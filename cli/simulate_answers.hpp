#pragma once

// What answers a script in the rules of our own: rows, totals by cause, the summary.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <variant>

#include "cli/order_script.hpp"
#include "cli/simulate.hpp"
#include "engine/event.hpp"
#include "engine/numeric.hpp"
#include "engine/output.hpp"
#include "sim/exchange.hpp"

namespace mm::cli {

struct CauseTotal {
  std::uint64_t fills = 0;
  std::int64_t lots = 0;
};

/// Answers as rows, and the totals of the summary. Hears a session like a journal does.
class Answers {
 public:
  Answers(const Instrument& instrument, ResponseFile& rows)
      : instrument_(instrument), rows_(rows) {}

  void accept(const Event& event) {
    std::visit([&](const auto& body) { answer(event.header, body); }, event.body);
  }
  void sent(const OutputBody& message) {
    if (const auto* order = std::get_if<PlaceOrder>(&message))
      sent_[order->order] = {order->price, order->qty};
    if (const auto* moved = std::get_if<ReplaceOrder>(&message))
      sent_[moved->replacement] = {moved->price, moved->qty};
  }
  const CauseTotal& of(FillCause cause) const { return causes_[static_cast<std::size_t>(cause)]; }
  std::uint64_t fills() const { return fills_; }

 private:
  struct Terms {
    Price price;
    Qty qty;
  };

  ResponseRow row(const EventHeader& header, ClientOrderId id, const Terms& terms) const {
    return {.heard = header.recv_time,
            .id = id,
            .tick = ticks(terms.price),
            .leaves = format_qty(instrument_, terms.qty),
            .exchange_time = header.exchange_time};
  }
  /// What the exchange took under this id, or else what was sent: an id may be sent anew while its
  /// order still rests, and is refused then.
  const Terms& of_order(ClientOrderId id) {
    const auto taken = taken_.find(id);
    return taken == taken_.end() ? sent_[id] : taken->second;
  }
  std::int64_t ticks(Price price) const { return price.units() / instrument_.tick.units(); }

  template <class Body>
  void answer(const EventHeader& header, const Body& body) {
    if constexpr (std::is_same_v<Body, OrderAck>) {
      taken_[body.order] = {body.price, body.remaining};
      ResponseRow ack = row(header, body.order, taken_[body.order]);
      ack.status = "New";
      rows_.write(ack);
    } else if constexpr (std::is_same_v<Body, OrderReject>) {
      ResponseRow no = row(header, body.order, sent_[body.order]);
      no.status = body.reason == RejectReason::post_only_would_cross ? "Expired" : "Rejected";
      rows_.write(no);
    } else if constexpr (std::is_same_v<Body, OrderDone>) {
      ResponseRow done = row(header, body.order, of_order(body.order));
      done.status = body.reason == DoneReason::expired    ? "Expired"
                    : body.reason == DoneReason::replaced ? "Replaced"
                                                          : "Canceled";
      done.leaves = format_qty(instrument_, body.remaining);
      rows_.write(done);
    } else if constexpr (std::is_same_v<Body, CancelReject>) {
      ResponseRow no = row(header, body.order, of_order(body.order));
      no.status = "New";
      no.request = "Rejected";
      rows_.write(no);
    } else if constexpr (std::is_same_v<Body, Fill>) {
      ResponseRow fill = row(header, body.order, of_order(body.order));
      fill.status = body.remaining == Qty{} ? "Filled" : "PartiallyFilled";
      fill.filled_tick = ticks(body.price);
      fill.filled_qty = format_qty(instrument_, body.qty);
      fill.leaves = format_qty(instrument_, body.remaining);
      fill.maker = body.maker;
      rows_.write(fill);
      ++fills_;
      CauseTotal& total = causes_[static_cast<std::size_t>(body.cause)];
      ++total.fills;
      total.lots += body.qty.lots();
    }
  }

  const Instrument& instrument_;
  ResponseFile& rows_;
  std::map<ClientOrderId, Terms> sent_;
  std::map<ClientOrderId, Terms> taken_;
  std::array<CauseTotal, 6> causes_{};
  std::uint64_t fills_ = 0;
};

/// What a run amounts to.
struct SimulateResult {
  std::uint64_t requests = 0;
  std::uint64_t unsent = 0;
  std::uint64_t market_events = 0;
  Money pnl;
  Money fees;
  Qty position;
  sim::Conservation lots;
  std::optional<std::uint64_t> session;
};

/// As text, or with --json as a document.
void print_simulation(const Globals& globals, const SimulateSetup& setup,
                      const SimulateResult& result, const ResponseFile& rows,
                      const Answers& answers);

}  // namespace mm::cli
