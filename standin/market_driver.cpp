#include "standin/market_driver.hpp"

#include <algorithm>

#include "engine/numeric.hpp"
#include "sim/synthetic/flow.hpp"
#include "standin/binance/venue.hpp"
#include "standin/convert.hpp"
#include "standin/hyperliquid/venue.hpp"
#include "venues/capture/capture_feed.hpp"

namespace mm::standin {
namespace {

/// An instrument of one of the venues.
struct Place {
  hyperliquid::Venue* hyperliquid = nullptr;
  binance::Venue* binance = nullptr;
  std::size_t at = 0;
};

Place add_instrument(const Venues& venues, const Instrument& of) {
  Place place;
  if (of.venue == "hyperliquid") {
    place.hyperliquid = venues.hyperliquid;
    place.at = venues.hyperliquid->add_coin(of);
  } else {
    place.binance = of.venue == "binance-usdm" ? venues.usdm : venues.spot;
    place.at = place.binance->add_symbol(of);
  }
  return place;
}

bool serves(const Venues& venues, std::string_view venue) {
  return (venue == "hyperliquid" && venues.hyperliquid != nullptr) ||
         (venue == "binance-usdm" && venues.usdm != nullptr) ||
         (venue == "binance-spot" && venues.spot != nullptr);
}

std::vector<std::string_view> served(const Venues& venues) {
  std::vector<std::string_view> names;
  for (const std::string_view venue : {"hyperliquid", "binance-usdm", "binance-spot"}) {
    if (serves(venues, venue)) names.push_back(venue);
  }
  return names;
}

/// The symbol of a coin at a venue, as the instruments table spells it.
const Instrument* instrument_of_coin(const venues::Instruments& table, std::string_view venue,
                                     std::string_view coin) {
  for (const Instrument& of : table.all()) {
    if (of.venue == venue && coin_of(of) == coin) return &of;
  }
  return nullptr;
}

class CaptureDriver final : public MarketDriver {
 public:
  struct Route {
    InstrumentId source;
    Place place;
    std::unique_ptr<Converter> converter;
  };

  CaptureDriver(std::unique_ptr<venues::MarketSource> source, std::vector<Route> routes)
      : source_(std::move(source)), routes_(std::move(routes)) {
    event_ = source_->next();
    if (event_ == nullptr) throw Error(ErrorKind::data, "--market: the captures hold no events");
    begin_ = event_->header.recv_time;
  }

  Time begin() const override { return begin_; }
  Time next() const override { return event_ == nullptr ? Time::max() : event_->header.recv_time; }

  void step(Time wall) override {
    const Time now = next();
    const InstrumentId frame_of = event_->header.instrument;
    // A frame's events share time and instrument.
    while (event_ != nullptr && event_->header.recv_time == now &&
           event_->header.instrument == frame_of) {
      for (Route& route : routes_) {
        if (route.source == event_->header.instrument) apply(route, *event_, wall);
      }
      event_ = source_->next();
    }
    for (Route& route : routes_) {
      if (route.source == frame_of && route.place.hyperliquid != nullptr) {
        route.place.hyperliquid->end_of_frame(wall);
      }
    }
  }

 private:
  void apply(Route& route, const Event& event, Time wall) {
    const Event* of = &event;
    std::optional<Event> converted;
    if (route.converter) {
      converted = route.converter->convert(event);
      if (!converted) return;
      of = &*converted;
    }
    if (route.place.hyperliquid != nullptr) {
      route.place.hyperliquid->on_recorded(route.place.at, *of, wall);
      return;
    }
    binance::Venue& venue = *route.place.binance;
    binance::Symbol& symbol = venue.symbol(route.place.at);
    const bool was_open = symbol.open();
    if (!route.converter) {
      symbol.on_recorded(*of, wall);
    } else if (const auto* snapshot = std::get_if<BookSnapshot>(&of->body)) {
      symbol.on_whole_book(snapshot->bids, snapshot->asks, wall);
    } else if (const auto* delta = std::get_if<BookDelta>(&of->body)) {
      symbol.on_changes(delta->bids, delta->asks, wall);
    } else if (const auto* trade = std::get_if<Trade>(&of->body)) {
      symbol.on_trade(trade->price, trade->qty, trade->aggressor, wall);
    } else if (std::holds_alternative<AssetContext>(of->body)) {
      symbol.on_recorded(*of, wall);
    }
    if (!was_open && symbol.open()) venue.on_symbol_open(route.place.at, wall);
  }

  std::unique_ptr<venues::MarketSource> source_;
  std::vector<Route> routes_;
  const Event* event_ = nullptr;
  Time begin_;
};

class SyntheticDriver final : public MarketDriver {
 public:
  struct Market {
    Place place;
    sim::SyntheticFlow flow;
    std::unique_ptr<sim::MatchingBook> own_book;  // of a Binance symbol
  };

  SyntheticDriver(std::vector<Market> markets, Time begin)
      : markets_(std::move(markets)), begin_(begin) {}

  Time begin() const override { return begin_; }
  Time next() const override {
    Time soonest = Time::max();
    for (const Market& market : markets_) soonest = std::min(soonest, market.flow.next());
    return soonest;
  }

