// Random sessions through all models at once: nothing becomes NaN, probabilities stay in range,
// after a warm-up nothing allocates, and every build ends in the same state.
//
// MM_MODEL_EVENTS=10000000 makes it long; the seed is printed.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "engine/det/math.hpp"
#include "engine/hash.hpp"
#include "engine/random.hpp"
#include "tests/engine/models/all_models.hpp"
#include "tests/engine/models/saved.hpp"

namespace {
std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace mm {
namespace {

std::int64_t events_wanted() {
  const char* wanted = std::getenv("MM_MODEL_EVENTS");
  return wanted != nullptr ? std::atoll(wanted) : 300'000;
}

/// A saved NaN is always the canonical one.
template <class Model>
bool has_nan(const Model& model) {
  ByteWriter out;
  model.save(out);
  const auto bytes = out.bytes();
  for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    if (word == 0x7ff8000000000000u) return true;
  }
  return false;
}

/// What may happen to an instrument, calm or wild.
class Session {
 public:
  Session(std::uint64_t seed, bool wild) : random_(seed), wild_(wild) {}

  void step(AllModels& models) {
    now_ += Duration{static_cast<std::int64_t>(random_.below(wild_ ? 400'000'000 : 40'000'000))};
    if (wild_ && random_.below(5000) == 0) now_ += std::chrono::hours{random_.below(30)};
    switch (random_.below(8)) {
      case 0:
      case 1:
      case 2:
        return touch(models);
      case 3:
      case 4:
        return leader(models);
      case 5:
      case 6:
        return order(models);
      default:
        return other(models);
    }
  }
  Time now() const { return now_; }

 private:
  void touch(AllModels& models) {
    log_mid_ += (wild_ && random_.below(100) == 0 ? 0.05 : 5e-5) * random_.normal();
    const double bid = 1e5 * det::exp(log_mid_);
    const double tick = 0.1;
    models.on_touch(now_, {.bid = bid,
                           .ask = bid + tick * static_cast<double>(1 + random_.below(5)),
                           .bid_qty = static_cast<double>(random_.below(1000)),
                           .ask_qty = static_cast<double>(1 + random_.below(1000)),
                           .tick = tick});
  }
  void leader(AllModels& models) {
    const double move = (wild_ && random_.below(100) == 0 ? 0.05 : 5e-5) * random_.normal();
    leader_ += move;
    models.on_leader(now_, leader_, move);
  }
  void order(AllModels& models) {
    const double size = det::exp((wild_ ? 6 : 1.5) * random_.normal());
    const auto lots = static_cast<std::int64_t>(std::min(1e15, 1 + 100 * size));
    const Side taker = random_.below(2) == 0 ? Side::buy : Side::sell;
    const double reach_bps = -1 - 5 * det::log(random_.uniform());
    models.on_order(now_, taker, lots, reach_bps, random_.below(3) == 0);
  }
  void other(AllModels& models) {
    switch (random_.below(8)) {
      case 0:
        return models.liquidation.on_funding({}, now_, 1e-5 * random_.normal());
      case 1:
        open_interest_ *= det::exp(1e-3 * random_.normal());
        return models.liquidation.on_open_interest(
            {}, now_, wild_ && random_.below(200) == 0 ? 0 : open_interest_);
      case 2:
        models.liquidation.update({}, now_, models.volatility.sigma({}));
        return;
      case 3:
        return models.own_fills.on_exposure({}, now_, 10 * random_.uniform(),
                                            std::chrono::milliseconds{100});
      case 4:
        return models.own_fills.on_fill({}, now_, 10 * random_.uniform());
      case 5:
        return models.moves.on_outcome({}, Side::buy, VolatilityRegime::mid, 5 * random_.normal());
      case 6:
        return models.queue.on_consumed({}, now_, 5 * random_.uniform());
      default:
        if (random_.below(20) == 0)
          return models.queue.requote({}, now_, 1 + 20 * random_.uniform());
        mu_ = 0.1 + random_.uniform();
        models.hawkes.set_baseline({}, now_, mu_, 1 + random_.uniform());
        if (wild_ && random_.below(500) == 0) {
          models.volatility.gap();
          models.window.gap();
          models.lead_lag.gap();
          models.residual.gap();
        }
    }
  }

  SplitMix64 random_;
  bool wild_;
  Time now_ = at_seconds(1'700'000'000);
  double log_mid_ = 0;
  double leader_ = 0;
  double open_interest_ = 1e6;
  double mu_ = 0.5;
};

TEST(ModelsFuzz, LeaveNoNanAndNoProbabilityOutOfRange) {
  const std::int64_t events = events_wanted();
  for (const bool wild : {false, true}) {
    Session session{42, wild};
    std::printf("%lld events, seed 42, %s\n", static_cast<long long>(events),
                wild ? "wild" : "calm");
    AllModels models;
    for (std::int64_t i = 0; i < events; ++i) {
      session.step(models);
      if (i % 16 == 0) {
        ASSERT_TRUE(models.decide(session.now())) << "event " << i;
      }
      if (i % (events / 20) != 0) continue;
      models.each([&](const auto& model) { ASSERT_FALSE(has_nan(model)) << "event " << i; });
      (void)models.lead_lag.estimate({}, std::nullopt);
    }
    models.each([](const auto& model) { EXPECT_FALSE(has_nan(model)); });
  }
}

// One digest for every compiler, level of optimisation and CPU. It changes when a model does.
TEST(ModelsFuzz, EndInTheKnownState) {
  AllModels models;
  Session calm{11, false};
  for (int i = 0; i < 40'000; ++i) calm.step(models);
  ByteWriter out;
  models.each([&](const auto& model) { model.save(out); });
  AllModels others;
  Session wild{12, true};
  for (int i = 0; i < 40'000; ++i) wild.step(others);
  others.each([&](const auto& model) { model.save(out); });
  const Digest128 digest = hash128(out.bytes());
  char text[40];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(digest.high),
                static_cast<unsigned long long>(digest.low));
  EXPECT_STREQ(text, "ab014ad25b08ef4124801036e5fea210");
}

// The same events from a saved state on give the same state.
TEST(ModelsFuzz, GoOnFromASavedState) {
  AllModels models;
  Session session{7, true};
  for (int i = 0; i < 20'000; ++i) session.step(models);
  AllModels copy;
  ByteWriter out;
  models.each([&](const auto& model) { model.save(out); });
  ByteReader in{out.bytes()};
  copy.each([&](auto& model) { model.restore(in); });
  EXPECT_FALSE(in.failed());
  EXPECT_TRUE(in.at_end());
  copy.observed = models.observed;
  Session same = session;
  for (int i = 0; i < 20'000; ++i) {
    session.step(models);
    same.step(copy);
  }
  ByteWriter first;
  ByteWriter second;
  models.each([&](const auto& model) { model.save(first); });
  copy.each([&](const auto& model) { model.save(second); });
  EXPECT_TRUE(std::equal(first.bytes().begin(), first.bytes().end(), second.bytes().begin(),
                         second.bytes().end()));
}

TEST(ModelsFuzz, AllocateNothingAfterAWarmUp) {
  AllModels models;
  Session session{9, false};
  for (int i = 0; i < 200'000; ++i) session.step(models);
  const std::size_t before = allocations;
  for (int i = 0; i < 200'000; ++i) {
    session.step(models);
    if (i % 64 == 0) {
      EXPECT_TRUE(models.decide(session.now()));
    }
  }
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace mm
