// The ledger against cash counted by hand, for linear and inverse contracts.

#include "engine/account/ledger.hpp"

#include <gtest/gtest.h>

#include "engine/account/attribution.hpp"
#include "engine/numeric.hpp"
#include "engine/random.hpp"
#include "tests/engine/samples.hpp"

namespace mm {
namespace {

using namespace testing_samples;

Money money(std::int64_t whole) {
  return Money::from_units(Int128{whole} * Money::per_one);
}

class Account {
 public:
  explicit Account(Instrument instrument) : instrument_(std::move(instrument)) {}

  void fill(Side side, std::int64_t price, std::int64_t qty, Money fee = {}) {
    const Money value = position_value(instrument_, units(price), lots(qty));
    ledger.fill(side, lots(qty), value, fee);
    cash -= Money::from_units(sign(side) * value.units()) + fee;
  }
  Money mark(std::int64_t price) const {
    return mid_value_of_one_lot(instrument_, units(price), units(price));
  }

  Ledger ledger;
  Money cash;

 private:
  Instrument instrument_;
};

TEST(Ledger, ALinearRoundTripEarnsThePriceDifference) {
  Account account{btc_usdt()};
  account.fill(Side::buy, 600'000, 1000);  // 1 BTC at 60,000
  EXPECT_EQ(account.ledger.unrealised(account.mark(600'100)), money(10));
  account.fill(Side::sell, 600'200, 400);
  EXPECT_EQ(account.ledger.realised(), money(8));
  EXPECT_EQ(account.ledger.position(), lots(600));
  account.fill(Side::sell, 599'900, 600);
  EXPECT_EQ(account.ledger.realised(), money(2));
  EXPECT_EQ(account.ledger.cost(), Money{});
}

TEST(Ledger, AFlipClosesAtAverageCostAndOpensAtTheFillsPrice) {
  Account account{btc_usdt()};
  account.fill(Side::buy, 600'000, 100);
  account.fill(Side::sell, 601'000, 300);
  EXPECT_EQ(account.ledger.position(), lots(-200));
  EXPECT_EQ(account.ledger.realised(), money(10));
  EXPECT_EQ(account.ledger.average_cost(), account.mark(601'000));
  EXPECT_EQ(account.ledger.unrealised(account.mark(600'000)), money(20));
}

// 100 contracts of 100 USD bought at 50,000 cost 0.2 BTC; at 62,500 they are worth 0.16 BTC.
TEST(Ledger, AnInverseLongGainsCoinWhenThePriceRises) {
  Account account{btc_usd_inverse()};
  account.fill(Side::buy, 500'000, 100);
  EXPECT_EQ(account.ledger.unrealised(account.mark(625'000)), *parse_money("0.04"));
  account.fill(Side::sell, 625'000, 100);
  EXPECT_EQ(account.ledger.realised(), *parse_money("0.04"));
  EXPECT_EQ(account.ledger.cost(), Money{});
}

TEST(Ledger, FeesAndFundingCount) {
  Account account{btc_usdt()};
  account.fill(Side::buy, 600'000, 1000, money(3));
  account.fill(Side::sell, 600'000, 1000, money(-1));
  account.ledger.funding(money(-7));
  EXPECT_EQ(account.ledger.fees(), money(2));
  EXPECT_EQ(account.ledger.net_pnl(account.mark(1)), money(-9));
  EXPECT_EQ(account.ledger.turnover(), money(120'000));
  EXPECT_EQ(account.ledger.fill_count(), 2);
}

TEST(Ledger, APositionHeldBeforeStartsAtItsCost) {
  Ledger ledger;
  ledger.open(lots(10), money(100));
  EXPECT_EQ(ledger.average_cost(), money(10));
  EXPECT_EQ(ledger.unrealised(money(12)), money(20));
}

// However P&L is split into realised and unrealised, it is the cash plus what is held.
TEST(Ledger, ConservesMoneyExactlyOverRandomFills) {
  for (const Instrument& instrument : {btc_usdt(), btc_usd_inverse(), hyperliquid_btc()}) {
    SplitMix64 random{7};
    Account account{instrument};
    Attribution attribution;
    std::int64_t price = 600'000;
    attribution.mark(at_ms(0), account.mark(price).units());
    for (int i = 0; i < 5000; ++i) {
      price += static_cast<std::int64_t>(random.below(2001)) - 1000;
      if (price < 1000) price = 1000;
      const Side side = random.below(2) == 0 ? Side::buy : Side::sell;
      const auto qty = static_cast<std::int64_t>(1 + random.below(5000));
      const Money value = position_value(instrument, units(price), lots(qty));
      const Money fee = fee_of(instrument, units(price), lots(qty), random.below(2) == 0);
      attribution.fill(at_ms(i * 700), side, qty, value.units(), fee.units());
      account.fill(side, price, qty, fee);
      const std::int64_t marked = price + static_cast<std::int64_t>(random.below(100));
      const Money mark = account.mark(marked);
      attribution.mark(at_ms(i * 700 + 300), mark.units());
      const Money held = Money::from_units(mark.units() * account.ledger.position().lots());
      ASSERT_EQ(account.ledger.net_pnl(mark), account.cash + held);
      ASSERT_EQ(attribution.net_pnl(), account.ledger.net_pnl(mark).units());
      if (account.ledger.position() == Qty{}) {
        ASSERT_EQ(account.ledger.cost(), Money{});
      }
    }
  }
}

TEST(Ledger, StateSurvivesSaving) {
  Account account{btc_usdt()};
  account.fill(Side::buy, 600'000, 77, money(1));
  account.fill(Side::sell, 610'000, 30, money(-2));
  account.ledger.funding(money(5));
  ByteWriter out;
  account.ledger.save(out);
  Ledger copy;
  ByteReader in{out.bytes()};
  ASSERT_TRUE(copy.restore(in));
  EXPECT_TRUE(in.at_end());
  EXPECT_EQ(copy, account.ledger);
}

}  // namespace
}  // namespace mm
