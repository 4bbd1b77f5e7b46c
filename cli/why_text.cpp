// Explanations for a terminal.

#include <fmt/format.h>

#include <algorithm>

#include "cli/page.hpp"
#include "cli/table.hpp"
#include "cli/time_spec.hpp"
#include "cli/why.hpp"
#include "engine/describe.hpp"
#include "engine/numeric.hpp"
#include "engine/settings.hpp"
#include "research/why/words.hpp"

namespace mm::cli {
namespace {

namespace why = research::why;

/// "23:54:58.058088284": the day stands at the head of the page.
std::string clock(Time time) {
  return format_time(time).substr(11, 18);
}

std::string span(Duration duration) {
  const double ms = static_cast<double>(duration.count()) / 1e6;
  const double size = ms < 0 ? -ms : ms;
  if (size < 10'000) return fmt::format("{:.1f} ms", ms);
  return fmt::format("{:.1f} s", ms / 1e3);
}

std::string bps(const std::optional<double>& value) {
  return value ? fmt::format("{:+.2f} bps", *value) : "unknown";
}

std::string number(const std::optional<double>& value, const char* form = "{:.2f}") {
  return value ? fmt::format(fmt::runtime(form), *value) : "absent";
}

std::string_view words_of(FillContext context) {
  switch (context) {
    case FillContext::shielded:
      return "shielded: others stayed behind us";
    case FillContext::last_remaining:
      return "last remaining: the others had withdrawn";
    case FillContext::neutral:
      break;
  }
  return "neutral";
}

std::string_view words_of(WallPosition position) {
  switch (position) {
    case WallPosition::inside:
      return "inside (a wall in front of us)";
    case WallPosition::at:
      return "at a wall";
    case WallPosition::outside:
      return "outside (only behind us)";
    case WallPosition::none:
      break;
  }
  return "no wall near";
}

class Writer {
 public:
  explicit Writer(const WhyForm& form)
      : form_(form), instrument_(form.session.quoted()), page_(form.width) {}

  std::string fill(const why::FillStory& story);
  std::string moment(const why::MomentStory& story);
  std::string losses(const why::LossReport& report);

 private:
  std::string price(Price value) const { return format_price(instrument_, value); }
  std::string price(const std::optional<double>& units) const {
    return units ? format_decimal(std::llround(*units * 10), instrument_.price_decimals + 1)
                 : "unknown";
  }
  std::string qty(Qty value) const { return format_qty(instrument_, value); }
  std::string lots(const std::optional<double>& value) const {
    return value ? format_lots(instrument_, *value) : "unknown";
  }
  std::string money(Money value) const { return short_money(instrument_, value); }
  std::string money(Int128 units) const { return money(Money::from_units(units)); }
  std::string money(const std::optional<Money>& value) const {
    return value ? money(*value) : "unknown";
  }
  const std::string& currency() const { return instrument_.settlement; }

  std::string side_of_book(const std::vector<why::LevelShot>& levels) const {
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(levels.size(), 3); ++i) {
      text += fmt::format("{}{}x{}", i == 0 ? "" : " ", price(levels[i].price), qty(levels[i].qty));
      if (levels[i].ours > Qty{}) text += fmt::format("({})", qty(levels[i].ours));
    }
    return text.empty() ? "empty" : text;
  }
  void book(std::string_view label, const why::BookShot& shot) {
    page_.line(label, fmt::format("{}, position {}{}", clock(shot.time), qty(shot.position),
                                  shot.quotable ? "" : "; the book cannot be quoted against"));
    page_.line("", fmt::format("bids {}", side_of_book(shot.bids)));
    page_.line("", fmt::format("asks {}", side_of_book(shot.asks)));
  }
  std::string account(const why::AccountShot& of) const {
    std::string text = fmt::format(
        "{} {} = spread {}, adverse {}, inventory {}, fees {}", money(of.pnl()), currency(),
        money(of.spread_capture), money(of.adverse_selection), money(of.inventory), money(of.fees));
    if (of.funding != 0) text += fmt::format(", funding {}", money(of.funding));
    return text;
  }
  static std::string parameters(std::string_view lines) {
    std::string text{lines};
    while (!text.empty() && text.back() == '\n') text.pop_back();
    std::ranges::replace(text, '\n', ' ');
    return text.empty() ? "none" : text;
  }
  void parameter_news(const std::vector<why::ParameterNews>& changes) {
    for (const why::ParameterNews& change : changes)
      page_.line("", fmt::format("{} = {} since {} (seq {})", change.name, change.value,
                                 clock(change.time), change.seq.value));
  }
  /// `outcome`: what became of the quote, behind the chance to fill.
  void models(const std::optional<why::ModelShot>& shot, Time moment,
              const std::string& outcome = {});
  std::string lead(const why::LeadMove& of) const {
    return fmt::format("{} {} in 100 ms, {} in 1 s",
                       instrument_name(of.instrument, form_.session.instruments),
                       bps(of.last_100ms), bps(of.last_1s));
  }
  void diverged(bool yes) {
    if (!yes) return;
    page_.line("note",
               "this program decides otherwise than the recorded one did ('mmctl replay' shows "
               "where): orders, position and P&L here are what it computes");
  }

  void prediction(std::string_view label, const std::optional<why::LoggedPrediction>& of,
                  Time happened);
  void head(const why::FillStory& story);
  void decision(const why::FillStory& story);
  void latency(const why::FillStory& story);
  void since(const why::FillStory& story);
  void queue(const why::FillStory& story);
  void taker(const why::FillStory& story);
  void money_of(const why::FillStory& story);
  void chain(const why::FillStory& story);

  const WhyForm& form_;
  const Instrument& instrument_;
  Page page_;
};

void Writer::head(const why::FillStory& story) {
  const Fill& fill = story.fill;
  page_.plain(fmt::format("{} {} at {}  {}  {}", fill.side == Side::buy ? "BUY" : "SELL",
                          qty(fill.qty), price(fill.price),
                          instrument_name(InstrumentId{0}, form_.session.instruments),
                          format_time(story.happened)));
  page_.line("fill", fmt::format("seq {}, trade {}, order {}, {}, cause {}, {} left, fee {} {}; "
                                 "heard {} later",
                                 story.header.seq.value, fill.trade_id, fill.order.value,
                                 fill.maker ? "maker" : "taker", name_of(fill.cause),
                                 qty(fill.remaining), format_money(fill.fee), currency(),
                                 span(story.header.recv_time - story.happened)));
  if (story.trail.found() && story.trail.steps.front().fills.size() > 1) {
    std::string parts;
    for (const Seq seq : story.trail.steps.front().fills)
      parts += fmt::format("{}{}", parts.empty() ? "" : ", ", seq.value);
    page_.line("", fmt::format("the order filled in parts: seq {}", parts));
  }
  std::string marks;
  for (const research::Markout& markout : story.marked.markouts) {
    const std::int64_t ms = markout.horizon.count() / 1'000'000;
    marks += fmt::format(
        "{}{} {}", marks.empty() ? "" : ", ",
        ms < 1000 ? fmt::format("{} ms", ms) : fmt::format("{} s", ms / 1000),
        markout.bps ? fmt::format("{:+.2f} bps ({})", markout.bps->markout, money(markout.pnl))
                    : "unknown");
  }
  page_.line("markout", fmt::format("{} {}", marks, currency()));
  const std::vector<std::string> facts = why::facts_of(facts_of_story(form_.session, story));
  if (facts.empty()) page_.line("stands out", "nothing");
  for (std::size_t i = 0; i < facts.size(); ++i) page_.line(i == 0 ? "stands out" : "", facts[i]);
}

void Writer::decision(const why::FillStory& story) {
  page_.gap();
  if (!story.decision) {
    page_.line("1 decision",
               fmt::format("the session holds none that placed order {}", story.fill.order.value));
    return;
  }
  const why::OrderStep& step = story.trail.steps.front();
  const why::Decision& decision = *story.decision;
  page_.line("1 decision",
             fmt::format("seq {}, {} ({} before), {} of {} {} at {}, level {}, {}, reason {}; at a "
                         "{} (seq {})",
                         step.seq.value, clock(step.decided), span(story.happened - step.decided),
                         name_of(step.message()), name_of(step.side), qty(step.qty),
                         price(step.price), step.level, name_of(step.time_in_force),
                         name_of(step.reason), name_of(step.cause), step.cause_seq.value));
  std::string wanted;
  for (const Quote& quote : decision.wanted.of(step.side).all())
    wanted +=
        fmt::format("{}{} at {}", wanted.empty() ? "" : ", ", qty(quote.qty), price(quote.price));
  page_.line("wanted", wanted.empty() ? "nothing on this side" : wanted);
  if (const auto& before = decision.before) {
    const auto mid = decision.book.mid();
    const auto move = mid && before->mid ? std::optional{(*mid - *before->mid) / *before->mid * 1e4}
                                         : std::nullopt;
    std::string text =
        fmt::format("order {} at {}, {} (seq {}); from there the mid moved {}", before->order.value,
                    price(before->price), clock(before->time), before->seq.value, bps(move));
    if (before->position)
      text += fmt::format(", position {} to {}", qty(*before->position),
                          qty(decision.account.position));
    page_.line("previous", text);
  }
  page_.line("parameters", parameters(decision.parameters));
  parameter_news(story.parameter_changes);
  book("book", decision.book);
  prediction("predicted", story.predicted_first, story.happened);
  models(decision.models, decision.book.time,
         fmt::format("; it filled after {}", span(story.happened - step.decided)));
}

void Writer::latency(const why::FillStory& story) {
  if (!story.latency) return;
  const why::Latency& of = *story.latency;
  page_.gap();
  std::string text =
      fmt::format("{} sent {}", name_of(story.trail.steps.front().message()), clock(of.sent));
  if (of.arrived) text += fmt::format(", at the exchange {} later", span(*of.arrived - of.sent));
  if (of.heard)
    text += fmt::format(", acknowledged {} after sending", span(*of.heard - of.sent));
  else
    text += ", never acknowledged";
  page_.line("2 latency", text);
  if (story.at_arrival) book("arrival", *story.at_arrival);
  chain(story);
}

void Writer::chain(const why::FillStory& story) {
  constexpr std::size_t shown = 6;
  const auto& steps = story.trail.steps;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, steps.size()); ++i)
    text += fmt::format("{}{} ({} {})", i == 0 ? "" : " <- ", steps[i].order.value,
                        price(steps[i].price), clock(steps[i].decided).substr(0, 12));
  if (steps.size() > shown) text += fmt::format(" <- {} more", steps.size() - shown);
  text += story.trail.complete ? fmt::format("; placed anew as order {}", steps.back().order.value)
                               : "; and older ones (--whole-chain reads on)";
  page_.line("chain", text);
}

