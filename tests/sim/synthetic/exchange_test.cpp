// SyntheticExchange: our orders stand in the true queue, and the market does not notice us.

#include "sim/synthetic/exchange.hpp"

#include <gtest/gtest.h>

#include <map>

#include "engine/numeric.hpp"
#include "engine/random.hpp"
#include "sim/synthetic/session.hpp"
#include "tests/sim/synthetic/rig.hpp"

namespace mm::sim {
namespace {

using testing::lead_btc;
using testing::of_kind;
using testing::quoted_btc;
using testing::settings_of;

const Time start = testing::synthetic_start;
const LatencyModel latency{std::chrono::milliseconds{5}, std::chrono::milliseconds{7}};
const Settings exchange_settings{.latency = latency};

/// Decides at random: places near the touch, in the spread and across it, cancels and replaces.
class RandomTrader {
 public:
  explicit RandomTrader(std::uint64_t seed, bool takes) : random_(seed), takes_(takes) {}

  std::optional<Output> decide(const SyntheticMarket& market, Time now) {
    if (random_.below(40) != 0) return std::nullopt;
    Output output{.header = {.recv_time = now}};
    if (!open_.empty() && random_.below(3) == 0) {
      const std::size_t at = random_.below(open_.size());
      output.body = CancelOrder{.order = open_[at]};
      open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(at));
      return output;
    }
    const Side side = random_.below(2) == 0 ? Side::buy : Side::sell;
    const auto best = market.book(0).best(side);
    const std::int64_t away = 10 * (static_cast<std::int64_t>(random_.below(12)) - 4);
    const Price price = Price::from_units(best->price.units() - sign(side) * away);
    const Qty qty = Qty::from_lots(200 + static_cast<std::int64_t>(random_.below(4000)));
    const auto tif = takes_ ? static_cast<TimeInForce>(random_.below(4)) : TimeInForce::post_only;
    const ClientOrderId id{++last_};
    if (!open_.empty() && random_.below(3) == 0) {
      output.body = ReplaceOrder{.order = open_.back(),
                                 .replacement = id,
                                 .side = Side::buy,
                                 .price = price,
                                 .qty = qty,
                                 .time_in_force = tif};
      open_.back() = id;
    } else {
      output.body =
          PlaceOrder{.order = id, .side = side, .price = price, .qty = qty, .time_in_force = tif};
      open_.push_back(id);
    }
    return output;
  }

