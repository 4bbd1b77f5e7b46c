#pragma once

// Connection: one stream of a feed, kept alive.
//
// It connects, says what the plan says after opening, pings, watches for silence, and after an end
// comes back with growing pauses. Where the plan gives connections a life, the next one is opened
// before the old one goes and both are read for a while, so that nothing falls between them; the
// owner is told while that lasts. The stream is up while any of its connections is.
//
// Frames are taken on demand: at most one of each connection is with the owner, who calls take_next
// when done with it. Nobody is called from inside a call to this class.

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/websocket_client.hpp"
#include "venues/live/plan.hpp"

namespace mm::venues {

class Line;

/// What a stream tells its feed.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  virtual void on_up(std::size_t stream) = 0;
  /// `text` is valid, with net::message_padding bytes behind it, as long as `line` lives and
  /// Connection::take_next was not called.
  virtual void on_frame(std::size_t stream, std::string_view text,
                        const std::shared_ptr<Line>& line) = 0;
  /// Silent for too long; on_down follows.
  virtual void on_stale(std::size_t stream, const std::string& why) = 0;
  /// The stream is down, or another try to bring it up has failed. It will be tried again.
  virtual void on_down(std::size_t stream, const std::string& why) = 0;
  /// Two connections are read at once, or no longer.
  virtual void on_doubled(std::size_t stream, bool doubled) = 0;
  /// Something worth a word, such as falling behind the venue.
  virtual void on_trouble(std::size_t stream, const std::string& what) = 0;
  /// Not before this has passed may a connection be opened.
  virtual Duration connect_pause() const = 0;
};

class Connection {
 public:
  Connection(net::Loop& loop, const net::TlsClient* tls, ConnectionOwner& owner, std::size_t stream,
             SocketPlan plan, const LiveSettings& settings, std::uint64_t seed);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Opens now, if it is not opening or up.
  void open();
  /// Ends without a word to the owner; open() begins anew.
  void close();
  bool up() const;
  /// The owner is done with the frame of this line.
  void take_next(Line& line);
  /// An event of this kind came out of a frame.
  void heard(RecordKind kind);
  const std::string& name() const { return plan_.name; }

 private:
  friend class Line;
  void line_opened(Line& line);
  void line_message(Line& line, std::string_view text);
  void line_closed(Line& line, const std::string& why);
  void connect();
  void retry();
  void tick();
  void set_doubled(bool doubled);
  void say(std::string text);
  void say_next();
  void fail(const std::string& why);

  net::Loop& loop_;
  const net::TlsClient* tls_;
  ConnectionOwner& owner_;
  std::size_t stream_;
  SocketPlan plan_;
  LiveSettings settings_;
  Backoff backoff_;
  Silence silence_;
  Episode behind_;
  std::vector<std::shared_ptr<Line>> lines_;  // the oldest first
  net::Timer tick_timer_;
  net::Timer retry_timer_;
  net::Timer say_timer_;
  std::deque<std::string> unsaid_;  // to the newest line
  Duration drained_at_{};
  Duration next_ping_{};
  Duration next_word_{};
  Duration doubled_until_{};
  bool doubled_ = false;
  bool replacing_ = false;
};

/// One WebSocket of a stream. Kept alive by whoever still reads its frame.
class Line final : public net::WebSocketListener {
 public:
  Line(Connection& owner, net::Loop& loop, const net::TlsClient* tls, const net::Url& url,
       const net::WebSocketOptions& options);

  void on_open() override;
  void on_message(std::string_view text) override;
  void on_closed(const std::string& why) override;

 private:
  friend class Connection;
  Connection* owner_;  // null once the stream has let go of it
  bool open_ = false;
  bool frame_out_ = false;
  Duration opened_at_{};
  Duration retire_at_ = Duration::max();  // its successor stands and has been read for a while
  net::WebSocketClient client_;
};

}  // namespace mm::venues
