// mmctl simulate --fill-rules hft: recorded requests against the exchange they were recorded with.

#include <fmt/format.h>

#include "cli/order_script.hpp"
#include "cli/print_record.hpp"
#include "cli/progress.hpp"
#include "cli/simulate.hpp"
#include "engine/numeric.hpp"
#include "engine/settings.hpp"
#include "sim/hft_exchange.hpp"
#include "venues/capture/exchange_order.hpp"

namespace mm::cli {
namespace {

using venues::ExchangeFrame;

/// Counts of an instrument in the units of that exchange.
class Units {
 public:
  explicit Units(const Instrument& instrument)
      : tick_(instrument.tick.units()),
        lots_per_one_(static_cast<double>(power_of_ten(instrument.lot_decimals))),
        lot_(static_cast<double>(instrument.qty_step.lots()) / lots_per_one_) {}

  /// The quotient is the double that the decimal text would be read as.
  double qty(Qty qty) const { return static_cast<double>(qty.lots()) / lots_per_one_; }
  std::int64_t tick(Price price) const { return price.units() / tick_; }
  double lot() const { return lot_; }

 private:
  std::int64_t tick_;
  double lots_per_one_;
  double lot_;
};

class Run {
 public:
  Run(const SimulateOptions& options, const SimulateSetup& setup)
      : units_(setup.instrument),
        script_(options.script, setup.instrument),
        responses_(options.responses),
        exchange_(setup.settings.queue, setup.settings.latency, units_.lot()),
        latency_(setup.settings.latency),
        random_(setup.settings.seed) {}

  void fold(venues::ExchangeOrder& market) {
    Progress progress("simulating", "rows");
    while (const ExchangeFrame* frame = market.next()) {
      last_ = frame->at;
      deliver_before(frame->at);
      apply(*frame);
      take_answers();
      const auto [done, total] = market.progress();
      progress.update(static_cast<double>(done) / static_cast<double>(total), rows_);
    }
    // What was sent while the market stood is answered; what is of later is not sent.
    deliver_before(Time::max(), last_);
    for (; script_.peek() != nullptr; script_.pop()) ++unsent_;
    responses_.close();
  }

  const OrderScript& script() const { return script_; }
  const ResponseFile& responses() const { return responses_; }
  std::uint64_t rows() const { return rows_; }
  std::uint64_t unsent() const { return unsent_; }

 private:
  /// Messages sent by `sent_by` that arrive before `limit`.
  void deliver_before(Time limit, Time sent_by = Time::max()) {
    for (const OrderRequest* request = script_.peek(); request != nullptr;
         request = script_.peek()) {
      if (request->at > sent_by) break;
      if (!arrival_) {
        const RecordKind kind =
            std::visit([](const auto& body) { return body.kind; }, request->message);
        arrival_ = entry_lane_.deliver(request->at, latency_.entry_of(kind, request->at, random_));
      }
      if (*arrival_ >= limit) break;
      deliver(*arrival_, *request);
      arrival_.reset();
      script_.pop();
    }
    take_answers();
  }

  void deliver(Time arrival, const OrderRequest& request) {
    if (const auto* order = std::get_if<PlaceOrder>(&request.message)) {
      if (exchange_.rests(order->order))
        throw Error(ErrorKind::data,
                    fmt::format("{}order {} is sent while an order of that id rests",
                                script_.place(), order->order.value));
      exchange_.place(arrival, order->order, order->side, units_.tick(order->price),
                      units_.qty(order->qty), order->time_in_force);
    } else if (const auto* gone = std::get_if<CancelOrder>(&request.message)) {
      const OrderScript::Terms& terms = script_.terms(gone->order);
      exchange_.cancel(arrival, gone->order, terms.tick, units_.qty(terms.qty));
    } else {
      throw Error(ErrorKind::data, script_.place() +
                                       "--fill-rules hft has no replace (M); cancel "
                                       "(C) and place (N) instead");
    }
  }

