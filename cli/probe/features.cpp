#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/probe/family.hpp"
#include "engine/features/book_features.hpp"
#include "engine/features/flicker.hpp"
#include "engine/features/flush.hpp"
#include "engine/features/level_flow.hpp"
#include "engine/features/queue_position.hpp"
#include "engine/features/spoof.hpp"
#include "engine/features/velocity.hpp"
#include "engine/features/wall_detect.hpp"

namespace mm::probe {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw BadInput{why};
}

/// `value` in steps of 1/scale; refuses what is no whole number of them.
std::int64_t scaled(double value, double scale, const char* what) {
  const double steps = value * scale;
  const double whole = std::round(steps);
  if (!(std::fabs(whole) < 9e15) || std::fabs(steps - whole) > 1e-6)
    refuse(fmt::format("{} {} is finer than 1/{}", what, value, scale));
  return static_cast<std::int64_t>(whole);
}

std::int64_t tenths(const Json& value, const char* what) {
  return scaled(value.get<double>(), 10, what);
}

Duration duration_of(double seconds) {
  return Duration{static_cast<std::int64_t>(std::llround(seconds * 1e9))};
}

// ---------------------------------------------------------------- book

constexpr double lots_per_one = 1e6;

std::vector<Level> levels_of(const Json& side) {
  std::vector<Level> levels;
  for (const Json& level : side) {
    const std::int64_t lots = scaled(level.at(1).get<double>(), lots_per_one, "a quantity");
    if (lots <= 0) refuse("quantities must be above 0");
    levels.push_back({Price::from_units(level.at(0).get<std::int64_t>()), Qty::from_lots(lots)});
  }
  return levels;
}

Json book_features(const Json& input) {
  const std::vector<Level> bids = levels_of(input.at("bids"));
  const std::vector<Level> asks = levels_of(input.at("asks"));
  if (bids.empty() || asks.empty()) refuse("both sides need a level");
  WindowSettings settings;
  settings.window_tenth_bps = tenths(input.at("window_bps"), "window_bps");
  settings.bucket_tenth_bps = tenths(input.at("bucket_bps"), "bucket_bps");
  const Json& depths = input.at("depth_bps");
  if (depths.size() != settings.depth_tenth_bps.size()) refuse("depth_bps holds three depths");
  for (std::size_t k = 0; k < depths.size(); ++k)
    settings.depth_tenth_bps[k] = tenths(depths[k], "depth_bps");
  if (!settings.valid())
    refuse("the window must be 0.1 to 1000 bps, of at most 64 buckets a side, depths above 0");

  L2Book book;
  book.apply(BookSnapshot{.bids = bids, .asks = asks});
  const Touch touch{book.best_bid(), book.best_ask()};
  if (!touch.two_sided() || touch.bid.price.units() <= 0) refuse("the book is crossed");
  const std::int64_t m2 = touch.bid.price.units() + touch.ask.price.units();
  const WindowEdges edges{settings};
  SideWindow bid_window{Side::buy};
  SideWindow ask_window{Side::sell};
  const std::int64_t theta = scaled(input.at("theta").get<double>(), lots_per_one, "theta");
  for (SideWindow* window : {&bid_window, &ask_window}) {
    if (!window->rebuild(edges, 1, m2, book)) refuse("the window is wider than 2^19 price units");
    window->set_threshold(theta);
  }
  const double d0 = input.at("pressure_d0_bps").get<double>();
  WindowSums sums;
  if (!window_sums(edges, m2, bid_window, ask_window, sums)) refuse("quantities are too large");
  const WindowFeatures window = BookFeatureReader{settings, d0}.read(sums, theta);
  const TouchFeatures near = touch_features(touch);
  Json depth = Json::object();
  for (std::size_t k = 0; k < depths.size(); ++k)
    depth[fmt::format("{}", depths[k].get<double>())] = {
        {"bid", static_cast<double>(window.bid_depth[k]) / lots_per_one},
        {"ask", static_cast<double>(window.ask_depth[k]) / lots_per_one}};
  return {{"mid", nullable(near.mid)},
          {"spread_bps", nullable(near.spread_bps)},
          {"weighted_mid", nullable(near.weighted_mid)},
          {"microprice_imbalance", nullable(near.microprice_imbalance)},
          {"liquidity_asymmetry", nullable(window.liquidity_asymmetry)},
          {"band_density", nullable(window.band_density)},
          {"band_density_levels", nullable(window.band_density_levels)},
          {"liquidity_entropy", nullable(window.liquidity_entropy)},
          {"centroid", nullable(window.centroid)},
          {"centroid_rel_bps", nullable(window.centroid_rel_bps)},
          {"book_pressure", nullable(exact_book_pressure(bids, asks, m2, edges, d0))},
          {"book_pressure_bucketed", nullable(window.book_pressure)},
          {"depth", depth}};
}

