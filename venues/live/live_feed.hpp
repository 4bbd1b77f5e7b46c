#pragma once

// LiveFeed: the frames of one instrument as they come from its venue, decoded on demand.
//
// Frames, and what the connections have to say, wait in the order of their arrival; whoever drives
// takes one at a time. Of each connection at most one frame waits here, the rest waits in the
// kernel and then at the venue: memory is bounded and nothing is dropped.
//
// What the events mean (FeedStatus, instrument of the feed):
//
//   connected        the feed's first connection stands
//   lost             it does not; once a loss. Later failures to come back are anomalies
//   gap              depth updates are missing; a snapshot is asked for
//   resynchronised   the book follows the venue again
//   stale            silent for too long; the connection is given up and `lost` follows
//   anomaly          another connection of the feed was lost, came back or is silent; a request
//                    failed; a frame could not be decoded; we cannot keep up with the venue
//   RateLimit        the venue said slow down (and for how long), or much of the allowance is used

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "venues/feed_decoder.hpp"
#include "venues/live/connection.hpp"
#include "venues/live/rest_gate.hpp"

namespace mm::venues {

class LiveFeed final : private ConnectionOwner {
 public:
  /// What every feed of a session shares.
  struct Surroundings {
    net::Loop& loop;
    const net::TlsClient* tls;
    std::function<Time()> now;  ///< the session's clock: never decreasing
  };

  LiveFeed(const Surroundings& surroundings, const Instrument& instrument, InstrumentId id,
           FeedPlan plan, std::shared_ptr<RestGate> gate, const LiveSettings& settings,
           std::uint64_t seed);
  ~LiveFeed() override;

  /// Begins to connect.
  void start();
  /// Ends all connections without a word.
  void stop();

  /// When the earliest waiting thing arrived; empty if nothing waits.
  std::optional<Time> waiting_since() const;
  /// Decodes it. What is lent here and by raw() is valid until release().
  std::span<const Event> take();
  /// When what the last take() gave out arrived.
  Time recv_time() const { return present_.recv; }
  /// The frame of the last take() as it came; empty if that was no frame.
  std::string_view raw() const { return raw_; }
  /// Done with it: the next frame of its connection is asked for.
  void release();

  InstrumentId id() const { return id_; }
  bool connected() const { return !connections_.empty() && connections_.front()->up(); }
  const FeedCounters& counters() const { return decoder_->counters(); }

 private:
  enum class Kind { frame, snapshot, poll, up, down, stale, trouble, notice };
  struct Arrival {
    Time recv;
    Kind kind = Kind::trouble;
    std::size_t stream = 0;
    std::string_view frame;      // kind frame
    std::shared_ptr<Line> line;  // likewise
    std::string text;            // the others
    std::size_t length = 0;      // of an answer's text without its padding
    LimitNotice notice{};
  };

  void on_up(std::size_t stream) override;
  void on_frame(std::size_t stream, std::string_view text,
                const std::shared_ptr<Line>& line) override;
  void on_stale(std::size_t stream, const std::string& why) override;
  void on_down(std::size_t stream, const std::string& why) override;
  void on_doubled(std::size_t stream, bool doubled) override;
  void on_trouble(std::size_t stream, const std::string& what) override;
  Duration connect_pause() const override { return gate_->banned_for(); }

  void arrive(Kind kind, std::size_t stream, std::string text);
  void decode(const Arrival& arrival);
  void say_down(std::size_t stream, const EventHeader& header, const std::string& why);
  void tick();
  void ask_for_snapshot();
  void ask(const net::HttpRequest& request, std::string what, bool snapshot);
  std::string named(std::size_t stream, const std::string& text) const;

  Surroundings surroundings_;
  InstrumentId id_;
  FeedPlan plan_;
  std::shared_ptr<RestGate> gate_;
  LiveSettings settings_;
  std::unique_ptr<FeedDecoder> decoder_;
  std::vector<std::unique_ptr<Connection>> connections_;  // as in the plan
  std::vector<bool> told_down_;
  std::vector<bool> flowing_;  // a frame came since the stream was up
  int doubled_ = 0;            // streams
  SnapshotAsker asker_;
  std::vector<Duration> next_poll_;
  net::Timer tick_timer_;
  std::deque<Arrival> arrivals_;
  Arrival present_;
  EventBatch batch_;
  std::string_view raw_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for answers that come too late
};

}  // namespace mm::venues
