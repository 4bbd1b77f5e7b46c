#include "research/why/losses.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

#include "research/why/scene.hpp"

namespace mm::research::why {
namespace {

constexpr Duration second = std::chrono::seconds{1};

std::string name_of_instrument(const Instrument& instrument) {
  return instrument.venue + ":" + instrument.symbol;
}

class Search {
 public:
  Search(const Session& session, const LossRequest& request)
      : session_(session), request_(request), bucket_end_(behind(request.from)) {
    report_.from = request.from;
    report_.to = request.to;
  }

  LossReport run() {
    const Time end = request_.to + standard_horizons().back() + Duration{1};
    Scene scene{session_, session_.seq_at(request_.from), session_.seq_at(end),
                Scene::Watch::account};
    MarkoutTracker tracker{scene.marks(InstrumentId{0}), standard_horizons()};
    while (const Event* event = scene.next()) {
      const Time now = event->header.recv_time;
      in_front(scene, now);
      for (MarkedFill& marked : tracker.take_ready(now)) finish_fill(std::move(marked));
      const auto* fill = std::get_if<Fill>(&event->body);
      const bool ours = fill != nullptr && now >= request_.from && now < request_.to;
      if (ours) waiting_.push_back(facts_in_front(scene, event->header, *fill));
      scene.fold();
      note_leaving(scene);
      settle_prints(scene);
      if (ours) tracker.add(event->header, *fill, session_.quoted());
    }
    if (!started_) begin(scene);
    if (!ended_) close(scene, request_.to);
    now_is_over_ = true;
    settle_prints(scene);
    for (MarkedFill& marked : tracker.finish(session_.last_time < end ? scene.now() : end))
      finish_fill(std::move(marked));
    report_.diverged = scene.diverged();
    return std::move(report_);
  }

 private:
  /// What is known when the fill is heard, and what its prints will add.
  struct Waiting {
    EventHeader header;
    Fill fill;
    FillFacts facts;
    bool told = false;
  };

  /// A cancel or replace that was sent for an order.
  struct Leaving {
    ClientOrderId order;
    Time at;
  };
  static constexpr Duration leaving_kept = std::chrono::minutes{1};

  Time behind(Time time) const {
    const std::int64_t step = request_.bucket.count();
    return time_from_ns((to_ns(time) / step + 1) * step);
  }

  void begin(const Scene& scene) {
    started_ = true;
    bucket_from_ = request_.from;
    start_ = at_bucket_ = account_shot(scene.engine().trader());
    report_.position_before = start_.position;
  }

  void in_front(const Scene& scene, Time now) {
    if (ended_) return;
    if (!started_ && now >= request_.from) begin(scene);
    while (started_ && bucket_end_ < request_.to && now >= bucket_end_) close_bucket(scene);
    if (now >= request_.to) close(scene, request_.to);
  }

  void close(const Scene& scene, Time to) {
    bucket_end_ = to;
    close_bucket(scene);
    ended_ = true;
    report_.change = account_shot(scene.engine().trader()) - start_;
    if (first_mid_ && last_mid_) report_.move_bps = (*last_mid_ - *first_mid_) / *first_mid_ * 1e4;
  }

  void close_bucket(const Scene& scene) {
    const AccountShot now = account_shot(scene.engine().trader());
    const MarkHistory& marks = scene.marks(InstrumentId{0});
    MinuteLoss minute{.from = bucket_from_,
                      .to = bucket_end_,
                      .change = now - at_bucket_,
                      .position_before = at_bucket_.position,
                      .move_bps = {},
                      .cause = {}};
    const Mark* last = marks.last_present_before(bucket_end_);
    const std::optional<double> mid =
        last != nullptr ? std::optional{last->mid_units()} : std::nullopt;
    if (!bucket_mid_)
      if (const Mark* first = marks.at(bucket_from_)) bucket_mid_ = first->mid_units();
    if (!first_mid_) first_mid_ = bucket_mid_ ? bucket_mid_ : mid;
    if (bucket_mid_ && mid) minute.move_bps = (*mid - *bucket_mid_) / *bucket_mid_ * 1e4;
    last_mid_ = bucket_mid_ = mid ? mid : bucket_mid_;
    ++report_.minutes;
    if (minute.change.pnl() < Money{}) {
      ++report_.losing_minutes;
      minute.cause =
          cause_line(minute.change, minute.position_before, minute.move_bps, session_.quoted());
      report_.worst_minutes.push_back(std::move(minute));
      trim(report_.worst_minutes, [](const MinuteLoss& a, const MinuteLoss& b) {
        return std::pair(a.change.pnl(), a.from) < std::pair(b.change.pnl(), b.from);
      });
    }
    at_bucket_ = now;
    bucket_from_ = bucket_end_;
    bucket_end_ = std::min(behind(bucket_end_), request_.to);
  }

