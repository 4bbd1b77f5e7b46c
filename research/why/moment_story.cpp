#include "research/why/moment_story.hpp"

#include <algorithm>
#include <utility>

#include "engine/describe.hpp"
#include "engine/settings.hpp"
#include "engine/state.hpp"
#include "research/why/scene.hpp"
#include "research/why/words.hpp"

namespace mm::research::why {
namespace {

constexpr Duration second = std::chrono::seconds{1};
constexpr Duration minute = std::chrono::minutes{1};

bool is_message(const Output& output) {
  return std::holds_alternative<PlaceOrder>(output.body) ||
         std::holds_alternative<CancelOrder>(output.body) ||
         std::holds_alternative<ReplaceOrder>(output.body);
}

class Teller {
 public:
  Teller(const Session& session, const MomentRequest& request)
      : session_(session), request_(request) {
    story_.at = request.at;
    story_.around = request.around;
    // Of records of one instant all had been heard.
    story_.seq = session.seq_at(request.at + Duration{1});
  }

  MomentStory tell() {
    const Time from = request_.at - std::max(std::max(warm_up, request_.around), 2 * minute);
    const Time to = request_.at + request_.around + Duration{1};
    Scene scene{session_, session_.seq_at(from), session_.seq_at(to)};
    asked_ = scene.engine().trader().decision_count();
    while (const Event* event = scene.next()) {
      in_front(scene, *event);
      scene.fold();
      behind(scene, *event);
    }
    if (!told_) tell_state(scene);
    story_.diverged = scene.diverged();
    story_.folded_from = scene.started_at();
    for (const Note& note : scene.models()->notes())
      if (near(note.time))
        story_.happenings.push_back({note.seq, note.time, std::string(name_of(note.output.kind())),
                                     words_of(note.output, session_.quoted())});
    std::ranges::stable_sort(story_.happenings, {}, &Happening::time);
    story_.parameter_changes = parameter_changes(session_, story_.seq);
    story_.nearest = fills_near(session_, story_.seq, 3);
    return std::move(story_);
  }

 private:
  bool near(Time time) const {
    return time >= request_.at - request_.around && time <= request_.at + request_.around;
  }

  void in_front(const Scene& scene, const Event& event) {
    const Time now = event.header.recv_time;
    if (!minute_ago_ && now > request_.at - minute && request_.at - minute >= session_.first_time)
      minute_ago_ = account_shot(scene.engine().trader());
    if (!told_ && event.header.seq >= story_.seq) tell_state(scene);
  }

  void tell_state(const Scene& scene) {
    told_ = true;
    const Engine& engine = scene.engine();
    const Trader& trader = engine.trader();
    story_.book = book_shot(engine, story_.seq, request_.at);
    story_.account = account_shot(trader);
    if (minute_ago_) story_.last_minute = story_.account - *minute_ago_;
    story_.parameters = trader.strategy().parameters();
    tell_guards(engine);
    const MarkHistory& own = scene.marks(InstrumentId{0});
    story_.move_1s_bps = move_bps(own, request_.at - second, request_.at);
    story_.move_60s_bps = move_bps(own, request_.at - minute, request_.at);
    for (std::size_t i = 1; i < session_.instruments.size(); ++i) {
      const InstrumentId id{static_cast<std::uint16_t>(i)};
      const MarkHistory& marks = scene.marks(id);
      story_.leads.push_back({id, move_bps(marks, request_.at - second / 10, request_.at),
                              move_bps(marks, request_.at - second, request_.at)});
    }
    story_.models = scene.models()->shot(engine, std::nullopt);
  }

  void tell_guards(const Engine& engine) {
    const Trader& trader = engine.trader();
    const TraderSettings& settings = trader.settings();
    const InstrumentState& instrument = engine.market().quoted();
    Guards& guards = story_.guards;
    std::vector<StateField> fields;
    trader.list_fields(fields);
    for (const StateField& field : fields) {
      if (field.name == "killed") guards.killed = field.value == "1";
      if (field.name == "ended") guards.ended = field.value == "1";
      if (field.name == "max_position")
        guards.max_position = Qty::from_lots(parse_integer(field.value).value_or(0));
    }
    guards.loss_limit = loss_limit_holds();
    guards.book_invalid = !instrument.defined() || !instrument.quotable();
    guards.stale_limit = settings.stale;
    guards.max_loss = settings.max_loss;
    if (to_ns(instrument.last_update()) != 0)
      guards.silent_for = request_.at - instrument.last_update();
    guards.stale =
        instrument.reported_stale() ||
        (settings.stale > Duration{} && guards.silent_for && *guards.silent_for >= settings.stale);
  }

