#pragma once

// The rules by which a live feed decides, without sockets, clocks or randomness of the machine:
// when to try again, when silence is too long, when to ask for a snapshot.
//
// `now` is any clock that does not decrease, as a duration from some origin.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/event.hpp"
#include "engine/types.hpp"

namespace mm::venues {

/// How long to wait before the next try: doubling from `first` to `most`, each wait drawn between
/// half of it and the whole, so that many clients do not come back at once.
class Backoff {
 public:
  Backoff(Duration first, Duration most, std::uint64_t seed)
      : first_(first), most_(most), next_(first), random_(seed) {}

  Duration next();
  /// All went well for a while.
  void reset() { next_ = first_; }

 private:
  Duration first_;
  Duration most_;
  Duration next_;
  std::uint64_t random_;
};

/// A kind of event that a connection must bring now and then.
struct Watch {
  RecordKind kind = RecordKind::unspecified;
  Duration most{};         ///< longest silence
  bool from_open = false;  ///< from the opening; else from the first of its kind on
};

/// Tells when a connection that seems to stand is silent for too long.
class Silence {
 public:
  /// `most`: longest time without any frame of substance.
  Silence(Duration most, std::vector<Watch> watches)
      : most_(most), watches_(std::move(watches)), heard_(watches_.size()) {}

  void opened(Duration now);
  /// A frame came; pongs are no frames.
  void frame(Duration now) { any_ = now; }
  /// An event of this kind came out of a frame.
  void event(RecordKind kind, Duration now);
  /// In words what is missing, and for how long; empty while all is well.
  std::optional<std::string> too_long(Duration now) const;

 private:
  Duration most_;
  std::vector<Watch> watches_;
  std::vector<std::optional<Duration>> heard_;
  Duration any_{};
};

/// When to ask for a depth snapshot. One is under way at most; one that did not help is followed by
/// the next after a growing pause, because each costs much of the venue's allowance.
class SnapshotAsker {
 public:
  SnapshotAsker(Duration first_pause, Duration most_pause)
      : first_(first_pause), most_(most_pause), pause_(first_pause) {}

  /// Whether to ask now. `needed`: the book waits for one. `flowing`: updates come in, so that the
  /// snapshot will fall among them.
  bool ask(bool needed, bool flowing, Duration now);
  /// The answer came and was given to the decoder, or there is none.
  void answered(Duration now);

 private:
  Duration first_;
  Duration most_;
  Duration pause_;
  bool under_way_ = false;
  Duration not_before_{};
};

/// Says once that something began and once that it is over, if it lasted: `least` long.
class Episode {
 public:
  enum class Told { nothing, begins, ends };
  explicit Episode(Duration least) : least_(least) {}

  Told see(bool present, Duration now);

 private:
  Duration least_;
  std::optional<Duration> since_;
  bool told_ = false;
};

}  // namespace mm::venues
