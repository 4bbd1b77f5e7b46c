#include "tests/standin/stage.hpp"

#include <algorithm>

#include "venues/instruments.hpp"

namespace mm::test {

using standin::ConnectionId;
using standin::Deed;
using standin::RequestId;

Stage::Stage(const standin::Options& options) : now_(time_from_ns(1'790'000'000'000'000'000)) {
  venue_.emplace(options, venues::Instruments::built_in(), now_);
}

std::uint64_t Stage::now_ms() const {
  return static_cast<std::uint64_t>(to_ns(now_) / 1'000'000);
}

ConnectionId Stage::connect(const std::string& target) {
  const ConnectionId id{++last_id_};
  if (!venue_->accepts_socket(target)) return ConnectionId{};
  venue_->on_open(id, target, now_);
  step_to(now_);
  return id;
}

void Stage::send(ConnectionId to, const std::string& text) {
  venue_->on_message(to, text, now_);
  step_to(now_);
}

void Stage::step_to(Time to) {
  now_ = to;
  venue_->on_time(now_);
  for (Deed& deed : venue_->take_deeds()) {
    const Time due = deed.due;
    waiting_.emplace(due, std::move(deed));
  }
  carry_out();
}

void Stage::advance(Duration span) {
  const Time end = now_ + span;
  for (;;) {
    Time next = venue_->next_due();
    if (!waiting_.empty()) next = std::min(next, waiting_.begin()->first);
    if (next > end) break;
    step_to(std::max(next, now_));
  }
  step_to(end);
}

void Stage::carry_out() {
  while (!waiting_.empty() && waiting_.begin()->first <= now_) {
    Deed deed = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    switch (deed.kind) {
      case Deed::Kind::text:
        if (alive(deed.connection)) received_[deed.connection].push_back(std::move(deed.text));
        break;
      case Deed::Kind::ping:
        ++pings_[deed.connection];
        break;
      case Deed::Kind::answer:
        answers_[deed.request] = {deed.code, std::move(deed.text), std::move(deed.headers), {}};
        break;
      default: {
        const ConnectionId id = deed.connection;
        if (ended_.emplace(id, std::move(deed)).second) venue_->on_closed(id);
      }
    }
  }
}

std::vector<std::string> Stage::take(ConnectionId from) {
  return std::exchange(received_[from], {});
}

std::vector<Json> Stage::take(ConnectionId from, std::string_view channel) {
  std::vector<Json> found;
  for (const std::string& text : take(from)) {
    const Json json = Json::parse(text);
    if (json.at("channel") == channel) found.push_back(json.value("data", Json()));
  }
  return found;
}

Stage::Answer Stage::wait_for(RequestId id, Duration patience) {
  const Time asked = now_;
  const Time end = now_ + patience;
  step_to(now_);
  while (!answers_.contains(id)) {
    Time next = venue_->next_due();
    if (!waiting_.empty()) next = std::min(next, waiting_.begin()->first);
    if (next > end) {
      step_to(end);
      return answers_[id];
    }
    step_to(std::max(next, now_));
  }
  Answer answer = answers_[id];
  answer.after = now_ - asked;
  return answer;
}

Stage::Answer Stage::get(const std::string& target, Duration patience) {
  const RequestId id{++last_id_};
  net::HttpRequest request;
  request.target = target;
  venue_->on_request(id, request, now_);
  return wait_for(id, patience);
}

Stage::Answer Stage::post(const std::string& path, const std::string& body, Duration patience) {
  const RequestId id{++last_id_};
  net::HttpRequest request;
  request.method = "POST";
  request.target = path;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = body;
  venue_->on_request(id, request, now_);
  return wait_for(id, patience);
}

std::string Stage::signed_body(const venues::hyperliquid::Action& action,
                               std::optional<std::uint64_t> nonce,
                               std::optional<std::uint64_t> expires_after) {
  const auto key = venues::hyperliquid::PrivateKey::from_hex(account_key).value();
  venues::hyperliquid::RequestTerms terms;
  last_nonce_ = std::max(last_nonce_ + 1, now_ms());
  terms.nonce = nonce.value_or(last_nonce_);
  terms.expires_after = expires_after;
  return venues::hyperliquid::signed_request(key, venues::hyperliquid::Network::testnet, action,
                                             terms);
}

Stage::Answer Stage::act(const venues::hyperliquid::Action& action,
                         std::optional<std::uint64_t> expires_after) {
  return post("/exchange", signed_body(action, {}, expires_after));
}

standin::Options recorded_btc() {
  standin::Options options;
  options.usdm = false;
  options.captures.push_back(
      venues::parse_feed_spec("--market", "hyperliquid:BTC=" + std::string(MM_SOURCE_DIR) +
                                              "/tests/fixtures/market/hyperliquid_btc.gz"));
  options.accounts.push_back({account_address, ""});
  return options;
}

standin::Options synthetic_btc(std::uint64_t seed) {
  standin::Options options;
  options.usdm = false;
  options.coins = {"BTC"};
  options.seed = seed;
  options.accounts.push_back({account_address, ""});
  return options;
}

venues::hyperliquid::Order order(Side side, const std::string& price, const std::string& size,
                                 TimeInForce tif) {
  venues::hyperliquid::Order of;
  of.side = side;
  of.price = price;
  of.size = size;
  of.time_in_force = tif;
  return of;
}

}  // namespace mm::test
