#include "tests/live/scripted_venue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace mm::test {
namespace {

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string path_of(const std::string& target) {
  return target.substr(0, target.find('?'));
}

}  // namespace

struct ScriptedVenue::Listener final : net::PeerListener {
  Listener(ScriptedVenue& of, std::shared_ptr<Socket> at) : venue(of), socket(std::move(at)) {}
  void on_message(std::string_view text) override {
    socket->heard.emplace_back(text);
    venue.on_subscribe(*socket, text);
  }
  void on_closed() override {
    socket->open = false;
    socket->peer.reset();
  }
  ScriptedVenue& venue;
  std::shared_ptr<Socket> socket;
};

ScriptedVenue::ScriptedVenue(net::Loop& loop, Duration frame_gap, const net::TlsServer* tls)
    : loop_(loop), frame_gap_(frame_gap), secure_(tls != nullptr), timer_(loop) {
  server_ = std::make_unique<net::Server>(loop, "127.0.0.1", 0, tls, *this);
  timer_.expire_after(frame_gap_, [this] { round(); });
}

ScriptedVenue::~ScriptedVenue() = default;

std::string ScriptedVenue::url() const {
  return fmt::format("{}://127.0.0.1:{}", secure_ ? "https" : "http", server_->port());
}

std::vector<ScriptedVenue::Socket*> ScriptedVenue::sockets(const std::string& path) {
  std::vector<Socket*> found;
  for (const auto& socket : sockets_)
    if (socket->path.starts_with(path)) found.push_back(socket.get());
  return found;
}

ScriptedVenue::Socket* ScriptedVenue::open_socket(const std::string& path) {
  Socket* found = nullptr;
  for (Socket* socket : sockets(path))
    if (socket->open) found = socket;
  return found;
}

ScriptedVenue::Socket* ScriptedVenue::subscribed(const std::string& type) {
  Socket* found = nullptr;
  for (Socket* socket : sockets("/ws")) {
    const auto& all = socket->subscriptions;
    if (socket->open && std::find(all.begin(), all.end(), type) != all.end()) found = socket;
  }
  return found;
}

void ScriptedVenue::answer_next(const std::string& path, net::HttpResponse response) {
  next_answers_[path] = std::move(response);
}

void ScriptedVenue::flood(std::size_t trades) {
  for (; trades > 0; --trades) send("/market/stream", "", aggregate_trade());
}

bool ScriptedVenue::on_upgrade(const net::HttpRequest& request,
                               const std::shared_ptr<net::Peer>& peer) {
  const std::string path = path_of(request.target);
  for (const auto& [refused, on] : refused_)
    if (on && path.starts_with(refused)) return false;
  const auto socket = std::make_shared<Socket>();
  socket->path = path;
  socket->peer = peer;
  sockets_.push_back(socket);
  peer->listen(std::make_shared<Listener>(*this, socket));
  return true;
}

void ScriptedVenue::on_subscribe(Socket& socket, std::string_view text) {
  if (text.find("\"ping\"") != std::string_view::npos) {
    socket.peer->send(R"({"channel":"pong"})");
    return;
  }
  for (const char* type : {"l2Book", "bbo", "trades", "activeAssetCtx"}) {
    if (text.find(fmt::format("\"type\":\"{}\"", type)) == std::string_view::npos) continue;
    const bool fast = text.find("\"fast\":true") != std::string_view::npos;
    socket.subscriptions.push_back(std::string(type) + (fast ? " fast" : ""));
    socket.peer->send(
        fmt::format(R"({{"channel":"subscriptionResponse","data":{}}})", std::string(text)));
  }
}

// ---------------------------------------------------------------- REST

std::string ScriptedVenue::answer(const net::HttpRequest& request, const std::string& path) const {
  if (path == "/info" && request.body.find("exchangeStatus") != std::string::npos)
    return fmt::format(R"({{"specialStatuses":null,"time":{}}})", now_ms());
  if (path == "/info")
    return R"({"universe":[{"szDecimals":5,"name":"BTC"},{"szDecimals":4,"name":"ETH"}]})";
  if (path == "/fapi/v1/time") return fmt::format(R"({{"serverTime":{}}})", now_ms());
  if (path == "/fapi/v1/exchangeInfo")
    return R"({"symbols":[{"symbol":"ETHUSDT","status":"TRADING","marginAsset":"USDT","filters":[)"
           R"({"filterType":"PRICE_FILTER","tickSize":"0.01"},{"filterType":"LOT_SIZE",)"
           R"("stepSize":"0.001","minQty":"0.001"},{"filterType":"MIN_NOTIONAL",)"
           R"("notional":"20"}]}]})";
  if (path == "/fapi/v1/openInterest")
    return fmt::format(R"({{"openInterest":"1234.500","symbol":"ETHUSDT","time":{}}})", now_ms());
  if (path == "/fapi/v1/depth")
    return fmt::format(
        R"({{"lastUpdateId":{},"E":{},"T":{},"bids":[["1870.00","5.000"],["1869.00","7.000"]],)"
        R"("asks":[["1870.50","4.000"],["1871.00","9.000"]]}})",
        update_id_, now_ms(), now_ms());
  return {};
}

