#include "engine/models/model_schema.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "engine/assert.hpp"
#include "engine/models/adverse.hpp"
#include "engine/models/hawkes.hpp"
#include "engine/models/lead_lag.hpp"
#include "engine/models/microprice.hpp"
#include "engine/models/regime_hmm.hpp"

namespace mm {
namespace {

constexpr std::size_t microprice_cells = microprice_imbalances * microprice_spreads;
constexpr std::size_t emissions = regimes * regime_dimensions;

constexpr std::array gamma_fields = {
    ModelField{"gamma_base", "risk aversion before the regime's factor", 1e-3, 1e7}};
constexpr std::array hawkes_fields = {
    ModelField{"alpha", "excitation of an order of mark 1, 1/s", 1e-6, 1000},
    ModelField{"beta", "how fast it fades, 1/s", 1e-4, 10'000},
    ModelField{"mu0", "baseline of a side, orders a second", 1e-9, 1000},
    ModelField{"other_side", "mark factor on the side an order does not take from", 0, 100},
    ModelField{"prior_mark", "mean mark of size and sweep", 1e-3, 100},
    ModelField{"same_side", "mark factor on the side it takes from", 0, 100},
    ModelField{"size_cap", "largest mark of a size", 1e-3, 1000},
    ModelField{"size_power", "exponent of size over median", 0, 2},
    ModelField{"sweep", "mark factor of an order that printed at two prices", 0, 100},
    ModelField{"weight_cos", "of the cosine of the funding clock, which peaks at settlement", -3,
               3},
    ModelField{"weight_funding", "of the funding rate's z-score in the log baseline", -3, 3},
    ModelField{"weight_open_interest", "of the open interest change's z-score", -3, 3},
    ModelField{"weight_sin", "of the sine of the funding clock", -3, 3}};
constexpr std::array kappa_fields = {
    ModelField{"prior", "decay of fills with depth, per fraction", 100, 20'000},
    ModelField{"prior_log_variance", "variance of its logarithm", 1e-4, 10}};
constexpr std::array lead_lag_fields = {
    ModelField{"beta", "the follower's move for one of the leader", -10, 10},
    ModelField{"lag_ms", "by which the other venue leads", -500, 2500},
    ModelField{.name = "response",
               .doc = "share of the move that has come 0, 10, ... 2500 ms later",
               .minimum = 0,
               .maximum = 1,
               .count = LeadLag::response_bins,
               .may_be_empty = true}};
constexpr std::array liquidation_fields = {
    ModelField{"bias", "of the logit", -50, 50},
    ModelField{"funding", "weight of the funding percentile", -50, 50},
    ModelField{"move", "weight of the move against the crowded side", -50, 50},
    ModelField{"open_interest", "weight of the open interest's drop", -50, 50},
    ModelField{"threshold_pct", "drop of open interest in a minute that counts 1, %", 0.01, 100}};
constexpr std::array microprice_fields = {
    ModelField{.name = "g",
               .doc = "expected move in steps, imbalance by imbalance, each for four spreads",
               .minimum = -100,
               .maximum = 100,
               .count = microprice_cells,
               .may_lack = true},
    ModelField{"unit", "0: spreads in ticks, 1: in half basis points", 0, 1}};
constexpr std::array queue_fields = {
    ModelField{"queue_power", "exponent by which cancels are shared along the queue", 0, 16}};
constexpr std::array regime_fields = {
    ModelField{"initial", "probability of each regime", 0, 1, regimes},
    ModelField{"mean", "of each regime, eight dimensions", -50, 50, emissions},
    ModelField{"outlier_density", "of each dimension", 1e-9, 1000, regime_dimensions},
    ModelField{"outlier_share", "observations that are of no regime", 0, 0.5},
    ModelField{"rate_reference", "taker orders a second that are ordinary", 1e-6, 1e6},
    ModelField{"sd", "of each regime, eight dimensions", 0.01, 100, emissions},
    ModelField{"sigma_reference", "ordinary volatility, fraction per root second", 1e-9, 1},
    ModelField{"transition", "per minute, row by row", 0, 1, regimes* regimes},
    ModelField{"weight", "of each dimension, 0 = off", 0, 1, regime_dimensions}};
constexpr std::array trades_fields = {
    ModelField{"mean", "of each feature in training", -1e9, 1e9, trade_features},
    ModelField{"sd", "of each feature in training", 1e-12, 1e9, trade_features},
    ModelField{"temperature", "divisor of the logits", 0.01, 100},
    ModelField{"weights", "class after class: bias and a weight a feature", -1000, 1000,
               trade_classes*(1 + trade_features)}};

constexpr std::array schemas = {
    ModelSchema{"gamma", "risk aversion of the quote engine", gamma_fields},
    ModelSchema{"hawkes", "arrival of taker orders", hawkes_fields},
    ModelSchema{"kappa", "what kappa is before anything was seen", kappa_fields},
    ModelSchema{"lead_lag", "how another venue's price leads", lead_lag_fields},
    ModelSchema{"liquidation", "whether positions are being liquidated", liquidation_fields},
    ModelSchema{"microprice", "where the mid is expected to settle", microprice_fields},
    ModelSchema{"queue", "our place in the queue", queue_fields},
    ModelSchema{"regime", "which regime the market is in", regime_fields},
    ModelSchema{"trades", "what a taker order turns out to be", trades_fields}};

std::string number_text(double value) {
  std::array<char, 40> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

/// "mean[3]" of a list, "beta" of a number.
std::string place_name(const ModelField& field, std::size_t index) {
  std::string name{field.name};
  return field.count == 1 ? name : name + '[' + std::to_string(index) + ']';
}

void check_field(const ModelField& field, const ModelValues& values,
                 std::vector<std::string>& problems) {
  const std::string name{field.name};
  const auto* numbers = values.find(field.name);
  if (numbers == nullptr) {
    problems.push_back(name + " is missing");
    return;
  }
  if (numbers->empty() && field.may_be_empty) return;
  if (numbers->size() != field.count) {
    problems.push_back(name + " has " + std::to_string(numbers->size()) + " numbers, not " +
                       std::to_string(field.count));
    return;
  }
  for (std::size_t i = 0; i < numbers->size(); ++i) {
    const MaybeNumber number = (*numbers)[i];
    if (!number) {
      if (!field.may_lack) problems.push_back(place_name(field, i) + " is absent");
    } else if (*number < field.minimum || *number > field.maximum) {
      problems.push_back(place_name(field, i) + " = " + number_text(*number) + " is not within " +
                         number_text(field.minimum) + " to " + number_text(field.maximum));
    }
  }
}

double at(const ModelValues& values, std::string_view name, std::size_t index) {
  return *(*values.find(name))[index];
}

void check_sum(const ModelValues& values, std::string_view name, std::size_t first,
               std::size_t count, const std::string& what, std::vector<std::string>& problems) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += at(values, name, first + i);
  if (std::fabs(sum - 1) > share_tolerance)
    problems.push_back(what + " sums to " + number_text(sum) + ", not 1");
}

void check_hawkes(const ModelValues& values, std::vector<std::string>& problems) {
  const double branching = branching_ratio(
      {.alpha = values.number("alpha"), .beta = values.number("beta")},
      {.same_side = values.number("same_side"), .other_side = values.number("other_side")},
      values.number("prior_mark"));
  if (!(branching < 1))
    problems.push_back(
        "alpha: the branching ratio (same_side + other_side) alpha prior_mark/beta "
        "is " +
        number_text(branching) + ", and the process explodes at 1");
}

void check_lead_lag(const ModelValues& values, std::vector<std::string>& problems) {
  const auto& response = *values.find("response");
  if (response.empty()) return;
  for (std::size_t i = 1; i < response.size(); ++i)
    if (*response[i] < *response[i - 1]) {
      problems.push_back("response[" + std::to_string(i) + "] is less than the one before");
      return;
    }
  if (std::fabs(*response.back() - 1) > share_tolerance)
    problems.push_back("response ends at " + number_text(*response.back()) + ", not 1");
}

void check_microprice(const ModelValues& values, std::vector<std::string>& problems) {
  const double unit = values.number("unit");
  if (unit != 0 && unit != 1) problems.push_back("unit is " + number_text(unit) + ", not 0 or 1");
  const auto& g = *values.find("g");
  for (std::size_t cell = 0; cell < g.size(); ++cell) {
    const std::size_t imbalance = cell / microprice_spreads;
    const std::size_t mirror =
        (microprice_imbalances - 1 - imbalance) * microprice_spreads + cell % microprice_spreads;
    const bool both = g[cell].has_value() == g[mirror].has_value();
    if (both && (!g[cell] || std::fabs(*g[cell] + *g[mirror]) <= share_tolerance)) continue;
    problems.push_back("g[" + std::to_string(cell) +
                       "] is not the opposite of its mirror image g[" + std::to_string(mirror) +
                       "]");
    return;
  }
}

void check_regime(const ModelValues& values, std::vector<std::string>& problems) {
  check_sum(values, "initial", 0, regimes, "initial", problems);
  for (std::size_t row = 0; row < regimes; ++row)
    check_sum(values, "transition", row * regimes, regimes,
              "row " + std::to_string(row) + " of transition", problems);
  const auto cascade = static_cast<std::size_t>(Regime::cascade) * regime_dimensions;
  for (std::size_t state = 0; state < regimes; ++state)
    if (at(values, "mean", state * regime_dimensions) > at(values, "mean", cascade)) {
      problems.push_back("mean: Cascade is not the most volatile state");
      return;
    }
}

}  // namespace

std::span<const ModelSchema> model_schemas() {
  return schemas;
}

const ModelSchema* find_model_schema(std::string_view model) {
  const auto found = std::ranges::find(schemas, model, &ModelSchema::model);
  return found == schemas.end() ? nullptr : &*found;
}

std::string model_names() {
  std::string names;
  for (const ModelSchema& schema : schemas) {
    if (!names.empty()) names += ", ";
    names += schema.model;
  }
  return names;
}

std::vector<std::string> problems_of(std::string_view model, const ModelValues& values) {
  const ModelSchema* schema = find_model_schema(model);
  MM_ASSERT(schema != nullptr, "the model is known");
  std::vector<std::string> problems;
  for (const ModelField& field : schema->fields) check_field(field, values, problems);
  for (const ModelValues::Entry& entry : values.entries())
    if (std::ranges::find(schema->fields, entry.name, &ModelField::name) == schema->fields.end())
      problems.push_back(entry.name + " is no parameter of " + std::string{model});
  if (!problems.empty()) return problems;
  if (model == "hawkes") check_hawkes(values, problems);
  if (model == "lead_lag") check_lead_lag(values, problems);
  if (model == "microprice") check_microprice(values, problems);
  if (model == "regime") check_regime(values, problems);
  return problems;
}

}  // namespace mm
