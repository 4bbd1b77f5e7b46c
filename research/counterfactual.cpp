#include "research/counterfactual.hpp"

namespace mm::research {

Result<CounterfactualResult> run_counterfactual(const CounterfactualRequest& request,
                                                const Recording& recording) {
  auto record = sweep(request, recording);
  if (record.has_error()) return record.error();
  return report(request, *record);
}

}  // namespace mm::research