  Waiting facts_in_front(const Scene& scene, const EventHeader& header, const Fill& fill) const {
    const Time happened = happened_at(header, fill);
    Waiting waiting{.header = header, .fill = fill, .facts = {}};
    FillFacts& facts = waiting.facts;
    facts.side = fill.side;
    facts.maker = fill.maker;
    facts.cause = fill.cause;
    facts.lots = fill.qty.lots();
    facts.position_before = scene.engine().trader().ledger().position().lots();
    const Orders& orders = scene.engine().trader().orders();
    if (const Order* order = orders.find(fill.order)) {
      facts.rested = happened - order->sent_at;
      if (const auto then = scene.marks(InstrumentId{0}).at(order->sent_at))
        if (const Mark* mark = scene.marks(InstrumentId{0}).before(happened))
          facts.own_since_bps = (mark->mid_units() - then->mid_units()) / then->mid_units() * 1e4;
    }
    for (const Leaving& leaving : leaving_)
      if (leaving.order == fill.order && leaving.at <= happened)
        facts.leaving_since = happened - leaving.at;
    add_moves(scene, session_, happened, facts);
    return waiting;
  }

  static void add_moves(const Scene& scene, const Session& session, Time happened,
                        FillFacts& facts) {
    const Time just_before = happened - Duration{1};
    facts.own_1s_bps = move_bps(scene.marks(InstrumentId{0}), happened - second, just_before);
    for (std::size_t i = 1; i < session.instruments.size(); ++i) {
      const auto move = move_bps(scene.marks(InstrumentId{static_cast<std::uint16_t>(i)}),
                                 happened - second, just_before);
      if (!move || (facts.lead_1s_bps && std::abs(*facts.lead_1s_bps) >= std::abs(*move))) continue;
      facts.lead_1s_bps = move;
      facts.lead = name_of_instrument(session.instruments[i]);
    }
  }

  void note_leaving(const Scene& scene) {
    for (const Output& output : scene.decided()) {
      if (const auto* gone = std::get_if<CancelOrder>(&output.body))
        leaving_.push_back({gone->order, output.header.recv_time});
      if (const auto* moved = std::get_if<ReplaceOrder>(&output.body))
        leaving_.push_back({moved->order, output.header.recv_time});
    }
    while (!leaving_.empty() && leaving_.front().at < scene.now() - leaving_kept)
      leaving_.pop_front();
  }

  /// Prints of a fill may come behind it.
  void settle_prints(const Scene& scene) {
    for (Waiting& waiting : waiting_) {
      if (waiting.told) continue;
      if (!now_is_over_ && scene.now() <= waiting.header.recv_time + RecentPrints::reach) break;
      waiting.told = true;
      const auto taker = scene.prints().taker_of(waiting.header, waiting.fill);
      if (!taker) continue;
      waiting.facts.prices_swept = taker->prices;
      if (taker->qty > Qty{})
        waiting.facts.share_of_taker =
            static_cast<double>(waiting.fill.qty.lots()) / static_cast<double>(taker->qty.lots());
    }
  }

  void finish_fill(MarkedFill marked) {
    ++report_.fills;
    FillLoss loss{
        .marked = std::move(marked), .result = {}, .horizon = {}, .facts = {}, .cause = {}};
    const auto waiting = std::ranges::find_if(
        waiting_, [&](const Waiting& of) { return of.header.seq == loss.marked.header.seq; });
    if (waiting != waiting_.end()) {
      loss.facts = waiting->facts;
      waiting_.erase(waiting);
    }
    for (const Markout& markout : loss.marked.markouts) {
      if (markout.horizon > std::chrono::seconds{10} || !markout.pnl) continue;
      loss.result = *markout.pnl - loss.marked.fill.fee;
      loss.horizon = markout.horizon;
      if (markout.horizon == std::chrono::seconds{10} && markout.bps) {
        loss.facts.markout_10s_bps = markout.bps->markout;
        loss.facts.adverse_10s_bps = markout.bps->adverse_selection;
      }
    }
    loss.facts.spread_capture_bps = loss.marked.spread_capture_bps;
    if (!loss.result || *loss.result >= Money{}) return;
    ++report_.losing_fills;
    loss.cause = cause_line(loss.facts);
    report_.worst_fills.push_back(std::move(loss));
    trim(report_.worst_fills, [](const FillLoss& a, const FillLoss& b) {
      return std::pair(*a.result, a.marked.header.seq) < std::pair(*b.result, b.marked.header.seq);
    });
  }

  /// Keeps the worst of a list that grew by one.
  template <class List, class Less>
  void trim(List& list, Less worse) const {
    std::ranges::sort(list, worse);  // total order: time or seq decide between equals
    if (list.size() > request_.worst) list.resize(request_.worst);
  }

  const Session& session_;
  LossRequest request_;
  LossReport report_;
  bool started_ = false;
  bool ended_ = false;
  bool now_is_over_ = false;
  Time bucket_from_;
  Time bucket_end_;
  AccountShot start_;
  AccountShot at_bucket_;
  std::optional<double> bucket_mid_;
  std::optional<double> first_mid_;
  std::optional<double> last_mid_;
  std::deque<Waiting> waiting_;
  std::deque<Leaving> leaving_;
};

}  // namespace

LossReport find_losses(const Session& session, const LossRequest& request) {
  return Search{session, request}.run();
}

}  // namespace mm::research::why