 private:
  SplitMix64 random_;
  bool takes_;
  std::uint64_t last_ = 0;
  std::vector<ClientOrderId> open_;
};

struct Traded {
  std::vector<Truth> truth;
  std::vector<Event> own;
  std::int64_t own_filled = 0;
  std::int64_t position = 0;
  std::map<std::uint64_t, Time> sent;
};

/// Runs a market with random orders and checks, at every event, what must hold of its books.
Traded trade(std::uint64_t seed, Duration length, bool takes) {
  Traded traded;
  SyntheticMarket market(quoted_btc(), lead_btc(), settings_of(seed, "regime_speed=60\n"), start,
                         exchange_settings);
  market.set_truth([&](const Truth& of) { traded.truth.push_back(of); });
  RandomTrader trader(seed, takes);
  std::vector<DepthLevel> real, flow;
  while (const Event* event = market.next(start + length)) {
    const bool own =
        event->kind() >= RecordKind::order_ack && event->kind() <= RecordKind::funding_payment;
    if (own) {
      traded.own.push_back(*event);
      if (const auto* fill = std::get_if<Fill>(&event->body)) {
        traded.own_filled += fill->qty.lots();
        traded.position += sign(fill->side) * fill->qty.lots();
      }
    }
    const SyntheticExchange& exchange = *market.exchange();
    std::int64_t missing = 0;
    for (const Side side : {Side::buy, Side::sell}) {
      exchange.book().depth(side, 1000, real);
      std::map<Price, std::int64_t> others;
      for (const DepthLevel& level : real) others[level.price] = level.qty.lots();
      for (const BookOrder& order : exchange.book().orders_of(AccountId{1}))
        if (order.side == side) others[order.price] -= order.left.lots();
      market.book(0).depth(side, 1000, flow);
      for (const DepthLevel& level : flow) {
        missing += level.qty.lots() - others[level.price];
        EXPECT_LE(others[level.price], level.qty.lots()) << "others grew because of us";
        others.erase(level.price);
      }
      for (const auto& [price, lots] : others) {
        EXPECT_EQ(lots, 0) << "others where nobody is";
      }
    }
    // Answers are under way for a while: the exchange's own count is what it can be held to.
    EXPECT_LE(missing, exchange.book().totals().traded);
    if (const auto output = trader.decide(market, event->header.recv_time)) {
      if (const auto* place = std::get_if<PlaceOrder>(&output->body))
        traded.sent[place->order.value] = event->header.recv_time;
      market.send(event->header.recv_time, *output);
    }
  }
  return traded;
}

TEST(SyntheticExchange, TheFlowDrawsTheSameWhateverWeDo) {
  const auto length = std::chrono::minutes{2};
  const Traded busy = trade(31, length, true);
  SyntheticMarket alone(quoted_btc(), lead_btc(), settings_of(31, "regime_speed=60\n"), start);
  std::vector<Truth> truth;
  alone.set_truth([&](const Truth& of) { truth.push_back(of); });
  testing::run_market(alone, length, [](const Event&) {});
  EXPECT_GT(busy.own_filled, 10'000);
  const auto compare = [&](const auto& a, const auto& b) {
    ASSERT_GT(a.size(), 0u);
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      ASSERT_TRUE(a[i] == b[i]) << i;
    }
  };
  compare(of_kind<TruthTaker>(busy.truth), of_kind<TruthTaker>(truth));
  compare(of_kind<TruthWall>(busy.truth), of_kind<TruthWall>(truth));
  compare(of_kind<TruthSample>(busy.truth), of_kind<TruthSample>(truth));
}

TEST(SyntheticExchange, OrdersWaitTheirTurnAndOnlyTheirTurn) {
  const Traded traded = trade(32, std::chrono::minutes{4}, false);
  std::map<std::uint64_t, TruthQueue> last;
  int filled = 0;
  for (const TruthQueue& place : of_kind<TruthQueue>(traded.truth)) {
    const auto before = last.find(place.order.value);
    EXPECT_GE(place.ahead, Qty{});
    EXPECT_GE(place.behind, Qty{});
    if (before == last.end()) {
      EXPECT_EQ(place.behind, Qty{}) << "a new order is the last in its queue";
    } else {
      EXPECT_LE(place.ahead, before->second.ahead) << "nobody gets in front of us";
      EXPECT_EQ(place.price, before->second.price);
      if (place.left < before->second.left && place.left > Qty{}) {
        ++filled;
        EXPECT_EQ(place.ahead, Qty{}) << "filled before those in front";
      }
    }
    last[place.order.value] = place;
  }
  EXPECT_GT(filled, 5);
  EXPECT_GT(traded.own_filled, 10'000);
}

TEST(SyntheticExchange, AnswersAddUpAndTakeTheirTime) {
  const Traded traded = trade(33, std::chrono::minutes{4}, true);
  std::map<std::uint64_t, Qty> open;
  int rejects = 0, cancels = 0, fills = 0, takers = 0;
  for (const Event& event : traded.own) {
    EXPECT_EQ(event.header.recv_time - event.header.exchange_time,
              std::chrono::milliseconds{2} + latency.response);
    if (const auto* ack = std::get_if<OrderAck>(&event.body)) {
      EXPECT_TRUE(open.emplace(ack->order.value, ack->remaining).second);
      if (traded.sent.contains(ack->order.value)) {
        EXPECT_EQ(event.header.exchange_time,
                  traded.sent.at(ack->order.value) + latency.entry - std::chrono::milliseconds{2});
      }
    } else if (const auto* fill = std::get_if<Fill>(&event.body)) {
      ASSERT_TRUE(open.contains(fill->order.value)) << "filled before it was accepted";
      Qty& left = open[fill->order.value];
      left -= fill->qty;
      EXPECT_EQ(left, fill->remaining);
      EXPECT_EQ(fill->fee, fee_of(quoted_btc(), fill->price, fill->qty, fill->maker));
      EXPECT_EQ(fill->cause, FillCause::venue);
      ++fills;
      takers += fill->maker ? 0 : 1;
    } else if (const auto* done = std::get_if<OrderDone>(&event.body)) {
      ASSERT_TRUE(open.contains(done->order.value));
      EXPECT_EQ(open[done->order.value], done->remaining);
      open.erase(done->order.value);
      ++cancels;
    } else if (std::holds_alternative<OrderReject>(event.body)) {
      ++rejects;
    }
  }
  EXPECT_GT(rejects, 10);
  EXPECT_GT(cancels, 10);
  EXPECT_GT(fills, 50);
  EXPECT_GT(takers, 10);
}

/// One order and what is heard of it within a second.
std::vector<Event> answers_to(std::vector<OutputBody> bodies) {
  SyntheticMarket market(quoted_btc(), lead_btc(), settings_of(1), start, exchange_settings);
  std::vector<Event> heard;
  const Event* event = market.next();
  for (const OutputBody& body : bodies)
    market.send(event->header.recv_time, Output{.header = event->header, .body = body});
  while ((event = market.next(start + std::chrono::seconds{1})) != nullptr)
    if (event->kind() >= RecordKind::order_ack) heard.push_back(*event);
  return heard;
}

TEST(SyntheticExchange, RefusesWhatAVenueRefuses) {
  const PlaceOrder good{.order = ClientOrderId{1},
                        .side = Side::buy,
                        .price = Price::from_units(590'000),
                        .qty = Qty::from_lots(1000)};
  const auto reason_of = [&](auto change) {
    PlaceOrder order = good;
    change(order);
    const auto heard = answers_to({order});
    const auto* reject = heard.empty() ? nullptr : std::get_if<OrderReject>(&heard.front().body);
    return reject == nullptr ? RejectReason::unspecified : reject->reason;
  };
  EXPECT_EQ(reason_of([](PlaceOrder&) {}), RejectReason::unspecified);
  EXPECT_EQ(reason_of([](PlaceOrder& of) { of.price = Price::from_units(590'001); }),
            RejectReason::off_tick);
  EXPECT_EQ(reason_of([](PlaceOrder& of) { of.qty = Qty{}; }), RejectReason::off_lot);
  EXPECT_EQ(reason_of([](PlaceOrder& of) { of.qty = Qty::from_lots(1); }),
            RejectReason::below_min_notional);
  EXPECT_EQ(reason_of([](PlaceOrder& of) { of.price = Price::from_units(620'000); }),
            RejectReason::post_only_would_cross);

  const auto twice = answers_to(
      {good, CancelOrder{.order = ClientOrderId{1}}, CancelOrder{.order = ClientOrderId{1}}});
  ASSERT_EQ(twice.size(), 3u);
  EXPECT_EQ(std::get<OrderDone>(twice[1].body).reason, DoneReason::cancelled);
  EXPECT_EQ(std::get<CancelReject>(twice[2].body).reason, RejectReason::unknown_order);

  PlaceOrder whole = good;
  whole.time_in_force = TimeInForce::fok;
  const auto fok = answers_to({whole});
  ASSERT_EQ(fok.size(), 2u);
  EXPECT_EQ(std::get<OrderDone>(fok[1].body).reason, DoneReason::expired);

  PlaceOrder taking = good;
  taking.price = Price::from_units(620'000);
  taking.time_in_force = TimeInForce::gtc;
  const auto taken = answers_to({taking});
  ASSERT_GE(taken.size(), 2u);
  EXPECT_FALSE(std::get<Fill>(taken[1].body).maker);
  EXPECT_EQ(std::get<Fill>(taken.back().body).remaining, Qty{});
}

TEST(SyntheticExchange, FundingIsPaidAtTheVenuesTimes) {
  SyntheticMarket market(quoted_btc(), lead_btc(),
                         settings_of(1, "funding_interval=60s\nfunding=1bps\nfunding_sd=0bps\n"),
                         start, exchange_settings);
  const Event* event = market.next();
  market.send(event->header.recv_time,
              Output{.header = event->header,
                     .body = PlaceOrder{.order = ClientOrderId{1},
                                        .side = Side::buy,
                                        .price = Price::from_units(620'000),
                                        .qty = Qty::from_lots(1000),
                                        .time_in_force = TimeInForce::ioc}});
  std::vector<Event> paid;
  while ((event = market.next(start + std::chrono::seconds{301})) != nullptr)
    if (event->kind() == RecordKind::funding_payment) paid.push_back(*event);
  ASSERT_EQ(paid.size(), 5u);
  for (const Event& payment : paid) {
    EXPECT_EQ(to_ns(payment.header.exchange_time) % 60'000'000'000, 0);
    const auto& of = std::get<FundingPayment>(payment.body);
    EXPECT_EQ(of.rate_e12, 100'000'000);
    // 0.01 BTC of about 60,000 at 1 bp: six cents.
    EXPECT_NEAR(static_cast<double>(of.cash.units()) * 1e-12, -0.06, 0.001);
  }
}

TEST(SyntheticSession, TimersComeBackBehindWhatHappensThen) {
  SyntheticMarket market(quoted_btc(), lead_btc(), settings_of(1), start, exchange_settings);
  SyntheticSession session(market);
  const Event* event = session.next();
  const Time at = event->header.recv_time + std::chrono::milliseconds{100};
  const std::vector<Output> wanted{{event->header, SetTimer{.id = 4, .at = at}}};
  session.react(*event, wanted);
  Time last;
  int timers = 0;
  for (int i = 0; i < 200; ++i) {
    event = session.next();
    EXPECT_GE(event->header.recv_time, last);
    last = event->header.recv_time;
    if (event->kind() != RecordKind::timer) continue;
    ++timers;
    EXPECT_EQ(event->header.recv_time, at);
    EXPECT_EQ(std::get<Timer>(event->body).id, 4);
  }
  EXPECT_EQ(timers, 1);
}

}  // namespace
}  // namespace mm::sim
