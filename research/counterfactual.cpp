#include "research/counterfactual.hpp"

#include "research/what_if/report.hpp"
#include "research/what_if/run.hpp"

namespace mm::research {

Result<CounterfactualResult> run_counterfactual(const CounterfactualRequest& request,
                                                const Recording& recording) {
  if (!(request.from < request.to))
    return Error{ErrorKind::usage, "counterfactual: the window ends before it begins"};
  Run run{request};
  auto record = run.fold(recording);
  if (record.has_error()) return record.error();
  return report(request, run, *record);
}

}  // namespace mm::research