void Writer::since(const why::FillStory& story) {
  page_.gap();
  const char* label = "3 since";
  const auto put = [&](const std::string& text) {
    page_.line(label, text);
    label = "";
  };
  if (story.decision)
    put(fmt::format("the mid moved {} from the decision to the fill, {} in the last second",
                    bps(story.own_move_bps), bps(story.own_move_1s_bps)));
  for (const why::LeadMove& of : story.leads) put(lead(of));
  if (story.trail.found())
    for (const why::Asked& asked : story.trail.steps.front().asked)
      put(fmt::format(
          "{} sent {} {} the fill, reason {} (seq {})", asked.replace ? "replace" : "cancel",
          span(asked.at <= story.happened ? story.happened - asked.at : asked.at - story.happened),
          asked.at <= story.happened ? "before" : "after", name_of(asked.reason), asked.seq.value));
  constexpr std::size_t shown = 6;
  const std::size_t first = story.notes.size() > shown ? story.notes.size() - shown : 0;
  if (first > 0) put(fmt::format("{} earlier changes of walls, liquidity and regime", first));
  for (std::size_t i = first; i < story.notes.size(); ++i)
    put(fmt::format("{} before: {}", span(story.happened - story.notes[i].time),
                    why::words_of(story.notes[i].output, instrument_)));
  for (const Alert& alert : story.alerts) put(fmt::format("alert: {}", name_of(alert.code)));
  if (story.feed_losses > 0) put(fmt::format("the feed was lost {} times", story.feed_losses));
}

