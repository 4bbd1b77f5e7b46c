#pragma once

// A recorded session as explanations read it, out of memory.

#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "engine/assert.hpp"
#include "research/why/session.hpp"
#include "strategies/session_engine.hpp"
#include "tests/research/recorded_session.hpp"

namespace mm::research::testing {

class ToldSession {
 public:
  /// `session` is borrowed. With `checkpoint_every` > 0 the core is saved at each input whose
  /// number has passed another multiple of it.
  explicit ToldSession(const RecordedSession& session, std::size_t checkpoint_every = 0) {
    const RecordStream stream = session.recording().records();
    for (RecordView view = stream(); !view.at_end(); view = stream()) {
      const Seq seq{records_.size()};
      if (view.event != nullptr) {
        Event event = *view.event;
        event.header.seq = seq;
        records_.emplace_back(event);
      } else {
        Output output = *view.output;
        output.header.seq = seq;
        records_.emplace_back(output);
      }
    }
    read_head();
    if (checkpoint_every > 0) save_checkpoints(checkpoint_every);
    connect();
  }
  ToldSession(const ToldSession&) = delete;
  ToldSession& operator=(const ToldSession&) = delete;

  const why::Session& session() const { return session_; }
  const std::vector<Record>& records() const { return records_; }

  /// Seqs of the fills, in order.
  std::vector<Seq> fills() const {
    std::vector<Seq> found;
    for (const Record& record : records_)
      if (kind_of(record) == RecordKind::fill) found.push_back(header_of(record).seq);
    return found;
  }

 private:
  void read_head() {
    const auto& start = std::get<SessionStart>(std::get<Event>(records_.front()).body);
    session_.strategy = start.strategy;
    session_.parameters = start.parameters;
    session_.execution = start.execution;
    session_.settings = start.settings;
    session_.end = Seq{records_.size()};
    session_.first_time = header_of(records_.front()).recv_time;
    session_.last_time = header_of(records_.back()).recv_time;
    for (const Record& record : records_) {
      const auto* event = std::get_if<Event>(&record);
      if (event == nullptr) continue;
      if (const auto* defined = std::get_if<InstrumentDefined>(&event->body)) {
        const std::size_t index = event->header.instrument.value;
        if (session_.instruments.size() <= index) session_.instruments.resize(index + 1);
        session_.instruments[index] = instrument_of(*defined);
      }
      const RecordKind kind = event->kind();
      if (kind == RecordKind::fill || kind == RecordKind::parameter_change ||
          kind == RecordKind::feed_status || kind == RecordKind::kill_switch)
        session_.landmarks.push_back({event->header.seq, event->header.recv_time, kind});
    }
  }

  Engine new_engine() const {
    return make_engine({.strategy = session_.strategy,
                        .parameters = session_.parameters,
                        .execution = session_.execution,
                        .settings = session_.settings})
        .value();
  }

  void save_checkpoints(std::size_t every) {
    Engine engine = new_engine();
    std::vector<Output> outputs;
    std::size_t next = every;
    for (const Record& record : records_) {
      const auto* event = std::get_if<Event>(&record);
      if (event == nullptr) continue;
      if (event->header.seq.value >= next) {
        next += every;
        ByteWriter out;
        engine.save(out);
        const auto bytes = out.bytes();
        checkpoints_[event->header.seq] = {bytes.begin(), bytes.end()};
      }
      outputs.clear();
      engine.apply(*event, outputs);
    }
  }

  void connect() {
    session_.checkpoint_before = [this](Seq seq) { return checkpoint_at(seq); };
    session_.core_before = [this](Seq seq) {
      why::CoreAt core{new_engine(), checkpoint_at(seq)};
      if (core.at.value == 0) return core;
      ByteReader in{checkpoints_.at(core.at)};
      MM_ASSERT(core.engine.restore(in), "a saved core can be restored");
      return core;
    };
    session_.records = [this](Seq from, Seq to) -> RecordStream {
      return [this, index = from.value,
              end = std::min<std::uint64_t>(to.value, records_.size())]() mutable -> RecordView {
        if (index >= end) return {};
        const Record& record = records_[index++];
        return {.event = std::get_if<Event>(&record), .output = std::get_if<Output>(&record)};
      };
    };
    session_.seq_at = [this](Time time) {
      for (const Record& record : records_)
        if (header_of(record).recv_time >= time) return header_of(record).seq;
      return session_.end;
    };
  }

  Seq checkpoint_at(Seq seq) const {
    const auto behind = checkpoints_.upper_bound(seq);
    return behind == checkpoints_.begin() ? Seq{0} : std::prev(behind)->first;
  }

  std::vector<Record> records_;
  std::map<Seq, std::vector<std::byte>> checkpoints_;
  why::Session session_;
};

}  // namespace mm::research::testing