/// "0.5*i" and "a+b*t_i": the one recipe the cases use.
Json velocity(const Json& input) {
  const VelocitySettings settings{.tau_fast = duration_of(input.at("tau_fast").get<double>()),
                                  .tau_slow = duration_of(input.at("tau_slow").get<double>())};
  if (settings.tau_fast <= Duration{} || settings.tau_slow <= settings.tau_fast)
    refuse("tau_fast must be above 0, tau_slow above tau_fast");
  std::vector<double> times;
  std::vector<double> values;
  if (input.contains("recipe")) {
    double step = 0;
    double start = 0;
    double slope = 0;
    int last = 0;
    const auto recipe = input.at("recipe").get<std::string>();
    if (std::sscanf(recipe.c_str(), "t_i=%lf*i, x_i=%lf+%lf*t_i, i=0..%d", &step, &start, &slope,
                    &last) != 4 ||
        last < 0 || last > 1'000'000)
      refuse("a recipe reads 't_i=A*i, x_i=B+C*t_i, i=0..N'");
    for (int i = 0; i <= last; ++i) {
      times.push_back(step * i);
      values.push_back(start + slope * times.back());
    }
  } else {
    times = numbers(input.at("t"));
    values = numbers(input.at("x"));
  }
  if (times.size() != values.size()) refuse("an x for each t");
  Velocity velocity;
  Json all = Json::array();
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (i > 0 && times[i] < times[i - 1]) refuse("times must not decrease");
    velocity.update(settings, time_of_seconds(times[i]), values[i]);
    all.push_back(nullable(velocity.per_second(settings)));
  }
  if (!input.contains("read_index")) return {{"velocity", all}};
  return {{"velocity", all.at(input.at("read_index").get<std::size_t>())}};
}

Json flicker(const Json& input) {
  const Duration tau = duration_of(input.at("tau").get<double>());
  if (tau <= Duration{}) refuse("tau must be above 0");
  const auto on = input.at("theta_on").get<double>();
  const auto off = input.at("theta_off").get<double>();
  if (!(off <= on)) refuse("theta_off must be at most theta_on");
  Flicker flicker;
  flicker.start(time_of_seconds(input.at("t_start").get<double>()));
  Json events = Json::array();
  std::optional<Time> last;
  for (const Json& sample : input.at("samples")) {
    const Time now = time_of_seconds(sample.at(0).get<double>());
    if (last && now < *last) refuse("times must not decrease");
    last = now;
    if (flicker.sample(now, sample.at(1).get<double>(), on, off, tau)) events.push_back(sample[0]);
  }
  const Time end = time_of_seconds(input.at("t").get<double>());
  if (last && end < *last) refuse("t must not be before the last sample");
  return {{"events", events}, {"rate_hz", nullable(flicker.rate_hz(end, tau))}};
}

// ---------------------------------------------------------------- walls

Json wall_detect(const Json& input) {
  const auto sizes = input.at("sizes").get<std::vector<double>>();
  if (sizes.size() > UsualSizeFinder::capacity) refuse("at most 128 sizes");
  const WallThresholds thresholds{.ratio_min = input.at("ratio_min").get<double>(),
                                  .z_min = input.at("z_min").get<double>(),
                                  .scale_floor = input.at("scale_floor").get<double>(),
                                  .dust = input.at("dust").get<double>()};
  UsualSizeFinder finder;
  for (const double size : sizes) {
    if (!(size > 0)) refuse("sizes must be above 0");
    finder.add(size);
  }
  if (!finder.median(thresholds))
    return {{"median", nullptr}, {"scale", nullptr}, {"z", nullptr}, {"wall", nullptr}};
  const UsualSize usual = finder.usual(thresholds);
  Json output = {{"median", usual.median},
                 {"scale", usual.scale},
                 {"z", Json::array()},
                 {"wall", Json::array()}};
  for (const double size : sizes) {
    output["z"].push_back(usual.z(size));
    output["wall"].push_back(is_large(usual, thresholds, size));
  }
  return output;
}

