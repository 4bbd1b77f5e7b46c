#pragma once

// One line of words for a record that is worth telling.

#include <string>

#include "engine/instrument.hpp"
#include "engine/output.hpp"

namespace mm::research::why {

/// Empty for what happens all the time: market data, acknowledgements, timers. `instrument` is that
/// of the record.
std::string words_of(const Event& event, const Instrument& instrument);
/// Alerts and what the models told of the market; empty for decisions. Prices and quantities are
/// those of the quoted instrument.
std::string words_of(const Output& output, const Instrument& instrument);

}  // namespace mm::research::why