void Writer::queue(const why::FillStory& story) {
  page_.gap();
  if (!story.queue) {
    page_.line("4 queue", "unknown: the order's acceptance is not told by the journal");
    return;
  }
  const why::QueuePath& path = *story.queue;
  page_.line("4 queue",
             fmt::format("ahead {} at acceptance, {} just before the fill ({}{}); rested {}",
                         lots(path.first().ahead), lots(path.last().ahead),
                         path.model == "estimate" ? "" : "paper exchange, ", path.model,
                         span(story.happened - path.accepted)));
  page_.line("", fmt::format("meanwhile at our price: {} traded, at least {} cancelled, {} added; "
                             "estimate before the fill {} [{}, {}]",
                             qty(Qty::from_lots(path.traded)), qty(Qty::from_lots(path.cancelled)),
                             qty(Qty::from_lots(path.added)), lots(path.last().estimate),
                             lots(path.last().lo), lots(path.last().hi)));
  constexpr std::size_t shown = 8;
  const std::size_t count = path.points.size();
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    // Evenly spread, the first and the last among them.
    if (count > shown && i * (shown - 1) / (count - 1) == (i + 1) * (shown - 1) / (count - 1) &&
        i != 0 && i + 1 != count)
      continue;
    text += fmt::format("{}{} {} of {}", text.empty() ? "" : ", ",
                        span(path.points[i].time - path.accepted), lots(path.points[i].ahead),
                        lots(path.points[i].displayed));
  }
  page_.line("path", "ahead of displayed: " + text);
  if (story.context) page_.line("context", std::string(words_of(*story.context)));
}

