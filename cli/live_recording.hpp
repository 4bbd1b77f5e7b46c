#pragma once

// A recording from sockets: the venues are asked for definitions and the time, the disk is looked
// at, and only then is the journal touched.

#include "cli/recording.hpp"

namespace mm::cli {

/// Throws Error(usage) for what the venues do not have, Error(venue) if they cannot be asked. The
/// first SIGINT or SIGTERM ends the session cleanly, the second one kills the process.
Recording run_live(const Globals& globals, const RecordOptions& options, SessionSetup setup);

}  // namespace mm::cli
