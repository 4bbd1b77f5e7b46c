#pragma once

// FeedPlan: what a live feed connects to, says and asks, as plain values. A venue makes one
// (hyperliquid/live_plan.hpp, binance/live_plan.hpp); LiveFeed carries it out.

#include <optional>
#include <string>
#include <vector>

#include "engine/instrument.hpp"
#include "net/http.hpp"
#include "net/url.hpp"
#include "venues/live/network.hpp"
#include "venues/live/rules.hpp"

namespace mm::venues {

/// Times and limits of live feeds (docs/live.md). Tests shorten them.
struct LiveSettings {
  Duration connect_timeout = std::chrono::seconds{10};  ///< name, TCP, TLS and upgrade together
  Duration rest_timeout = std::chrono::seconds{10};     ///< of one request
  Duration retry_first = std::chrono::milliseconds{500};
  Duration retry_most = std::chrono::seconds{30};
  Duration healthy_after = std::chrono::seconds{30};  ///< up this long: waits start over
  Duration tick = std::chrono::milliseconds{100};     ///< how often the rules are looked at

  // Hyperliquid
  Duration ping_every = std::chrono::seconds{20};
  Duration hl_quote_silence = std::chrono::seconds{5};
  Duration hl_book_cadence = std::chrono::milliseconds{5400};
  Duration hl_fast_cadence = std::chrono::milliseconds{540};
  bool hl_fast_book = true;

  // Binance
  std::string depth_speed = "100ms";  ///< of the difference stream; "0ms" is undocumented
  Duration binance_silence = std::chrono::seconds{30};
  Duration mark_silence = std::chrono::seconds{10};
  Duration life = std::chrono::hours{23};      ///< of a connection; it is replaced before the venue
  Duration overlap = std::chrono::seconds{5};  ///< both read, before the old one goes
  Duration snapshot_pause = std::chrono::seconds{1};
  Duration snapshot_pause_most = std::chrono::seconds{30};
  Duration open_interest_every = std::chrono::seconds{30};

  // Falling behind: this much received and unread, for this long.
  std::size_t unread_bytes = 1 << 20;
  Duration unread_for = std::chrono::seconds{1};
};

struct SocketPlan {
  std::string name;  ///< for messages: "books", "public", ...
  net::Url url;
  std::vector<std::string> hello;  ///< sent after opening
  std::string ping;                ///< the venue's own, sent every ping_every; empty: none
  Duration ping_every{};
  Duration message_gap{};  ///< at least this between two messages of ours
  Duration silence{};      ///< longest time without a frame
  std::vector<Watch> watches;
  Duration life{};     ///< 0: until it ends by itself
  Duration overlap{};  ///< of the next connection with the one it replaces
};

struct PollPlan {
  std::string name;
  net::HttpRequest request;
  Duration every{};
};

struct FeedPlan {
  /// The first is the feed's: its loss is `lost`, and the book is invalid until it is back. The
  /// loss of another one is an `anomaly`.
  std::vector<SocketPlan> sockets;
  /// Without the first, the others are closed too and come back with it.
  bool together = false;
  net::Url rest;
  std::optional<net::HttpRequest> snapshot;  ///< where books are synchronised
  std::vector<PollPlan> polls;
};

/// The plan of the instrument's venue. Throws Error(usage) for an unknown venue.
FeedPlan plan_feed(const Instrument& instrument, const Network& network,
                   const LiveSettings& settings);

}  // namespace mm::venues
