#include "engine/outlook/parameters.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "engine/assert.hpp"
#include "engine/models/model_schema.hpp"
#include "engine/policy.hpp"

namespace mm {
namespace {

// Each model's fields are listed once; a Putter writes them into values, a Taker reads them back.

class Putter {
 public:
  explicit Putter(ModelValues& values) : values_(values) {}
  void number(const char* name, double value) { values_.set(name, value); }
  template <std::size_t N>
  void list(const char* name, const std::array<double, N>& values) {
    values_.set(name, std::span<const double>{values});
  }

 private:
  ModelValues& values_;
};

/// Of values that problems_of() has nothing against.
class Taker {
 public:
  explicit Taker(const ModelValues& values) : values_(values) {}
  void number(const char* name, double& value) { value = values_.number(name); }
  template <std::size_t N>
  void list(const char* name, std::array<double, N>& values) {
    const auto& numbers = *values_.find(name);
    for (std::size_t i = 0; i < N; ++i) values[i] = *numbers[i];
  }

 private:
  const ModelValues& values_;
};

template <class Settings, class Visitor>
void visit_hawkes(Settings& of, Visitor&& visit) {
  visit.number("alpha", of.hawkes.kernel.alpha);
  visit.number("beta", of.hawkes.kernel.beta);
  visit.number("mu0", of.baseline.level.mu0);
  visit.number("other_side", of.hawkes.marks.other_side);
  visit.number("prior_mark", of.hawkes.prior_mark);
  visit.number("same_side", of.hawkes.marks.same_side);
  visit.number("size_cap", of.hawkes.marks.size_cap);
  visit.number("size_power", of.hawkes.marks.size_power);
  visit.number("sweep", of.hawkes.marks.sweep);
  visit.number("weight_cos", of.baseline.weight_cos);
  visit.number("weight_funding", of.baseline.level.weight_funding);
  visit.number("weight_open_interest", of.baseline.level.weight_open_interest);
  visit.number("weight_sin", of.baseline.weight_sin);
}

template <class Estimate, class Visitor>
void visit_kappa(Estimate& of, Visitor&& visit) {
  visit.number("prior", of.kappa);
  visit.number("prior_log_variance", of.log_variance);
}

template <class Settings, class Visitor>
void visit_liquidation(Settings& of, Visitor&& visit) {
  visit.number("bias", of.liquidation.weights.bias);
  visit.number("funding", of.liquidation.weights.funding);
  visit.number("move", of.liquidation.weights.move);
  visit.number("open_interest", of.liquidation.weights.open_interest);
  visit.number("threshold_pct", of.liquidation.threshold_pct);
}

template <class Classifier, class Visitor>
void visit_trades(Classifier& of, Visitor&& visit) {
  visit.list("mean", of.mean);
  visit.list("sd", of.sd);
  visit.number("temperature", of.temperature);
  visit.list("weights", of.weights);
}

constexpr std::size_t emissions = regimes * regime_dimensions;

/// The arrays of arrays, flat.
struct RegimeLists {
  std::array<double, emissions> mean{};
  std::array<double, emissions> sd{};
  std::array<double, regimes * regimes> transition{};
};

template <class Settings, class Lists, class Visitor>
void visit_regime(Settings& of, Lists& lists, Visitor&& visit) {
  visit.list("initial", of.regime.initial);
  visit.list("mean", lists.mean);
  visit.list("outlier_density", of.regime.outlier_density);
  visit.number("outlier_share", of.regime.outlier_share);
  visit.number("rate_reference", of.regime_window.rate_reference);
  visit.list("sd", lists.sd);
  visit.number("sigma_reference", of.regime_window.sigma_reference);
  visit.list("transition", lists.transition);
  visit.list("weight", of.regime.weight);
}

template <class Model, class Lists, class Copy>
void copy_regime(Model& model, Lists& lists, Copy&& copy) {
  for (std::size_t i = 0; i < regimes; ++i) {
    for (std::size_t j = 0; j < regimes; ++j)
      copy(model.transition_per_minute[i][j], lists.transition[i * regimes + j]);
    for (std::size_t d = 0; d < regime_dimensions; ++d) {
      copy(model.emission[i][d].mean, lists.mean[i * regime_dimensions + d]);
      copy(model.emission[i][d].sd, lists.sd[i * regime_dimensions + d]);
    }
  }
}

void take_microprice(OutlookSettings& settings, const ModelValues& values) {
  MicropriceTable& table = settings.microprice.emplace();
  table.unit = values.number("unit") == 0 ? SpreadUnit::ticks : SpreadUnit::half_bps;
  const auto& g = *values.find("g");
  for (std::size_t cell = 0; cell < g.size(); ++cell)
    table.g[cell / microprice_spreads][cell % microprice_spreads] = g[cell];
}

void put_microprice(const MicropriceTable& table, ModelValues& values) {
  std::vector<MaybeNumber> g;
  for (const auto& row : table.g) g.insert(g.end(), row.begin(), row.end());
  values.set("g", std::move(g));
  values.set("unit", table.unit == SpreadUnit::ticks ? 0.0 : 1.0);
}

void take_lead_lag(OutlookSettings& settings, const ModelValues& values) {
  LeadPrior& prior = settings.lead_prior.emplace();
  prior.lag_ms = values.number("lag_ms");
  prior.beta = values.number("beta");
  const auto& response = *values.find("response");
  if (response.empty()) return;
  auto& table = prior.response.emplace();
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = *response[i];
}

void put_lead_lag(const LeadPrior& prior, ModelValues& values) {
  values.set("lag_ms", prior.lag_ms);
  values.set("beta", prior.beta);
  std::vector<MaybeNumber> response;
  if (prior.response) response.assign(prior.response->begin(), prior.response->end());
  values.set("response", std::move(response));
}

}  // namespace

std::optional<std::string> set_model_parameter(OutlookSettings& settings, std::string_view name,
                                               std::string_view value) {
  const std::string_view model =
      name.starts_with(model_prefix) ? name.substr(model_prefix.size()) : name;
  if (find_model_schema(model) == nullptr)
    return "there is no model '" + std::string{model} + "' that takes parameters; there are " +
           model_names();
  std::string problem;
  const std::optional<ModelValues> values = ModelValues::parse(value, problem);
  if (!values) return std::string{name} + ": " + problem;
  if (const auto problems = problems_of(model, *values); !problems.empty())
    return std::string{name} + ": " + problems.front();
  if (model == "gamma") {
    settings.gamma_base = values->number("gamma_base");
  } else if (model == "hawkes") {
    visit_hawkes(settings, Taker{*values});
  } else if (model == "kappa") {
    visit_kappa(settings.kappa_prior.emplace(), Taker{*values});
  } else if (model == "lead_lag") {
    take_lead_lag(settings, *values);
  } else if (model == "liquidation") {
    visit_liquidation(settings, Taker{*values});
  } else if (model == "microprice") {
    take_microprice(settings, *values);
  } else if (model == "queue") {
    settings.queue_power = values->number("queue_power");
  } else if (model == "regime") {
    RegimeLists lists;
    visit_regime(settings, lists, Taker{*values});
    copy_regime(settings.regime, lists, [](double& to, double from) { to = from; });
  } else if (model == "trades") {
    visit_trades(settings.classifier.emplace(), Taker{*values});
  }
  return std::nullopt;
}

ModelValues model_values(const OutlookSettings& settings, std::string_view model) {
  MM_ASSERT(find_model_schema(model) != nullptr, "the model is known");
  ModelValues values;
  if (model == "gamma" && settings.gamma_base) {
    values.set("gamma_base", *settings.gamma_base);
  } else if (model == "hawkes") {
    visit_hawkes(settings, Putter{values});
  } else if (model == "kappa" && settings.kappa_prior) {
    visit_kappa(*settings.kappa_prior, Putter{values});
  } else if (model == "lead_lag" && settings.lead_prior) {
    put_lead_lag(*settings.lead_prior, values);
  } else if (model == "liquidation") {
    visit_liquidation(settings, Putter{values});
  } else if (model == "microprice" && settings.microprice) {
    put_microprice(*settings.microprice, values);
  } else if (model == "queue") {
    values.set("queue_power", settings.queue_power);
  } else if (model == "regime") {
    RegimeLists lists;
    copy_regime(settings.regime, lists, [](double from, double& to) { to = from; });
    visit_regime(settings, lists, Putter{values});
  } else if (model == "trades" && settings.classifier) {
    visit_trades(*settings.classifier, Putter{values});
  }
  return values;
}

}  // namespace mm
