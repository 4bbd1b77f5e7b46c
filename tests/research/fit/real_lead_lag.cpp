#include "tests/research/fit/real_lead_lag.hpp"

#include <algorithm>
#include <cmath>

#include "tests/engine/features/recorded_market.hpp"

namespace mm::research::testing {
namespace {

constexpr std::int64_t millisecond = 1'000;  // microseconds

enum class Clock { receive, venue };

struct Mids {
  std::string name;
  TimedSeries series;
};

/// Log mids in microseconds at the changes of the touch.
Mids mids_of(const std::string& name, const test::RecordedMarket& recorded, Clock clock) {
  Mids mids{.name = name + (clock == Clock::venue ? ", venue's time" : "")};
  Market market;
  std::int64_t last = 0;
  for (const Event& event : recorded.events) {
    market.apply(event);
    const Touch& touch = market.quoted().touch();
    if (!market.touch_moved() || !touch.two_sided()) continue;
    const Time time = clock == Clock::receive ? event.header.recv_time : event.header.exchange_time;
    // The venue's times go back between its streams: what is known earlier stays known.
    last = std::max(last, to_ns(time) / 1000);
    const double mid = static_cast<double>(touch.bid.price.units() + touch.ask.price.units()) / 2;
    mids.series.times.push_back(last);
    mids.series.values.push_back(std::log(mid));
  }
  mids.series = changes_only(mids.series);
  return mids;
}

void keep_between(TimedSeries& series, std::int64_t from, std::int64_t to) {
  TimedSeries kept;
  for (std::size_t i = 0; i < series.times.size(); ++i) {
    if (series.times[i] < from || series.times[i] > to) continue;
    kept.times.push_back(series.times[i]);
    kept.values.push_back(series.values[i]);
  }
  series = std::move(kept);
}

void compare(std::vector<Mids> markets, std::vector<LeadLagRow>& rows) {
  std::int64_t from = INT64_MIN;
  std::int64_t to = INT64_MAX;
  for (const Mids& each : markets) {
    from = std::max(from, each.series.times.front());
    to = std::min(to, each.series.times.back());
  }
  for (Mids& each : markets) keep_between(each.series, from, to);
  for (std::size_t a = 0; a < markets.size(); ++a)
    for (std::size_t b = a + 1; b < markets.size(); ++b)
      rows.push_back({.leader = markets[a].name,
                      .follower = markets[b].name,
                      .leader_moves = markets[a].series.times.size(),
                      .follower_moves = markets[b].series.times.size(),
                      .estimate = estimate_lead_lag(markets[a].series, markets[b].series,
                                                    -500 * millisecond, 2500 * millisecond,
                                                    10 * millisecond, 5'000 * millisecond)});
}

}  // namespace

std::vector<LeadLagRow> real_lead_lag(std::vector<std::string>& missing) {
  const std::vector<std::pair<std::string, std::string>> wanted = {
      {"binance-usdm", "BTCUSDT"}, {"binance-spot", "BTCUSDT"}, {"binance-coinm", "BTCUSD_PERP"}};
  std::vector<Mids> by_receive;
  std::vector<Mids> by_venue;
  for (const auto& [venue, symbol] : wanted) {
    for (const test::Capture& capture : test::data_captures()) {
      if (capture.venue != venue || capture.symbol != symbol) continue;
      if (!test::present(capture)) {
        missing.push_back(capture.files[0]);
        continue;
      }
      const test::RecordedMarket recorded{capture};
      by_receive.push_back(mids_of(venue, recorded, Clock::receive));
      if (venue != "binance-spot") by_venue.push_back(mids_of(venue, recorded, Clock::venue));
    }
  }
  std::vector<LeadLagRow> rows;
  if (!missing.empty()) return rows;
  compare(std::move(by_receive), rows);
  compare(std::move(by_venue), rows);
  return rows;
}

}  // namespace mm::research::testing