void Writer::taker(const why::FillStory& story) {
  page_.gap();
  if (story.taker) {
    const why::TakerOrder& of = *story.taker;
    page_.line("5 taker",
               fmt::format("{} {} in {} print{}, {} to {} ({}); ours {:.3g} %", name_of(of.side),
                           qty(of.qty), of.prints.size(), of.prints.size() == 1 ? "" : "s",
                           price(of.nearest), price(of.farthest),
                           of.sweep() ? fmt::format("a sweep of {} prices", of.prices)
                                      : std::string("one price"),
                           of.qty > Qty{} ? 100.0 * static_cast<double>(story.fill.qty.lots()) /
                                                static_cast<double>(of.qty.lots())
                                          : 0.0));
  } else {
    page_.line("5 taker", story.fill.cause == FillCause::cross
                              ? "no print: the other side's quote moved through our price"
                          : story.fill.maker ? "no print of that instant is in the journal"
                                             : "we took");
  }
  book("book", story.before_fill);
  models(story.models_before, story.before_fill.time);
  if (story.predicted_last && story.predicted_first &&
      story.predicted_last->seq != story.predicted_first->seq)
    prediction("predicted", story.predicted_last, story.happened);
  if (story.predicted_last && story.marked.markouts.size() > 2 && story.marked.markouts[2].pnl)
    page_.line("observed", *story.marked.markouts[2].pnl < Money{}
                               ? "adverse: the fill was worth less after 10 s"
                               : "not adverse: the fill was worth no less after 10 s");
  if (story.walls_1s_before)
    page_.line("", fmt::format("1 s before: {}", words_of(story.walls_1s_before->position())));
}

