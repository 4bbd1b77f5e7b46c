#pragma once

// A server and what it saw, for the tests of clients: everything on one loop, on loopback.

#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/loop.hpp"
#include "net/server.hpp"
#include "net/tls.hpp"
#include "net/url.hpp"

namespace mm::net {

struct Listener final : PeerListener {
  std::function<void(std::string_view)> message;
  int pongs = 0;
  bool closed = false;
  void on_message(std::string_view text) override { message(text); }
  void on_pong() override { ++pongs; }
  void on_closed() override { closed = true; }
};

class TestVenue final : public ServerHandler {
 public:
  explicit TestVenue(bool tls = false) : certificate_(file()) {
    if (tls) tls_.emplace(TlsServer::self_signed(certificate_));
    server_.emplace(loop, "127.0.0.1", std::uint16_t{0}, tls_ ? &*tls_ : nullptr, *this);
  }
  ~TestVenue() override { std::filesystem::remove(certificate_); }

  void on_request(const HttpRequest& request, HttpReply reply) override {
    requests.push_back(request);
    if (answer) return answer(request, std::move(reply));
    reply.send({200, {{"X-Seen", std::to_string(requests.size())}}, request.body});
  }

  bool on_upgrade(const HttpRequest& request, const std::shared_ptr<Peer>& accepted) override {
    if (request.target != "/ws") return false;
    peer = accepted;
    listener = std::make_shared<Listener>();
    listener->message = [this](std::string_view text) { peer->send(std::string(text)); };
    peer->listen(listener);
    return true;
  }

  Url url(std::string_view target, std::string_view host = "127.0.0.1") const {
    return {tls_ ? "wss" : "ws", std::string(host), server_->port(), std::string(target)};
  }
  const std::string& certificate() const { return certificate_; }
  void stop() { server_.reset(); }

  /// Runs until `done`, at most five seconds.
  void run_until(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{5};
    while (!done() && std::chrono::steady_clock::now() < limit) loop.run_one_until(limit);
    ASSERT_TRUE(done()) << "nothing happened within five seconds";
  }
  void run_for(Duration length) {
    const auto limit = std::chrono::steady_clock::now() + length;
    while (std::chrono::steady_clock::now() < limit) loop.run_one_until(limit);
  }

  Loop loop;
  std::vector<HttpRequest> requests;
  std::function<void(const HttpRequest&, HttpReply)> answer;
  std::shared_ptr<Peer> peer;
  std::shared_ptr<Listener> listener;

 private:
  static std::string file() {
    static int made = 0;
    return std::filesystem::temp_directory_path() /
           ("mm-net-test-" + std::to_string(::getpid()) + "-" + std::to_string(++made) + ".pem");
  }

  std::string certificate_;
  std::optional<TlsServer> tls_;
  std::optional<Server> server_;
};

}  // namespace mm::net
