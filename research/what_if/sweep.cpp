#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>

#include "engine/assert.hpp"
#include "research/counterfactual.hpp"
#include "research/what_if/run.hpp"

// Batches of variants on threads of their own. Each batch is a whole pass with its own market, so
// nothing is shared but the recording, and what is computed does not depend on how it was cut.

namespace mm::research {
namespace {

/// A market's state is worth sharing by many lanes, but beyond this many they push it out of the
/// caches.
constexpr std::size_t largest_batch = 256;

std::vector<std::vector<std::size_t>> batches_of(const CounterfactualRequest& request) {
  std::vector<std::size_t> wanted;
  if (request.chosen) {
    wanted = *request.chosen;
  } else {
    wanted.resize(request.variants.size());
    std::iota(wanted.begin(), wanted.end(), std::size_t{0});
  }
  const std::size_t threads = std::max<std::size_t>(request.threads, 1);
  const std::size_t size = request.batch > 0 ? request.batch
                                             : std::clamp((wanted.size() + threads - 1) / threads,
                                                          std::size_t{1}, largest_batch);
  std::vector<std::vector<std::size_t>> batches;
  for (std::size_t at = 0; at < wanted.size(); at += size)
    batches.emplace_back(
        wanted.begin() + static_cast<std::ptrdiff_t>(at),
        wanted.begin() + static_cast<std::ptrdiff_t>(std::min(at + size, wanted.size())));
  // Without variants there are still the recorded parameters.
  if (batches.empty()) batches.emplace_back();
  return batches;
}

class Workers {
 public:
  Workers(const CounterfactualRequest& request, const Recording& recording)
      : request_(request), recording_(recording), batches_(batches_of(request)) {}

  Result<SweepRecord> run() {
    const std::size_t jobs = batches_.size() + (request_.fidelity ? 1 : 0);
    const std::size_t threads = std::min(std::max<std::size_t>(request_.threads, 1), jobs);
    {
      std::vector<std::jthread> pool;
      for (std::size_t i = 0; i < threads; ++i)
        pool.emplace_back([this, jobs] {
          for (std::size_t job; (job = next_++) < jobs;) work(job);
          const std::scoped_lock lock{mutex_};
          ++done_;
          changed_.notify_all();
        });
      std::unique_lock lock{mutex_};
      while (done_ < threads) {
        changed_.wait_for(lock, std::chrono::milliseconds{100});
        if (!request_.tick) continue;
        lock.unlock();
        request_.tick();
        lock.lock();
      }
    }
    if (failure_) std::rethrow_exception(failure_);
    if (error_) return *error_;
    return put_together();
  }

 private:
  // The batches first: the last of them is what everybody waits for.
  void work(std::size_t job) {
    try {
      if (stopped()) return;
      if (job == batches_.size()) {
        judge_fidelity();
      } else {
        run_batch(batches_[job]);
      }
    } catch (...) {
      const std::scoped_lock lock{mutex_};
      if (!failure_) failure_ = std::current_exception();
      next_ = batches_.size() + 1;
    }
  }

  bool stopped() {
    if (request_.stop != nullptr && request_.stop->load()) return true;
    const std::scoped_lock lock{mutex_};
    return error_.has_value() || failure_ != nullptr;
  }

  void run_batch(const std::vector<std::size_t>& batch) {
    Run run{request_, batch};
    auto record = run.fold(recording_);
    const std::scoped_lock lock{mutex_};
    if (record.has_error()) {
      if (!error_) error_ = record.error();
    } else if (*record) {
      finished_.push_back(std::move(**record));
    }
  }

  void judge_fidelity() {
    auto members = ensemble_of(request_, recording_);
    if (members.has_error()) return;  // the batches say so
    auto fidelity =
        replay_quotes(recording_, request_.from, request_.to, {{.settings = members->front()}});
    const std::scoped_lock lock{mutex_};
    if (fidelity.has_error()) {
      if (!error_) error_ = fidelity.error();
    } else if (fidelity->latency) {
      fidelity_ = std::move(fidelity->candidates.front());
    }
  }

  Result<SweepRecord> put_together() {
    if (finished_.empty()) return SweepRecord{};
    SweepRecord whole = std::move(finished_.front());
    for (std::size_t i = 1; i < finished_.size(); ++i) {
      SweepRecord& more = finished_[i];
      MM_ASSERT(
          more.base.simulated.front().output_digest == whole.base.simulated.front().output_digest,
          "every pass over a recording is the same");
      for (VariantRecord& variant : more.variants) whole.variants.push_back(std::move(variant));
    }
    std::ranges::sort(whole.variants, {}, &VariantRecord::index);  // total order
    whole.base.fidelity = std::move(fidelity_);
    return whole;
  }

  const CounterfactualRequest& request_;
  const Recording& recording_;
  std::vector<std::vector<std::size_t>> batches_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t done_ = 0;
  std::vector<SweepRecord> finished_;
  std::optional<Fidelity> fidelity_;
  std::optional<Error> error_;
  std::exception_ptr failure_;
};

}  // namespace

std::size_t batch_count(const CounterfactualRequest& request) {
  return batches_of(request).size();
}

Result<SweepRecord> sweep(const CounterfactualRequest& request, const Recording& recording) {
  if (!(request.from < request.to))
    return Error{ErrorKind::usage, "counterfactual: the window ends before it begins"};
  return Workers{request, recording}.run();
}

}  // namespace mm::research