  void apply(const ExchangeFrame& frame) {
    if (frame.kind == ExchangeFrame::Kind::trade) {
      ++rows_;
      exchange_.trade(frame.at, frame.aggressor, units_.tick(frame.price), units_.qty(frame.qty));
      return;
    }
    for (const Side side : {Side::buy, Side::sell}) {
      const auto& levels = side == Side::buy ? frame.bids : frame.asks;
      if (frame.kind == ExchangeFrame::Kind::snapshot && !levels.empty())
        exchange_.clear(side, units_.tick(levels.back().price));
      rows_ += levels.size();
      for (const Level& level : levels)
        exchange_.depth_row(frame.at, side, units_.tick(level.price), units_.qty(level.qty));
    }
  }

  void take_answers() {
    static constexpr std::string_view names[] = {"New", "Filled", "Canceled", "Expired"};
    for (const sim::HftResponse& answer : exchange_.answers()) {
      responses_.write({.heard = answer.heard,
                        .id = answer.id,
                        .status = names[static_cast<std::size_t>(answer.status)],
                        .request = answer.refused ? "Rejected" : "None",
                        .tick = answer.tick,
                        .filled_tick = answer.filled_tick,
                        .filled_qty = format_double(answer.filled_qty),
                        .leaves = format_double(answer.leaves),
                        .exchange_time = answer.exchange_time,
                        .maker = answer.maker});
    }
    exchange_.answers().clear();
  }

  Units units_;
  OrderScript script_;
  ResponseFile responses_;
  sim::HftExchange exchange_;
  sim::LatencyModel latency_;
  SplitMix64 random_;
  sim::Lane entry_lane_;
  std::optional<Time> arrival_;  // of the request in front
  Time last_;
  std::uint64_t rows_ = 0;
  std::uint64_t unsent_ = 0;
};

}  // namespace

int simulate_hft(const Globals& globals, const SimulateOptions& options,
                 const SimulateSetup& setup) {
  if (!setup.spec.venue.starts_with("binance-"))
    throw Error(ErrorKind::usage,
                fmt::format("{}: --fill-rules hft reads Binance captures; the other venues run "
                            "with --fill-rules mm",
                            venues::quoted_flag(setup.spec)));
  venues::ExchangeOrder market(setup.instrument, setup.spec.files);
  Run run(options, setup);
  run.fold(market);

  const auto& statuses = run.responses().by_status();
  if (market.anomalies() != 0)
    fmt::print(stderr, "mmctl: warning: {} lines of the capture could not be read\n",
               market.anomalies());
  if (run.unsent() != 0)
    fmt::print(stderr,
               "mmctl: warning: {} requests are of after the market's end and were not sent\n",
               run.unsent());
  const std::uint64_t requests = run.script().count() - run.unsent();
  if (globals.json) {
    Json counts = Json::object();
    for (const auto& [name, count] : statuses) counts[name] = count;
    const Json document{{"fill_rules", "hft"},
                        {"queue", setup.settings.queue.name()},
                        {"latency", setup.settings.latency.short_name()},
                        {"market_rows", run.rows()},
                        {"requests", requests},
                        {"unsent", run.unsent()},
                        {"responses", run.responses().count()},
                        {"by_status", std::move(counts)},
                        {"clock_shift_ns", market.clock_shift().count()},
                        {"anomalies", market.anomalies()}};
    fmt::print("{}\n", document.dump(2));
    return 0;
  }
  fmt::print("rules      hft, {}, latency {}\n", setup.settings.queue.name(),
             setup.settings.latency.short_name());
  fmt::print("market     {} rows; receive times are {} behind the exchange's\n", run.rows(),
             format_duration(market.clock_shift()));
  fmt::print("requests   {}\nresponses  {}", requests, run.responses().count());
  for (const auto& [name, count] : statuses) fmt::print(", {} {}", count, name);
  fmt::print("\n");
  return 0;
}

}  // namespace mm::cli
