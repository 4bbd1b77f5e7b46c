#include "research/why/fill_story.hpp"

#include <algorithm>
#include <utility>

#include "engine/assert.hpp"
#include "engine/numeric.hpp"
#include "research/why/scene.hpp"

namespace mm::research::why {
namespace {

constexpr Duration second = std::chrono::seconds{1};
constexpr std::array<Duration, 2> account_horizons{std::chrono::seconds{10},
                                                   std::chrono::seconds{60}};

/// The fill and the prints around it, from the records around it alone.
struct Hit {
  EventHeader header;
  Fill fill;
  std::optional<TakerOrder> taker;
};

Hit read_hit(const Session& session, Seq seq) {
  Hit hit;
  const RecordStream one = session.records(seq, Seq{seq.value + 1});
  const RecordView record = one();
  const Fill* fill = record.event != nullptr ? std::get_if<Fill>(&record.event->body) : nullptr;
  MM_ASSERT(fill != nullptr, "the record asked for is a fill");
  hit.header = record.event->header;
  hit.fill = *fill;

  RecentPrints prints;
  const Time happened = happened_at(hit.header, hit.fill);
  const Time behind = hit.header.recv_time + RecentPrints::reach + Duration{1};
  const RecordStream around =
      session.records(session.seq_at(happened - RecentPrints::reach), session.seq_at(behind));
  for (RecordView view = around(); !view.at_end(); view = around())
    if (view.event != nullptr) prints.note(*view.event);
  hit.taker = prints.taker_of(hit.header, hit.fill);
  return hit;
}

/// In front of which record the market stood as the taker found it.
Seq fill_moment(const Session& session, const Hit& hit) {
  if (hit.taker) return hit.taker->prints.front().seq;
  const Time happened = happened_at(hit.header, hit.fill);
  return std::min(session.seq_at(happened), hit.header.seq);
}

/// When an order met the market, on our receive clock; empty if that was not told.
std::optional<Time> arrival_of(const Session& session, const OrderStep& step) {
  if (!step.acknowledged) return std::nullopt;
  const Answer& ack = *step.acknowledged;
  if (ack.stamp == Time{}) return std::nullopt;
  Duration delay{0};
  if (session.real_orders()) {
    const RecordStream before = session.records(session.seq_at(ack.heard - 10 * second), ack.seq);
    bool known = false;
    for (RecordView view = before(); !view.at_end(); view = before()) {
      if (view.event == nullptr || view.event->header.instrument.value != 0) continue;
      const RecordKind kind = view.event->kind();
      const bool market = kind == RecordKind::book_snapshot || kind == RecordKind::book_delta ||
                          kind == RecordKind::best_quote || kind == RecordKind::trade;
      if (!market || view.event->header.exchange_time == Time{}) continue;
      delay = view.event->header.recv_time - view.event->header.exchange_time;
      known = true;
    }
    if (!known) return std::nullopt;
  }
  return std::clamp(ack.stamp + delay, step.decided, ack.heard);
}

/// The order and, in front of it, those whose place it may have kept: same price, replaced in a
/// row.
std::vector<QueueFollower::Arrival> arrivals_of(const Session& session, const OrderTrail& trail) {
  std::vector<QueueFollower::Arrival> arrivals;
  for (const OrderStep& step : trail.steps) {
    if (step.price != trail.steps.front().price) break;
    const auto at = arrival_of(session, step);
    if (!at) break;
    arrivals.push_back({step, *at});
  }
  std::ranges::reverse(arrivals);
  return arrivals;
}

std::optional<ModelShot> model_shot(const Scene& scene, const Fill& fill) {
  return scene.models()->shot(scene.engine(), QuoteAt{fill.side, fill.price});
}

bool is_market(const Event& event) {
  return event.body.index() < 6;
}

/// Folds the stretch once and fills in the story on the way.
class Teller {
 public:
  Teller(const Session& session, const FillRequest& request)
      : session_(session), hit_(read_hit(session, request.seq)) {
    story_.header = hit_.header;
    story_.fill = hit_.fill;
    story_.happened = happened_at(hit_.header, hit_.fill);
    story_.taker = hit_.taker;
    // Its other parts, and what was asked of it too late, came soon after.
    const Seq soon = session.seq_at(hit_.header.recv_time + second);
    story_.trail = find_trail(session, hit_.fill.order, soon, request.trail);
    fill_moment_ = fill_moment(session, hit_);
    if (story_.trail.found()) prepare_decision();
    const Seq until = story_.decision ? step().cause_seq : request.seq;
    story_.parameter_changes = parameter_changes(session, until);
  }

