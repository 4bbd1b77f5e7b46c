#pragma once

// FeedDecoder: the pure half of a venue. Frames of one instrument go in, events come out.
//
// It does no I/O and has no clock, so a capture file and a socket run the same code. Whoever drives
// it asks `needs_snapshot` where a venue sends its book as differences, and fetches one (a socket)
// or waits for the one in the file (a capture).

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "engine/instrument.hpp"
#include "venues/event_batch.hpp"

namespace mm::venues {

/// Bytes behind a frame that must be readable (their values do not matter): the JSON parser loads
/// whole vectors.
inline constexpr std::size_t frame_padding = 64;

/// What became of the frames, by the rules in the codecs' headers.
struct FeedCounters {
  std::int64_t frames = 0;        ///< all that came in
  std::int64_t control = 0;       ///< acknowledgements, pongs, replies to requests
  std::int64_t other_symbol = 0;  ///< of another instrument on the same connection
  std::int64_t unknown_kind = 0;  ///< a type this program has no use for, e.g. candles
  std::int64_t skipped_trades =
      0;  ///< not of the tape: X other than MARKET, the second kind of tape
  std::int64_t history_trades = 0;   ///< replayed by the venue after subscribing
  std::int64_t duplicates = 0;       ///< trades, fills or book updates that were taken before
  std::int64_t before_snapshot = 0;  ///< book updates older than the snapshot, rightly dropped
  std::int64_t unused_updates = 0;   ///< book updates that no snapshot ever met
  std::int64_t gaps = 0;
  std::int64_t anomalies = 0;  ///< frames that could not be decoded, and other surprises
};

/// Whether `connected` is due, for decoders.
class Link {
 public:
  /// True if a frame now says that the connection stands.
  bool said_by_frame() { return !by_socket_ && !std::exchange(stands_, true); }
  /// True if a socket's word is news.
  bool said_by_socket() { return !std::exchange(stands_, true); }
  void follow_sockets() { by_socket_ = true; }
  void lost() { stands_ = false; }

 private:
  bool by_socket_ = false;
  bool stands_ = false;
};

class FeedDecoder {
 public:
  virtual ~FeedDecoder() = default;
  FeedDecoder() = default;
  FeedDecoder(const FeedDecoder&) = delete;
  FeedDecoder& operator=(const FeedDecoder&) = delete;

  /// Takes one whole frame received at `recv` and appends what it means to `out`. Never throws and
  /// never fails: what cannot be decoded becomes a FeedStatus `anomaly` that says why.
  /// `frame_padding` bytes behind the frame must be readable.
  virtual void on_frame(Time recv, std::string_view frame, EventBatch& out) = 0;

  /// From now on only on_connected() says that the connection stands. Without this (a capture) the
  /// first frame says so, and the first after a loss.
  virtual void follow_sockets() = 0;
  /// A socket stands: emits `connected`, unless that was said and nothing was lost since.
  virtual void on_connected(Time recv, EventBatch& out) = 0;

  /// The connection is gone: emits `lost`. The book is invalid until the venue has been followed
  /// again, which emits `resynchronised`.
  virtual void on_lost(Time recv, std::string_view why, EventBatch& out) = 0;

  /// No more frames will come. Says in an `anomaly` what was left over, e.g. updates that never met
  /// a snapshot.
  virtual void on_end(Time recv, EventBatch& out) = 0;

  /// Two connections carry the same streams for a while: what comes a second time is dropped by its
  /// id and counted as duplicate. Depth updates and Hyperliquid's trades always are.
  virtual void set_doubled(bool) {}

  /// Whether a REST depth snapshot is wanted; it is handed in through on_frame like any frame.
  virtual bool needs_snapshot() const { return false; }

  virtual const FeedCounters& counters() const = 0;
};

/// The decoder of the instrument's venue. Events carry `id`. Throws Error(usage) for an unknown
/// venue.
std::unique_ptr<FeedDecoder> make_feed_decoder(const Instrument& instrument, InstrumentId id);

}  // namespace mm::venues
