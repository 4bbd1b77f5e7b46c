#include "tests/sim/stage.hpp"

#include <fmt/format.h>

#include <charconv>
#include <sstream>

#include "engine/assert.hpp"

namespace mm::sim::testing {
namespace {

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  MM_ASSERT(error == std::errc{} && end == text.data() + text.size(), "a script's number");
  return value;
}

Level level(std::string_view text) {
  const std::size_t x = text.find('x');
  return {Price::from_units(number(text.substr(0, x))), Qty::from_lots(number(text.substr(x + 1)))};
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find(separator, start), text.size());
    if (end > start) parts.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

std::vector<Level> levels(std::string_view text) {
  std::vector<Level> result;
  for (const std::string& part : split(text, ',')) result.push_back(level(part));
  return result;
}

Side side_of(std::string_view text) {
  return text == "buy" ? Side::buy : Side::sell;
}

TimeInForce time_in_force(const std::vector<std::string>& words, std::size_t index) {
  if (words.size() <= index || words[index] == "post") return TimeInForce::post_only;
  if (words[index] == "gtc") return TimeInForce::gtc;
  return words[index] == "ioc" ? TimeInForce::ioc : TimeInForce::fok;
}

ClientOrderId order_id(std::string_view text) {
  return {static_cast<std::uint64_t>(number(text))};
}

std::string_view cause_name(FillCause cause) {
  constexpr std::string_view names[] = {"?", "venue", "queue", "through", "cross", "taker"};
  return names[static_cast<std::size_t>(cause)];
}

std::string_view reject_name(RejectReason reason) {
  constexpr std::string_view names[] = {"?",
                                        "post_only_would_cross",
                                        "below_min_notional",
                                        "off_tick",
                                        "off_lot",
                                        "rate_limited",
                                        "insufficient_margin",
                                        "market_closed",
                                        "unknown_order",
                                        "other"};
  return names[static_cast<std::size_t>(reason)];
}

std::string_view done_name(DoneReason reason) {
  constexpr std::string_view names[] = {"?", "cancelled", "expired", "venue_cancelled", "replaced"};
  return names[static_cast<std::size_t>(reason)];
}

}  // namespace

Instrument plain_instrument() {
  return {.venue = "test",
          .symbol = "XY",
          .tick = Price::from_units(1),
          .qty_step = Qty::from_lots(1),
          .min_qty = Qty::from_lots(1),
          .maker_fee_e8 = 20'000,
          .taker_fee_e8 = 50'000,
          .settlement = "USDT"};
}

Settings prompt(std::string_view queue) {
  return {.latency = {Duration{0}, Duration{0}}, .queue = QueueModel::parse(queue).value()};
}

std::string line_of(const Event& answer) {
  if (const auto* ack = std::get_if<OrderAck>(&answer.body))
    return fmt::format("ack {} {}x{}", ack->order.value, ack->price.units(), ack->remaining.lots());
  if (const auto* reject = std::get_if<OrderReject>(&answer.body))
    return fmt::format("reject {} {}", reject->order.value, reject_name(reject->reason));
  if (const auto* done = std::get_if<OrderDone>(&answer.body))
    return fmt::format("done {} {} {}", done->order.value, done_name(done->reason),
                       done->remaining.lots());
  if (const auto* reject = std::get_if<CancelReject>(&answer.body))
    return fmt::format("cancel_reject {}", reject->order.value);
  if (const auto* fill = std::get_if<Fill>(&answer.body))
    return fmt::format("fill {} {}@{} {} left {}", fill->order.value, fill->qty.lots(),
                       fill->price.units(), cause_name(fill->cause), fill->remaining.lots());
  return std::string{name_of(answer.kind())};
}

Stage::Stage(Settings settings, Instrument instrument)
    : instrument_(std::move(instrument)), exchange_(settings) {
  market_event(definition_of(instrument_));
}

std::string Stage::run(std::string_view steps) {
  lines_.clear();
  for (const std::string& line : split(steps, '\n')) {
    for (const std::string& text : split(line, ';')) {
      if (text.find_first_not_of(' ') != std::string::npos) step(text);
    }
  }
  return lines_;
}

void Stage::step(std::string_view text) {
  const std::vector<std::string> words = split(text, ' ');
  const std::string& verb = words[0];
  if (verb == "book") {
    const std::size_t bar = words[1].find('|');
    const auto bids = levels(std::string_view{words[1]}.substr(0, bar));
    const auto asks = levels(std::string_view{words[1]}.substr(bar + 1));
    market_event(BookSnapshot{.bids = bids, .asks = asks});
  } else if (verb == "delta") {
    std::vector<Level> bids;
    std::vector<Level> asks;
    for (const std::string& row : split(words[1], ','))
      (row[0] == 'b' ? bids : asks).push_back(level(std::string_view{row}.substr(1)));
    market_event(BookDelta{.bids = bids, .asks = asks});
  } else if (verb == "bbo") {
    const std::vector<std::string> both = split(words[1], '|');
    market_event(BestQuote{.bid = level(both[0]), .ask = level(both[1])});
  } else if (verb == "trade") {
    const Level print = level(words[2]);
    market_event(Trade{.price = print.price, .qty = print.qty, .aggressor = side_of(words[1])});
  } else if (verb == "gap") {
    market_event(FeedStatus{.state = FeedState::gap});
  } else if (verb == "buy" || verb == "sell") {
    const Level wanted = level(words[2]);
    send(PlaceOrder{.order = order_id(words[1]),
                    .side = side_of(verb),
                    .price = wanted.price,
                    .qty = wanted.qty,
                    .time_in_force = time_in_force(words, 3)});
  } else if (verb == "cancel") {
    send(CancelOrder{.order = order_id(words[1])});
  } else if (verb == "replace") {
    const Level wanted = level(words[4]);
    send(ReplaceOrder{.order = order_id(words[1]),
                      .replacement = order_id(words[2]),
                      .side = side_of(words[3]),
                      .price = wanted.price,
                      .qty = wanted.qty});
  } else {
    MM_ASSERT(false, "a script's verb");
  }
}

void Stage::market_event(const EventBody& body) {
  now_ += std::chrono::milliseconds{1};
  while (exchange_.next_arrival() < now_) exchange_.arrive(market_.quoted());
  const Event event{.header = {.recv_time = now_}, .body = body};
  market_.apply(event);
  exchange_.on_market(event, market_.quoted());
  listen();
}

void Stage::send(const OutputBody& body) {
  now_ += std::chrono::milliseconds{1};
  exchange_.send(now_, Output{.header = {.recv_time = now_}, .body = body});
  while (exchange_.next_arrival() <= now_) exchange_.arrive(market_.quoted());
  listen();
}

void Stage::listen() {
  while (exchange_.next_answer() <= now_) {
    heard_.push_back(exchange_.take_answer());
    lines_ += line_of(heard_.back()) + "\n";
  }
}

}  // namespace mm::sim::testing
