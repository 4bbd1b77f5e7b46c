// mmctl simulate --queue l3_fifo: orders of ours in the queues of an order-by-order recording.

#include <fmt/format.h>

#include "cli/order_script.hpp"
#include "cli/progress.hpp"
#include "cli/simulate.hpp"
#include "cli/simulate_answers.hpp"
#include "sim/l3_exchange.hpp"
#include "venues/l3/l3_feed.hpp"

namespace mm::cli {
namespace {

using venues::L3Event;

class Run {
 public:
  Run(const SimulateOptions& options, const SimulateSetup& setup)
      : instrument_(setup.instrument),
        script_(options.script, setup.instrument),
        rows_(options.responses),
        answers_(instrument_, rows_),
        exchange_(setup.settings, setup.instrument) {}

  template <class Reader>
  void fold(const std::string& path) {
    Reader reader(path);
    const std::uint64_t size = venues::file_size(path);
    Progress progress("simulating", "events");
    for (L3Event event; reader.next(event);) {
      now_ = std::max(now_, event.at);
      reach(now_);
      apply(event);
      listen();
      ++result_.market_events;
      progress.update(static_cast<double>(reader.consumed()) / static_cast<double>(size),
                      result_.market_events);
    }
    reach(now_ + Duration{1});
    listen();
    for (; script_.peek() != nullptr; script_.pop()) ++result_.unsent;
    rows_.close();
    conclude();
  }

  const SimulateResult& result() const { return result_; }
  const ResponseFile& rows() const { return rows_; }
  const Answers& answers() const { return answers_; }

 private:
  /// Sends and delivers what is due before `limit`, in order of time.
  void reach(Time limit) {
    for (;;) {
      const OrderRequest* request = script_.peek();
      const Time sent = request == nullptr ? Time::max() : request->at;
      if (std::min(sent, exchange_.next_arrival()) >= limit) return;
      if (exchange_.next_arrival() <= sent) {
        exchange_.arrive();
        continue;
      }
      answers_.sent(request->message);
      exchange_.send(sent, request->message);
      ++result_.requests;
      script_.pop();
    }
  }

  void apply(const L3Event& event) {
    using Kind = L3Event::Kind;
    switch (event.kind) {
      case Kind::add:
        return exchange_.add(now_, event.id, event.side, event.price, event.qty);
      case Kind::reduce:
        return exchange_.reduce(event.id, event.qty);
      case Kind::remove:
        return exchange_.remove(event.id);
      case Kind::execute:
        return exchange_.execute(now_, event.id, event.qty);
      case Kind::trade:
        if (event.side_known) exchange_.trade(now_, event.side, event.price, event.qty);
        return;
      case Kind::book:
      case Kind::other:
        return;
    }
  }

  void listen() {
    while (exchange_.next_answer() <= now_) {
      const Event answer = exchange_.take_answer();
      answers_.accept(answer);
      const auto* fill = std::get_if<Fill>(&answer.body);
      if (fill == nullptr) continue;
      const Money value = position_value(instrument_, fill->price, fill->qty);
      cash_ += -sign(fill->side) * value.units() - fill->fee.units();
      result_.fees += fill->fee;
      result_.position += Qty::from_lots(sign(fill->side) * fill->qty.lots());
    }
  }

  void conclude() {
    const auto bid = exchange_.book().best(Side::buy);
    const auto ask = exchange_.book().best(Side::sell);
    const Money mark =
        bid && ask ? mid_value_of_one_lot(instrument_, bid->price, ask->price) : Money{};
    result_.pnl = Money::from_units(cash_ + mark.units() * result_.position.lots());
    result_.lots = exchange_.totals();
    if (exchange_.book().strange() != 0)
      fmt::print(stderr, "mmctl: {} messages are about orders from before the recording\n",
                 exchange_.book().strange());
  }

  const Instrument& instrument_;
  OrderScript script_;
  ResponseFile rows_;
  Answers answers_;
  sim::L3Exchange exchange_;
  SimulateResult result_;
  Int128 cash_ = 0;
  Time now_;
};

}  // namespace

int simulate_l3(const Globals& globals, const SimulateOptions& options,
                const SimulateSetup& setup) {
  Run run(options, setup);
  if (setup.spec.venue == "lobster") {
    run.fold<venues::LobsterReader>(setup.spec.files.front());
  } else {
    run.fold<venues::BitstampReader>(setup.spec.files.front());
  }
  print_simulation(globals, setup, run.result(), run.rows(), run.answers());
  return 0;
}

}  // namespace mm::cli
