// Goals 21 and 34: what our sockets cost over bare ones, on loopback.
//
// 21: one message of 200 bytes to and fro. Raw TCP is the same program without TLS and WebSocket:
// one Asio loop an end, each on its own thread. The cores are kept awake meanwhile
// (awake_cores.hpp) and the three take turns every hundred messages, so that all meet the same
// machine. 34: the recorder's path (socket, decoder, journal, core) while the venue sends as fast
// as it can. TCP holds the venue back, so what is sustained is what the path takes, and nothing may
// be lost or pile up on the way. Bare Beast over TLS reads the same frames and throws them away.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <optional>
#include <thread>

#include "bench/awake_cores.hpp"
#include "bench/blocks.hpp"
#include "bench/frames.hpp"
#include "bench/goals.hpp"
#include "bench/journals.hpp"
#include "engine/assert.hpp"
#include "journal/writer.hpp"
#include "net/dial.hpp"
#include "net/server.hpp"
#include "net/websocket_client.hpp"
#include "venues/feed_decoder.hpp"

namespace mm::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t ping_bytes = 200;

/// A loop with a thread of its own.
class LoopThread {
 public:
  LoopThread() : thread_([this] { loop.run(); }) {}
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;
  ~LoopThread() {
    loop.stop();
    thread_.join();
  }
  /// Runs `task` on the thread and waits for it.
  template <class F>
  void run(F&& task) {
    std::promise<void> done;
    loop.post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }

  net::Loop loop;

 private:
  std::thread thread_;
};

// ---------------------------------------------------------------- the venue's end

/// Sends as many frames as it is asked for, as fast as the socket takes them; or, without frames,
/// sends back what it gets.
class Venue final : public net::ServerHandler {
 public:
  explicit Venue(const Frames* frames) : frames_(frames) {}

  void on_request(const net::HttpRequest&, net::HttpReply reply) override {
    reply.send({.status = 404});
  }
  bool on_upgrade(const net::HttpRequest&, const std::shared_ptr<net::Peer>& peer) override;

 private:
  const Frames* frames_;
};

class Echo final : public net::PeerListener {
 public:
  explicit Echo(std::shared_ptr<net::Peer> peer) : peer_(std::move(peer)) {}
  void on_message(std::string_view text) override { peer_->send(std::string(text)); }
  void on_closed() override { peer_.reset(); }

 private:
  std::shared_ptr<net::Peer> peer_;
};

/// The client asks for each burst with a message, which holds the number of frames it wants.
class Burst final : public net::PeerListener {
 public:
  Burst(const Frames& frames, std::shared_ptr<net::Peer> peer)
      : frames_(frames), peer_(std::move(peer)) {}
  void on_message(std::string_view text) override {
    const std::size_t upto = sent_ + std::stoul(std::string(text));
    for (; sent_ < upto; ++sent_) {
      const Frames::Frame& frame = frames_.frames[sent_ % frames_.frames.size()];
      peer_->send(std::string(frames_.text(frame)));
    }
  }
  void on_closed() override { peer_.reset(); }

 private:
  const Frames& frames_;
  std::shared_ptr<net::Peer> peer_;
  std::size_t sent_ = 0;
};

bool Venue::on_upgrade(const net::HttpRequest&, const std::shared_ptr<net::Peer>& peer) {
  if (frames_ == nullptr) {
    peer->listen(std::make_shared<Echo>(peer));
  } else {
    peer->listen(std::make_shared<Burst>(*frames_, peer));
  }
  return true;
}

/// One server, plain or TLS, on a thread of its own.
class VenueThread {
 public:
  VenueThread(const Frames* frames, const net::TlsServer* tls) : venue_(frames) {
    thread_.run([&] { server_.emplace(thread_.loop, "127.0.0.1", 0, tls, venue_); });
  }
  VenueThread(const VenueThread&) = delete;
  VenueThread& operator=(const VenueThread&) = delete;
  ~VenueThread() {
    thread_.run([&] { server_.reset(); });
  }
  net::Url url(bool secure) const {
    return net::parse_url(fmt::format("{}://127.0.0.1:{}/", secure ? "wss" : "ws", server_->port()))
        .value();
  }

