// Whole captures of real markets: what the incremental fold says at every decision is what a walk
// over every level says; and a session restored from its saved state goes on the same.

#include <gtest/gtest.h>

#include <iostream>

#include "engine/features/microstructure.hpp"
#include "tests/engine/features/plain_features.hpp"
#include "tests/engine/features/recorded_market.hpp"

namespace mm {
namespace {

using test::Capture;
using test::PlainFeatures;
using test::RecordedMarket;

/// A window that the feed of the venue covers.
MicrostructureSettings settings_for(const Capture& capture) {
  MicrostructureSettings settings;
  if (capture.venue == "hyperliquid")
    settings.window = {.window_tenth_bps = 17, .bucket_tenth_bps = 2};
  else if (capture.venue == "binance-spot")
    settings.window = {.window_tenth_bps = 100, .bucket_tenth_bps = 10};
  return settings;
}

void expect_near(std::optional<double> got, std::optional<double> wanted, double abs, double rel,
                 const char* what) {
  ASSERT_EQ(got.has_value(), wanted.has_value()) << what;
  if (got) {
    EXPECT_NEAR(*got, *wanted, abs + rel * std::abs(*wanted)) << what;
  }
}

struct Seen {
  int decisions = 0;
  int present = 0;
  int window = 0;
  int flushes = 0;
  int changes = 0;
};

Seen compare(const RecordedMarket& recorded, const MicrostructureSettings& settings,
             bool with_own) {
  Market market;
  Microstructure fold{settings};
  PlainFeatures plain{settings};
  ChangeList changes;
  Seen seen;
  std::vector<OwnLevel> own;
  test::fold_with_decisions(
      recorded, market,
      [&](const Event& event) {
        fold.on_event(event, market.quoted());
        plain.on_event(event);
      },
      [&](Time now) {
        const InstrumentState& instrument = market.quoted();
        SCOPED_TRACE(testing::Message() << "at " << to_ns(now));
        if (with_own) {
          // As if part of the touch and of a level behind it were ours.
          own.clear();
          const Touch touch = instrument.touch();
          own.push_back({Side::buy, touch.bid.price, touch.bid.qty});
          int depth = 0;
          instrument.for_each_level(Side::sell, [&](const Level& level) {
            own.push_back({Side::sell, level.price, Qty::from_lots((level.qty.lots() + 1) / 2)});
            return ++depth < 3;
          });
          fold.set_own(own);
        }
        changes.clear();
        const Features& got = fold.decide(now, instrument, changes);
        const PlainFeatures::Reading wanted = plain.decide(now, instrument, own);
        ++seen.decisions;
        seen.changes += static_cast<int>(changes.all().size());
        ASSERT_EQ(got.present(), wanted.present);
        ASSERT_EQ(got.window.band_density.has_value(), wanted.window);
        if (!wanted.present) return;
        ++seen.present;
        EXPECT_EQ(*got.touch_features.mid, wanted.mid);
        expect_near(got.bid_coverage_bps, wanted.coverage[0], 0, 1e-12, "bid coverage");
        expect_near(got.ask_coverage_bps, wanted.coverage[1], 0, 1e-12, "ask coverage");
        if (!wanted.window) return;
        ++seen.window;
        EXPECT_EQ(*got.band_threshold, wanted.theta);
        const WindowFeatures& window = got.window;
        expect_near(window.liquidity_asymmetry, wanted.asymmetry, 1e-15, 1e-12, "asymmetry");
        EXPECT_EQ(*window.band_density, wanted.density);
        EXPECT_EQ(*window.band_density_levels, wanted.density_levels);
        expect_near(window.liquidity_entropy, wanted.entropy, 1e-12, 1e-12, "entropy");
        expect_near(window.centroid, wanted.centroid, 0, 1e-14, "centroid");
        expect_near(window.centroid_rel_bps, wanted.centroid_rel, 1e-9, 1e-9, "centroid_rel");
        EXPECT_NEAR(*window.book_pressure, wanted.pressure, 0.03);
        EXPECT_EQ(window.bid_depth, wanted.depth[0]);
        EXPECT_EQ(window.ask_depth, wanted.depth[1]);
        expect_near(got.migration_velocity, wanted.velocity, 1e-8, 1e-8, "migration_velocity");
        expect_near(got.migration_velocity_rel, wanted.velocity_rel, 1e-9, 1e-9, "velocity_rel");
        expect_near(got.retreat_velocity_bid, wanted.retreat_bid, 1e-9, 1e-9, "retreat bid");
        expect_near(got.retreat_velocity_ask, wanted.retreat_ask, 1e-9, 1e-9, "retreat ask");
        expect_near(got.z_velocity, wanted.z, 1e-6, 1e-6, "z_velocity");
        for (const Side side : {Side::buy, Side::sell}) {
          const auto& score = got.flush(side).score;
          const auto& score_wanted = wanted.flush[static_cast<std::size_t>(side)];
          ASSERT_EQ(score.has_value(), score_wanted.has_value());
          if (!score) continue;
          EXPECT_NEAR(score->score, score_wanted->score, 1e-9);
          EXPECT_EQ(score->breadth, score_wanted->breadth);
          ++seen.flushes;
        }
      });
  return seen;
}

TEST(RealMarketFeatures, AgreeWithAWalkOverEveryLevel) {
  for (const Capture& capture : test::fixture_captures()) {
    SCOPED_TRACE(capture.venue + " " + capture.symbol);
    const RecordedMarket recorded{capture};
    for (const bool with_own : {false, true}) {
      const Seen seen = compare(recorded, settings_for(capture), with_own);
      EXPECT_GT(seen.present, 20);
      EXPECT_GT(seen.window, 15);
      std::cout << capture.venue << ' ' << capture.symbol << (with_own ? " with own" : "") << ": "
                << seen.decisions << " decisions, " << seen.present << " with a book, "
                << seen.window << " with the window, " << seen.changes << " changes\n";
      if (HasFailure()) return;
    }
  }
}

TEST(RealMarketFeatures, AgreeOverTheWholeUsdMarginedCapture) {
  for (const Capture& capture : test::data_captures()) {
    if (capture.venue != "binance-usdm" || capture.files.size() != 1 ||
        capture.files[0].find("multi_symbol") != std::string::npos)
      continue;
    if (!test::present(capture)) {
      std::cout << "skipped: no " << capture.files[0] << '\n';
      continue;
    }
    SCOPED_TRACE(capture.symbol);
    const RecordedMarket recorded{capture};
    const Seen seen = compare(recorded, settings_for(capture), false);
    EXPECT_GT(seen.window, 3000);
    std::cout << capture.symbol << ": " << seen.decisions << " decisions, " << seen.window
              << " with the window, " << seen.changes << " changes\n";
  }
}

// Saved in the middle and restored: the rest of the session makes the same state.
TEST(RealMarketFeatures, GoOnAfterARestoreAsIfNothingHadBeen) {
  for (const Capture& capture : test::fixture_captures()) {
    SCOPED_TRACE(capture.venue + " " + capture.symbol);
    const RecordedMarket recorded{capture};
    const MicrostructureSettings settings = settings_for(capture);
    Market market;
    Microstructure fold{settings};
    std::optional<Microstructure> restored;
    ChangeList changes;
    std::size_t count = 0;
    const auto state_of = [](const Microstructure& of) {
      ByteWriter out;
      of.save(out);
      return std::vector<std::byte>(out.bytes().begin(), out.bytes().end());
    };
    int compared = 0;
    test::fold_with_decisions(
        recorded, market,
        [&](const Event& event) {
          fold.on_event(event, market.quoted());
          if (restored) restored->on_event(event, market.quoted());
          // Anew now and then, between decisions.
          if (++count % (recorded.events.size() / 23 + 1) == 0) {
            const std::vector<std::byte> bytes = state_of(fold);
            ByteReader in{bytes};
            restored.emplace(settings);
            restored->restore(in);
            ASSERT_FALSE(in.failed());
            ASSERT_TRUE(in.at_end());
          }
        },
        [&](Time now) {
          changes.clear();
          const Features features = fold.decide(now, market.quoted(), changes);
          if (!restored) return;
          ChangeList again;
          const Features& other = restored->decide(now, market.quoted(), again);
          ASSERT_EQ(changes.all().size(), again.all().size());
          for (std::size_t i = 0; i < changes.all().size(); ++i)
            EXPECT_EQ(changes.all()[i], again.all()[i]);
          EXPECT_EQ(features.window.liquidity_entropy, other.window.liquidity_entropy);
          EXPECT_EQ(features.z_velocity, other.z_velocity);
          EXPECT_EQ(features.flush_score, other.flush_score);
          EXPECT_EQ(features.flicker_hz, other.flicker_hz);
          if (++compared % 50 == 0) {
            ASSERT_EQ(state_of(fold), state_of(*restored));
          }
        });
    EXPECT_GT(compared, 20);
    EXPECT_EQ(state_of(fold), state_of(*restored));
  }
}

}  // namespace
}  // namespace mm