void Writer::money_of(const why::FillStory& story) {
  page_.gap();
  const why::FillMoney& of = story.money;
  page_.line(
      "6 money",
      fmt::format("this fill: spread {}, adverse {} in 10 s, fee {} = {} {}; then {} to 60 s",
                  money(of.spread), money(of.adverse), money(-of.fee), money(of.after_10s()),
                  currency(), money(of.inventory)));
  page_.line("account", fmt::format("position {} to {}", qty(story.account_before.position),
                                    qty(story.account_after.position)));
  if (story.over_10s) page_.line("", "10 s: " + account(*story.over_10s));
  if (story.over_60s) page_.line("", "60 s: " + account(*story.over_60s));
  if (!story.over_10s) page_.line("", "the session ends within 10 s");
}

void Writer::prediction(std::string_view label, const std::optional<why::LoggedPrediction>& of,
                        Time happened) {
  if (!of) return;
  const auto figure = [](std::int64_t value, double unit, const char* form) {
    return number(
        value == absent_e ? std::nullopt : std::optional{static_cast<double>(value) * unit}, form);
  };
  const PredictedLevel& level = of->level;
  const Prediction& head = of->head;
  page_.line(
      label,
      fmt::format(
          "{} before the fill (seq {}): p(fill) {} in 100 ms, {} in 1 s, {} "
          "in 10 s; p(adverse|fill) {}, expected {} bps given a fill; ahead "
          "{}",
          span(happened - of->time), of->seq.value, figure(level.p_fill_100ms_e6, 1e-6, "{:.3f}"),
          figure(level.p_fill_1s_e6, 1e-6, "{:.3f}"), figure(level.p_fill_10s_e6, 1e-6, "{:.3f}"),
          figure(level.p_adverse_e6, 1e-6, "{:.2f}"),
          figure(level.expected_pnl_e8, 1e-4, "{:+.2f}"),
          level.queue_ahead == absent_e ? "unknown" : qty(Qty::from_lots(level.queue_ahead))));
  page_.line("", fmt::format("half-spread {} bps, skew {} bps, premium {} bps, gamma {}, kappa {}, "
                             "the lead announces {}{}",
                             figure(head.half_spread_e8, 1e-4, "{:.2f}"),
                             figure(head.skew_e8, 1e-4, "{:+.2f}"),
                             figure(head.premium_e8, 1e-4, "{:.2f}"),
                             figure(head.gamma_effective_e3, 1e-3, "{:.2f}"),
                             figure(head.kappa_used, 1, "{:.0f}"),
                             head.predicted_move_e8 == absent_e
                                 ? "nothing"
                                 : figure(head.predicted_move_e8, 1e-4, "{:+.2f} bps"),
                             head.defensive ? "; defensive" : ""));
}

