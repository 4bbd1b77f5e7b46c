#include "journal/replay.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/record.hpp"
#include "engine/result.hpp"

namespace mm::journal {
namespace {

using Item = RecordCursor::Item;

/// The session's first event, copied.
struct Head {
  std::string strategy;
  std::string parameters;
  std::string execution;
  std::string settings;
  SessionStart view() const { return {strategy, parameters, execution, settings}; }
};

Head read_session_start(const Journal& journal, const SessionInfo& session) {
  RecordCursor cursor = journal.read(session, SeqWindow{Seq{0}, Seq{1}});
  if (cursor.next() == Item::record && !cursor.is_output()) {
    if (const auto* start = std::get_if<SessionStart>(&cursor.event().body))
      return {std::string(start->strategy), std::string(start->parameters),
              std::string(start->execution), std::string(start->settings)};
  }
  throw Error(ErrorKind::data,
              fmt::format("replay: session {} of {} does not begin with its start event, so the "
                          "core cannot be built again; 'mmctl verify' names the damage",
                          session.number, journal.directory().string()));
}

/// Checkpoints in (from, to], ascending; states dropped, digests kept.
std::vector<Checkpoint> checkpoints_between(const Journal& journal, const SessionInfo& session,
                                            Seq from, Seq to) {
  std::vector<Checkpoint> found;
  while (to > from) {
    auto checkpoint = journal.checkpoint_before(session, to);
    if (!checkpoint || checkpoint->at <= from) break;
    checkpoint->state.clear();
    to = Seq{checkpoint->at.value - 1};
    found.push_back(std::move(*checkpoint));
  }
  std::reverse(found.begin(), found.end());
  return found;
}

/// The input that outputs follow, by what is left of it once the cursor has gone on.
struct Cause {
  Seq seq;
  Time time;
};

/// Number and time read one by one: the cursor has just stored them so, and a copy in one wide word
/// would have to wait until both stores are through to the cache.
Cause cause_of(const EventHeader& header) {
  std::uint64_t seq = header.seq.value;
  std::int64_t time = to_ns(header.recv_time);
  asm("" : "+r"(seq), "+r"(time));
  return {Seq{seq}, time_from_ns(time)};
}

class Replayer {
 public:
  Replayer(const Journal& journal, const SessionInfo& session, TimeWindow window,
           const EngineFactory& make_engine, const ReplayHooks& hooks, ReadAhead ahead)
      : journal_(journal),
        session_(session),
        hooks_(hooks),
        ahead_(ahead),
        from_(journal.seq_at(session, window.from)),
        to_(std::min(journal.seq_at(session, window.to), session.end_seq)) {
    start(make_engine);
  }

  ReplayResult run() {
    RecordCursor cursor =
        journal_.read(session_, SeqWindow{result_.started_at, to_}, OnDamage::stop, ahead_);
    bool more = step(cursor);
    while (more && !result_.divergence) {
      if (cursor.is_output()) {
        // An output without an input in front of it: only at a start that is no input's.
        diverge(Divergence::Kind::not_recomputed, cause_of(cursor.header()), cursor.output(),
                std::nullopt);
        break;
      }
      more = fold(cursor);
    }
    if (!result_.divergence && hooks_.at_checkpoint) hooks_.at_checkpoint(to_, *engine_);
    result_.digest = recomputed_.value();
    result_.recorded_digest = recorded_.value();
    result_.bit_exact =
        !result_.divergence.has_value() && result_.digest == result_.recorded_digest;
    return std::move(result_);
  }

 private:
  void start(const EngineFactory& make_engine) {
    const Head head = read_session_start(journal_, session_);
    if (auto checkpoint = journal_.checkpoint_before(session_, from_)) {
      engine_.emplace(make_engine(head.view()));
      ByteReader in{checkpoint->state};
      if (engine_->restore(in) && state_digest_of(*engine_) == checkpoint->state_digest) {
        result_.started_at = checkpoint->at;
        recomputed_ = recorded_ = RollingDigest{checkpoint->digests.output};
      } else {
        result_.notes.push_back(
            fmt::format("the checkpoint at seq {} is of another version of the core; folded from "
                        "the start instead",
                        checkpoint->at.value));
        engine_.reset();
      }
    }
    if (!engine_) engine_.emplace(make_engine(head.view()));
    checkpoints_ = checkpoints_between(journal_, session_, result_.started_at, to_);
    wait_for_checkpoint();
  }

  static bool step(RecordCursor& cursor) { return cursor.next() == Item::record; }

  /// Folds the input the cursor stands on and compares the outputs behind it; leaves the cursor on
  /// the next input. False at the end.
  bool fold(RecordCursor& cursor) {
    const Cause cause = cause_of(cursor.header());
    if (cause.seq >= next_checkpoint_at_) {
      compare_checkpoint(cause);
      if (result_.divergence) return false;
    }
    const bool inside = cause.seq >= from_;
    if (inside) {
      ++result_.events;
      if (hooks_.before_event) hooks_.before_event(cursor.event());
    }
    if ((++steps_ & 1023) == 0 && hooks_.progress)
      hooks_.progress(cursor.bytes_read(), cursor.bytes_total(), steps_);
    outputs_.clear();
    engine_->apply(cursor.event(), outputs_);
    if (inside) result_.outputs += outputs_.size();
    if (!block_holds(cursor, cause.seq, cause)) return false;
    const bool more = step(cursor);
    // Most inputs lead to nothing.
    if (outputs_.empty() && !(more && cursor.is_output())) return more;
    return compare_outputs(cursor, cause, more);
  }

