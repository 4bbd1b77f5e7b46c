// Damaged frames never crash a decoder, and what it emits from them is still in order.
//
// Every recorded sample message, and 20,000 truncated or altered frames of each venue.

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/record.hpp"
#include "tests/venues/market_data.hpp"
#include "venues/binance/codec.hpp"
#include "venues/capture/capture_feed.hpp"
#include "venues/feed_decoder.hpp"
#include "venues/hyperliquid/codec.hpp"
#include "venues/hyperliquid/user_codec.hpp"

namespace mm {
namespace {

/// splitmix64; the seed is printed with a failure.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t roll(std::uint64_t sides) {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % sides;
  }

 private:
  std::uint64_t state_;
};

std::string mutate(std::string frame, Dice& dice) {
  constexpr std::string_view spice = "{}[]\",:.0123456789-eE\\ntruefalsnul \x01\x80\xff";
  const std::uint64_t changes = 1 + dice.roll(4);
  for (std::uint64_t change = 0; change < changes && !frame.empty(); ++change) {
    const std::size_t at = dice.roll(frame.size());
    switch (dice.roll(5)) {
      case 0:
        frame.resize(at);
        break;
      case 1:
        frame[at] = spice[dice.roll(spice.size())];
        break;
      case 2:
        frame.insert(at, 1, spice[dice.roll(spice.size())]);
        break;
      case 3:
        frame.erase(at, 1 + dice.roll(20));
        break;
      case 4:
        frame.insert(at, frame.substr(dice.roll(frame.size()), dice.roll(60)));
        break;
    }
  }
  return frame;
}

/// Levels of a damaged frame are in order all the same, and views are readable.
void expect_sane(const venues::EventBatch& batch) {
  const auto in_order = [](std::span<const Level> levels, Side side) {
    for (std::size_t at = 0; at < levels.size(); ++at) {
      ASSERT_GE(levels[at].qty, Qty{});
      if (at == 0) continue;
      if (side == Side::buy) {
        ASSERT_LE(levels[at].price, levels[at - 1].price);
      } else {
        ASSERT_GE(levels[at].price, levels[at - 1].price);
      }
    }
  };
  for (const Event& event : batch.events()) {
    if (const auto* delta = std::get_if<BookDelta>(&event.body)) {
      in_order(delta->bids, Side::buy);
      in_order(delta->asks, Side::sell);
    } else if (const auto* snapshot = std::get_if<BookSnapshot>(&event.body)) {
      in_order(snapshot->bids, Side::buy);
      in_order(snapshot->asks, Side::sell);
    } else if (const auto* status = std::get_if<FeedStatus>(&event.body)) {
      ASSERT_LT(status->detail.size(), 100000u);
    }
  }
}

std::vector<std::string> frames_of(const test::Capture& capture, std::size_t most) {
  const auto feed = venues::open_capture(test::instrument(capture.venue, capture.symbol),
                                         InstrumentId{0}, capture.files);
  std::vector<std::string> frames;
  while (frames.size() < most && feed->advance()) {
    if (!feed->raw().empty() && feed->raw().size() < 20000) frames.emplace_back(feed->raw());
  }
  return frames;
}

void mutate_frames(const test::Capture& capture, std::size_t rounds) {
  const std::vector<std::string> frames = frames_of(capture, 3000);
  const std::uint64_t seed = 20240808;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Dice dice(seed);
  const Instrument& of = test::instrument(capture.venue, capture.symbol);
  const auto decoder = venues::make_feed_decoder(of, InstrumentId{0});
  venues::EventBatch batch;
  for (std::size_t round = 0; round < rounds; ++round) {
    batch.clear();
    const test::Padded frame(mutate(frames[dice.roll(frames.size())], dice));
    decoder->on_frame(time_from_ns(static_cast<std::int64_t>(round)), frame, batch);
    expect_sane(batch);
  }
  EXPECT_GT(decoder->counters().anomalies, static_cast<std::int64_t>(rounds / 4));
}

TEST(Mutation, DamagedFramesNeverCrashADecoder) {
  for (const test::Capture& capture : test::fixture_captures()) mutate_frames(capture, 20000);
}