 private:
  Venue venue_;
  std::optional<net::Server> server_;
  LoopThread thread_;
};

// ---------------------------------------------------------------- goal 21

/// Seconds of one message to and fro; connected before the first.
class WebSocketPing final : public net::WebSocketListener {
 public:
  WebSocketPing(const net::Url& url, const net::TlsClient* tls) : client_(loop_, tls, url, *this) {
    while (!ready_) step();
  }
  double round() {
    ready_ = false;
    const double begin = seconds(Clock::wall);
    client_.send(std::string(ping_bytes, 'x'));
    client_.receive();
    while (!ready_) step();
    return seconds(Clock::wall) - begin;
  }
  void on_open() override { ready_ = true; }
  void on_message(std::string_view text) override {
    MM_ASSERT(text.size() == ping_bytes, "the echo is whole");
    ready_ = true;
  }
  void on_closed(const std::string& why) override { throw Error{ErrorKind::venue, why}; }

 private:
  void step() { loop_.run_one_until(std::chrono::steady_clock::now() + std::chrono::seconds{10}); }

  net::Loop loop_;
  bool ready_ = false;
  net::WebSocketClient client_;
};

/// The same without WebSocket and TLS.
class RawPing {
 public:
  RawPing() : acceptor_(server_.loop.context(), {asio::ip::make_address("127.0.0.1"), 0}) {
    acceptor_.async_accept([this](const error_code& error, Tcp::socket socket) {
      if (error) return;
      echo_.emplace(std::move(socket));
      echo_->set_option(Tcp::no_delay(true));
      echo();
    });
    socket_.connect(acceptor_.local_endpoint());
    socket_.set_option(Tcp::no_delay(true));
  }
  RawPing(const RawPing&) = delete;
  RawPing& operator=(const RawPing&) = delete;
  ~RawPing() {
    server_.run([&] {
      acceptor_.close();
      if (echo_) echo_->close();
    });
  }

  double round() {
    bool done = false;
    const double begin = seconds(Clock::wall);
    asio::async_write(socket_, asio::buffer(out_), [](const error_code&, std::size_t) {});
    asio::async_read(socket_, asio::buffer(in_), [&](const error_code& error, std::size_t) {
      MM_ASSERT(!error, "the echo is whole");
      done = true;
    });
    while (!done) loop_.run_one_until(std::chrono::steady_clock::now() + std::chrono::seconds{10});
    return seconds(Clock::wall) - begin;
  }

 private:
  void echo() {
    asio::async_read(*echo_, asio::buffer(echoed_), [this](const error_code& error, std::size_t) {
      if (error) return;
      asio::async_write(*echo_, asio::buffer(echoed_),
                        [this](const error_code& failed, std::size_t) {
                          if (!failed) echo();
                        });
    });
  }

  std::array<char, ping_bytes> out_{};
  std::array<char, ping_bytes> in_{};
  std::array<char, ping_bytes> echoed_{};
  std::optional<Tcp::socket> echo_;
  LoopThread server_;
  Tcp::acceptor acceptor_;
  net::Loop loop_;
  Tcp::socket socket_{loop_.context()};
};

void measure_round_trips(const Plan& plan, Report& report, const net::TlsServer& tls,
                         const net::TlsClient& trust) {
  const VenueThread plain_venue{nullptr, nullptr};
  const VenueThread secure_venue{nullptr, &tls};
  RawPing raw;
  WebSocketPing plain{plain_venue.url(false), nullptr};
  WebSocketPing secure{secure_venue.url(true), &trust};
  const AwakeCores awake;
  const auto take_turn = [](auto& ping, std::vector<double>& taken_us) {
    for (int i = 0; i < 100; ++i) taken_us.push_back(ping.round() * 1e6);
  };
  std::vector<double> raw_us, plain_us, secure_us;
  for (std::size_t round = 0; round <= plan.rounds(15); ++round) {
    std::vector<double> of_raw, of_plain, of_secure;
    for (int turn = 0; turn < 10; ++turn) {
      take_turn(raw, of_raw);
      take_turn(plain, of_plain);
      take_turn(secure, of_secure);
    }
    if (round == 0) continue;
    raw_us.push_back(quantile(of_raw, 0.5));
    plain_us.push_back(quantile(of_plain, 0.5));
    secure_us.push_back(quantile(of_secure, 0.5));
  }
  if (plan.wants("21.plain"))
    report.add({"21.plain", "round trip p50: WebSocket / raw TCP", 1.25},
               ratio_of(plain_us, raw_us), true);
  if (plan.wants("21.tls"))
    report.add({"21.tls", "round trip p50: WebSocket over TLS / raw TCP", 1.7},
               ratio_of(secure_us, raw_us), true);
  report.say(fmt::format("p50: raw {:.1f}, WebSocket {:.1f}, TLS {:.1f} us", quantile(raw_us, 0.5),
                         quantile(plain_us, 0.5), quantile(secure_us, 0.5)));
}