  FillStory tell() {
    const Time end = hit_.header.recv_time + account_horizons.back() + Duration{1};
    Scene scene{session_, start(), session_.seq_at(end)};
    MarkoutTracker tracker{scene.marks(InstrumentId{0}), standard_horizons()};
    while (const Event* event = scene.next()) {
      in_front(scene, *event);
      for (MarkedFill& marked : tracker.take_ready(event->header.recv_time))
        story_.marked = std::move(marked);
      scene.fold();
      behind(scene, *event);
      if (event->header.seq != hit_.header.seq) continue;
      tracker.add(hit_.header, hit_.fill, session_.quoted());
      if (const Mark* mark = scene.marks(InstrumentId{0}).before(story_.happened))
        story_.money.spread = spread_money(*mark);
    }
    const Time known = session_.last_time < end ? scene.now() : end;
    note_account(scene, known);
    for (MarkedFill& marked : tracker.finish(known)) story_.marked = std::move(marked);
    story_.diverged = scene.diverged();
    story_.folded_from = scene.started_at();
    settle_money();
    return std::move(story_);
  }

 private:
  const OrderStep& step() const { return story_.trail.steps.front(); }

  void prepare_decision() {
    story_.decision.emplace();
    const auto arrivals = arrivals_of(session_, story_.trail);
    story_.latency =
        Latency{.sent = step().decided, .arrived = arrival_of(session_, step()), .heard = {}};
    if (step().acknowledged) story_.latency->heard = step().acknowledged->heard;
    if (!arrivals.empty()) queue_.emplace(session_, arrivals);
    first_arrival_ = arrivals.empty() ? std::optional<Seq>{} : arrivals.front().step.cause_seq;
    if (story_.trail.steps.size() > 1) {
      const OrderStep& before = story_.trail.steps[1];
      story_.decision->before = DecisionBefore{.order = before.order,
                                               .seq = before.seq,
                                               .time = before.decided,
                                               .price = before.price,
                                               .mid = {},
                                               .position = {}};
      before_cause_ = before.cause_seq;
    }
  }

  Seq start() const {
    const Time told = story_.decision ? step().decided : story_.happened;
    Seq from = session_.seq_at(told - warm_up);
    if (first_arrival_) from = std::min(from, *first_arrival_);
    return std::min(from, fill_moment_);
  }

  void in_front(const Scene& scene, const Event& event) {
    const Time now = event.header.recv_time;
    const Seq seq = event.header.seq;
    const bool quoted = event.header.instrument.value == 0;
    const InstrumentState& instrument = scene.engine().market().quoted();
    if (queue_ && is_market(event)) queue_->before_market(now, instrument);
    if (story_.latency && story_.latency->arrived && !story_.at_arrival && seq > step().cause_seq &&
        is_market(event) && is_behind(now, *story_.latency->arrived))
      story_.at_arrival = book_shot(scene.engine(), seq, *story_.latency->arrived);
    if (!before_told_ && seq >= fill_moment_) tell_before(scene, event);
    if (seq == hit_.header.seq) story_.account_before = account_shot(scene.engine().trader());
    if (seq > hit_.header.seq) note_account(scene, now);
    if (story_.decision && seq == step().cause_seq)
      strategy_ = scene.engine().trader().strategy().clone();
    if (!one_second_told_ && quoted && now >= story_.happened - second) {
      one_second_told_ = true;
      if (const auto shot = model_shot(scene, hit_.fill)) story_.walls_1s_before = shot->walls;
    }
  }