  void step(Time wall) override {
    const Time now = next();
    for (Market& market : markets_) {
      if (market.flow.next() != now) continue;
      reports_.clear();
      if (market.place.hyperliquid != nullptr) {
        hyperliquid::Venue& venue = *market.place.hyperliquid;
        market.flow.step(venue.coin(market.place.at).book(), reports_);
        venue.on_flow(market.place.at, reports_, wall);
        continue;
      }
      market.flow.step(*market.own_book, reports_);
      tell_binance(market, wall);
    }
  }

 private:
  void tell_binance(Market& market, Time wall) {
    binance::Venue& venue = *market.place.binance;
    binance::Symbol& symbol = venue.symbol(market.place.at);
    for (const sim::MatchReport& report : reports_) {
      symbol.on_trade(report.price, report.qty, report.aggressor, wall);
    }
    const auto changes = [&](Side side, std::vector<Level>& out) {
      out.clear();
      for (const Price price : market.own_book->take_touched(side)) {
        const auto level = market.own_book->level(side, price);
        out.push_back({price, level ? level->qty : Qty{}});
      }
      if (side == Side::buy) std::reverse(out.begin(), out.end());
    };
    changes(Side::buy, bids_);
    changes(Side::sell, asks_);
    if (bids_.empty() && asks_.empty()) return;
    const bool was_open = symbol.open();
    symbol.on_changes(bids_, asks_, wall);
    if (!was_open && symbol.open()) venue.on_symbol_open(market.place.at, wall);
  }

  std::vector<Market> markets_;
  Time begin_;
  std::vector<sim::MatchReport> reports_;
  std::vector<Level> bids_, asks_;
};

double value_of(std::string_view coin) {
  if (coin == "BTC") return 60'000;
  if (coin == "ETH") return 3'000;
  return 150;
}

}  // namespace

std::string coin_of(const Instrument& instrument) {
  if (instrument.contract != ContractKind::linear) return {};
  if (instrument.venue == "hyperliquid") return instrument.symbol;
  return instrument.symbol.substr(0, instrument.symbol.size() - instrument.settlement.size());
}

std::unique_ptr<MarketDriver> replay_captures(const std::vector<venues::FeedSpec>& captures,
                                              const venues::Instruments& table, Venues venues) {
  const std::vector<Instrument> sources = venues::instruments_of(captures, table);
  std::vector<CaptureDriver::Route> routes;
  const auto id_of = [](std::size_t at) { return InstrumentId{static_cast<std::uint16_t>(at)}; };
  for (std::size_t at = 0; at < sources.size(); ++at) {
    if (serves(venues, sources[at].venue)) {
      routes.push_back({id_of(at), add_instrument(venues, sources[at]), nullptr});
    }
  }
  // A protocol without a capture of its own gets the coins of the others.
  for (const std::string_view venue : served(venues)) {
    const bool has_own = std::any_of(sources.begin(), sources.end(),
                                     [&](const Instrument& of) { return of.venue == venue; });
    if (has_own) continue;
    bool any = false;
    std::vector<std::string> done;
    for (std::size_t at = 0; at < sources.size(); ++at) {
      const std::string coin = coin_of(sources[at]);
      if (coin.empty() || std::find(done.begin(), done.end(), coin) != done.end()) continue;
      const Instrument* target = instrument_of_coin(table, venue, coin);
      if (target == nullptr) continue;
      done.push_back(coin);
      routes.push_back({id_of(at), add_instrument(venues, *target),
                        std::make_unique<Converter>(sources[at], *target)});
      any = true;
    }
    if (!any) {
      throw Error(
          ErrorKind::usage,
          "--protocol " + std::string(venue) +
              ": no capture is of it, and none is of a coin it has; name one with --market " +
              std::string(venue) + ":SYMBOL=FILE");
    }
  }
  return std::make_unique<CaptureDriver>(venues::open_captures(captures, sources),
                                         std::move(routes));
}

std::unique_ptr<MarketDriver> synthetic_market(std::uint64_t seed,
                                               const std::vector<std::string>& coins,
                                               const venues::Instruments& table, Venues venues,
                                               Time begin) {
  std::vector<SyntheticDriver::Market> markets;
  for (std::size_t coin = 0; coin < coins.size(); ++coin) {
    for (const std::string_view venue : served(venues)) {
      const Instrument* of = instrument_of_coin(table, venue, coins[coin]);
      if (of == nullptr) {
        throw Error(ErrorKind::usage,
                    "--coin " + coins[coin] + ": " + std::string(venue) + " has no such coin");
      }
      sim::SyntheticSettings settings;
      settings.seed = seed + coin * 0x9E3779B97F4A7C15;
      settings.value = value_of(coins[coin]);
      settings.lag_s = 0.5;
      const Place place = add_instrument(venues, *of);
      std::unique_ptr<sim::MatchingBook> book;
      if (place.binance != nullptr) {
        book = std::make_unique<sim::MatchingBook>();
        book->track_touched();
      }
      Instrument played = *of;
      if (venue != "hyperliquid") played.role = InstrumentRole::lead;
      markets.push_back({place, sim::SyntheticFlow(played, settings, begin), std::move(book)});
    }
  }
  return std::make_unique<SyntheticDriver>(std::move(markets), begin);
}

}  // namespace mm::standin