void Writer::models(const std::optional<why::ModelShot>& shot, Time moment,
                    const std::string& outcome) {
  if (!shot) return;
  const Reading& of = shot->reading;
  const Features& features = of.features;
  page_.line("features",
             fmt::format(
                 "imbalance {}, pressure {}, asymmetry {}, density {}, flush {}, liquidity {}",
                 number(features.touch_features.microprice_imbalance),
                 number(features.window.book_pressure), number(features.window.liquidity_asymmetry),
                 number(features.window.band_density), number(features.flush_score),
                 features.liquidity ? std::string(name_of(*features.liquidity)) : "absent"));
  if (shot->walls) {
    std::string text{words_of(shot->walls->position())};
    if (shot->walls->nearest_distance_bps)
      text += fmt::format(", the nearest {:.1f} bps off", *shot->walls->nearest_distance_bps);
    page_.line("walls", text);
  }
  std::string text = fmt::format(
      "microprice {}, sigma {} bps in 1 s, kappa {:.0f}, takers {:.2f}/s into bids and {:.2f}/s "
      "into asks, flow {} in 1 s",
      price(of.microprice), number(of.sigma ? std::optional{*of.sigma * 1e4} : std::nullopt),
      of.kappa.kappa, of.bid_flow.intensity, of.ask_flow.intensity, number(of.imbalance_1s));
  if (of.regime_steps > 0) {
    const auto likely = static_cast<std::size_t>(of.most_likely);
    text += fmt::format(", regime {} ({:.2f})", name_of(of.most_likely), of.belief[likely]);
  }
  if (of.liquidation) text += fmt::format(", liquidation {:.2f}", of.liquidation->probability);
  if (of.lead && of.lead->estimate)
    text += fmt::format(
        ", the lead is {} ahead (rho {:.2f}) and announces {}", span(of.lead->estimate->lag),
        of.lead->estimate->rho,
        bps(of.lead->predicted ? std::optional{*of.lead->predicted * 1e4} : std::nullopt));
  page_.line("models", text);
  if (shot->chances[0])
    page_.line("p(fill)", fmt::format("{:.3f} in 100 ms, {:.3f} in 1 s, {:.3f} in 10 s, with all "
                                      "that is displayed ahead{}",
                                      shot->chances[0]->fill, shot->chances[1]->fill,
                                      shot->chances[2]->fill, outcome));
  const std::string age = of.at ? fmt::format("read {} before", span(moment - *of.at)) : "";
  if (shot->used_by_strategy)
    page_.line("", fmt::format("({}, as the strategy saw it)", age));
  else if (shot->of_session)
    page_.line("", fmt::format("({}; told by the session, not used by the strategy)", age));
  else
    page_.line("", fmt::format("({}; computed now over {}, not seen by the strategy)", age,
                               shot->since ? span(moment - *shot->since) : "nothing"));
}

std::string Writer::fill(const why::FillStory& story) {
  head(story);
  decision(story);
  latency(story);
  since(story);
  queue(story);
  taker(story);
  money_of(story);
  diverged(story.diverged);
  return page_.text();
}

std::string Writer::moment(const why::MomentStory& story) {
  page_.plain(fmt::format("{}  {}  seq {}", format_time(story.at),
                          instrument_name(InstrumentId{0}, form_.session.instruments),
                          story.seq.value));
  book("book", story.book);
  for (const Order& order : story.book.orders)
    page_.line("", fmt::format("order {}: {} {} at {}, level {}, sent {} before", order.id.value,
                               name_of(order.side), qty(order.remaining), price(order.price),
                               order.level, span(story.at - order.sent_at)));
  page_.line("P&L", "since the start " + account(story.account));
  if (story.last_minute) page_.line("", "last minute " + account(*story.last_minute));
  if (story.last_message) {
    const Record record{story.last_message->output};
    std::string text = record_to_text(record, form_.session.instruments);
    text.erase(0, text.find_first_not_of(' '));
    page_.line("decision", fmt::format("the last message, {} before: {}",
                                       span(story.at - story.last_message->time), text));
  } else {
    page_.line("decision", "no order was sent in the stretch that was folded");
  }
  if (story.last_asked)
    page_.line("",
               fmt::format("the strategy was asked {} before", span(story.at - *story.last_asked)));
  page_.line("parameters", parameters(story.parameters));
  parameter_news(story.parameter_changes);

  const why::Guards& guards = story.guards;
  std::string held;
  const auto hold = [&](bool yes, const char* what) {
    if (yes) held += (held.empty() ? "" : ", ") + std::string(what);
  };
  hold(guards.killed, "kill switch");
  hold(guards.ended, "session ended");
  hold(guards.loss_limit, "loss limit");
  hold(guards.book_invalid, "book invalid");
  hold(guards.stale, "feed stale");
  page_.line("guards",
             (held.empty() ? "none engaged" : "ENGAGED: " + held) +
                 (guards.silent_for ? fmt::format("; feed silent for {}", span(*guards.silent_for))
                                    : std::string{}) +
                 (guards.max_position > Qty{}
                      ? fmt::format("; largest position {}", qty(guards.max_position))
                      : std::string{}));
  models(story.models, story.at);
  page_.line("moves", fmt::format("the mid {} in 1 s, {} in 60 s", bps(story.move_1s_bps),
                                  bps(story.move_60s_bps)));
  for (const why::LeadMove& of : story.leads) page_.line("", lead(of));

  page_.gap();
  page_.plain(fmt::format("within {} on either side: {} order messages, and",
                          format_duration(story.around), story.messages_around));
  constexpr std::size_t shown = 40;
  if (story.happenings.empty()) page_.line("", "nothing else");
  for (std::size_t i = 0; i < std::min(shown, story.happenings.size()); ++i) {
    const why::Happening& of = story.happenings[i];
    const Duration after = of.time - story.at;
    page_.line(fmt::format("{:+.3f} s", static_cast<double>(after.count()) / 1e9),
               fmt::format("{} (seq {})", of.text, of.seq.value));
  }
  if (story.happenings.size() > shown)
    page_.line("", fmt::format("and {} more (--json has all)", story.happenings.size() - shown));
  page_.gap();
  if (story.nearest.empty()) page_.plain("the session has no fills");
  for (const why::NearFill& of : story.nearest)
    page_.line(&of == &story.nearest.front() ? "fills near" : "",
               fmt::format("seq {}, trade {}: {} {} at {}, {} {}", of.seq.value, of.trade_id,
                           name_of(of.side), qty(of.qty), price(of.price),
                           span(of.time <= story.at ? story.at - of.time : of.time - story.at),
                           of.time <= story.at ? "before" : "after"));
  diverged(story.diverged);
  return page_.text();
}