// ---------------------------------------------------------------- goal 34

constexpr std::size_t burst = 5000;

/// Socket to journal and core, as the recorder has it.
class RecordingClient final : public net::WebSocketListener {
 public:
  RecordingClient(const net::Url& url, const net::TlsClient* tls, const Instrument& instrument,
                  const std::filesystem::path& dir)
      : journal_(journal::JournalWriter::open(dir, {})),
        decoder_(venues::make_feed_decoder(instrument, InstrumentId{0})),
        client_(loop_, tls, url, *this) {
    fold(Event{EventHeader{.recv_time = last_}, definition_of(instrument)});
    while (!open_) step();
  }

  /// Records the next `count` frames of the venue.
  void record(std::size_t count) {
    wanted_ += count;
    client_.send(std::to_string(count));
    client_.receive();
    while (frames_ < wanted_) step();
  }
  std::size_t frames() const { return frames_; }
  std::size_t events() const { return events_; }
  std::size_t finish() { return journal_.close().inputs; }

  void on_open() override { open_ = true; }
  void on_message(std::string_view text) override {
    last_ += std::chrono::microseconds{1};
    batch_.clear();
    decoder_->on_frame(last_, text, batch_);
    for (const Event& event : batch_.events()) fold(event);
    if (++frames_ < wanted_) client_.receive();
  }
  void on_closed(const std::string& why) override { throw Error{ErrorKind::venue, why}; }

 private:
  void fold(const Event& event) {
    ++events_;
    journal_.append(event);
    outputs_.clear();
    engine_.apply(event, outputs_);
  }
  void step() { loop_.run_one_until(std::chrono::steady_clock::now() + std::chrono::seconds{10}); }

  net::Loop loop_;
  journal::JournalWriter journal_;
  std::unique_ptr<venues::FeedDecoder> decoder_;
  Engine engine_ = make_null_engine();
  venues::EventBatch batch_;
  std::vector<Output> outputs_;
  Time last_ = time_from_ns(1'723'161'600'000'000'000);
  std::size_t wanted_ = 0;
  std::size_t frames_ = 0;
  std::size_t events_ = 0;
  bool open_ = false;
  net::WebSocketClient client_;
};

/// Reads and throws away, with nothing of ours in between.
class BareClient {
 public:
  BareClient(const net::Url& url, const net::TlsClient& trust)
      : stream_(context_, trust.context()) {
    beast::get_lowest_layer(stream_).connect(
        Tcp::endpoint{asio::ip::make_address(url.host), url.port});
    stream_.next_layer().handshake(asio::ssl::stream_base::client);
    stream_.handshake(url.authority(), "/");
  }
  void read(std::size_t count) {
    stream_.write(asio::buffer(std::to_string(count)));
    for (std::size_t i = 0; i < count; ++i) {
      buffer_.consume(buffer_.size());
      stream_.read(buffer_);
    }
  }

 private:
  asio::io_context context_;
  beast::websocket::stream<net::TlsStream> stream_;
  beast::flat_buffer buffer_;
};

