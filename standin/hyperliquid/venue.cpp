#include "standin/hyperliquid/venue.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/numeric.hpp"
#include "standin/text.hpp"

namespace mm::standin::hyperliquid {

namespace wire = venues::hyperliquid;

Venue::Venue(const Settings& settings, Outbox& out)
    : settings_(settings), out_(out), random_(settings.seed) {}

std::size_t Venue::add_coin(Instrument instrument) {
  const std::size_t at = coins_.size();
  coins_.push_back(std::make_unique<Coin>(std::move(instrument), static_cast<std::uint32_t>(at),
                                          settings_.desk.max_leverage));
  return at;
}

void Venue::begin(Time now) {
  desk_ = std::make_unique<Desk>(settings_.desk, coins_, random_.next());
  sockets_ = std::make_unique<Sockets>(settings_.sockets, coins_, *this, out_);
  recorded_prints_.resize(coins_.size());
  print_seed_ = random_.next();
  next_block_ = now + settings_.block;
  funding_period_ = to_ns(now) / settings_.funding_every.count();
}

// ---------------------------------------------------------------- the market

void Venue::on_recorded(std::size_t at, const Event& event, Time now) {
  Coin& coin = *coins_[at];
  const bool was_open = coin.open();
  const Time time = event.header.exchange_time;
  reports_.clear();
  bool pushed = false;
  auto what = Sockets::Recorded::book;
  if (const auto* snapshot = std::get_if<BookSnapshot>(&event.body)) {
    coin.flow().on_snapshot(time, *snapshot, reports_);
    coin.set_open();
    pushed = true;
  } else if (const auto* delta = std::get_if<BookDelta>(&event.body)) {
    coin.flow().on_delta(time, *delta, reports_);
    pushed = true;
  } else if (const auto* quote = std::get_if<BestQuote>(&event.body)) {
    coin.flow().on_quote(time, *quote, reports_);
    coin.set_open();
    pushed = true;
    what = Sockets::Recorded::quote;
  } else if (const auto* context = std::get_if<AssetContext>(&event.body)) {
    coin.set_context(*context);
    pushed = true;
    what = Sockets::Recorded::context;
  } else if (const auto* trade = std::get_if<Trade>(&event.body)) {
    coin.flow().on_trade(time, *trade, reports_);
    Print print;
    print.price = trade->price;
    print.qty = trade->qty;
    print.aggressor = trade->aggressor;
    print.trade_id = trade->trade_id;
    // What our resting orders took of it is printed with their own trades.
    for (const sim::MatchReport& report : reports_) {
      if (report.maker_account.value != 0) print.qty -= std::min(print.qty, report.qty);
    }
    const auto seed = print_seed_ ^ static_cast<std::uint64_t>(trade->trade_id);
    print.hash = invented_hash(seed);
    print.buyer = invented_address(seed + 1);
    print.seller = invented_address(seed + 2);
    if (print.qty > Qty{}) recorded_prints_[at].push_back(std::move(print));
    frame_has_trades_ = true;
  }
  desk_->on_reports(at, reports_);
  if (!was_open && coin.open()) sockets_->on_coin_open(at, now);
  if (pushed && settings_.sockets.cadence == Cadence::recorded && !faults.silent) {
    sockets_->on_recorded(at, what, now);
  }
}

void Venue::end_of_frame(Time now) {
  if (settings_.sockets.cadence == Cadence::recorded && std::exchange(frame_has_trades_, false) &&
      !faults.silent) {
    announce(now);
  }
}

void Venue::on_flow(std::size_t at, std::span<const sim::MatchReport> reports, Time now) {
  Coin& coin = *coins_[at];
  if (!coin.open() && coin.mid_units()) {
    coin.set_open();
    sockets_->on_coin_open(at, now);
  }
  for (const sim::MatchReport& report : reports) {
    if (report.maker_account.value != 0 || report.taker_account.value != 0) continue;
    const std::uint64_t seed = random_.next();
    Print print;
    print.price = report.price;
    print.qty = report.qty;
    print.aggressor = report.aggressor;
    print.trade_id = static_cast<std::int64_t>(seed >> 14);
    print.hash = invented_hash(seed);
    print.buyer = invented_address(seed + 1);
    print.seller = invented_address(seed + 2);
    recorded_prints_[at].push_back(std::move(print));
  }
  desk_->on_reports(at, reports);
}

// ---------------------------------------------------------------- blocks

Time Venue::next_due() const {
  if (faults.silent) return Time::max();
  return std::min(next_block_, sockets_->next_due());
}

void Venue::set_silent(bool silent, Time now) {
  // Blocks that did not come do not come later either.
  if (std::exchange(faults.silent, silent) && !silent) next_block_ = std::max(next_block_, now);
}

void Venue::on_time(Time now) {
  if (faults.silent) return;
  sockets_->set_clock_offset(faults.clock_offset);
  if (next_block_ <= now) end_block(now);
  sockets_->on_time(now);
}

void Venue::end_block(Time now) {
  const auto jitter = static_cast<double>(settings_.block_jitter.count());
  Duration next =
      settings_.block + Duration{static_cast<std::int64_t>((2 * random_.uniform() - 1) * jitter)};
  if (random_.below(40) == 0) next += settings_.block;  // now and then one is missed
  next_block_ = std::max(next_block_ + next, now + Duration{1});
  if (next_block_ <= now) next_block_ = now + next;

  block_time_ = now;
  desk_->run_block(now);
  if (const std::int64_t period = to_ns(stamp(now)) / settings_.funding_every.count();
      period != funding_period_) {
    funding_period_ = period;
    desk_->pay_funding(stamp(now));
  }
  announce(now);
  for (const Asked& of : std::exchange(asked_, {})) {
    InfoReply reply = info(of.body, now);
    out_.answer(of.id, now + faults.slow, reply.status, std::move(reply.body),
                {{"Content-Type", "application/json"}});
  }
}

void Venue::announce(Time now) {
  const Time time = stamp(now);
  Desk::News news = desk_->take_news(time);
  for (std::size_t at = 0; at < coins_.size(); ++at) {
    for (Print& print : recorded_prints_[at]) {
      print.time = time;
      sockets_->add_print(at, coins_[at]->add_print(std::move(print)));
    }
    recorded_prints_[at].clear();
  }
  for (Desk::TradePrint& of : news.prints) {
    sockets_->add_print(of.coin, coins_[of.coin]->add_print(std::move(of.print)));
  }
  sockets_->set_clock_offset(faults.clock_offset);
  sockets_->on_block(now);

  const auto address = [this](std::size_t account) -> const std::string& {
    return desk_->accounts()[account]->address;
  };
  const auto tell_updates = [&] {
    for (std::size_t account = 0; account < desk_->accounts().size(); ++account) {
      std::string rows;
      for (const Desk::UserUpdate& update : news.updates) {
        if (update.account != account) continue;
        if (!rows.empty()) rows += ',';
        rows += update_json(update.order, *coins_[update.order.coin]);
      }
      if (!rows.empty()) {
        sockets_->to_user(Channel::order_updates, address(account), "[" + rows + "]", now);
      }
    }
  };
  const auto tell_fills = [&] {
    for (std::size_t account = 0; account < desk_->accounts().size(); ++account) {
      std::string rows;
      for (const Desk::UserFill& of : news.fills) {
        if (of.account != account) continue;
        if (!rows.empty()) rows += ',';
        rows += fill_json(of.fill, *coins_[of.fill.coin]);
        const Coin& coin = *coins_[of.fill.coin];
        if (!of.fill.crossed) {
          sockets_->to_user(
              Channel::notification, address(account),
              fmt::format(R"({{"notification":"Resting order filled: {} {} {} at ${}"}})",
                          of.fill.side == Side::buy ? "Bought" : "Sold",
                          pointed_decimal(of.fill.size.lots(), coin.instrument().lot_decimals),
                          coin.name(),
                          pointed_decimal(of.fill.price.units(), coin.instrument().price_decimals)),
              now);
        }
      }
      if (rows.empty()) continue;
      const std::string& user = address(account);
      sockets_->to_user(
          Channel::user_fills, user,
          fmt::format(R"({{"isSnapshot":false,"user":"{}","fills":[{}]}})", user, rows), now);
      sockets_->to_user(Channel::user_events, user, R"({"fills":[)" + rows + "]}", now);
    }
  };
  if (faults.fill_before_open) {
    tell_fills();
    tell_updates();
  } else {
    tell_updates();
    tell_fills();
  }
  for (const auto& [account, at] : news.system_cancels) {
    const OrderRecord& order = news.updates[at].order;
    sockets_->to_user(Channel::user_events, address(account),
                      fmt::format(R"({{"nonUserCancel":[{{"coin":{},"oid":{}}}]}})",
                                  json_text(coins_[order.coin]->name()), order.oid),
                      now);
  }
  for (const auto& [account, record] : news.fundings) {
    const std::string row = funding_json(record, *coins_[record.coin]);
    sockets_->to_user(Channel::user_events, address(account), R"({"funding":)" + row + "}", now);
    sockets_->to_user(
        Channel::user_fundings, address(account),
        fmt::format(R"({{"isSnapshot":false,"user":"{}","fundings":[{}]}})", address(account), row),
        now);
  }
  for (const std::size_t account : news.changed) {
    for (const Channel channel : {Channel::open_orders, Channel::clearinghouse_state}) {
      if (!sockets_->watched(channel, address(account))) continue;
      Subscription of;
      of.channel = channel;
      of.user = address(account);
      sockets_->to_user(channel, of.user, user_snapshot(of, now), now);
    }
  }
}

// ---------------------------------------------------------------- clients

void Venue::on_message(ConnectionId id, std::string_view text, Time now) {
  sockets_->on_message(id, text, now);
}

/// 200 ms in the middle, 900 ms at the end, in proportion.
Duration Venue::draw_reply_delay() {
  const double factor = std::min(4.5, det::exp(0.55 * random_.normal()));
  return Duration{
      static_cast<std::int64_t>(static_cast<double>(settings_.reply_delay.count()) * factor)};
}

void Venue::on_post(ConnectionId from, std::uint64_t id, std::string_view type,
                    std::string_view payload, Time now) {
  if (type == "info") {
    const InfoReply reply = info(payload, now);
    if (reply.status != 200) {
      sockets_->answer_post(from, id, "error", json_text("Failed to deserialize the JSON body"),
                            now);
      return;
    }
    const std::size_t name = payload.find("\"type\":\"");
    const std::size_t begin = name == std::string_view::npos ? 0 : name + 8;
    const std::string_view kind = payload.substr(begin, payload.find('"', begin) - begin);
    sockets_->answer_post(from, id, "info",
                          fmt::format(R"({{"type":"{}","data":{}}})", kind, reply.body), now);
    return;
  }
  auto checked = wire::check_request(payload, settings_.network);
  if (const auto* refusal = std::get_if<wire::RequestRefusal>(&checked)) {
    if (refusal->http_status == 200) {
      sockets_->answer_post(from, id, "action", refusal->body, now);
    } else {
      sockets_->answer_post(from, id, "error", json_text("Failed to deserialize the JSON body"),
                            now);
    }
    return;
  }
  desk_->submit(std::get<wire::CheckedRequest>(std::move(checked)), [this, from,
                                                                     id](std::string body) {
    if (faults.lose_replies) return;
    sockets_->answer_post(from, id, "action", body, block_time_ + draw_reply_delay() + faults.slow);
  });
}

bool Venue::charge(std::int64_t weight, Time now) {
  const std::int64_t minute = to_ms(now) / 60'000;
  if (minute != minute_) {
    minute_ = minute;
    weight_used_ = 0;
  }
  weight_used_ += weight;
  return weight_used_ <= settings_.rest_weight_per_minute && !faults.rate_limited;
}

void Venue::on_request(RequestId id, std::string_view method, std::string_view path,
                       std::string_view content_type, std::string_view body, Time now) {
  const auto answer = [&](unsigned status, std::string text, Time due) {
    const bool json = status == 200 || text == "null";
    out_.answer(id, due, status, std::move(text),
                {{"Content-Type", json ? "application/json" : "text/plain; charset=utf-8"}});
  };
  if (method != "POST") return answer(405, "", now);
  if (!content_type.starts_with("application/json")) {
    return answer(415, "Expected request with `Content-Type: application/json`", now);
  }
  if (path == "/info") {
    // An account is what it was at the end of a block: with its fills announced.
    if (desk_->has_fills_to_announce() &&
        body.find("clearinghouseState") != std::string_view::npos) {
      asked_.push_back({id, std::string(body)});
      return;
    }
    InfoReply reply = info(body, now);
    return answer(reply.status, std::move(reply.body), now + faults.slow);
  }
  auto checked = wire::check_request(body, settings_.network);
  std::int64_t items = 1;
  if (const auto* request = std::get_if<wire::CheckedRequest>(&checked)) {
    if (const auto* of = std::get_if<wire::CheckedOrders>(&request->action)) {
      items = static_cast<std::int64_t>(of->orders.size());
    } else if (const auto* cancels = std::get_if<wire::CheckedCancels>(&request->action)) {
      items = static_cast<std::int64_t>(cancels->items.size());
    } else if (const auto* modifies = std::get_if<wire::CheckedModifies>(&request->action)) {
      items = static_cast<std::int64_t>(modifies->items.size());
    }
  }
  if (!charge(1 + items / 40, now)) return answer(429, "null", now);
  if (const auto* refusal = std::get_if<wire::RequestRefusal>(&checked)) {
    return answer(static_cast<unsigned>(refusal->http_status), refusal->body, now + faults.slow);
  }
  desk_->submit(std::get<wire::CheckedRequest>(std::move(checked)), [this, id](std::string reply) {
    if (faults.lose_replies) return;
    out_.answer(id, block_time_ + draw_reply_delay() + faults.slow, 200, std::move(reply),
                {{"Content-Type", "application/json"}});
  });
}

std::string Venue::user_snapshot(const Subscription& subscription, Time now) {
  const std::string& user = subscription.user;
  const Account* account = desk_->find(user);
  switch (subscription.channel) {
    case Channel::user_fills: {
      std::string rows;
      if (account != nullptr) {
        const std::size_t skip =
            account->fills.size() - std::min<std::size_t>(2000, account->fills.size());
        for (std::size_t at = skip; at < account->fills.size(); ++at) {
          const FillRecord& of = account->fills[at];
          if (of.time == Time{}) continue;  // not announced yet
          if (!rows.empty()) rows += ',';
          rows += fill_json(of, *coins_[of.coin]);
        }
      }
      return fmt::format(R"({{"isSnapshot":true,"user":"{}","fills":[{}]}})", user, rows);
    }
    case Channel::user_fundings: {
      std::string rows;
      if (account != nullptr) {
        for (const FundingRecord& of : account->fundings) {
          if (!rows.empty()) rows += ',';
          rows += funding_json(of, *coins_[of.coin]);
        }
      }
      return fmt::format(R"({{"isSnapshot":true,"user":"{}","fundings":[{}]}})", user, rows);
    }
    case Channel::open_orders:
      return fmt::format(R"({{"dex":"","user":"{}","orders":{}}})", user,
                         account == nullptr ? "[]" : open_orders_json(*account, true));
    case Channel::clearinghouse_state: {
      Account nobody;
      nobody.positions.resize(coins_.size());
      return fmt::format(
          R"({{"dex":"","user":"{}","clearinghouseState":{}}})", user,
          clearinghouse_json(account == nullptr ? nobody : *account, coins_, stamp(now)));
    }
    default:
      return {};
  }
}

}  // namespace mm::standin::hyperliquid
