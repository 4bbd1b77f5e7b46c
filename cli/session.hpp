#pragma once

// Opening the journal a command was pointed at, and what every command needs to know of a session.

#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/print_record.hpp"
#include "cli/time_spec.hpp"
#include "journal/reader.hpp"

namespace mm::cli {

/// Opens globals.journal; throws Error(data) naming the directory if there is none.
journal::Journal open_journal(const Globals& globals);

/// The sessions --session asks for, in order: the latest, one by number or id, or all. Empty only
/// if the journal has none. Throws Error(usage) listing the sessions if the name fits none.
std::vector<const journal::SessionInfo*> chosen_sessions(const journal::Journal& journal,
                                                         const Globals& globals);

/// As chosen_sessions for commands that work on one; throws Error(usage) for "all" on several.
/// Null if the journal holds no session.
const journal::SessionInfo* chosen_session(const journal::Journal& journal, const Globals& globals);

/// Whether a walk over a whole journal takes a second thread: --threads 1 or 2; 0, not given, if
/// there is a core for it.
journal::ReadAhead read_ahead(std::uint64_t threads);

/// What the first records of a session say.
struct SessionHead {
  std::string strategy;
  std::string parameters;  ///< "name=value" lines
  std::string execution;
  std::string settings;  ///< "name=value" lines
  Instruments instruments;
  struct Set {
    std::string model;
    std::string hash;
  };
  std::vector<Set> parameter_sets;  ///< of models, told at the start
};

/// Reads the records up to the first that is neither the session's start, a definition nor a
/// parameter of a model.
SessionHead read_head(const journal::Journal& journal, const journal::SessionInfo& session);

SessionSpan span_of(const journal::SessionInfo& session);

/// What a window has of one session: [from, to), within it.
struct SessionPart {
  const journal::SessionInfo* session = nullptr;
  Time from;
  Time to;
};

struct SessionParts {
  std::vector<SessionPart> parts;     ///< by time; at least one; none overlaps another
  std::vector<std::string> left_out;  ///< whole sentences, on sessions of the window
};

/// The sessions a window touches, for commands that add up what several sessions tell. Without
/// --session and a window that is the latest session; with a window every session it touches, where
/// times that need a session to be meant in (-5m, start, 14:30) mean the latest; --session all:
/// every session, with times meant from the first's start to the last's end. Of sessions that
/// overlap in time the later one counts and `left_out` says so. Throws Error(usage) as
/// parse_window, and Error(data) if the journal holds no events.
SessionParts sessions_in(const journal::Journal& journal, const Globals& globals,
                         const WindowOptions& options);

/// The window of two optional flags as a window on recv_time.
journal::TimeWindow time_window(const WindowOptions& options, const journal::SessionInfo& session);

}  // namespace mm::cli
