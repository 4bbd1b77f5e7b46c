#pragma once

// ScriptedVenue: a small Hyperliquid and Binance USD-M on loopback that do what a test says.
//
// Markets are made up: a mid that steps by one tick with every frame. Frames go out on a timer, so
// that a session has something to follow; each kind of trouble is one call.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/server.hpp"
#include "net/tls.hpp"

namespace mm::test {

class ScriptedVenue final : public net::ServerHandler {
 public:
  /// One WebSocket of a client.
  struct Socket {
    std::string path;                        ///< "/ws", "/public/stream", "/market/stream"
    std::vector<std::string> subscriptions;  ///< types of Hyperliquid: "l2Book", "l2Book fast", ...
    std::vector<std::string> heard;          ///< all messages
    std::shared_ptr<net::Peer> peer;
    bool open = true;
    bool fed = true;  ///< gets frames
  };

  explicit ScriptedVenue(net::Loop& loop, Duration frame_gap = std::chrono::milliseconds{2},
                         const net::TlsServer* tls = nullptr);
  ~ScriptedVenue() override;

  std::string url() const;

  /// All that were ever opened at a path that begins so, the oldest first.
  std::vector<Socket*> sockets(const std::string& path);
  /// The newest open one; null if there is none.
  Socket* open_socket(const std::string& path);
  /// Of Hyperliquid: the one with this subscription.
  Socket* subscribed(const std::string& type);

  // Trouble.
  void skip_depth_update() { skip_ = true; }
  void repeat_depth_update() { repeat_ = true; }
  void answer_next(const std::string& path, net::HttpResponse response);
  /// Refuses WebSockets at paths that begin so.
  void refuse(const std::string& path, bool on) { refused_[path] = on; }
  /// So many trades at once, on the market stream.
  void flood(std::size_t trades);

  /// Runs on the loop after each round of frames.
  std::function<void()> each_round;
  std::size_t rounds = 0;
  std::map<std::string, int> requests;  ///< by path without query
  Duration snapshot_delay{};

 private:
  struct Listener;
  void on_request(const net::HttpRequest& request, net::HttpReply reply) override;
  bool on_upgrade(const net::HttpRequest& request, const std::shared_ptr<net::Peer>& peer) override;
  void on_subscribe(Socket& socket, std::string_view text);
  void round();
  void send(const std::string& path, const std::string& subscription, const std::string& text);
  std::string answer(const net::HttpRequest& request, const std::string& path) const;
  std::string book(bool fast) const;
  std::string depth_update();
  std::string aggregate_trade();

  net::Loop& loop_;
  Duration frame_gap_;
  bool secure_;
  std::unique_ptr<net::Server> server_;
  std::vector<std::shared_ptr<Socket>> sockets_;
  net::Timer timer_;
  std::vector<std::unique_ptr<net::Timer>> delays_;
  std::map<std::string, net::HttpResponse> next_answers_;
  std::map<std::string, bool> refused_;
  bool skip_ = false;
  bool repeat_ = false;
  std::int64_t update_id_ = 1000;
  std::int64_t sent_update_id_ = 1000;
  std::int64_t trade_id_ = 0;
  std::int64_t aggregate_id_ = 0;
};

}  // namespace mm::test
