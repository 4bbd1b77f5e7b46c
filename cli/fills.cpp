// mmctl fills: our executions, with markouts if asked for.

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "cli/table.hpp"
#include "engine/describe.hpp"
#include "engine/market.hpp"
#include "engine/numeric.hpp"
#include "engine/result.hpp"
#include "research/analytics/markout.hpp"

namespace mm::cli {
namespace {

using research::MarkedFill;

/// The fills of a window with their markouts. Folds the market from the session's start, because
/// the mid before a fill may be older than the window.
std::vector<MarkedFill> marked_fills(const journal::Journal& journal,
                                     const journal::SessionInfo& session,
                                     const journal::TimeWindow& window) {
  Market market;
  research::MarkHistory history;
  research::MarkoutTracker tracker(history, research::standard_horizons());
  std::vector<MarkedFill> fills;
  const auto take = [&](std::vector<MarkedFill> ready) {
    for (MarkedFill& fill : ready) fills.push_back(std::move(fill));
  };
  journal::RecordCursor cursor = journal.read(session);
  Time last;
  while (cursor.next() == journal::RecordCursor::Item::record) {
    if (cursor.is_output()) continue;
    const Event& event = cursor.event();
    last = event.header.recv_time;
    if (last >= window.to + research::standard_horizons().back() + Duration{1}) break;
    take(tracker.take_ready(last));
    market.apply(event);
    if (event.header.instrument.value == 0 && market.quoted().defined())
      history.update(last, market.quoted());
    const auto* fill = std::get_if<Fill>(&event.body);
    if (fill != nullptr && last >= window.from && last < window.to)
      tracker.add(event.header, *fill, market.quoted().definition());
  }
  take(tracker.finish(last));
  return fills;
}

std::vector<MarkedFill> plain_fills(const journal::Journal& journal,
                                    const journal::SessionInfo& session,
                                    const journal::TimeWindow& window) {
  std::vector<MarkedFill> fills;
  journal::RecordCursor cursor = journal.read(session, window);
  while (cursor.next() == journal::RecordCursor::Item::record) {
    if (cursor.is_output()) continue;
    const Event& event = cursor.event();
    if (const auto* fill = std::get_if<Fill>(&event.body))
      fills.push_back(
          {event.header, *fill, research::happened_at(event.header, *fill), {}, {}, {}});
  }
  return fills;
}

std::string horizon_name(Duration horizon) {
  return horizon < std::chrono::seconds{1} ? fmt::format("{}ms", horizon.count() / 1'000'000)
                                           : fmt::format("{}s", horizon.count() / 1'000'000'000);
}

Json fill_json(const MarkedFill& marked, const Instruments& instruments, bool markouts) {
  Json out = record_to_json(Record{Event{marked.header, marked.fill}}, instruments);
  if (!markouts) return out;
  out["spread_capture_bps"] =
      marked.spread_capture_bps ? Json(*marked.spread_capture_bps) : Json(nullptr);
  Json bps = Json::object();
  Json pnl = Json::object();
  for (const research::Markout& markout : marked.markouts) {
    const std::string name = horizon_name(markout.horizon);
    bps[name] = markout.bps ? Json(markout.bps->markout) : Json(nullptr);
    pnl[name] = markout.pnl ? Json(format_money(*markout.pnl)) : Json(nullptr);
  }
  out["markout_bps"] = std::move(bps);
  out["markout_pnl"] = std::move(pnl);
  return out;
}

std::vector<TableRow> table_of(const std::vector<MarkedFill>& fills, const Instruments& instruments,
                               bool markouts) {
  TableRow head{"time",  "seq", "trade_id", "order", "side",
                "price", "qty", "fee",      "maker", "cause"};
  if (markouts) {
    head.push_back("spread_bps");
    for (const Duration horizon : research::standard_horizons())
      head.push_back("markout_" + horizon_name(horizon) + "_bps");
  }
  std::vector<TableRow> rows{head};
  for (const MarkedFill& marked : fills) {
    const Fill& fill = marked.fill;
    const Instrument instrument = marked.header.instrument.value < instruments.size()
                                      ? instruments[marked.header.instrument.value]
                                      : Instrument{};
    TableRow row{format_time(marked.header.recv_time), std::to_string(marked.header.seq.value),
                 std::to_string(fill.trade_id),        std::to_string(fill.order.value),
                 std::string(name_of(fill.side)),      format_price(instrument, fill.price),
                 format_qty(instrument, fill.qty),     format_money(fill.fee),
                 fill.maker ? "maker" : "taker",       std::string(name_of(fill.cause))};
    if (markouts) {
      const auto bps = [](const std::optional<double>& value) {
        return value ? fmt::format("{:.3f}", *value) : std::string();
      };
      row.push_back(bps(marked.spread_capture_bps));
      for (const research::Markout& markout : marked.markouts)
        row.push_back(markout.bps ? bps(markout.bps->markout) : "");
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

int fills(const Globals& globals, const FillsOptions& options) {
  if (globals.json && options.csv)
    throw Error(ErrorKind::usage, "fills: --json and --csv do not go together");
  const journal::Journal journal = open_journal(globals);
  Json list = Json::array();
  for (const journal::SessionInfo* session : chosen_sessions(journal, globals)) {
    if (session->end_seq.value == 0) continue;
    const journal::TimeWindow window = time_window(options.window, *session);
    const Instruments instruments = read_head(journal, *session).instruments;
    const auto found = options.markouts ? marked_fills(journal, *session, window)
                                        : plain_fills(journal, *session, window);
    if (globals.json) {
      for (const MarkedFill& fill : found)
        list.push_back(fill_json(fill, instruments, options.markouts));
      continue;
    }
    const auto rows = table_of(found, instruments, options.markouts);
    fmt::print("{}", options.csv ? format_csv(rows) : format_table(rows));
  }
  if (globals.json) fmt::print("{}\n", Json{{"fills", std::move(list)}}.dump(2));
  return 0;
}

}  // namespace mm::cli
