#include "sim/synthetic/walls.hpp"

#include <algorithm>

#include "engine/det/math.hpp"

namespace mm::sim {

std::string_view name_of(WallFate fate) {
  switch (fate) {
    case WallFate::standing:
      return "standing";
    case WallFate::filled:
      return "filled";
    case WallFate::pulled:
      return "pulled";
    case WallFate::moved:
      return "moved";
  }
  return "";
}

Walls::Walls(const FlowSettings& settings, SplitMix64 random, Time start)
    : settings_(&settings), random_(random) {
  draw_arrival(start);
}

void Walls::draw_arrival(Time from) {
  const double rate = settings_->walls_per_min / 60;
  next_arrival_ = rate > 0 ? from + duration_of(std::min(-det::log(random_.uniform()) / rate, 1e9))
                           : Time::max();
}

Time Walls::next() const {
  Time soonest = next_arrival_;
  for (const Wall& wall : standing_) soonest = std::min({soonest, wall.ends, wall.flickers});
  return soonest;
}

Time Walls::draw_end(Time now) {
  return now + duration_of(-det::log(random_.uniform()) * settings_->wall_life_s) + Duration{1};
}

Time Walls::draw_flicker(Time now) {
  if (settings_->wall_flicker_per_s <= 0) return Time::max();
  const double wait = -det::log(random_.uniform()) / settings_->wall_flicker_per_s;
  return now + duration_of(std::min(wait, 1e9)) + Duration{1};
}

Walls::Draft Walls::arrive() {
  Draft draft;
  const Time now = next_arrival_;
  draft.wall.id = ++last_id_;
  draft.wall.side = random_.uniform() < 0.5 ? Side::buy : Side::sell;
  draft.wall.fake = random_.uniform() < settings_->wall_fake;
  draft.wall.born = now;
  draft.distance_bps = settings_->wall_near_bps +
                       random_.uniform() * (settings_->wall_far_bps - settings_->wall_near_bps);
  draft.value = settings_->wall_value * det::exp(settings_->wall_sigma * random_.normal());
  draft.wall.ends = draw_end(now);
  if (draft.wall.fake) draft.wall.flickers = draw_flicker(now);
  draw_arrival(now);
  return draft;
}

std::optional<int> Walls::move() {
  if (random_.uniform() >= settings_->wall_moves) return std::nullopt;
  const int ticks = 1 + static_cast<int>(random_.below(3));
  return random_.uniform() < 0.5 ? ticks : -ticks;
}

Wall* Walls::find(std::uint64_t id) {
  const auto at = std::find_if(standing_.begin(), standing_.end(),
                               [id](const Wall& wall) { return wall.id == id; });
  return at == standing_.end() ? nullptr : &*at;
}

void Walls::erase(std::uint64_t id) {
  std::erase_if(standing_, [id](const Wall& wall) { return wall.id == id; });
}

}  // namespace mm::sim
