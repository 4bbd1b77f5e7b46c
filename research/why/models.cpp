#include "research/why/models.hpp"

namespace mm::research::why {

bool is_note(const Output& output) {
  switch (output.kind()) {
    case RecordKind::wall_appeared:
    case RecordKind::wall_moved:
    case RecordKind::wall_pulled:
    case RecordKind::wall_filled:
    case RecordKind::wall_gone:
    case RecordKind::flush_started:
    case RecordKind::flush_ended:
    case RecordKind::liquidity_changed:
    case RecordKind::regime_changed:
      return true;
    default:
      return false;
  }
}

ModelsWatch::ModelsWatch(const Engine& engine) {
  if (engine.outlook() != nullptr) return;
  TraderSettings settings = engine.trader().settings();
  settings.outlook = true;
  computed_ = make_outlook(settings, engine.trader().strategy());
  // Instruments defined before the fold began are not told again.
  for (std::size_t i = 0; i < engine.market().instrument_count(); ++i) {
    const InstrumentId id{static_cast<std::uint16_t>(i)};
    const InstrumentState& state = engine.market().instrument(id);
    if (!state.defined()) continue;
    const Event defined{.header = {.recv_time = state.last_update(), .instrument = id},
                        .body = definition_of(state.definition())};
    computed_->apply(defined, engine.market(), outputs_);
  }
}

void ModelsWatch::on_event(const Event& event, const Engine& engine,
                           std::span<const Output> outputs) {
  const EventHeader& header = event.header;
  if (computed_) {
    if (!since_ && header.instrument.value == 0 && engine.market().quoted().quotable())
      since_ = header.recv_time;
    if (engine.trader().settings().own_displayed) {
      own_.clear();
      for (const OwnDisplayed::At& at : engine.trader().own_levels())
        own_.push_back({.side = at.side, .price = at.price, .qty = at.ours});
      computed_->set_own(own_);
    }
    outputs_.clear();
    computed_->apply(event, engine.market(), outputs_);
    outputs = outputs_;
  }
  for (const Output& output : outputs)
    if (is_note(output))
      notes_.push_back({computed_ ? header.seq : output.header.seq, header.recv_time, output});
  if (notes_.size() > most_notes)
    notes_.erase(notes_.begin(), notes_.begin() + static_cast<std::ptrdiff_t>(most_notes / 2));
}

std::optional<ModelShot> ModelsWatch::shot(const Engine& engine,
                                           std::optional<QuoteAt> quote) const {
  const Outlook* outlook = computed_ ? computed_.get() : engine.outlook();
  if (!outlook->reading().at) return std::nullopt;
  ModelShot shot{
      .reading = outlook->reading(),
      .of_session = computed_ == nullptr,
      .used_by_strategy = computed_ == nullptr && engine.trader().strategy().needs_outlook(),
      .since = since_,
      .walls = {},
      .spoof_score = {}};
  const InstrumentState& instrument = engine.market().quoted();
  if (!quote || !instrument.defined()) return shot;
  shot.walls = outlook->wall_context(quote->side, quote->price, instrument);
  shot.spoof_score = outlook->spoof_score(quote->side, quote->price);
  if (!shot.reading.mid || !(shot.reading.kappa.kappa > 0)) return shot;
  const double mid = *shot.reading.mid;
  const auto price = static_cast<double>(quote->price.units());
  const FillQuestion question{.side = quote->side,
                              .depth = static_cast<double>(sign(quote->side)) * (mid - price) / mid,
                              .queue_ahead = static_cast<double>(
                                  outlook->displayed(quote->side, quote->price, instrument).lots()),
                              .kappa = shot.reading.kappa.kappa};
  for (std::size_t i = 0; i < shot.chances.size(); ++i)
    shot.chances[i] = outlook->fill_chance(question, i);
  return shot;
}

}  // namespace mm::research::why