/// The fixture's collector sorted the keys; here they are in the order of the venue.
std::string in_live_order(const std::string& frame) {
  const auto json = nlohmann::ordered_json::parse(frame);
  if (!json.is_object() || json["channel"] != "l2Book") return frame;
  nlohmann::ordered_json sides = nlohmann::ordered_json::array();
  for (const auto& side : json["data"]["levels"]) {
    sides.push_back(nlohmann::ordered_json::array());
    for (const auto& level : side) {
      sides.back().push_back({{"px", level["px"]}, {"sz", level["sz"]}, {"n", level["n"]}});
    }
  }
  const nlohmann::ordered_json data = {
      {"coin", json["data"]["coin"]}, {"time", json["data"]["time"]}, {"levels", sides}};
  return nlohmann::ordered_json{{"channel", "l2Book"}, {"data", data}}.dump();
}

/// Canonical bytes of what a codec makes of one frame, or its error.
std::string decoded(const Instrument& of, const std::string& frame) {
  ByteWriter bytes;
  venues::Arena arena;
  const test::Padded padded(frame);
  const auto add = [&](Time exchange_time, const EventBody& body) {
    write_record(bytes, Event{EventHeader{.exchange_time = exchange_time}, body});
  };
  std::string outcome;
  if (of.venue == "hyperliquid") {
    venues::hyperliquid::Codec codec(of);
    const auto result = codec.decode(padded, arena);
    if (result.has_error()) return result.error().message();
    outcome = std::to_string(static_cast<int>(result->outcome));
    for (const auto& item : result->items) add(item.exchange_time, item.body);
  } else {
    venues::binance::Codec codec(of);
    const auto result = codec.decode(padded, arena);
    if (result.has_error()) return result.error().message();
    outcome = std::to_string(static_cast<int>(result->outcome));
    if (result->outcome == venues::binance::Outcome::decoded) {
      add(result->exchange_time, result->body);
    }
  }
  return outcome + std::string(reinterpret_cast<const char*>(bytes.bytes().data()), bytes.size());
}

// A blank behind the first brace means nothing in JSON, but sends the frame past the fast path:
// both paths must say the same, of good frames and of damaged ones.
TEST(Mutation, TheFastPathSaysWhatTheGeneralOneSays) {
  Dice dice(42);
  for (const test::Capture& capture : test::fixture_captures()) {
    const Instrument& of = test::instrument(capture.venue, capture.symbol);
    for (std::string frame : frames_of(capture, 3000)) {
      if (of.venue == "hyperliquid") frame = in_live_order(frame);
      if (frame.find("\"trade\"") != std::string::npos) continue;  // has no fast path
      for (int variant = 0; variant < 4; ++variant) {
        const std::string text = variant == 0 ? frame : mutate(frame, dice);
        if (!text.starts_with("{")) continue;
        ASSERT_TRUE(decoded(of, text) == decoded(of, "{ " + text.substr(1))) << text;
      }
    }
  }
}

TEST(Mutation, SampleMessagesDecodeOrAreRefused) {
  const std::string files[] = {
      test::data_root() + "/binance/ws_samples/binance_futures_ws_samples.jsonl",
      test::data_root() + "/hyperliquid/ws_samples/hyperliquid_ws_samples.jsonl"};
  for (const std::string& file : files) {
    std::ifstream lines(file);
    if (!lines) {
      std::printf("skipped, not present: %s\n", file.c_str());
      continue;
    }
    std::vector<std::unique_ptr<venues::FeedDecoder>> decoders;
    const venues::Instruments table = venues::Instruments::built_in();
    for (const Instrument& of : table.all()) {
      decoders.push_back(venues::make_feed_decoder(of, InstrumentId{0}));
    }
    venues::hyperliquid::UserCodec user(test::instrument("hyperliquid", "BTC"), InstrumentId{0}, 1,
                                        Time{});
    venues::EventBatch batch;
    Dice dice(7);
    std::string line;
    int messages = 0;
    while (std::getline(lines, line)) {
      const std::string message = nlohmann::json::parse(line)["msg"];
      ++messages;
      for (int variant = 0; variant < 50; ++variant) {
        const std::string text = variant == 0 ? message : mutate(message, dice);
        for (const auto& decoder : decoders) {
          batch.clear();
          decoder->on_frame(time_from_ns(messages), test::Padded(text), batch);
          expect_sane(batch);
        }
        batch.clear();
        user.on_frame(time_from_ns(messages), text, batch);
      }
    }
    EXPECT_GT(messages, 50);
    std::printf("%s: %d messages\n", file.c_str(), messages);
  }
}

}  // namespace
}  // namespace mm
