#include "cli/why.hpp"

#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "engine/numeric.hpp"
#include "engine/result.hpp"
#include "journal/replay.hpp"
#include "research/analytics/marks.hpp"
#include "strategies/session_engine.hpp"

namespace mm::cli {
namespace {

using research::why::CoreAt;

Engine new_core(const SessionHead& head) {
  auto engine = make_engine({.strategy = head.strategy,
                             .parameters = head.parameters,
                             .execution = head.execution,
                             .settings = head.settings});
  if (!engine)
    throw Error(ErrorKind::data, "why: the session's core cannot be built by this program: " +
                                     engine.error().message());
  return std::move(*engine);
}

CoreAt core_before(const journal::Journal& journal, const journal::SessionInfo& session,
                   const SessionHead& head, Seq seq) {
  CoreAt core{new_core(head), Seq{0}};
  const auto checkpoint = journal.checkpoint_before(session, seq);
  if (!checkpoint) return core;
  ByteReader in{checkpoint->state};
  if (core.engine.restore(in) && journal::state_digest_of(core.engine) == checkpoint->state_digest)
    return {std::move(core.engine), checkpoint->at};
  return {new_core(head), Seq{0}};  // another program's checkpoint
}

research::RecordStream records_of(const journal::Journal& journal,
                                  const journal::SessionInfo& session, Seq from, Seq to) {
  auto cursor =
      std::make_shared<journal::RecordCursor>(journal.read(session, journal::SeqWindow{from, to}));
  return [cursor]() -> research::RecordView {
    if (cursor->next() != journal::RecordCursor::Item::record) return {};
    if (cursor->is_output()) return {.output = &cursor->output()};
    return {.event = &cursor->event()};
  };
}

}  // namespace

research::why::Session why_session(const journal::Journal& journal,
                                   const journal::SessionInfo& session) {
  const SessionHead head = read_head(journal, session);
  if (head.instruments.empty())
    throw Error(ErrorKind::data,
                "why: session " + std::to_string(session.number) + " of " +
                    journal.directory().string() +
                    " does not begin with its start and its instruments; 'mmctl verify' names the "
                    "damage");
  research::why::Session out{.strategy = head.strategy,
                             .parameters = head.parameters,
                             .execution = head.execution,
                             .settings = head.settings,
                             .instruments = head.instruments,
                             .end = session.end_seq,
                             .first_time = session.first_time,
                             .last_time = session.last_time,
                             .landmarks = {},
                             .checkpoint_before = {},
                             .core_before = {},
                             .records = {},
                             .seq_at = {}};
  for (const journal::Marker& marker : journal.markers(session))
    out.landmarks.push_back({marker.seq, marker.recv_time, marker.kind});
  out.checkpoint_before = [&](Seq seq) {
    const auto checkpoint = journal.checkpoint_before(session, seq);
    return checkpoint ? checkpoint->at : Seq{0};
  };
  out.core_before = [&journal, &session, head](Seq seq) {
    return core_before(journal, session, head, seq);
  };
  out.records = [&](Seq from, Seq to) { return records_of(journal, session, from, to); };
  out.seq_at = [&](Time time) { return journal.seq_at(session, time); };
  return out;
}

research::why::FillFacts facts_of_story(const research::why::Session& session,
                                        const research::why::FillStory& story) {
  research::why::FillFacts facts{.side = story.fill.side,
                                 .maker = story.fill.maker,
                                 .cause = story.fill.cause,
                                 .spread_capture_bps = story.marked.spread_capture_bps,
                                 .context = story.context,
                                 .position_before = story.account_before.position.lots(),
                                 .lots = story.fill.qty.lots()};
  for (const research::Markout& markout : story.marked.markouts)
    if (markout.horizon == std::chrono::seconds{10} && markout.bps) {
      facts.markout_10s_bps = markout.bps->markout;
      facts.adverse_10s_bps = markout.bps->adverse_selection;
    }
  if (story.taker) {
    facts.prices_swept = story.taker->prices;
    if (story.taker->qty > Qty{})
      facts.share_of_taker =
          static_cast<double>(story.fill.qty.lots()) / static_cast<double>(story.taker->qty.lots());
  }
  facts.own_1s_bps = story.own_move_1s_bps;
  facts.own_since_bps = story.own_move_bps;
  for (const research::why::LeadMove& lead : story.leads) {
    if (!lead.last_1s ||
        (facts.lead_1s_bps && std::abs(*facts.lead_1s_bps) >= std::abs(*lead.last_1s)))
      continue;
    facts.lead_1s_bps = lead.last_1s;
    facts.lead = instrument_name(lead.instrument, session.instruments);
  }
  if (!story.trail.found()) return facts;
  const research::why::OrderStep& step = story.trail.steps.front();
  facts.rested = story.happened - step.decided;
  for (const research::why::Asked& asked : step.asked)
    if (asked.at <= story.happened) facts.leaving_since = story.happened - asked.at;
  return facts;
}

std::string format_lots(const Instrument& instrument, double lots) {
  return format_decimal(std::llround(lots * 10), instrument.lot_decimals + 1);
}

std::string short_money(const Instrument& instrument, Money money) {
  const int decimals = instrument.contract == ContractKind::inverse ? 8 : 2;
  const std::int64_t per_one = power_of_ten(decimals);
  const Int128 rounded = divide_half_even(money.units(), power_of_ten(12 - decimals));
  const Int128 size = rounded < 0 ? -rounded : rounded;
  return fmt::format("{}{}.{:0{}}", rounded < 0 ? "-" : "", format_decimal(size / per_one, 0),
                     static_cast<std::int64_t>(size % per_one), decimals);
}

}  // namespace mm::cli