void ScriptedVenue::on_request(const net::HttpRequest& request, net::HttpReply reply) {
  const std::string path = path_of(request.target);
  ++requests[path];
  if (const auto next = next_answers_.find(path); next != next_answers_.end()) {
    reply.send(next->second);
    next_answers_.erase(next);
    return;
  }
  std::string body = answer(request, path);
  if (body.empty()) {
    reply.send({404, {}, "not here"});
    return;
  }
  if (path != "/fapi/v1/depth" || snapshot_delay == Duration{}) {
    reply.send({200, {}, std::move(body)});
    return;
  }
  delays_.push_back(std::make_unique<net::Timer>(loop_));
  delays_.back()->expire_after(
      snapshot_delay,
      [held = std::make_shared<net::HttpReply>(std::move(reply)), body = std::move(body)] {
        held->send({200, {}, body});
      });
}

// ---------------------------------------------------------------- streams

void ScriptedVenue::send(const std::string& path, const std::string& subscription,
                         const std::string& text) {
  for (const auto& socket : sockets_) {
    if (!socket->open || !socket->fed || !socket->path.starts_with(path)) continue;
    const auto& all = socket->subscriptions;
    if (!subscription.empty() && std::find(all.begin(), all.end(), subscription) == all.end())
      continue;
    socket->peer->send(text);
  }
}

std::string ScriptedVenue::book(bool fast) const {
  std::string sides[2];
  const int levels = fast ? 5 : 20;
  for (int level = 0; level < levels; ++level) {
    for (int side = 0; side < 2; ++side) {
      const double price = side == 0 ? 1870.0 - level * 0.1 : 1870.5 + level * 0.1;
      sides[side] += fmt::format(R"({}{{"px":"{:.1f}","sz":"{}.5","n":2}})", level == 0 ? "" : ",",
                                 price, 1 + rounds % 3);
    }
  }
  return fmt::format(
      R"({{"channel":"l2Book","data":{{"coin":"ETH","time":{},"levels":[[{}],[{}]]{}}}}})",
      now_ms(), sides[0], sides[1], fast ? R"(,"fast":true)" : "");
}

std::string ScriptedVenue::depth_update() {
  const std::int64_t previous = sent_update_id_;
  update_id_ += 7;
  sent_update_id_ = update_id_;
  return fmt::format(
      R"({{"stream":"ethusdt@depth@100ms","data":{{"e":"depthUpdate","E":{0},"T":{0},"s":"ETHUSDT",)"
      R"("U":{1},"u":{2},"pu":{3},"b":[["1869.50","{4}.000"]],"a":[["1871.50","{4}.000"]],"st":1}}}})",
      now_ms(), previous + 3, sent_update_id_, previous, 1 + rounds % 5);
}

std::string ScriptedVenue::aggregate_trade() {
  return fmt::format(
      R"({{"stream":"ethusdt@aggTrade","data":{{"e":"aggTrade","E":{0},"a":{1},"s":"ETHUSDT",)"
      R"("p":"1870.20","q":"0.100","f":{1},"l":{1},"T":{0},"m":false}}}})",
      now_ms(), ++aggregate_id_);
}

void ScriptedVenue::round() {
  timer_.expire_after(frame_gap_, [this] { round(); });
  ++rounds;
  const std::int64_t ms = now_ms();
  const std::int64_t shift = static_cast<std::int64_t>(rounds) % 4;

  if (rounds % 10 == 1) send("/ws", "l2Book", book(false));
  if (rounds % 3 == 1) send("/ws", "l2Book fast", book(true));
  send("/ws", "bbo",
       fmt::format(R"({{"channel":"bbo","data":{{"coin":"ETH","time":{},"bbo":[{{"px":"1870.{}",)"
                   R"("sz":"1.5","n":2}},{{"px":"1870.{}","sz":"2.5","n":1}}]}}}})",
                   ms, shift, shift + 5));
  if (rounds % 2 == 0)
    send("/ws", "trades",
         fmt::format(
             R"({{"channel":"trades","data":[{{"coin":"ETH","side":"{}","px":"{}","sz":"0.9",)"
             R"("time":{},"hash":"0x00","tid":{},"users":["0x1","0x2"]}}]}})",
             rounds % 4 == 0 ? "A" : "B", rounds % 4 == 0 ? "1869.0" : "1872.0", ms, ++trade_id_));
  if (rounds % 7 == 0)
    send("/ws", "activeAssetCtx",
         R"({"channel":"activeAssetCtx","data":{"coin":"ETH","ctx":{"funding":"0.0000125",)"
         R"("openInterest":"31250.4418","oraclePx":"1870.0","markPx":"1870.2","premium":null}}})");

  const std::string update = depth_update();
  if (!std::exchange(skip_, false)) send("/public/stream", "", update);
  if (std::exchange(repeat_, false)) send("/public/stream", "", update);
  send("/public/stream", "",
       fmt::format(
           R"({{"stream":"ethusdt@bookTicker","data":{{"e":"bookTicker","u":{},"E":{},"T":{},)"
           R"("s":"ETHUSDT","b":"1870.0{}","B":"1.000","a":"1870.50","A":"2.000"}}}})",
           update_id_, ms, ms, shift));
  send("/market/stream", "", aggregate_trade());
  if (rounds % 10 == 0)
    send("/market/stream", "",
         fmt::format(R"({{"stream":"ethusdt@markPrice@1s","data":{{"e":"markPriceUpdate","E":{},)"
                     R"("s":"ETHUSDT","p":"1870.25","i":"1870.11","P":"1870.0","r":"0.0001",)"
                     R"("T":1790236800000}}}})",
                     ms));
  if (each_round) each_round();
}

}  // namespace mm::test