std::string Writer::losses(const why::LossReport& report) {
  page_.plain(fmt::format("{} .. {}  {}", format_time(report.from), format_time(report.to),
                          instrument_name(InstrumentId{0}, form_.session.instruments)));
  page_.line("P&L", account(report.change));
  page_.line("", fmt::format("position {} to {}, the mid moved {}", qty(report.position_before),
                             qty(report.change.position), bps(report.move_bps)));
  page_.line("lost", fmt::format("{} of {} minutes, {} of {} fills", report.losing_minutes,
                                 report.minutes, report.losing_fills, report.fills));
  if (!report.worst_minutes.empty()) {
    page_.gap();
    page_.plain("minutes that cost most");
    for (const why::MinuteLoss& minute : report.worst_minutes)
      page_.line(clock(minute.from).substr(0, 8),
                 fmt::format("{} {}: {}", money(minute.change.pnl()), currency(), minute.cause));
  }
  if (!report.worst_fills.empty()) {
    page_.gap();
    page_.plain("fills that cost most (mmctl why --fill SEQ)");
    for (const why::FillLoss& loss : report.worst_fills) {
      const Fill& fill = loss.marked.fill;
      page_.line(std::to_string(loss.marked.header.seq.value),
                 fmt::format("{} {} {} at {}: {} {} after {}; {}",
                             clock(loss.marked.header.recv_time).substr(0, 12), name_of(fill.side),
                             qty(fill.qty), price(fill.price), money(loss.result), currency(),
                             loss.horizon ? format_duration(*loss.horizon) : "?", loss.cause));
    }
  }
  if (report.fills == 0) page_.line("", "no fills in this window");
  diverged(report.diverged);
  return page_.text();
}

}  // namespace

std::string story_text(const WhyForm& form, const why::FillStory& story) {
  return Writer{form}.fill(story);
}
std::string story_text(const WhyForm& form, const why::MomentStory& story) {
  return Writer{form}.moment(story);
}
std::string story_text(const WhyForm& form, const why::LossReport& report) {
  return Writer{form}.losses(report);
}

}  // namespace mm::cli
