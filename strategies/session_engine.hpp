#pragma once

// The core of a session, built from the session's first event: the same in record, replay and
// counterfactual.

#include "engine/engine.hpp"
#include "engine/event.hpp"
#include "engine/result.hpp"

namespace mm {

/// The settings of the core from SessionStart.settings; trading is off unless execution is "paper"
/// or "live"; a "script" brings its orders as events. Where it is "live" the book we are shown
/// contains our orders. A usage error names the setting and what it
/// must be.
Result<TraderSettings> trader_settings(const SessionStart& start);

/// A usage error names the strategy, parameter or setting that is unknown or out of range.
Result<Engine> make_engine(const SessionStart& start);

}  // namespace mm
