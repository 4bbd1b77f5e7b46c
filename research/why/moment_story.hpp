#pragma once

// What stood at one instant of a session, and what happened around it.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/output.hpp"
#include "research/analytics/markout.hpp"
#include "research/why/fill_story.hpp"
#include "research/why/models.hpp"
#include "research/why/session.hpp"
#include "research/why/shots.hpp"

namespace mm::research::why {

/// What kept the core from quoting, or would have, at the instant.
struct Guards {
  bool killed = false;
  bool ended = false;
  bool book_invalid = false;
  bool stale = false;
  std::optional<Duration> silent_for;  ///< since the last word of the quoted feed
  Duration stale_limit{0};             ///< 0: no such guard
  Money max_loss;                      ///< 0: no such limit
  bool loss_limit = false;             ///< reached, and not released since
  Qty max_position;                    ///< of the strategy or the session, the stricter; 0 = none
  bool engaged() const { return killed || ended || book_invalid || stale || loss_limit; }
};

/// An order message of ours.
struct Message {
  Seq seq;
  Time time;
  Output output;
};

/// Something that happened near the instant, in words.
struct Happening {
  Seq seq;  ///< of the record; of notes that were computed now, of the input
  Time time;
  std::string kind;  ///< "fill", "alert", "feed_status", "wall_pulled", ...
  std::string text;
};

struct NearFill {
  Seq seq;
  Time time;
  std::int64_t trade_id = 0;
  Side side = Side::buy;
  Price price;
  Qty qty;
};

struct MomentStory {
  Time at;
  Seq seq;  ///< records below it had been heard
  BookShot book;
  AccountShot account;                     ///< since the session's start
  std::optional<AccountShot> last_minute;  ///< change over it; absent where the session is younger
  std::string parameters;                  ///< in force
  std::vector<ParameterNews> parameter_changes;
  std::optional<Message> last_message;  ///< the last order sent, moved or cancelled
  std::optional<Time> last_asked;       ///< when the strategy was asked last
  Guards guards;
  std::optional<ModelShot> models;
  std::vector<LeadMove> leads;
  std::optional<double> move_1s_bps;
  std::optional<double> move_60s_bps;
  Duration around{0};
  std::vector<Happening> happenings;  ///< within `around` on either side, in order
  std::size_t messages_around = 0;    ///< orders sent, moved or cancelled there
  std::vector<NearFill> nearest;      ///< up to three before and three behind
  bool diverged = false;
  Seq folded_from;
};

struct MomentRequest {
  Time at;
  Duration around = std::chrono::seconds{5};
};

MomentStory explain_moment(const Session& session, const MomentRequest& request);

/// Up to `count` fills before `seq` and as many from it on.
std::vector<NearFill> fills_near(const Session& session, Seq seq, std::size_t count);

}  // namespace mm::research::why