  /// A market event of `now` comes behind an arrival (queue_path.hpp has the same order).
  bool is_behind(Time now, Time arrived) const {
    return session_.real_orders() ? now >= arrived : now > arrived;
  }

  void tell_before(const Scene& scene, const Event& event) {
    before_told_ = true;
    const Time moment = event.header.recv_time;
    story_.before_fill = book_shot(scene.engine(), event.header.seq, moment);
    story_.models_before = model_shot(scene, hit_.fill);
    if (queue_) story_.queue = queue_->path();
    for (std::size_t i = 1; i < session_.instruments.size(); ++i) {
      const InstrumentId id{static_cast<std::uint16_t>(i)};
      const MarkHistory& marks = scene.marks(id);
      story_.leads.push_back({id, move_bps(marks, moment - second / 10, moment - Duration{1}),
                              move_bps(marks, moment - second, moment - Duration{1})});
    }
    const MarkHistory& own = scene.marks(InstrumentId{0});
    story_.own_move_1s_bps = move_bps(own, moment - second, moment - Duration{1});
    const auto then = story_.decision ? story_.decision->book.mid() : std::nullopt;
    const auto mid = story_.before_fill.mid();
    if (then && mid) story_.own_move_bps = (*mid - *then) / *then * 1e4;
    const Time since = story_.decision ? step().decided : moment - 10 * second;
    for (const Note& note : scene.models()->notes())
      if (note.time > since) story_.notes.push_back(note);
  }

  void note_account(const Scene& scene, Time now) {
    const std::array<std::optional<AccountShot>*, 2> shots{&story_.over_10s, &story_.over_60s};
    for (std::size_t i = 0; i < shots.size(); ++i)
      if (!*shots[i] && now > hit_.header.recv_time + account_horizons[i])
        *shots[i] = account_shot(scene.engine().trader()) - story_.account_before;
  }

  void behind(const Scene& scene, const Event& event) {
    const Seq seq = event.header.seq;
    const bool quoted = event.header.instrument.value == 0;
    if (queue_ && quoted && is_market(event)) {
      queue_->on_event(event, scene.engine().market().quoted());
      const bool book = std::holds_alternative<BookDelta>(event.body) ||
                        std::holds_alternative<BookSnapshot>(event.body);
      if (book && !context_told_ && seq >= hit_.header.seq) tell_context();
    }
    if (story_.decision && seq == before_cause_) {
      DecisionBefore& before = *story_.decision->before;
      before.mid = book_shot(scene.engine(), scene.seq(), before.time).mid();
      before.position = scene.engine().trader().ledger().position();
    }
    if (story_.decision && seq == step().cause_seq) tell_decision(scene, event);
    note_predictions(scene);
    const bool waiting = story_.decision && seq >= step().cause_seq && seq <= hit_.header.seq;
    if (waiting) {
      for (const Output& output : scene.decided())
        if (const auto* alert = std::get_if<Alert>(&output.body)) story_.alerts.push_back(*alert);
      if (const auto* status = std::get_if<FeedStatus>(&event.body);
          status != nullptr && quoted &&
          (status->state == FeedState::gap || status->state == FeedState::lost))
        ++story_.feed_losses;
    }
    if (seq == hit_.header.seq) story_.account_after = account_shot(scene.engine().trader());
  }

  void note_predictions(const Scene& scene) {
    for (const Output& output : scene.decided()) {
      if (const auto* head = std::get_if<Prediction>(&output.body)) {
        prediction_ = *head;
      } else if (const auto* level = std::get_if<PredictedLevel>(&output.body)) {
        if (level->order != hit_.fill.order || before_told_) continue;
        const LoggedPrediction logged{output.header.seq, output.header.recv_time, prediction_,
                                      *level};
        if (!story_.predicted_first) story_.predicted_first = logged;
        story_.predicted_last = logged;
      } else if (const auto* note = std::get_if<FillNote>(&output.body)) {
        if (note->order == hit_.fill.order && note->trade_id == hit_.fill.trade_id)
          story_.fill_note = *note;
      }
    }
  }

