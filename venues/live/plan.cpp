#include "venues/live/plan.hpp"

#include "engine/result.hpp"
#include "venues/binance/live_plan.hpp"
#include "venues/hyperliquid/live_plan.hpp"

namespace mm::venues {

FeedPlan plan_feed(const Instrument& instrument, const Network& network,
                   const LiveSettings& settings) {
  if (instrument.venue.starts_with("binance-")) {
    return binance::plan_feed(instrument, network, settings);
  }
  if (instrument.venue == "hyperliquid") {
    return hyperliquid::plan_feed(instrument, network, settings);
  }
  throw Error(ErrorKind::usage, "unknown venue \"" + instrument.venue + "\"");
}

}  // namespace mm::venues