Json wall_position(const Json& input) {
  constexpr double units = 1e4;
  const auto side_name = input.at("side").get<std::string>();
  if (side_name != "buy" && side_name != "sell") refuse("side must be buy or sell");
  const auto price = [&](const Json& value) {
    return Price::from_units(scaled(value.get<double>(), units, "a price"));
  };
  std::vector<Level> walls;
  for (const Json& wall : input.at("walls")) walls.push_back({price(wall), Qty::from_lots(1)});
  const std::int64_t m2 = scaled(input.at("mid").get<double>(), 2 * units, "mid");
  if (m2 <= 0) refuse("mid must be above 0");
  const WallPositionSettings settings{.near_tenth_bps = tenths(input.at("near_bps"), "near_bps"),
                                      .at_tenth_bps = tenths(input.at("at_tol_bps"), "at_tol_bps")};
  const WallContext context =
      wall_context(settings, side_name == "buy" ? Side::buy : Side::sell, price(input.at("quote")),
                   walls, m2, price(input.at("tick")));
  constexpr const char* names[] = {"None", "Inside", "At", "Outside"};
  return {{"position", names[static_cast<std::size_t>(context.position())]},
          {"front", context.front},
          {"at", context.at},
          {"behind", context.behind},
          {"nearest_wall_distance_bps", nullable(context.nearest_distance_bps)}};
}

Json wall_attribution(const Json& input) {
  double added = 0;
  double cancelled = 0;
  double filled = 0;
  for (const Json& step : input.at("steps")) {
    const double traded = step.at(2).get<double>();
    const LevelChange<double> change =
        level_change(step.at(0).get<double>(), step.at(1).get<double>(), traded);
    added += change.added;
    cancelled += change.cancelled;
    filled += traded;
  }
  constexpr const char* names[] = {"mixed", "pulled", "filled"};
  const std::optional<double> fraction = pulled_fraction(cancelled, filled);
  return {{"filled", filled},
          {"cancelled_lb", cancelled},
          {"added_lb", added},
          {"pulled_fraction", nullable(fraction)},
          {"label", fraction ? Json(names[static_cast<std::size_t>(outcome_of(*fraction))])
                             : Json(nullptr)}};
}

// ---------------------------------------------------------------- flushes and regimes

Json flush(const Json& input) {
  const auto base = input.at("base").get<std::vector<double>>();
  const auto cur = input.at("cur").get<std::vector<double>>();
  if (base.size() != cur.size()) refuse("base and cur differ in length");
  const FlushThresholds thresholds{.score_on = input.at("score_on").get<double>(),
                                   .breadth_on = input.at("breadth_on").get<double>()};
  const auto score = flush_score(base, cur, input.at("traded").get<double>());
  if (!score) return {{"score", nullptr}, {"breadth", nullptr}, {"trigger", nullptr}};
  return {{"score", score->score},
          {"breadth", score->breadth},
          {"trigger", thresholds.triggered_by(*score)}};
}

