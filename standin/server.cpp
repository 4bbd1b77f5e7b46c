#include "standin/server.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

namespace mm::standin {
namespace {

Time wall_clock() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

/// A client that does not read is cut before it fills our memory.
constexpr std::size_t most_unsent = 64u << 20;

}  // namespace

class VenueServer::Impl final : public net::ServerHandler {
 public:
  Impl(net::Loop& loop, const std::string& address, std::uint16_t port, const net::TlsServer* tls,
       StandIn& stand_in)
      : stand_in_(stand_in), timer_(loop), server_(loop, address, port, tls, *this) {
    schedule();
  }

  std::uint16_t port() const { return server_.port(); }

  void on_request(const net::HttpRequest& request, net::HttpReply reply) override {
    run();  // what is due comes before what is asked now
    const RequestId id{++last_id_};
    requests_.emplace(id, std::move(reply));
    stand_in_.on_request(id, request, wall_clock());
    run();
  }

  bool on_upgrade(const net::HttpRequest& request,
                  const std::shared_ptr<net::Peer>& peer) override {
    run();
    if (!stand_in_.accepts_socket(request.target)) return false;
    const ConnectionId id{++last_id_};
    peer->listen(std::make_shared<Listener>(*this, id));
    peers_[id] = peer;
    stand_in_.on_open(id, request.target, wall_clock());
    schedule();
    return true;
  }

  std::function<void(const std::string&)> on_failure;

 private:
  class Listener final : public net::PeerListener {
   public:
    Listener(Impl& owner, ConnectionId id) : owner_(owner), id_(id) {}
    void on_message(std::string_view text) override {
      owner_.run();
      owner_.stand_in_.on_message(id_, text, wall_clock());
      owner_.run();
    }
    void on_pong() override { owner_.stand_in_.on_pong(id_, wall_clock()); }
    void on_closed() override {
      owner_.peers_.erase(id_);
      owner_.stand_in_.on_closed(id_);
    }

   private:
    Impl& owner_;
    ConnectionId id_;
  };

  /// Collects what the halves want done, does what is due and asks to be woken for the rest.
  void run() {
    const Time now = wall_clock();
    if (!failed_) {
      try {
        stand_in_.on_time(now);
      } catch (const Error& error) {
        failed_ = true;
        if (on_failure) on_failure(error.message());
      }
    }
    for (Deed& deed : stand_in_.take_deeds()) {
      const Time due = deed.due;
      waiting_.emplace(due, std::move(deed));
    }
    while (!waiting_.empty() && waiting_.begin()->first <= now) {
      Deed deed = std::move(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
      carry_out(std::move(deed));
    }
    schedule();
  }

  void schedule() {
    Time next = waiting_.empty() ? Time::max() : waiting_.begin()->first;
    if (!failed_) next = std::min(next, stand_in_.next_due());
    const Time now = wall_clock();
    const Duration wait =
        next == Time::max() ? Duration{std::chrono::seconds{1}}
                            : std::clamp<Duration>(next - now, Duration{}, std::chrono::seconds{1});
    timer_.expire_after(wait, [this] { run(); });
  }

  void carry_out(Deed deed) {
    if (deed.kind == Deed::Kind::answer) {
      const auto at = requests_.find(deed.request);
      if (at == requests_.end()) return;
      at->second.send({deed.code, std::move(deed.headers), std::move(deed.text)});
      requests_.erase(at);
      return;
    }
    const auto at = peers_.find(deed.connection);
    if (at == peers_.end()) return;
    const std::shared_ptr<net::Peer> peer = at->second;
    switch (deed.kind) {
      case Deed::Kind::text:
        peer->send(std::move(deed.text));
        if (peer->unsent_bytes() > most_unsent) peer->cut();
        break;
      case Deed::Kind::ping:
        peer->ping();
        break;
      case Deed::Kind::close:
        peer->close(static_cast<std::uint16_t>(deed.code), deed.text);
        break;
      case Deed::Kind::cut:
        peer->cut();
        break;
      case Deed::Kind::freeze:
        peer->freeze();
        // To the halves it is gone: nothing more is said to it.
        peers_.erase(at);
        stand_in_.on_closed(deed.connection);
        frozen_.push_back(peer);
        break;
      case Deed::Kind::torn:
        peer->send_torn(deed.text, deed.code);
        break;
      case Deed::Kind::answer:
        break;
    }
  }

  StandIn& stand_in_;
  net::Timer timer_;
  std::map<RequestId, net::HttpReply> requests_;
  std::map<ConnectionId, std::shared_ptr<net::Peer>> peers_;
  std::vector<std::shared_ptr<net::Peer>> frozen_;
  std::multimap<Time, Deed> waiting_;  // equal times stay in order
  std::uint64_t last_id_ = 0;
  bool failed_ = false;
  net::Server server_;  // last: it calls the rest
};

VenueServer::VenueServer(net::Loop& loop, const std::string& address, std::uint16_t port,
                         const net::TlsServer* tls, StandIn& stand_in)
    : impl_(std::make_unique<Impl>(loop, address, port, tls, stand_in)) {}

VenueServer::~VenueServer() = default;

std::uint16_t VenueServer::port() const {
  return impl_->port();
}

void VenueServer::on_failure(std::function<void(const std::string&)> handler) {
  impl_->on_failure = std::move(handler);
}

}  // namespace mm::standin
