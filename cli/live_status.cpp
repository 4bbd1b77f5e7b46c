#include "cli/live_status.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include "engine/describe.hpp"
#include "engine/numeric.hpp"

namespace mm::cli {
namespace {

std::size_t terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 100;
}

std::string decision_text(const Output& output, const Instrument& instrument) {
  return std::visit(
      [&](const auto& body) -> std::string {
        using Body = std::remove_cvref_t<decltype(body)>;
        if constexpr (std::is_same_v<Body, PlaceOrder> || std::is_same_v<Body, ReplaceOrder>) {
          return fmt::format("{} {} {} at {}", std::is_same_v<Body, PlaceOrder> ? "place" : "move",
                             body.side == Side::buy ? "buy" : "sell",
                             format_qty(instrument, body.qty),
                             format_price(instrument, body.price));
        } else if constexpr (std::is_same_v<Body, CancelOrder>) {
          return fmt::format("cancel {}", body.order.value);
        } else {
          return "none";
        }
      },
      output.body);
}

}  // namespace

LiveStatus::LiveStatus(const std::vector<Instrument>& instruments, const Engine& engine,
                       const std::vector<std::unique_ptr<venues::LiveFeed>>& feeds,
                       const live::Execution& execution)
    : instruments_(instruments),
      engine_(engine),
      feeds_(feeds),
      execution_(execution),
      shown_at_(Clock::now()),
      terminal_(isatty(STDERR_FILENO) == 1) {}

LiveStatus::~LiveStatus() {
  clear();
}

std::string LiveStatus::line(const live::RecordingStatus& status, double rate) const {
  const Instrument& quoted = instruments_.front();
  const InstrumentState& market = engine_.market().quoted();
  const Trader& trader = engine_.trader();
  std::string out = quoted.symbol;
  if (market.touch().two_sided()) {
    out += fmt::format(" {}/{}", format_price(quoted, market.touch().bid.price),
                       format_price(quoted, market.touch().ask.price));
  }
  if (!market.quotable()) out += " (no valid book)";
  std::string down;
  for (const auto& feed : feeds_) {
    if (!feed->connected()) down += " " + instruments_[feed->id().value].symbol;
  }
  if (!down.empty()) out += " | down:" + down;
  out += fmt::format(" | {:.0f}/s", rate);
  if (status.lag) out += fmt::format(" | lag {} ms", *status.lag / std::chrono::milliseconds{1});
  out += fmt::format(" | gaps {}", status.gaps);
  if (status.alerts != 0) out += fmt::format(" | alerts {}", status.alerts);
  if (trader.settings().trading) {
    out += fmt::format(" | pos {} | P&L {} {} | fills {}",
                       format_qty(quoted, trader.ledger().position()),
                       format_money(Money::from_units(trader.attribution().net_pnl())),
                       quoted.settlement, status.fills);
    out += fmt::format(" | {} open", trader.orders().all().size());
    if (status.last_decision) out += " | " + decision_text(*status.last_decision, quoted);
  }
  if (const std::string more = execution_.status(); !more.empty()) out += " | " + more;
  return out;
}

void LiveStatus::show(const live::RecordingStatus& status) {
  const auto now = Clock::now();
  const auto pause = terminal_ ? std::chrono::milliseconds(250) : std::chrono::seconds(10);
  const auto since = now - shown_at_;
  if (since < pause) return;
  const double rate = static_cast<double>(status.inputs - shown_inputs_) /
                      std::chrono::duration<double>(since).count();
  shown_at_ = now;
  shown_inputs_ = status.inputs;
  if (terminal_) {
    fmt::print(stderr, "\r\033[K{}", line(status, rate).substr(0, terminal_columns() - 1));
    on_screen_ = true;
  } else {
    fmt::print(stderr, "{}\n", line(status, rate));
  }
  std::fflush(stderr);
}

void LiveStatus::clear() {
  if (on_screen_) std::fputs("\r\033[K", stderr);
  on_screen_ = false;
}

}  // namespace mm::cli
