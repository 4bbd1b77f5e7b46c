// Explanations as one JSON document.

#include "cli/time_spec.hpp"
#include "cli/why_json_parts.hpp"
#include "engine/describe.hpp"
#include "engine/settings.hpp"

namespace mm::cli {
namespace {

namespace why = research::why;

Json texts(const std::vector<std::string>& lines) {
  Json list = Json::array();
  for (const std::string& line : lines) list.push_back(line);
  return list;
}

}  // namespace

Json story_json(const WhyForm& form, const why::FillStory& story) {
  const WhyJson write{form};
  Json out = write.head();
  const Fill& fill = story.fill;
  out["fill"] = {{"seq", story.header.seq.value},
                 {"trade_id", fill.trade_id},
                 {"order", fill.order.value},
                 {"side", name_of(fill.side)},
                 {"price", write.price(fill.price)},
                 {"qty", write.qty(fill.qty)},
                 {"remaining", write.qty(fill.remaining)},
                 {"maker", fill.maker},
                 {"cause", name_of(fill.cause)},
                 {"fee", WhyJson::money(fill.fee)},
                 {"happened", format_time(story.happened)},
                 {"heard", format_time(story.header.recv_time)}};
  out["stands_out"] = texts(why::facts_of(facts_of_story(form.session, story)));
  out["book"] = {{"decision", story.decision ? write.book(story.decision->book) : Json(nullptr)},
                 {"arrival", write.book(story.at_arrival)},
                 {"before_fill", write.book(story.before_fill)}};
  out["models"] = {
      {"decision", story.decision ? write.models(story.decision->models, story.decision->book.time)
                                  : Json(nullptr)},
      {"before_fill", write.models(story.models_before, story.before_fill.time)},
      {"walls_1s_before", write.walls(story.walls_1s_before)}};
  out["predicted"] = {{"first", write.prediction(story.predicted_first)},
                      {"before_fill", write.prediction(story.predicted_last)},
                      {"fill_note", write.fill_note(story.fill_note)}};
  out["parameters"] = {{"in_force", story.decision ? WhyJson::parameters(story.decision->parameters)
                                                   : Json(nullptr)},
                       {"session", WhyJson::parameters(form.session.parameters)},
                       {"settings", WhyJson::parameters(form.session.settings)},
                       {"changes", WhyJson::parameters(story.parameter_changes)}};
  out["decision"] = write.decision(story);
  out["latency"] = write.latency(story);
  Json chain = Json::array();
  for (const why::OrderStep& step : story.trail.steps) chain.push_back(write.step(step));
  out["orders"] = {{"chain", std::move(chain)}, {"complete", story.trail.complete}};
  out["queue"] = write.queue(story);
  Json notes = Json::array();
  for (const why::Note& note : story.notes) notes.push_back(write.note(note));
  Json alerts = Json::array();
  for (const Alert& alert : story.alerts) alerts.push_back(std::string(name_of(alert.code)));
  out["since_decision"] = {{"mid_moved_bps", or_null(story.own_move_bps)},
                           {"mid_moved_1s_bps", or_null(story.own_move_1s_bps)},
                           {"leads", write.leads(story.leads)},
                           {"notes", std::move(notes)},
                           {"alerts", std::move(alerts)},
                           {"feed_losses", story.feed_losses}};
  out["taker"] = write.taker(story.taker, fill);
  out["mid_before"] = write.price(story.marked.mid_before_units);
  out["spread_capture_bps"] = or_null(story.marked.spread_capture_bps);
  out["markouts"] = write.markouts(story.marked);
  out["money"] = {{"spread", WhyJson::money(story.money.spread)},
                  {"adverse_10s", WhyJson::money(story.money.adverse)},
                  {"inventory_10s_60s", WhyJson::money(story.money.inventory)},
                  {"fee", WhyJson::money(-story.money.fee)},
                  {"after_10s", WhyJson::money(story.money.after_10s())}};
  out["account"] = {{"position_before", write.qty(story.account_before.position)},
                    {"position_after", write.qty(story.account_after.position)},
                    {"pnl_before", WhyJson::money(story.account_before.pnl())},
                    {"over_10s", write.account(story.over_10s)},
                    {"over_60s", write.account(story.over_60s)}};
  out["folded_from"] = story.folded_from.value;
  out["diverged"] = story.diverged;
  return out;
}

Json story_json(const WhyForm& form, const why::MomentStory& story) {
  const WhyJson write{form};
  Json out = write.head();
  out["at"] = format_time(story.at);
  out["seq"] = story.seq.value;
  out["book"] = write.book(story.book);
  out["pnl"] = {{"since_start", write.account(story.account)},
                {"last_minute", write.account(story.last_minute)}};
  out["parameters"] = {{"in_force", WhyJson::parameters(story.parameters)},
                       {"changes", WhyJson::parameters(story.parameter_changes)}};
  if (story.last_message) {
    const Record record{story.last_message->output};
    out["last_message"] = record_to_json(record, form.session.instruments);
  } else {
    out["last_message"] = nullptr;
  }
  out["last_asked"] = story.last_asked ? Json(format_time(*story.last_asked)) : Json(nullptr);
  const why::Guards& guards = story.guards;
  out["guards"] = {
      {"engaged", guards.engaged()},
      {"kill_switch", guards.killed},
      {"session_ended", guards.ended},
      {"book_invalid", guards.book_invalid},
      {"stale", guards.stale},
      {"silent_ms", guards.silent_for ? to_milliseconds(*guards.silent_for) : Json(nullptr)},
      {"stale_limit_ms", to_milliseconds(guards.stale_limit)},
      {"loss_limit", guards.loss_limit},
      {"max_loss", WhyJson::money(guards.max_loss)},
      {"max_position", write.qty(guards.max_position)}};
  out["models"] = write.models(story.models, story.at);
  out["mid_moved_1s_bps"] = or_null(story.move_1s_bps);
  out["mid_moved_60s_bps"] = or_null(story.move_60s_bps);
  out["leads"] = write.leads(story.leads);
  Json happenings = Json::array();
  for (const why::Happening& of : story.happenings)
    happenings.push_back({{"seq", of.seq.value},
                          {"time", format_time(of.time)},
                          {"kind", of.kind},
                          {"text", of.text}});
  out["around_s"] = static_cast<double>(story.around.count()) / 1e9;
  out["happened"] = std::move(happenings);
  out["messages_around"] = story.messages_around;
  Json nearest = Json::array();
  for (const why::NearFill& fill : story.nearest)
    nearest.push_back({{"seq", fill.seq.value},
                       {"trade_id", fill.trade_id},
                       {"time", format_time(fill.time)},
                       {"side", name_of(fill.side)},
                       {"price", write.price(fill.price)},
                       {"qty", write.qty(fill.qty)}});
  out["nearest_fills"] = std::move(nearest);
  out["folded_from"] = story.folded_from.value;
  out["diverged"] = story.diverged;
  return out;
}

Json story_json(const WhyForm& form, const why::LossReport& report) {
  const WhyJson write{form};
  Json out = write.head();
  out["window"] = {{"from", format_time(report.from)}, {"to", format_time(report.to)}};
  out["change"] = write.account(report.change);
  out["position_before"] = write.qty(report.position_before);
  out["mid_moved_bps"] = or_null(report.move_bps);
  out["minutes"] = report.minutes;
  out["losing_minutes"] = report.losing_minutes;
  out["fills"] = report.fills;
  out["losing_fills"] = report.losing_fills;
  Json minutes = Json::array();
  for (const why::MinuteLoss& minute : report.worst_minutes)
    minutes.push_back({{"from", format_time(minute.from)},
                       {"to", format_time(minute.to)},
                       {"change", write.account(minute.change)},
                       {"position_before", write.qty(minute.position_before)},
                       {"mid_moved_bps", or_null(minute.move_bps)},
                       {"cause", minute.cause}});
  out["worst_minutes"] = std::move(minutes);
  Json fills = Json::array();
  for (const why::FillLoss& loss : report.worst_fills) {
    const Fill& fill = loss.marked.fill;
    fills.push_back(
        {{"seq", loss.marked.header.seq.value},
         {"trade_id", fill.trade_id},
         {"time", format_time(loss.marked.header.recv_time)},
         {"side", name_of(fill.side)},
         {"price", write.price(fill.price)},
         {"qty", write.qty(fill.qty)},
         {"result", WhyJson::money(loss.result)},
         {"horizon_s",
          loss.horizon ? Json(static_cast<double>(loss.horizon->count()) / 1e9) : Json(nullptr)},
         {"spread_capture_bps", or_null(loss.marked.spread_capture_bps)},
         {"markouts", write.markouts(loss.marked)},
         {"cause", loss.cause}});
  }
  out["worst_fills"] = std::move(fills);
  out["diverged"] = report.diverged;
  return out;
}

}  // namespace mm::cli