  /// The recorded outputs that the cursor stands on, if any, must be those just decided.
  bool compare_outputs(RecordCursor& cursor, const Cause& cause, bool more) {
    std::uint64_t next = cause.seq.value + 1;
    for (Output& output : outputs_) {
      output.header.seq = Seq{next++};
      add_to(recomputed_, output);
    }
    std::size_t index = 0;
    for (; more && cursor.is_output(); ++index, more = step(cursor)) {
      const Output& recorded = cursor.output();
      add_to(recorded_, recorded);
      if (index >= outputs_.size()) {
        diverge(Divergence::Kind::not_recomputed, cause, recorded, std::nullopt);
        return false;
      }
      if (!(recorded == outputs_[index])) {
        diverge(Divergence::Kind::different, cause, recorded, outputs_[index]);
        return false;
      }
      if (!block_holds(cursor, recorded.header.seq, cause)) return false;
    }
    if (index < outputs_.size()) {
      if (!more && to_ == session_.end_seq && (session_.recovered || !session_.closed)) {
        result_.unrecorded_outputs = outputs_.size() - index;
        result_.outputs -= result_.unrecorded_outputs;
        recomputed_ = recorded_;
      } else {
        diverge(Divergence::Kind::not_recorded, cause, std::nullopt, outputs_[index]);
        return false;
      }
    }
    return more;
  }

  void add_to(RollingDigest& digest, const Output& output) {
    scratch_.clear();
    write_record(scratch_, output);
    digest.add(scratch_.bytes());
  }

  /// When `current`, the cursor's record, is the last of its block, the header's digest must be
  /// ours. False if it is not.
  bool block_holds(const RecordCursor& cursor, Seq current, const Cause& cause) {
    if (cursor.recorded_digests_at().value != current.value + 1) return true;
    const std::uint64_t stored = cursor.recorded_digests().output;
    if (stored == recorded_.value()) return true;
    diverge(Divergence::Kind::digest, cause, std::nullopt, std::nullopt);
    result_.divergence->recorded_digest = stored;
    result_.divergence->recomputed_digest = recorded_.value();
    return false;
  }

  void compare_checkpoint(const Cause& next) {
    while (next_checkpoint_ < checkpoints_.size() &&
           checkpoints_[next_checkpoint_].at <= next.seq) {
      const Checkpoint& checkpoint = checkpoints_[next_checkpoint_++];
      wait_for_checkpoint();
      if (checkpoint.at != next.seq) continue;
      ++result_.checkpoints_compared;
      if (hooks_.at_checkpoint) hooks_.at_checkpoint(checkpoint.at, *engine_);
      const std::uint64_t digest = state_digest_of(*engine_);
      if (digest == checkpoint.state_digest) continue;
      diverge(Divergence::Kind::state, next, std::nullopt, std::nullopt);
      result_.divergence->recorded_digest = checkpoint.state_digest;
      result_.divergence->recomputed_digest = digest;
      return;
    }
  }
  void wait_for_checkpoint() {
    next_checkpoint_at_ = next_checkpoint_ < checkpoints_.size() ? checkpoints_[next_checkpoint_].at
                                                                 : Seq{UINT64_MAX};
  }

  void diverge(Divergence::Kind kind, const Cause& cause, const std::optional<Output>& recorded,
               const std::optional<Output>& recomputed) {
    result_.divergence = Divergence{kind,      recorded ? recorded->header.seq : cause.seq,
                                    cause.seq, cause.time,
                                    recorded,  recomputed,
                                    0,         0};
  }

  const Journal& journal_;
  const SessionInfo& session_;
  const ReplayHooks& hooks_;
  ReadAhead ahead_;
  Seq from_;
  Seq to_;
  std::optional<Engine> engine_;
  std::vector<Checkpoint> checkpoints_;
  std::size_t next_checkpoint_ = 0;
  Seq next_checkpoint_at_;
  std::vector<Output> outputs_;
  ByteWriter scratch_;
  RollingDigest recomputed_;
  RollingDigest recorded_;
  std::uint64_t steps_ = 0;
  ReplayResult result_;
};

}  // namespace

std::string_view name_of(Divergence::Kind kind) {
  switch (kind) {
    case Divergence::Kind::different:
      return "different";
    case Divergence::Kind::not_recomputed:
      return "not_recomputed";
    case Divergence::Kind::not_recorded:
      return "not_recorded";
    case Divergence::Kind::digest:
      return "digest";
    case Divergence::Kind::state:
      return "state";
  }
  return "?";
}

std::uint64_t state_digest_of(const Engine& engine) {
  return engine.digests().root.low;
}

ReplayResult replay(const Journal& journal, const SessionInfo& session, TimeWindow window,
                    const EngineFactory& make_engine, const ReplayHooks& hooks, ReadAhead ahead) {
  if (session.end_seq.value == 0) {
    ReplayResult empty;
    empty.bit_exact = true;
    empty.notes.push_back("the session holds no events");
    return empty;
  }
  return Replayer(journal, session, window, make_engine, hooks, ahead).run();
}

}  // namespace mm::journal