  /// The last that was said of it: reached, or the kill switch released since.
  bool loss_limit_holds() const {
    for (auto mark = session_.landmarks.rbegin(); mark != session_.landmarks.rend(); ++mark) {
      const bool telling = mark->kind == RecordKind::alert || mark->kind == RecordKind::kill_switch;
      if (!telling || mark->seq >= story_.seq) continue;
      const RecordStream one = session_.records(mark->seq, Seq{mark->seq.value + 1});
      const RecordView record = one();
      if (record.output != nullptr) {
        const auto* alert = std::get_if<Alert>(&record.output->body);
        if (alert != nullptr && alert->code == AlertCode::loss_limit) return true;
      } else if (record.event != nullptr) {
        const auto* kill = std::get_if<KillSwitch>(&record.event->body);
        if (kill != nullptr && !kill->engaged) return false;
      }
    }
    return false;
  }

  void behind(const Scene& scene, const Event& event) {
    const Time now = event.header.recv_time;
    const std::int64_t asked = scene.engine().trader().decision_count();
    const bool before = event.header.seq < story_.seq;
    if (before && asked != asked_) story_.last_asked = now;
    asked_ = asked;
    for (const Output& output : scene.decided()) {
      if (!is_message(output)) continue;
      if (before) story_.last_message = Message{output.header.seq, now, output};
      if (near(now)) ++story_.messages_around;
    }
    if (!near(now)) return;
    const std::size_t instrument = event.header.instrument.value;
    if (instrument >= session_.instruments.size()) return;
    std::string text = words_of(event, session_.instruments[instrument]);
    const bool told = instrument == 0 || event.kind() == RecordKind::feed_status;
    if (!text.empty() && told) {
      if (instrument != 0) text = session_.instruments[instrument].symbol + " " + text;
      story_.happenings.push_back(
          {event.header.seq, now, std::string(name_of(event.kind())), std::move(text)});
    }
    for (const Output& output : scene.decided())
      if (std::holds_alternative<Alert>(output.body))
        story_.happenings.push_back(
            {output.header.seq, now, "alert", words_of(output, session_.quoted())});
  }

  const Session& session_;
  MomentRequest request_;
  MomentStory story_;
  bool told_ = false;
  std::int64_t asked_ = 0;
  std::optional<AccountShot> minute_ago_;
};

}  // namespace

MomentStory explain_moment(const Session& session, const MomentRequest& request) {
  return Teller{session, request}.tell();
}

std::vector<NearFill> fills_near(const Session& session, Seq seq, std::size_t count) {
  std::vector<Landmark> fills;
  std::ranges::copy_if(session.landmarks, std::back_inserter(fills),
                       [](const Landmark& mark) { return mark.kind == RecordKind::fill; });
  const auto middle = std::ranges::lower_bound(fills, seq, {}, &Landmark::seq) - fills.begin();
  const auto few = static_cast<std::ptrdiff_t>(count);
  const auto first = std::max<std::ptrdiff_t>(0, middle - few);
  const auto last = std::min<std::ptrdiff_t>(std::ssize(fills), middle + few);
  std::vector<NearFill> near;
  for (auto i = first; i < last; ++i) {
    const Landmark& mark = fills[static_cast<std::size_t>(i)];
    const RecordStream one = session.records(mark.seq, Seq{mark.seq.value + 1});
    const RecordView record = one();
    if (record.event == nullptr) continue;
    if (const auto* fill = std::get_if<Fill>(&record.event->body))
      near.push_back({mark.seq, mark.time, fill->trade_id, fill->side, fill->price, fill->qty});
  }
  return near;
}

}  // namespace mm::research::why
