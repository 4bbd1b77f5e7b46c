#include "research/why/structure.hpp"

#include <algorithm>

namespace mm::research::why {

namespace {

/// How far a side is displayed from the mid, in tenths of a bp; at most the usual window.
std::int64_t displayed_tenth_bps(const InstrumentState& instrument, Side side) {
  const std::int64_t usual = WindowSettings{}.window_tenth_bps;
  const std::int64_t m2 =
      instrument.touch().bid.price.units() + instrument.touch().ask.price.units();
  std::int64_t farthest = 0;
  instrument.for_each_level(side, [&](const Level& level) {
    const std::int64_t distance = 2 * level.price.units() - m2;
    farthest = (distance < 0 ? -distance : distance) * 100'000 / m2;
    return farthest < usual;
  });
  return std::min(farthest, usual);
}

MicrostructureSettings settings_for(const InstrumentState& instrument) {
  MicrostructureSettings settings;
  WindowSettings& window = settings.window;
  const std::int64_t shown = std::min(displayed_tenth_bps(instrument, Side::buy),
                                      displayed_tenth_bps(instrument, Side::sell));
  if (shown >= window.window_tenth_bps) return settings;
  // A few ticks less, for the days on which it shows less.
  window.window_tenth_bps = std::max<std::int64_t>(shown * 3 / 4, 10);
  window.bucket_tenth_bps = std::max<std::int64_t>(window.window_tenth_bps / 10, 1);
  for (std::int64_t& depth : window.depth_tenth_bps)
    depth = std::min(depth, window.window_tenth_bps);
  return settings;
}

}  // namespace

void Structure::on_event(const Event& event, const Engine& engine) {
  const Time now = event.header.recv_time;
  if (event.header.instrument.value == 0 && engine.market().quoted().defined()) {
    const InstrumentState& instrument = engine.market().quoted();
    if (!micro_ && instrument.quotable()) {
      since_ = now;
      micro_.emplace(settings_for(instrument));
    }
    if (micro_) micro_->on_event(event, instrument);
  }
  if (now >= next_) read(event.header.seq, now, engine);
}

void Structure::read(Seq seq, Time now, const Engine& engine) {
  if (!micro_) return;
  const std::int64_t step = interval_.count();
  next_ = time_from_ns((to_ns(now) / step + 1) * step);
  if (own_in_book_) {
    own_.clear();
    for (const Order& order : engine.trader().orders().all())
      if (order.state != OrderState::pending_new)
        own_.push_back({.side = order.side, .price = order.price, .qty = order.remaining});
    micro_->set_own(own_);
  }
  list_.clear();
  micro_->decide(now, engine.market().quoted(), list_);
  for (const Change& change : list_.all()) changes_.push_back({seq, now, change});
  if (changes_.size() > most_changes)
    changes_.erase(changes_.begin(),
                   changes_.begin() + static_cast<std::ptrdiff_t>(most_changes / 2));
}

std::optional<WallContext> Structure::walls_around(Side side, Price quote,
                                                   const Engine& engine) const {
  if (!micro_) return std::nullopt;
  return micro_->wall_context(side, quote, engine.market().quoted());
}

}  // namespace mm::research::why
