#include "tests/research/synthetic/wall_truth.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "engine/features/microstructure.hpp"
#include "engine/numeric.hpp"
#include "tests/sim/synthetic/rig.hpp"

namespace mm::research::testing {
namespace {

constexpr Duration near_in_time = std::chrono::seconds{2};

enum class End : std::size_t { pulled = 0, filled = 1, moved = 2, other = 3 };

/// One large order from where it was placed to where it left that place.
struct Stay {
  std::uint64_t id = 0;
  Side side = Side::buy;
  bool fake = false;
  Price price;
  Qty size;
  Time from;
  std::optional<Time> until;
  End end = End::other;
  bool found = false;
  bool ended_as_told = false;
  std::optional<double> score;  ///< at the first approach, else the latest
  bool approached = false;
};

class WallStudy {
 public:
  explicit WallStudy(const SyntheticPlan& plan)
      : plan_(plan), market_(market_without_us(plan)), fold_(settings_) {
    // Truth and what we hear are compared in time as they are: the feed takes 2 ms.
    market_.set_truth([this](const sim::Truth& of) {
      if (const auto* wall = std::get_if<sim::TruthWall>(&of)) learn(*wall);
    });
  }

  WallTruth run() {
    Market market;
    market.apply({.header = {}, .body = definition_of(instrument_)});
    Time wake_at;
    const auto hear_event = [&](const Event& event) {
      if (event.header.instrument.value != 0) return;
      market.apply(event);
      fold_.on_event(event, market.quoted());
      const Time now = event.header.recv_time;
      if (now < wake_at) return;
      wake_at = now + std::chrono::milliseconds{100};
      changes_.clear();
      fold_.decide(now, market.quoted(), changes_);
      for (const Change& change : changes_.all()) hear(change);
      read_scores();
      std::erase_if(stays_, [&](const Stay& stay) {
        const bool over = stay.until && now - *stay.until > near_in_time;
        if (over) count(stay, *stay.until);
        return over;
      });
    };
    sim::testing::run_market(market_, plan_.length, hear_event);
    const Time end = sim::testing::synthetic_start + plan_.length;
    for (const Stay& stay : stays_) count(stay, stay.until.value_or(end));
    return result_;
  }

 private:
  static MicrostructureSettings settings_of_window() {
    MicrostructureSettings settings;
    settings.window = {.window_tenth_bps = 150, .bucket_tenth_bps = 10};
    return settings;
  }

  void learn(const sim::TruthWall& wall) {
    if (wall.fate != sim::WallFate::standing) {
      for (Stay& stay : stays_) {
        if (stay.until || stay.id != wall.id) continue;
        stay.until = wall.time;
        stay.end = wall.fate == sim::WallFate::pulled   ? End::pulled
                   : wall.fate == sim::WallFate::filled ? End::filled
                                                        : End::moved;
      }
    }
    if (wall.fate != sim::WallFate::standing && wall.fate != sim::WallFate::moved) return;
    stays_.push_back({.id = wall.id,
                      .side = wall.side,
                      .fake = wall.fake,
                      .price = wall.price,
                      .size = wall.size,
                      .from = wall.time});
  }

  bool is_at(const Stay& stay, Side side, Price price) const {
    const std::int64_t apart = std::abs((stay.price - price).units());
    return stay.side == side && apart * 10'000 <= price.units();
  }

  Stay* standing_at(Side side, Price price) {
    for (Stay& stay : stays_)
      if (!stay.until && is_at(stay, side, price)) return &stay;
    return nullptr;
  }

  void hear(const Change& change) {
    if (change.kind == ChangeKind::wall_appeared) {
      ++result_.told;
      if (Stay* const stay = standing_at(change.side, change.price))
        stay->found = true;
      else
        ++result_.not_true;
      return;
    }
    std::optional<End> told;
    if (change.kind == ChangeKind::wall_pulled) told = End::pulled;
    if (change.kind == ChangeKind::wall_filled) told = End::filled;
    if (change.kind == ChangeKind::wall_moved) told = End::moved;
    if (change.kind == ChangeKind::wall_gone) told = End::other;
    if (!told) return;
    // One that has just ended is meant before one that still stands there.
    Stay* meant = nullptr;
    for (Stay& stay : stays_) {
      if (!stay.found || stay.ended_as_told || !is_at(stay, change.side, change.price)) continue;
      if (meant == nullptr || (stay.until && !meant->until)) meant = &stay;
    }
    if (meant == nullptr) return;
    meant->ended_as_told = meant->until.has_value();
    ++result_.ends[static_cast<std::size_t>(meant->end)][static_cast<std::size_t>(*told)];
  }

  void read_scores() {
    if (!fold_.features().present()) return;
    for (const Side side : {Side::buy, Side::sell}) {
      for (const Wall& wall : fold_.walls(side)) {
        if (!wall.standing() || !wall.spoof_score) continue;
        Stay* const stay = standing_at(side, wall.largest.price);
        if (stay == nullptr || stay->approached) continue;
        stay->score = *wall.spoof_score;
        stay->approached = wall.approached;
      }
    }
  }

  void count(const Stay& stay, Time until) {
    const Time from = std::max(stay.from, sim::testing::synthetic_start);
    const bool large =
        qty_for_value(instrument_, settings_.walls.min_notional, stay.price) <= stay.size;
    const bool to_be_found = large && until - from >= std::chrono::milliseconds{1500};
    result_.true_walls += to_be_found ? 1 : 0;
    result_.found += to_be_found && stay.found ? 1 : 0;
    if (!stay.score) return;
    (stay.fake ? result_.fake_scores : result_.genuine_scores).push_back(*stay.score);
  }

  SyntheticPlan plan_;
  Instrument instrument_ = sim::testing::quoted_btc();
  MicrostructureSettings settings_ = settings_of_window();
  sim::SyntheticMarket market_;
  Microstructure fold_;
  ChangeList changes_;
  std::vector<Stay> stays_;  // standing, or gone a moment ago
  WallTruth result_;
};

}  // namespace

double WallTruth::attribution_accuracy() const {
  const std::int64_t right = ends[0][0] + ends[1][1];
  const std::int64_t all = right + ends[0][1] + ends[1][0];
  return all > 0 ? static_cast<double>(right) / static_cast<double>(all) : 0;
}

double WallTruth::spoof_auc() const {
  std::vector<double> sorted = genuine_scores;
  std::sort(sorted.begin(), sorted.end());  // total order: finite doubles
  double sum = 0;
  for (const double score : fake_scores) {
    const auto [low, high] = std::equal_range(sorted.begin(), sorted.end(), score);
    sum += static_cast<double>(low - sorted.begin()) + 0.5 * static_cast<double>(high - low);
  }
  const double pairs = static_cast<double>(fake_scores.size() * sorted.size());
  return pairs > 0 ? sum / pairs : 0.5;
}

void WallTruth::add(const WallTruth& other) {
  true_walls += other.true_walls;
  found += other.found;
  told += other.told;
  not_true += other.not_true;
  for (std::size_t i = 0; i < ends.size(); ++i)
    for (std::size_t j = 0; j < ends.size(); ++j) ends[i][j] += other.ends[i][j];
  fake_scores.insert(fake_scores.end(), other.fake_scores.begin(), other.fake_scores.end());
  genuine_scores.insert(genuine_scores.end(), other.genuine_scores.begin(),
                        other.genuine_scores.end());
}

WallTruth measure_walls(const SyntheticPlan& plan) {
  return WallStudy{plan}.run();
}

}  // namespace mm::research::testing
