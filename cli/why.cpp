// mmctl why: what led to a fill, what stood at a moment, what cost most in a window.

#include "cli/why.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "cli/commands.hpp"
#include "cli/page.hpp"
#include "engine/describe.hpp"
#include "engine/numeric.hpp"
#include "engine/result.hpp"

namespace mm::cli {
namespace {

namespace why = research::why;

[[noreturn]] void usage(std::string message) {
  throw Error(ErrorKind::usage, std::move(message));
}

struct FillName {
  std::uint64_t number = 0;
  bool by_seq = true;
  bool by_trade = true;
};

/// "981", "seq:981", "trade:981".
FillName parse_fill(std::string_view text) {
  FillName name;
  std::string_view number = text;
  if (number.starts_with("seq:")) {
    name.by_trade = false;
    number.remove_prefix(4);
  } else if (number.starts_with("trade:")) {
    name.by_seq = false;
    number.remove_prefix(6);
  }
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), name.number);
  if (error != std::errc{} || number.empty() || end != number.data() + number.size())
    usage(
        fmt::format("--fill: '{}' names no fill; write its seq or its trade id as `mmctl fills` "
                    "lists them, or seq:N, trade:N",
                    text));
  return name;
}

std::string list_of(const why::Session& session, const std::vector<why::NearFill>& fills) {
  std::string text;
  for (const why::NearFill& fill : fills)
    text += fmt::format("\n  seq {}, trade {}: {} {} {} at {}", fill.seq.value, fill.trade_id,
                        format_time(fill.time), name_of(fill.side),
                        format_qty(session.quoted(), fill.qty),
                        format_price(session.quoted(), fill.price));
  return text;
}

/// The fill that is meant; a usage error lists the nearest if there is none.
Seq find_fill(const why::Session& session, std::uint64_t session_number, std::string_view text) {
  const FillName name = parse_fill(text);
  std::optional<Seq> by_seq;
  std::vector<Seq> by_trade;
  bool any = false;
  for (const why::Landmark& mark : session.landmarks) {
    if (mark.kind != RecordKind::fill) continue;
    any = true;
    if (name.by_seq && mark.seq.value == name.number) by_seq = mark.seq;
  }
  if (!any)
    usage(
        fmt::format("--fill: session {} has no fills; `mmctl why --at TIME` explains a moment "
                    "without one",
                    session_number));
  // A trade id is in the record itself: each is read, for want of an index.
  if (name.by_trade) {
    for (const why::Landmark& mark : session.landmarks) {
      if (mark.kind != RecordKind::fill) continue;
      const research::RecordStream one = session.records(mark.seq, Seq{mark.seq.value + 1});
      const research::RecordView record = one();
      const auto* fill = record.event != nullptr ? std::get_if<Fill>(&record.event->body) : nullptr;
      if (fill != nullptr && static_cast<std::uint64_t>(fill->trade_id) == name.number)
        by_trade.push_back(mark.seq);
    }
  }
  if (by_seq && (by_trade.empty() || by_trade == std::vector{*by_seq})) return *by_seq;
  if (!by_seq && by_trade.size() == 1) return by_trade.front();
  if (!by_seq && by_trade.empty())
    usage(fmt::format("--fill: session {} has no fill {}; the nearest are{}", session_number, text,
                      list_of(session, why::fills_near(session, Seq{name.number}, 3))));
  std::string several;
  if (by_seq) several += fmt::format(" seq:{}", by_seq->value);
  for (const Seq seq : by_trade) several += fmt::format(" seq:{}", seq.value);
  usage(fmt::format("--fill: {} is the seq or trade id of several fills; say which one:{}", text,
                    several));
}

template <class Story>
void print(const Globals& globals, const WhyForm& form, const Story& story) {
  if (globals.json) {
    fmt::print("{}\n", story_json(form, story).dump(2));
  } else {
    fmt::print("{}", story_text(form, story));
  }
}

Time moment_of(std::string_view text, const journal::SessionInfo& session) {
  const SessionSpan span = span_of(session);
  const Time time = parse_time("--at", text, span);
  if (time < span.first || time > span.last + Duration{1})
    usage(fmt::format("--at: {} lies outside the session, which runs from {} to {}",
                      format_time(time), format_time(span.first), format_time(span.last)));
  return time;
}

void check(const WhyOptions& options) {
  const bool window = options.window.from.has_value() || options.window.to.has_value();
  const int asked = (options.fill ? 1 : 0) + (options.at ? 1 : 0) + (window ? 1 : 0);
  if (asked > 1)
    usage(
        "why: --fill, --at and a window (--from, --to) exclude each other: a fill, a moment, or "
        "what cost most in a stretch");
  if (options.around && !options.at) usage("why: --around goes with --at TIME");
  if (options.worst && (options.fill || options.at))
    usage("why: --worst goes with a window (--from, --to), not with --fill or --at");
  if (options.whole_chain && !options.fill) usage("why: --whole-chain goes with --fill");
}

}  // namespace

int why(const Globals& globals, const WhyOptions& options) {
  check(options);
  std::optional<Duration> around;
  if (options.around) around = parse_duration("--around", *options.around);
  const journal::Journal journal = open_journal(globals);
  const journal::SessionInfo* info = chosen_session(journal, globals);
  if (info == nullptr || info->end_seq.value == 0) {
    if (options.fill || options.at)
      usage(fmt::format("why: {} holds no events to explain", globals.journal));
    fmt::print(stderr, "mmctl: the journal holds no events\n");
    if (globals.json) fmt::print("{}\n", Json{{"session", nullptr}, {"fills", 0}}.dump(2));
    return 0;
  }
  if (info->live)
    fmt::print(stderr, "mmctl: session {} is being recorded: explained as far as it is written\n",
               info->number);
  const why::Session session = why_session(journal, *info);
  const WhyForm form{session, *info, page_width()};
  if (options.fill) {
    const Seq seq = find_fill(session, info->number, *options.fill);
    print(globals, form,
          why::explain_fill(session, {.seq = seq,
                                      .trail = options.whole_chain ? why::TrailLimits::whole()
                                                                   : why::TrailLimits{}}));
  } else if (options.at) {
    why::MomentRequest request{.at = moment_of(*options.at, *info)};
    if (around) request.around = *around;
    print(globals, form, why::explain_moment(session, request));
  } else {
    const journal::TimeWindow window = time_window(options.window, *info);
    why::LossRequest request{.from = window.from, .to = window.to};
    if (options.worst) request.worst = *options.worst;
    print(globals, form, why::find_losses(session, request));
  }
  return 0;
}

}  // namespace mm::cli
