#include "research/why/words.hpp"

#include <fmt/format.h>

#include "engine/describe.hpp"
#include "engine/numeric.hpp"
#include "engine/settings.hpp"

namespace mm::research::why {
namespace {

std::string figure(std::int64_t value, int decimals) {
  return value == absent_e ? "unknown" : format_decimal(value, decimals);
}

/// "wall_pulled" as "wall pulled".
std::string spaced(std::string_view name) {
  std::string text{name};
  for (char& c : text)
    if (c == '_') c = ' ';
  return text;
}

class Words {
 public:
  explicit Words(const Instrument& instrument) : instrument_(instrument) {}

  std::string operator()(const Fill& fill) const {
    return fmt::format("fill: {} {} at {}, order {}, {}", name_of(fill.side),
                       format_qty(instrument_, fill.qty), format_price(instrument_, fill.price),
                       fill.order.value, name_of(fill.cause));
  }
  std::string operator()(const FeedStatus& status) const {
    return fmt::format("feed: {}{}{}", name_of(status.state), status.detail.empty() ? "" : ", ",
                       status.detail);
  }
  std::string operator()(const ClockStep& step) const {
    return fmt::format("our clock stepped by {}", format_duration(Duration{step.step_ns}));
  }
  std::string operator()(const RateLimit& limit) const {
    return fmt::format("the venue limits our messages: {} of {}", limit.used, limit.limit);
  }
  std::string operator()(const OrderReject& reject) const {
    return fmt::format("order {} rejected: {}", reject.order.value, name_of(reject.reason));
  }
  std::string operator()(const CancelReject& reject) const {
    return fmt::format("cancel or replace of order {} came too late: {}", reject.order.value,
                       name_of(reject.reason));
  }
  std::string operator()(const OrderDone& done) const {
    if (done.reason != DoneReason::venue_cancelled) return {};
    return fmt::format("the venue cancelled order {}{}{}", done.order.value,
                       done.detail.empty() ? "" : ": ", done.detail);
  }
  std::string operator()(const FundingPayment& payment) const {
    return fmt::format("funding {} {}", format_money(payment.cash), instrument_.settlement);
  }
  std::string operator()(const Liquidation& forced) const {
    return fmt::format("liquidation: {} {} at {}", name_of(forced.side),
                       format_qty(instrument_, forced.qty),
                       format_price(instrument_, forced.price));
  }
  std::string operator()(const ParameterChange& change) const {
    return fmt::format("parameter {} = {}", change.name, change.value);
  }
  std::string operator()(const Annotation& note) const {
    return fmt::format("note of {}: {}", note.author, note.text);
  }
  std::string operator()(const KillSwitch& kill) const {
    return fmt::format("kill switch {}{}{}", kill.engaged ? "engaged" : "released",
                       kill.reason.empty() ? "" : ": ", kill.reason);
  }
  std::string operator()(const SessionStart&) const { return "session start"; }
  std::string operator()(const SessionEnd& end) const {
    return fmt::format("session end{}{}", end.reason.empty() ? "" : ": ", end.reason);
  }

  std::string operator()(const Alert& alert) const {
    std::string text = fmt::format("alert: {}", name_of(alert.code));
    if (alert.value != 0 || alert.limit != 0)
      text += fmt::format(" {} (limit {})", alert.value, alert.limit);
    if (alert.order.value != 0) text += fmt::format(", order {}", alert.order.value);
    return text;
  }
  template <RecordKind K>
  std::string operator()(const WallNote<K>& wall) const {
    std::string text =
        fmt::format("{}: {} {} at {}, {} times the median, {} ms old", spaced(name_of(K)),
                    name_of(wall.side), format_qty(instrument_, wall.qty),
                    format_price(instrument_, wall.price), figure(wall.ratio_e3, 3), wall.age_ms);
    if (wall.pulled_e6 != absent_e)
      text += fmt::format(", {} % of it cancelled", figure(wall.pulled_e6, 4));
    return text;
  }
  template <RecordKind K>
  std::string operator()(const FlushNote<K>& flush) const {
    std::string text = fmt::format("{}: {}, {} % of the depth gone untraded", spaced(name_of(K)),
                                   name_of(flush.side), figure(flush.score_e6, 4));
    if (flush.lasted_ms != 0) text += fmt::format(", lasted {} ms", flush.lasted_ms);
    return text;
  }
  std::string operator()(const LiquidityChanged& change) const {
    return fmt::format("liquidity {} -> {} (flush {}, density {}, z of velocity {})",
                       name_of(change.from), name_of(change.to), figure(change.score_e6, 6),
                       figure(change.density_e6, 6), figure(change.z_velocity_e3, 3));
  }
  std::string operator()(const RegimeChanged& change) const {
    return fmt::format("regime {} -> {} (belief {}, {}, {}, {})", name_of(change.from),
                       name_of(change.to), figure(change.quiet_e6, 6),
                       figure(change.trending_e6, 6), figure(change.volatile_e6, 6),
                       figure(change.cascade_e6, 6));
  }
  template <class Body>
  std::string operator()(const Body&) const {
    return {};
  }

 private:
  const Instrument& instrument_;
};

}  // namespace

std::string words_of(const Event& event, const Instrument& instrument) {
  return std::visit(Words{instrument}, event.body);
}

std::string words_of(const Output& output, const Instrument& instrument) {
  return std::visit(Words{instrument}, output.body);
}

}  // namespace mm::research::why
