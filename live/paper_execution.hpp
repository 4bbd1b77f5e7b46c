#pragma once

// PaperExecution: our orders meet the simulated exchange, fed by the live market.

#include "live/execution.hpp"
#include "sim/world.hpp"

namespace mm::live {

class PaperExecution final : public Execution {
 public:
  explicit PaperExecution(const sim::Settings& settings) : world_(settings) {}

  Time next_due() const override { return world_.next_due(); }
  const Event* next_before(Time limit, const Market& market) override {
    return world_.next_before(limit, market);
  }
  void on_market(const Event& event, const Market& market) override {
    world_.on_market(event, market);
  }
  void react(const Event& event, std::span<const Output> outputs) override {
    world_.react(event, outputs);
  }

 private:
  sim::SimWorld world_;
};

}  // namespace mm::live
