#include <Eigen/Core>

#include "cli/probe/family.hpp"
#include "engine/models/decay.hpp"
#include "engine/models/volatility.hpp"
#include "research/fit/microprice_fit.hpp"
#include "research/fit/realized_volatility.hpp"

namespace mm::probe {
namespace {

/// A duration of seconds, above 0.
Duration duration(const Json& seconds) {
  const Duration value = time_of_seconds(seconds.get<double>()).time_since_epoch();
  if (value <= Duration{}) throw BadInput{"tau and dt must be above 0"};
  return value;
}

Json held_average(const Json& input) {
  const auto times = numbers(input.at("t"));
  const auto values = numbers(input.at("x"));
  if (times.size() != values.size()) throw BadInput{"an x for each t"};
  const Duration tau = duration(input.at("tau"));
  HeldAverage average;
  Json output = Json::array();
  Time last = Time::min();
  for (std::size_t i = 0; i < times.size(); ++i) {
    const Time now = time_of_seconds(times[i]);
    if (now < last) throw BadInput{"times must not decrease"};
    last = now;
    average.update(now, values[i], tau);
    output.push_back(*average.value());
  }
  return {{"ema", output}};
}

Json sample_volatility(const Json& input) {
  const auto returns = numbers(input.at("returns"));
  const auto step = input.at("dt").get<double>();
  if (returns.empty() || !(step > 0)) throw BadInput{"returns and a dt above 0 are needed"};
  const auto result = *research::realized_volatility(returns, step);
  return {{"rv", result.rv},
          {"bv", nullable(result.bv)},
          {"sigma_realized", result.realized},
          {"sigma_bipower", nullable(result.bipower)},
          {"jump_share", nullable(result.jump_share)},
          {"tripower_quarticity", nullable(result.tripower_quarticity)},
          {"jump_z", nullable(result.jump_z)}};
}

Json online_volatility(const Json& input) {
  const Volatility::Settings settings{.step = duration(input.at("dt")),
                                      .tau = duration(input.at("tau"))};
  Volatility volatility;
  Json bipower = Json::array();
  Json realized = Json::array();
  for (const double r : numbers(input.at("returns"))) {
    volatility.on_return(settings, r);
    bipower.push_back(nullable(volatility.bipower(settings)));
    realized.push_back(nullable(volatility.realized(settings)));
  }
  return {{"sigma_bipower", bipower}, {"sigma_realized", realized}};
}

Eigen::MatrixXd matrix(const Json& rows) {
  const std::size_t columns = rows.at(0).size();
  Eigen::MatrixXd result(static_cast<Eigen::Index>(rows.size()),
                         static_cast<Eigen::Index>(columns));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = numbers(rows[i]);
    if (row.size() != columns) throw BadInput{"rows of one matrix differ in length"};
    for (std::size_t j = 0; j < columns; ++j)
      result(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = row[j];
  }
  return result;
}

Json list(const Eigen::VectorXd& vector) {
  return Json(std::vector<double>(vector.data(), vector.data() + vector.size()));
}

Json microprice_table(const Json& input) {
  research::MicropriceTransitions shares{.q = matrix(input.at("Q")),
                                         .r1 = matrix(input.at("R1")),
                                         .k = matrix(Json::array({input.at("K")})).transpose(),
                                         .r2 = matrix(input.at("R2"))};
  const Eigen::Index states = shares.q.rows();
  if (shares.q.cols() != states || shares.r1.rows() != states || shares.r2.rows() != states ||
      shares.r2.cols() != states || shares.r1.cols() != shares.k.size())
    throw BadInput{"Q and R2 must be square, R1 one row a state and one column a move"};
  const research::MicropriceSolution solution = research::solve_microprice(shares).value();
  Json b = Json::array();
  for (Eigen::Index i = 0; i < states; ++i) b.push_back(list(solution.b.row(i).transpose()));
  return {{"G1", list(solution.g1)}, {"B", b}, {"Gstar", list(solution.g)}};
}

constexpr Function functions[] = {
    {"ema.hold", held_average},
    {"vol.rv_bv", sample_volatility},
    {"vol.online", online_volatility},
    {"microprice.table", microprice_table},
};

}  // namespace

std::span<const Function> price_functions() {
  return functions;
}

}  // namespace mm::probe
