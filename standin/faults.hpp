#pragma once

// Faults on demand: what they are called, when they hold, and what they do to deeds.
//
//   KIND@TIME[,for=DURATION][,venue=NAME][,coin=NAME][,by=DURATION][,status=NAME]
//
// TIME counts from the start of the venue. Kinds that hit once do it at the first chance after it.
//
//   once     drop            every connection is cut without a close frame
//            half-open       every connection stays open, and nothing is read or written any more
//            gap             one market message is left out (of Binance, one depth event)
//            duplicate       one market message comes twice
//            reorder         two market messages change places
//            corrupt         a frame arrives in which a bit is wrong
//            torn            a connection is cut in the middle of a frame
//   a while  stall           nothing is sent, and what was due comes afterwards
//            slow            every message and answer is late by `by`
//            429, 418        REST refuses
//            reject          new orders are rejected with `status`
//            refuse          actions are answered as "too many cumulative requests"
//            clock           stamps are off by `by`
//            ban             the venue does not know `coin`
//            reply-lost      actions are carried out and never answered
//            fill-first      fills come before the order's `open`, and replies last
//            silence         a network upgrade: no blocks, sockets open
//            post-only       only post-only orders, as after an upgrade
//
// Pure: time goes in, deeds go through pass().

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/random.hpp"
#include "engine/result.hpp"
#include "standin/outbox.hpp"

namespace mm::standin {

enum class FaultKind : std::uint8_t {
  drop,
  half_open,
  gap,
  duplicate,
  reorder,
  corrupt,
  torn,
  stall,
  slow,
  http_429,
  http_418,
  reject,
  refuse,
  clock,
  ban,
  reply_lost,
  fill_first,
  silence,
  post_only,
};

struct FaultSpec {
  FaultKind kind = FaultKind::drop;
  Duration at{};                              ///< from the start
  Duration length = std::chrono::seconds{2};  ///< of those that hold a while
  Duration by = std::chrono::milliseconds{500};
  std::string venue;                ///< "hyperliquid", "binance-usdm", "binance-spot"; empty: all
  std::string coin;                 ///< ban
  std::string status = "rejected";  ///< reject
};

/// Error(usage) names the text and what is wrong with it.
Result<FaultSpec> parse_fault(std::string_view text);
std::string_view name_of(FaultKind kind);
/// All names, for messages.
std::string fault_names();

class Saboteur {
 public:
  Saboteur(std::vector<FaultSpec> faults, Time start, std::uint64_t seed);

  void add(FaultSpec fault, Time now);
  /// Which venue a connection belongs to, for faults that name one.
  void on_open(ConnectionId id, std::string_view venue);
  void on_closed(ConnectionId id);

  /// Whether a fault of this kind that holds a while does so now for the venue.
  const FaultSpec* active(FaultKind kind, std::string_view venue, Time now) const;
  /// Begins and ends faults; next_due is when that is next needed.
  void on_time(Time now);
  Time next_due() const;
  /// Deeds as the client shall see them. Carrying them out is the caller's business; `torn` and
  /// `half_open` come out as deeds of those kinds.
  std::vector<Deed> pass(std::vector<Deed> deeds);
  /// How often each kind has struck.
  std::string counts_json() const;

 private:
  struct Armed {
    FaultSpec spec;
    Time begin;
    Time end;
    bool done = false;
  };
  bool concerns(const Armed& fault, ConnectionId id) const;
  void strike_all(Armed& fault, std::vector<Deed>& out);
  bool strike_one(Armed& fault, const Deed& deed, std::vector<Deed>& out);

  std::vector<Armed> faults_;
  Time start_;
  Time now_;
  SplitMix64 random_;
  struct Client {
    std::string venue;
    Time not_before;  ///< what was slowed or stalled is not overtaken
  };
  std::map<ConnectionId, Client> connections_;
  std::optional<Deed> held_;  // by reorder
  std::map<std::string, int> counts_;
};

}  // namespace mm::standin
