#include "standin/hyperliquid/sockets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/numeric.hpp"
#include "standin/text.hpp"

namespace mm::standin::hyperliquid {
namespace {

Topic topic_of(Channel channel) {
  switch (channel) {
    case Channel::book:
    case Channel::mids:
    case Channel::candle:
      return Topic::book;
    case Channel::quote:
      return Topic::quote;
    case Channel::trades:
      return Topic::trade;
    case Channel::context:
      return Topic::context;
    default:
      return Topic::user;
  }
}

std::string_view channel_name(Channel channel) {
  switch (channel) {
    case Channel::user_fills:
      return "userFills";
    case Channel::order_updates:
      return "orderUpdates";
    case Channel::user_events:
      return "user";
    case Channel::user_fundings:
      return "userFundings";
    case Channel::notification:
      return "notification";
    case Channel::open_orders:
      return "openOrders";
    case Channel::clearinghouse_state:
      return "clearinghouseState";
    default:
      return "";
  }
}

}  // namespace

void Sockets::send(Connection& to, ConnectionId id, Topic topic, std::string text, Time due) {
  if (to.doomed) return;
  to.last_sent = std::max(to.last_sent, due);
  out_.send(id, due, topic, std::move(text));
}

void Sockets::error(ConnectionId id, std::string_view text, Time now) {
  send(connections_.at(id), id, Topic::control, channel_frame("error", json_text(text)), now);
}

/// The venue trips over what was asked and takes the connection down.
void Sockets::doom(ConnectionId id, Time now) {
  connections_.at(id).doomed = true;
  out_.cut(id, now + settings_.bad_coin_delay);
}

std::size_t Sockets::coin_at(std::string_view name) const {
  for (std::size_t at = 0; at < coins_.size(); ++at) {
    if (coins_[at]->name() == name && !markets_[at].banned) return at;
  }
  return coins_.size();
}

void Sockets::on_open(ConnectionId id, Time now) {
  connections_[id].last_sent = now;
}

void Sockets::on_closed(ConnectionId id) {
  connections_.erase(id);
}

void Sockets::on_message(ConnectionId id, std::string_view text, Time now) {
  const auto at = connections_.find(id);
  if (at == connections_.end() || at->second.doomed) return;
  std::erase_if(messages_, [now](Time of) { return of + std::chrono::minutes{1} <= now; });
  messages_.push_back(now);
  if (messages_.size() > settings_.messages_per_minute) return doom(id, now);

  FrameProblem problem;
  const std::optional<ClientFrame> frame = read_frame(text, problem);
  if (!frame) {
    if (problem.drop_socket) return doom(id, now);
    return error(id, problem.error, now);
  }
  switch (frame->method) {
    case ClientFrame::Method::ping:
      return send(at->second, id, Topic::control, R"({"channel":"pong"})", now);
    case ClientFrame::Method::subscribe:
      return subscribe(id, frame->subscription, now);
    case ClientFrame::Method::unsubscribe:
      return unsubscribe(id, frame->subscription, now);
    case ClientFrame::Method::post:
      break;
  }
  if (at->second.posts.size() >= settings_.most_posts) {
    return error(id, fmt::format("too many pending post requests id={}", frame->post_id), now);
  }
  at->second.posts.push_back(frame->post_id);
  host_.on_post(id, frame->post_id, frame->post_type, frame->post_payload, now);
}

void Sockets::answer_post(ConnectionId id, std::uint64_t post_id, std::string_view type,
                          std::string_view payload, Time due) {
  const auto at = connections_.find(id);
  if (at == connections_.end()) return;
  std::vector<std::uint64_t>& posts = at->second.posts;
  if (const auto post = std::find(posts.begin(), posts.end(), post_id); post != posts.end()) {
    posts.erase(post);
  }
  send(at->second, id, Topic::answer,
       channel_frame("post", fmt::format(R"({{"id":{},"response":{{"type":"{}","payload":{}}}}})",
                                         post_id, type, payload)),
       due);
}

void Sockets::subscribe(ConnectionId id, const Subscription& wanted, Time now) {
  Connection& connection = connections_.at(id);
  if (!wanted.coin.empty() && coin_at(wanted.coin) == coins_.size()) return doom(id, now);
  for (const Subscription& of : connection.subscriptions) {
    if (of.text == wanted.text) return error(id, "Already subscribed: " + wanted.text, now);
  }
  std::size_t total = 0;
  std::set<std::string_view> users;
  for (const auto& [other, state] : connections_) {
    total += state.subscriptions.size();
    for (const Subscription& of : state.subscriptions) {
      if (is_user(of.channel)) users.insert(of.user);
    }
  }
  if (is_user(wanted.channel) && !users.contains(wanted.user) &&
      users.size() >= settings_.most_users) {
    return error(id, fmt::format("Cannot track more than {} total users.", settings_.most_users),
                 now);
  }
  if (total >= settings_.most_subscriptions) return doom(id, now);
  connection.subscriptions.push_back(wanted);
  if (!is_user(wanted.channel)) ++subscriptions_made_;
  send(connection, id, Topic::control,
       channel_frame("subscriptionResponse",
                     R"({"method":"subscribe","subscription":)" + wanted.text + "}"),
       now);
  start_clock(connection, wanted, now);
  first_frame(id, wanted, now);
}

void Sockets::unsubscribe(ConnectionId id, const Subscription& wanted, Time now) {
  Connection& connection = connections_.at(id);
  const auto at = std::find_if(connection.subscriptions.begin(), connection.subscriptions.end(),
                               [&](const Subscription& of) { return of.text == wanted.text; });
  if (at == connection.subscriptions.end()) {
    return error(id, "Already unsubscribed: " + wanted.text, now);
  }
  connection.subscriptions.erase(at);
  stop_clocks(connection);
  send(connection, id, Topic::control,
       channel_frame("subscriptionResponse",
                     R"({"method":"unsubscribe","subscription":)" + wanted.text + "}"),
       now);
}

void Sockets::start_clock(Connection& connection, const Subscription& of, Time now) {
  const auto start = [now](Time& clock, Duration every) {
    if (clock == Time::max()) clock = now + every;
  };
  const bool recorded = settings_.cadence == Cadence::recorded;
  if (of.channel == Channel::book && !recorded) {
    if (of.view.fast) start(connection.next_fast_book, settings_.fast_book_every);
    if (!of.view.fast) start(connection.next_book, settings_.book_every);
  }
  if (of.channel == Channel::context && !recorded) {
    start(connection.next_context, settings_.context_every);
  }
  if (of.channel == Channel::mids) start(connection.next_mids, settings_.mids_every);
}

void Sockets::stop_clocks(Connection& connection) {
  const auto has = [&](Channel channel, std::optional<bool> fast) {
    return std::any_of(connection.subscriptions.begin(), connection.subscriptions.end(),
                       [&](const Subscription& of) {
                         return of.channel == channel && (!fast || of.view.fast == *fast);
                       });
  };
  if (!has(Channel::book, false)) connection.next_book = Time::max();
  if (!has(Channel::book, true)) connection.next_fast_book = Time::max();
  if (!has(Channel::context, std::nullopt)) connection.next_context = Time::max();
  if (!has(Channel::mids, std::nullopt)) connection.next_mids = Time::max();
}

void Sockets::first_frame(ConnectionId id, const Subscription& of, Time now) {
  Connection& connection = connections_.at(id);
  if (is_user(of.channel)) {
    const std::string data = host_.user_snapshot(of, now);
    if (!data.empty()) {
      send(connection, id, Topic::user, channel_frame(channel_name(of.channel), data), now);
    }
    return;
  }
  if (of.channel == Channel::mids) {
    return send(connection, id, Topic::book,
                channel_frame("allMids", R"({"mids":)" + mids_json(coins_) + "}"), now);
  }
  const std::size_t at = coin_at(of.coin);
  if (at == coins_.size() || !coins_[at]->open()) return;  // on_coin_open will do it
  Coin& coin = *coins_[at];
  const Time time = stamp(now);
  const bool recorded = settings_.cadence == Cadence::recorded;
  if (recorded && of.channel == Channel::context && !coin.has_recorded_context()) return;
  if (of.channel == Channel::book || of.channel == Channel::quote) coin.note_shown(time);
  switch (of.channel) {
    case Channel::book:
      return send(connection, id, Topic::book, book_frame(coin, time, of.view), now);
    case Channel::quote:
      return send(connection, id, Topic::quote, quote_frame(coin, time), now);
    case Channel::context:
      return send(connection, id, Topic::context, context_frame(coin), now);
    case Channel::trades: {
      std::vector<Print> past;
      for (const Print& print : coin.prints()) {
        if (print.time + settings_.trade_history >= now + clock_offset_) past.push_back(print);
      }
      // Those of the block under way are still to come.
      past.resize(past.size() - std::min(past.size(), markets_[at].prints.size()));
      if (!past.empty()) send(connection, id, Topic::trade, prints_frame(coin, past), now);
      return;
    }
    default:
      return;
  }
}

template <class Frame>
void Sockets::broadcast(std::size_t coin, Channel channel, Topic topic, Time now,
                        const Frame& frame) {
  if (markets_[coin].banned) return;
  for (auto& [id, connection] : connections_) {
    for (const Subscription& of : connection.subscriptions) {
      if (of.channel == channel && of.coin == coins_[coin]->name()) {
        send(connection, id, topic, frame(of), now);
      }
    }
  }
}

void Sockets::on_coin_open(std::size_t coin, Time now) {
  for (const auto& [id, connection] : connections_) {
    for (const Subscription& of : connection.subscriptions) {
      // In the recorded cadence the events that follow are the first frames.
      if (of.coin == coins_[coin]->name() && settings_.cadence == Cadence::venue) {
        first_frame(id, of, now);
      }
    }
  }
}

void Sockets::on_block(Time block_time) {
  block_time_ = block_time;
  for (std::size_t at = 0; at < coins_.size(); ++at) {
    const Coin& coin = *coins_[at];
    Market& market = markets_[at];
    if (!market.prints.empty()) on_recorded(at, Recorded::trades, block_time);
    if (settings_.cadence == Cadence::recorded || !coin.open()) continue;
    const auto bid = coin.book().best(Side::buy).value_or(sim::DepthLevel{});
    const auto ask = coin.book().best(Side::sell).value_or(sim::DepthLevel{});
    if (bid == market.bid && ask == market.ask) continue;
    market.bid = bid;
    market.ask = ask;
    on_recorded(at, Recorded::quote, block_time);
  }
}

void Sockets::on_recorded(std::size_t at, Recorded what, Time now) {
  Coin& coin = *coins_[at];
  block_time_ = now;
  if (what == Recorded::book || what == Recorded::quote) coin.note_shown(stamp(now));
  switch (what) {
    case Recorded::book:
      return broadcast(at, Channel::book, Topic::book, now, [&](const Subscription& of) {
        return book_frame(coin, stamp(now), of.view);
      });
    case Recorded::quote: {
      const std::string frame = quote_frame(coin, stamp(now));
      return broadcast(at, Channel::quote, Topic::quote, now,
                       [&](const Subscription&) { return frame; });
    }
    case Recorded::context: {
      const std::string frame = context_frame(coin);
      return broadcast(at, Channel::context, Topic::context, now,
                       [&](const Subscription&) { return frame; });
    }
    case Recorded::trades: {
      const std::string frame = prints_frame(coin, markets_[at].prints);
      markets_[at].prints.clear();
      return broadcast(at, Channel::trades, Topic::trade, now,
                       [&](const Subscription&) { return frame; });
    }
  }
}

void Sockets::to_user(Channel channel, std::string_view user, std::string_view data, Time due) {
  for (auto& [id, connection] : connections_) {
    for (const Subscription& of : connection.subscriptions) {
      if (of.channel == channel && of.user == user) {
        send(connection, id, Topic::user, channel_frame(channel_name(channel), data), due);
      }
    }
  }
}

bool Sockets::watched(Channel channel, std::string_view user) const {
  for (const auto& [id, connection] : connections_) {
    for (const Subscription& of : connection.subscriptions) {
      if (of.channel == channel && of.user == user) return true;
    }
  }
  return false;
}

void Sockets::push(ConnectionId id, Connection& connection, Channel channel, bool fast, Time now) {
  const Time time = stamp(now);
  for (const Subscription& of : connection.subscriptions) {
    if (of.channel != channel || (channel == Channel::book && of.view.fast != fast)) continue;
    if (channel == Channel::mids) {
      send(connection, id, Topic::book,
           channel_frame("allMids", R"({"mids":)" + mids_json(coins_) + "}"), now);
      continue;
    }
    const std::size_t at = coin_at(of.coin);
    if (at == coins_.size() || !coins_[at]->open()) continue;
    if (channel == Channel::book) coins_[at]->note_shown(time);
    send(connection, id, topic_of(channel),
         channel == Channel::book ? book_frame(*coins_[at], time, of.view)
                                  : context_frame(*coins_[at]),
         now);
  }
}

Time Sockets::next_due() const {
  Time soonest = Time::max();
  for (const auto& [id, connection] : connections_) {
    soonest = std::min({soonest, connection.next_book, connection.next_fast_book,
                        connection.next_context, connection.next_mids});
    if (!connection.doomed) soonest = std::min(soonest, connection.last_sent + settings_.idle_drop);
  }
  return soonest;
}

void Sockets::on_time(Time now) {
  for (auto& [id, connection] : connections_) {
    const auto tick = [&, at = id, &of = connection](Time& clock, Duration every, Channel channel,
                                                     bool fast) {
      if (clock > now) return;
      push(at, of, channel, fast, now);
      clock += every;
      if (clock <= now) clock = now + every;
    };
    tick(connection.next_book, settings_.book_every, Channel::book, false);
    tick(connection.next_fast_book, settings_.fast_book_every, Channel::book, true);
    tick(connection.next_context, settings_.context_every, Channel::context, false);
    tick(connection.next_mids, settings_.mids_every, Channel::mids, false);
    if (!connection.doomed && connection.last_sent + settings_.idle_drop <= now) {
      connection.doomed = true;
      out_.cut(id, now);
    }
  }
}

void Sockets::ban(std::string_view coin, bool banned, Time now) {
  for (std::size_t at = 0; at < coins_.size(); ++at) {
    if (coins_[at]->name() != coin) continue;
    markets_[at].banned = banned;
    if (!banned) continue;
    for (const auto& [id, connection] : connections_) {
      const bool hit = std::any_of(connection.subscriptions.begin(), connection.subscriptions.end(),
                                   [&](const Subscription& of) { return of.coin == coin; });
      if (hit && !connection.doomed) doom(id, now);
    }
  }
}

}  // namespace mm::standin::hyperliquid
