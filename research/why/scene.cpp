#include "research/why/scene.hpp"

#include <algorithm>

namespace mm::research::why {

Scene::Scene(const Session& session, Seq from, Seq to, Watch watch)
    : core_(session.core_before(from)),
      started_at_(core_.at),
      records_(session.records(core_.at, to)),
      marks_(std::max<std::size_t>(session.instruments.size(), 1)),
      seq_(core_.at) {
  if (watch == Watch::models) models_.emplace(core_.engine);
}

const Event* Scene::next() {
  // Outputs behind the input folded last: those of the recording.
  std::size_t recorded = 0;
  for (RecordView record = records_();; record = records_()) {
    if (record.output != nullptr) {
      if (folded_ && (recorded >= outputs_.size() || !(*record.output == outputs_[recorded])))
        diverged_ = true;
      ++recorded;
      continue;
    }
    if (folded_ && record.event != nullptr && recorded != outputs_.size()) diverged_ = true;
    event_ = record.event;
    return event_;
  }
}

void Scene::fold() {
  const EventHeader& header = event_->header;
  outputs_.clear();
  core_.engine.apply(*event_, outputs_);
  std::uint64_t seq = header.seq.value;
  for (Output& output : outputs_) output.header.seq = Seq{++seq};
  folded_ = true;
  seq_ = Seq{header.seq.value + 1};
  now_ = header.recv_time;
  prints_.note(*event_);
  const InstrumentId id = header.instrument;
  if (id.value < marks_.size()) {
    const InstrumentState& state = core_.engine.market().instrument(id);
    if (state.defined()) marks_[id.value].update(now_, state);
  }
  if (models_) models_->on_event(*event_, core_.engine, outputs_);
}

std::optional<double> move_bps(const MarkHistory& marks, Time from, Time to) {
  const Mark* first = marks.at(from);
  const Mark* last = marks.at(to);
  if (first == nullptr || last == nullptr || !(first->mid_units() > 0)) return std::nullopt;
  return (last->mid_units() - first->mid_units()) / first->mid_units() * 1e4;
}

}  // namespace mm::research::why
