#pragma once

// Why a fill cost or earned what it did: everything that led to it, from the journal alone.
//
//   book -> models -> parameters -> decision -> latency -> queue -> fill -> markouts -> money
//
// Moments:
//   decision   behind the input that made the core place the order (decisions take no time)
//   arrival    what the market was when the order met it. Paper: when the exchange took it. Real:
//              the venue's stamp of the acknowledgement, shifted by the delay of the market data
//              heard last, not before it was sent nor after it was heard (sim/round_trips.hpp).
//   fill       in front of the taker's first print (prints.hpp), or of the book or event that
//              filled us where there is none
//
// Markouts and the fill's own money count from the mid strictly before it happened
// (research/analytics/markout.hpp); the account's sums are the core's, booked when it heard.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/output.hpp"
#include "engine/policy.hpp"
#include "engine/prediction.hpp"
#include "research/analytics/markout.hpp"
#include "research/why/models.hpp"
#include "research/why/prints.hpp"
#include "research/why/queue_path.hpp"
#include "research/why/session.hpp"
#include "research/why/shots.hpp"
#include "research/why/trail.hpp"

namespace mm::research::why {

/// A parameter that was changed during the session.
struct ParameterNews {
  Seq seq;
  Time time;
  std::string name;
  std::string value;
};

/// How a lead's mid moved before a moment, in bps.
struct LeadMove {
  InstrumentId instrument;
  std::optional<double> last_100ms;
  std::optional<double> last_1s;
};

/// What the prediction log said of the filled order, at one of its cycles.
struct LoggedPrediction {
  Seq seq;
  Time time;
  Prediction head;
  PredictedLevel level;
};

/// The decision before: the last order sent for the same quote.
struct DecisionBefore {
  ClientOrderId order;
  Seq seq;
  Time time;
  Price price;
  std::optional<double> mid;  ///< then, in price units; absent beyond what was folded
  std::optional<Qty> position;
};

struct Decision {
  BookShot book;
  AccountShot account;
  Quotes wanted;           ///< what the strategy asked for, before it was fitted to our orders
  std::string parameters;  ///< in force, "name=value" lines
  std::optional<DecisionBefore> before;
  std::optional<ModelShot> models;  ///< behind it
};

struct Latency {
  Time sent;
  std::optional<Time> arrived;  ///< on our receive clock
  std::optional<Time> heard;    ///< the acknowledgement
};

/// Money of this fill alone: spread + adverse + inventory - fee, each + = gained.
struct FillMoney {
  std::optional<Money> spread;     ///< against the mid before it
  std::optional<Money> adverse;    ///< what the mid then did in 10 s
  std::optional<Money> inventory;  ///< and from there to 60 s, if it was held
  Money fee;                       ///< + = paid
  /// After 10 s, the fee paid; absent where the mid is.
  std::optional<Money> after_10s() const;
};

struct FillStory {
  EventHeader header;
  Fill fill;
  Time happened;
  MarkedFill marked;

  OrderTrail trail;
  std::optional<Decision> decision;  ///< absent if no decision of the session placed the order
  std::vector<ParameterNews> parameter_changes;  ///< up to the decision, or the fill without one
  std::optional<Latency> latency;
  std::optional<BookShot> at_arrival;
  BookShot before_fill;
  std::optional<ModelShot> models_before;  ///< in front of the fill
  std::optional<WallContext> walls_1s_before;
  std::vector<Note> notes;  ///< what the models told from the decision to the fill
  /// From the prediction log, where the session has one: the first of the order and the last in
  /// front of the fill; and what the core noted of the fill's surroundings.
  std::optional<LoggedPrediction> predicted_first;
  std::optional<LoggedPrediction> predicted_last;
  std::optional<FillNote> fill_note;
  std::vector<Alert> alerts;     ///< of the core, likewise
  std::int64_t feed_losses = 0;  ///< gaps and losses of the quoted feed, likewise

  std::optional<QueuePath> queue;
  std::optional<FillContext> context;
  std::optional<TakerOrder> taker;
  std::vector<LeadMove> leads;         ///< before the taker's first print
  std::optional<double> own_move_bps;  ///< of the quoted mid, from the decision to the fill
  std::optional<double> own_move_1s_bps;

  FillMoney money;
  AccountShot account_before;           ///< in front of the fill
  AccountShot account_after;            ///< behind it
  std::optional<AccountShot> over_10s;  ///< of the account, from the fill's hearing
  std::optional<AccountShot> over_60s;

  bool diverged = false;  ///< this program decides otherwise than the recording
  Seq folded_from;
};

/// How far models that the session does not have are folded before the decision.
inline constexpr Duration warm_up = std::chrono::minutes{10};

struct FillRequest {
  Seq seq;  ///< of the fill; requires that the record is one
  TrailLimits trail;
};

FillStory explain_fill(const Session& session, const FillRequest& request);

/// The changes of parameters below `to`, from the landmarks.
std::vector<ParameterNews> parameter_changes(const Session& session, Seq to);

}  // namespace mm::research::why
