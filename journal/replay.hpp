#pragma once

// Replay: fold a recorded window again and compare every output with the recording.
//
// It starts at the last checkpoint at or before the window (or at the session's start), restores
// the core there and folds on: recorded inputs go in, what the core decides is compared with what
// stands in the journal behind each input, field by field, up to the first difference. On the way
// the rolling output digest is compared with the one in every block header, and the digest of the
// state with every checkpoint passed.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "journal/reader.hpp"

namespace mm::journal {

/// The first thing a replay did not reproduce.
struct Divergence {
  enum class Kind {
    different,       ///< another output than recorded
    not_recomputed,  ///< recorded, but the core decides nothing there
    not_recorded,    ///< the core decides something the recording does not have
    digest,          ///< outputs are equal but their digest differs from a block header
    state,           ///< outputs are equal but the state differs from a checkpoint
  };
  Kind kind = Kind::different;
  Seq seq;    ///< of the recorded output; of the cause if there is none
  Seq cause;  ///< the input that led to it
  Time time;  ///< recv_time of the cause
  std::optional<Output> recorded;
  std::optional<Output> recomputed;
  std::uint64_t recorded_digest = 0;  ///< kinds digest and state
  std::uint64_t recomputed_digest = 0;
};

/// "different", "not_recomputed", ...
std::string_view name_of(Divergence::Kind kind);

struct ReplayResult {
  std::uint64_t events = 0;   ///< inputs folded within the window
  std::uint64_t outputs = 0;  ///< outputs recomputed within the window
  /// Rolling digest of all outputs from the session's start to the window's end.
  std::uint64_t digest = 0;
  std::uint64_t recorded_digest = 0;
  bool bit_exact = false;
  std::optional<Divergence> divergence;
  /// Outputs the core decides behind the last input of a session whose recorder was killed: they
  /// were never recorded, which is no divergence.
  std::uint64_t unrecorded_outputs = 0;
  std::uint64_t checkpoints_compared = 0;
  Seq started_at;  ///< first record folded: a checkpoint's position, or 0
  std::vector<std::string> notes;
};

/// What a caller may watch; each may be empty.
struct ReplayHooks {
  /// Before each input of the window; a paced replay sleeps here.
  std::function<void(const Event&)> before_event;
  /// Now and then: bytes read and bytes in all, inputs folded.
  std::function<void(std::uint64_t, std::uint64_t, std::uint64_t)> progress;
  /// At each checkpoint passed and at the end of the window.
  std::function<void(Seq, const Engine&)> at_checkpoint;
};

/// Builds the core a session was recorded with. Throws Error if it cannot (an unknown strategy).
using EngineFactory = std::function<Engine(const SessionStart&)>;

/// The number that stands for a state in checkpoints: the low half of its root digest.
std::uint64_t state_digest_of(const Engine& engine);

/// Throws Error(data) at damage inside the part that is folded. With `ahead` a second thread checks
/// and decompresses; nothing in the result depends on it.
ReplayResult replay(const Journal& journal, const SessionInfo& session, TimeWindow window,
                    const EngineFactory& make_engine, const ReplayHooks& hooks = {},
                    ReadAhead ahead = ReadAhead::no);

}  // namespace mm::journal