  void tell_decision(const Scene& scene, const Event& event) {
    Decision& decision = *story_.decision;
    const Trader& trader = scene.engine().trader();
    decision.book = book_shot(scene.engine(), scene.seq(), event.header.recv_time);
    decision.account = account_shot(trader);
    decision.parameters = trader.strategy().parameters();
    decision.models = model_shot(scene, hit_.fill);
    const InstrumentState& instrument = scene.engine().market().quoted();
    const Touch& touch = trader.touch(scene.engine().market());
    if (strategy_ == nullptr || !instrument.quotable() || !touch.two_sided()) return;
    // Asked again as the core asked it: with the state in front of the event, the market behind it.
    if (const auto* change = std::get_if<ParameterChange>(&event.body))
      strategy_->set_parameter(change->name, change->value);
    decision.wanted = strategy_->quotes({.now = event.header.recv_time,
                                         .market = scene.engine().market(),
                                         .instrument = instrument,
                                         .touch = touch,
                                         .position = trader.ledger().position(),
                                         .average_cost = trader.ledger().average_cost(),
                                         .outlook = scene.engine().outlook(),
                                         .own = trader.own()});
  }

  void tell_context() {
    context_told_ = true;
    const Time match = hit_.taker ? hit_.taker->prints.front().received : story_.happened;
    if (const auto around = queue_->surroundings(hit_.fill.qty, match))
      story_.context = fill_context(*around);
  }

  Money spread_money(const Mark& before) const {
    const Fill& fill = hit_.fill;
    const Int128 paid = position_value(session_.quoted(), fill.price, fill.qty).units();
    return Money::from_units(sign(fill.side) * (fill.qty.lots() * before.value - paid));
  }

  void settle_money() {
    FillMoney& money = story_.money;
    money.fee = hit_.fill.fee;
    const auto& markouts = story_.marked.markouts;
    if (markouts.size() < 4) return;
    // The parts between: what the mid did is the markout at a horizon less that at the one before.
    const std::optional<Money> at_10s = markouts[2].pnl;
    const std::optional<Money> at_60s = markouts[3].pnl;
    if (money.spread && at_10s) money.adverse = *at_10s - *money.spread;
    if (at_10s && at_60s) money.inventory = *at_60s - *at_10s;
  }

  const Session& session_;
  Hit hit_;
  FillStory story_;
  Seq fill_moment_;
  std::optional<Seq> first_arrival_;
  std::optional<Seq> before_cause_;
  std::optional<QueueFollower> queue_;
  std::unique_ptr<Strategy> strategy_;  // as it was in front of the decision
  Prediction prediction_;               // of the cycle being read
  bool before_told_ = false;
  bool one_second_told_ = false;
  bool context_told_ = false;
};

}  // namespace

std::optional<Money> FillMoney::after_10s() const {
  if (!spread || !adverse) return std::nullopt;
  return *spread + *adverse - fee;
}

std::vector<ParameterNews> parameter_changes(const Session& session, Seq to) {
  std::vector<ParameterNews> news;
  for (const Landmark& mark : session.landmarks) {
    if (mark.kind != RecordKind::parameter_change || mark.seq >= to) continue;
    const RecordStream one = session.records(mark.seq, Seq{mark.seq.value + 1});
    const RecordView record = one();
    if (record.event == nullptr) continue;
    if (const auto* change = std::get_if<ParameterChange>(&record.event->body))
      news.push_back({mark.seq, mark.time, std::string(change->name), std::string(change->value)});
  }
  return news;
}

FillStory explain_fill(const Session& session, const FillRequest& request) {
  return Teller{session, request}.tell();
}

}  // namespace mm::research::why