/// Megabytes of this process that are in memory.
double resident_mb() {
  std::size_t pages = 0;
  std::size_t resident = 0;
  std::ifstream{"/proc/self/statm"} >> pages >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

/// How many events the decoder makes of these many frames from a file.
std::size_t events_of(const Frames& frames, std::size_t count) {
  const auto decoder = venues::make_feed_decoder(frames.instrument, InstrumentId{0});
  venues::EventBatch batch;
  std::size_t events = 0;
  for (std::size_t i = 0; i < count; ++i) {
    batch.clear();
    decoder->on_frame(time_from_ns(1), frames.text(frames.frames[i % frames.frames.size()]), batch);
    events += batch.events().size();
  }
  return events;
}

void measure_recorder(const Plan& plan, Report& report, const net::TlsServer& tls,
                      const net::TlsClient& trust, ScratchDirectory& scratch) {
  const Frames frames = load_frames();
  const VenueThread plain_venue{&frames, nullptr};
  const VenueThread secure_venue{&frames, &tls};
  RecordingClient plain{plain_venue.url(false), nullptr, frames.instrument, scratch.fresh()};
  RecordingClient secure{secure_venue.url(true), &trust, frames.instrument, scratch.fresh()};
  BareClient bare{secure_venue.url(true), trust};
  const auto rate = [](auto&& take) {
    const double begin = seconds(Clock::wall);
    take();
    return static_cast<double>(burst) / (seconds(Clock::wall) - begin);
  };
  std::vector<double> plain_rates, secure_rates, bare_rates;
  double before_mb = 0;
  double most_mb = 0;
  for (std::size_t round = 0; round <= plan.rounds(30); ++round) {
    const double of_plain = rate([&] { plain.record(burst); });
    const double of_secure = rate([&] { secure.record(burst); });
    const double of_bare = rate([&] { bare.read(burst); });
    if (round == 0) before_mb = resident_mb();
    if (round == 0) continue;
    most_mb = std::max(most_mb, resident_mb());
    plain_rates.push_back(of_plain / frames.rate_per_s());
    secure_rates.push_back(of_secure);
    bare_rates.push_back(of_bare);
  }
  for (RecordingClient* client : {&plain, &secure}) {
    const std::size_t expected = events_of(frames, client->frames()) + 1;
    MM_ASSERT(client->events() == expected && client->finish() == expected,
              "every event of every frame is in the journal");
  }
  const double grown_mb = most_mb - before_mb;
  if (plan.wants("34.rate"))
    report.add({"34.rate", "recording over WebSocket / the capture's rate, nothing lost", 200,
                Goal::Form::at_least},
               {quantile(plain_rates, 0.5), quantile(plain_rates, 0), quantile(plain_rates, 1), 0},
               frames.real);
  if (plan.wants("34.tls"))
    report.add({"34.tls", "recording over TLS / bare Beast over TLS", 0.5, Goal::Form::at_least},
               ratio_of(secure_rates, bare_rates), frames.real);
  if (plan.wants("34.memory"))
    report.add({"34.memory", "memory that recording them took, MB", 64},
               {grown_mb, grown_mb, grown_mb, 0}, frames.real);
  report.say(
      fmt::format("the capture has {:.0f} frames/s; over TLS {:.0f} recorded, {:.0f} bare; "
                  "{} frames recorded, {} events each found in its journal",
                  frames.rate_per_s(), quantile(secure_rates, 0.5), quantile(bare_rates, 0.5),
                  plain.frames() + secure.frames(), plain.events() + secure.events()));
}

}  // namespace

void measure_sockets(const Plan& plan, Report& report) {
  const auto wants_any = [&](std::initializer_list<std::string_view> ids) {
    return std::any_of(ids.begin(), ids.end(), [&](std::string_view id) { return plan.wants(id); });
  };
  const bool trips = wants_any({"21.plain", "21.tls"});
  const bool recording = wants_any({"34.rate", "34.tls", "34.memory"});
  if (!trips && !recording) return;
  ScratchDirectory scratch{plan.directory};
  const std::string certificate = scratch.fresh();
  const net::TlsServer tls = net::TlsServer::self_signed(certificate);
  const net::TlsClient trust{certificate};
  if (trips) measure_round_trips(plan, report, tls, trust);
  if (recording) measure_recorder(plan, report, tls, trust, scratch);
}

}  // namespace mm::bench