Json liquidity_regime(const Json& input) {
  const Json& given = input.at("thresholds");
  const auto number = [&](const char* name) { return given.at(name).get<double>(); };
  const LiquidityThresholds thresholds{.flush_on = number("f_on"),
                                       .breadth_on = number("b_on"),
                                       .flush_off = number("f_off"),
                                       .flush_off_hold = duration_of(number("f_off_hold")),
                                       .velocity_on = number("v_on"),
                                       .velocity_off = number("v_off"),
                                       .velocity_on_hold = duration_of(number("v_on_hold")),
                                       .density_on = number("d_on"),
                                       .density_off = number("d_off")};
  LiquidityRegime regime;
  std::optional<Time> last;
  const Json states = answer_rows(input, [&](const Row& row) {
    const auto value = [&](const char* name) -> std::optional<double> {
      return row[name].is_null() ? std::nullopt : std::optional{row.number(name)};
    };
    LiquidityInputs inputs{.density = value("density"), .z_velocity = value("z_velocity")};
    if (const auto score = value("flush_score"))
      inputs.flush = FlushScore{*score, value("flush_breadth").value_or(0)};
    const Time now = time_of_seconds(row.number("t"));
    if (last && now < *last) refuse("rows must be in order of time");
    last = now;
    regime.update(thresholds, now, inputs);
    constexpr const char* names[] = {"thick", "thin", "migrating", "collapsing"};
    return regime.state() ? Json(names[static_cast<std::size_t>(*regime.state())]) : Json(nullptr);
  });
  return {{"regime", states}};
}

Json spoof(const Json& input) {
  const SpoofInputs inputs{.flicker_hz = input.at("flicker_hz").get<double>(),
                           .pulls = input.at("pulls").get<double>(),
                           .fills = input.at("fills").get<double>(),
                           .is_round = input.at("is_round").get<bool>(),
                           .opposite_flow = input.at("opp_flow").get<double>(),
                           .size_ratio = input.at("size_ratio").get<double>(),
                           .age_s = input.at("age_s").get<double>()};
  if (!(inputs.size_ratio > 0 && inputs.age_s >= 0 && inputs.pulls >= 0 && inputs.fills >= 0))
    refuse("size_ratio must be above 0, age_s, pulls and fills at least 0");
  const SpoofScore score = spoof_score({}, inputs);
  return {{"logit", score.logit}, {"score", score.score}, {"p_pull", score.p_pull}};
}

// ---------------------------------------------------------------- queue

Json queue_run(const Json& input) {
  const auto power = input.at("n").get<double>();
  if (!(power > 0)) refuse("n must be above 0");
  QueuePosition queue{input.at("our_size").get<double>(), input.at("ahead").get<double>()};
  queue.add(input.at("behind").get<double>());
  Json output = {{"columns", {"ahead", "ahead_lo", "ahead_hi", "behind", "filled"}},
                 {"rows", Json::array()}};
  for (const Json& operation : input.at("ops")) {
    const auto name = operation.at(0).get<std::string>();
    const auto lots = operation.at(1).get<double>();
    if (!(lots >= 0)) refuse("quantities must be at least 0");
    if (name == "add")
      queue.add(lots);
    else if (name == "cancel")
      queue.cancel(lots, power);
    else if (name == "trade")
      queue.trade(lots);
    else
      refuse("an operation is add, cancel or trade");
    output["rows"].push_back({nullable(queue.ahead()), nullable(queue.ahead_lo()),
                              nullable(queue.ahead_hi()), nullable(queue.behind()),
                              queue.filled()});
  }
  return output;
}

Json context_of_fills(const Json& input) {
  constexpr const char* names[] = {"neutral", "shielded", "last_remaining"};
  const Json contexts = answer_rows(input, [&](const Row& row) -> Json {
    const auto number = [&](const char* name) { return row.number(name); };
    const FillContext context = fill_context({.others_1s_ago = number("others_1s_ago"),
                                              .others_before = number("others_before"),
                                              .others_after = number("others_after"),
                                              .pulled_1s = number("pulled_1s"),
                                              .our_fill = number("our_fill")});
    return names[static_cast<std::size_t>(context)];
  });
  return {{"context", contexts}};
}

constexpr Function functions[] = {
    {"book.features", book_features},
    {"book.velocity", velocity},
    {"book.flicker", flicker},
    {"wall.detect", wall_detect},
    {"wall.position", wall_position},
    {"wall.attribution", wall_attribution},
    {"flush.score", flush},
    {"liqregime.run", liquidity_regime},
    {"spoof.score", spoof},
    {"queue.run", queue_run},
    {"queue.fill_context", context_of_fills},
};

}  // namespace

std::span<const Function> feature_functions() {
  return functions;
}

}  // namespace mm::probe
