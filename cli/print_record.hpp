#pragma once

// A record as a line of text or a JSON object, with prices and quantities in the instrument's own
// decimals.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/record.hpp"

namespace mm::cli {

using Json = nlohmann::ordered_json;

/// Instruments of a session, by InstrumentId.
using Instruments = std::vector<Instrument>;

/// Every field of the record under its own name; times as RFC 3339, money, prices and quantities
/// as decimal strings, levels as [price, quantity].
Json record_to_json(const Record& record, const Instruments& instruments);

/// One line: seq, time, kind, instrument and the fields; long level lists are shortened to their
/// first three and a count.
std::string record_to_text(const Record& record, const Instruments& instruments);

/// "binance-usdm:BTCUSDT", or "#3" for an id the session did not define.
std::string instrument_name(InstrumentId id, const Instruments& instruments);

}  // namespace mm::cli
