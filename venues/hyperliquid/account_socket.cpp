#include "venues/hyperliquid/account_socket.hpp"

#include <utility>

namespace mm::venues::hyperliquid {

AccountSocket::AccountSocket(net::Loop& loop, const net::TlsClient* tls, const net::Url& url,
                             std::vector<std::string> hello, const AccountSocketSettings& settings,
                             std::uint64_t seed, Owner owner)
    : loop_(loop),
      tls_(tls),
      url_(url),
      hello_(std::move(hello)),
      settings_(settings),
      backoff_(settings.retry_first, settings.retry_most, seed),
      owner_(std::move(owner)),
      retry_(loop),
      tick_(loop) {}

void AccountSocket::open() {
  const net::WebSocketOptions options{.connect_timeout = settings_.connect_timeout};
  net::WebSocketListener& listener = *this;  // private to everybody but us
  client_ = std::make_unique<net::WebSocketClient>(loop_, tls_, url_, listener, options);
}

void AccountSocket::send(std::string text) {
  if (up_) client_->send(std::move(text));
}

void AccountSocket::on_open() {
  up_ = true;
  heard_ = std::chrono::steady_clock::now();
  for (const std::string& text : hello_) client_->send(text);
  client_->receive();
  tick_.expire_after(settings_.ping_every, [this] { tick(); });
  owner_.up();
}

void AccountSocket::on_message(std::string_view text) {
  heard_ = std::chrono::steady_clock::now();
  backoff_.reset();
  owner_.message(text);
  client_->receive();
}

void AccountSocket::on_closed(const std::string& why) {
  end(why);
}

void AccountSocket::tick() {
  if (std::chrono::steady_clock::now() - heard_ > settings_.silence)
    return give_up("silent for too long");
  client_->send(R"({"method":"ping"})");
  tick_.expire_after(settings_.ping_every, [this] { tick(); });
}

void AccountSocket::give_up(const std::string& why) {
  if (up_) end(url_.text() + ": " + why + ": connection given up");
}

void AccountSocket::end(const std::string& why) {
  up_ = false;
  tick_.cancel();
  client_.reset();
  retry_.expire_after(backoff_.next(), [this] { open(); });
  owner_.down(why);
}

}  // namespace mm::venues::hyperliquid
