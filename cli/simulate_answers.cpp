#include "cli/simulate_answers.hpp"

#include <fmt/format.h>

#include "cli/print_record.hpp"

namespace mm::cli {

void print_simulation(const Globals& globals, const SimulateSetup& setup,
                      const SimulateResult& result, const ResponseFile& rows,
                      const Answers& answers) {
  constexpr std::pair<std::string_view, FillCause> causes[] = {{"queue", FillCause::queue},
                                                               {"through", FillCause::through},
                                                               {"cross", FillCause::cross},
                                                               {"taker", FillCause::taker}};
  const Instrument& instrument = setup.instrument;
  const auto lots = [&](std::int64_t count) {
    return format_qty(instrument, Qty::from_lots(count));
  };
  if (result.unsent != 0)
    fmt::print(stderr,
               "mmctl: warning: {} requests are of after the market's end and were not sent\n",
               result.unsent);
  if (globals.json) {
    Json counts = Json::object();
    for (const auto& [name, count] : rows.by_status()) counts[name] = count;
    Json by_cause = Json::object();
    for (const auto& [name, cause] : causes)
      by_cause[std::string(name)] =
          Json{{"fills", answers.of(cause).fills}, {"qty", lots(answers.of(cause).lots)}};
    Json document{{"fill_rules", "mm"},
                  {"queue", setup.queue_name()},
                  {"latency", setup.settings.latency.short_name()},
                  {"market_events", result.market_events},
                  {"requests", result.requests},
                  {"unsent", result.unsent},
                  {"responses", rows.count()},
                  {"by_status", std::move(counts)},
                  {"fills", answers.fills()},
                  {"by_cause", std::move(by_cause)},
                  {"position", format_qty(instrument, result.position)},
                  {"pnl", format_money(result.pnl)},
                  {"fees", format_money(result.fees)},
                  {"currency", instrument.settlement},
                  {"conservation",
                   {{"ordered", lots(result.lots.ordered)},
                    {"filled", lots(result.lots.filled)},
                    {"cancelled", lots(result.lots.cancelled)},
                    {"resting", lots(result.lots.resting)},
                    {"holds", result.lots.holds()}}}};
    if (result.session) document["session"] = *result.session;
    fmt::print("{}\n", document.dump(2));
    return;
  }
  fmt::print("rules      mm, {}, latency {}\n", setup.queue_name(),
             setup.settings.latency.short_name());
  fmt::print("market     {} events\n", result.market_events);
  fmt::print("requests   {}\nresponses  {}", result.requests, rows.count());
  for (const auto& [name, count] : rows.by_status()) fmt::print(", {} {}", count, name);
  fmt::print("\nfills      {}", answers.fills());
  for (const auto& [name, cause] : causes)
    if (answers.of(cause).fills != 0)
      fmt::print(", {} {} ({})", answers.of(cause).fills, name, lots(answers.of(cause).lots));
  fmt::print("\naccount    position {}, P&L {} {} marked to mid (fees {})\n",
             format_qty(instrument, result.position), format_money(result.pnl),
             instrument.settlement, format_money(result.fees));
  fmt::print("lots       {} ordered = {} filled + {} cancelled + {} resting\n",
             lots(result.lots.ordered), lots(result.lots.filled), lots(result.lots.cancelled),
             lots(result.lots.resting));
  if (result.session) fmt::print("journal    session {} in {}\n", *result.session, globals.journal);
}

}  // namespace mm::cli
