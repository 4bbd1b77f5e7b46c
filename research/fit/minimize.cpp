#include "research/fit/minimize.hpp"

#include <lbfgs.h>

#include <cmath>
#include <cstddef>
#include <exception>
#include <utility>

namespace mm::research {
namespace {

struct Problem {
  const SmoothFunction& function;
  std::exception_ptr thrown;
};

// Called from C: an exception waits until the library has returned.
lbfgsfloatval_t evaluate(void* instance, const lbfgsfloatval_t* x, lbfgsfloatval_t* gradient,
                         const int count, const lbfgsfloatval_t) {
  auto& problem = *static_cast<Problem*>(instance);
  const auto size = static_cast<std::size_t>(count);
  try {
    return problem.function({x, size}, {gradient, size});
  } catch (...) {
    problem.thrown = std::current_exception();
    for (std::size_t i = 0; i < size; ++i) gradient[i] = 0;
    return 0;
  }
}

}  // namespace

Minimum minimize(const SmoothFunction& function, std::vector<double> start, double tolerance,
                 int most_rounds) {
  Minimum result;
  const auto count = static_cast<int>(start.size());
  // The library wants memory aligned its own way.
  lbfgsfloatval_t* x = lbfgs_malloc(count);
  if (x == nullptr) throw std::bad_alloc{};
  for (std::size_t i = 0; i < start.size(); ++i) x[i] = start[i];
  lbfgs_parameter_t settings;
  lbfgs_parameter_init(&settings);
  settings.m = 10;
  settings.epsilon = tolerance / 10;  // relative to the norm of x
  settings.max_iterations = most_rounds;
  settings.linesearch = LBFGS_LINESEARCH_BACKTRACKING_STRONG_WOLFE;
  settings.max_linesearch = 60;
  Problem problem{function, nullptr};
  lbfgs(count, x, nullptr, evaluate, nullptr, &problem, &settings);
  result.x.assign(x, x + count);
  lbfgs_free(x);
  if (problem.thrown) std::rethrow_exception(problem.thrown);
  std::vector<double> gradient(start.size());
  result.value = function(result.x, gradient);
  for (const double part : gradient) result.gradient_norm += part * part;
  result.gradient_norm = std::sqrt(result.gradient_norm);
  result.converged = result.gradient_norm <= tolerance * (1 + std::fabs(result.value));
  return result;
}

}  // namespace mm::research
