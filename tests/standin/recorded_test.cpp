// A capture served 1:1 is the capture: a client that decodes what the stand-in sends sees the
// market events that reading the file gives, times aside.

#include <gtest/gtest.h>

#include "engine/record.hpp"
#include "tests/standin/stage.hpp"
#include "tests/venues/market_data.hpp"
#include "venues/capture/capture_feed.hpp"

namespace mm {
namespace {

using namespace test;

/// The market event as text, without its times.
std::string line_of(Event event) {
  event.header.recv_time = {};
  event.header.exchange_time = {};
  event.header.seq = {};
  std::visit(
      [](auto& body) {
        if constexpr (requires { body.event_time_ns; }) body.event_time_ns = 0;
      },
      event.body);
  ByteWriter writer;
  write_record(writer, event);
  return std::string(reinterpret_cast<const char*>(writer.bytes().data()), writer.size());
}

bool is_market(const Event& event) {
  const RecordKind kind = event.kind();
  return kind == RecordKind::book_snapshot || kind == RecordKind::book_delta ||
         kind == RecordKind::best_quote || kind == RecordKind::trade;
}

std::vector<std::string> lines_of_file(const Capture& capture, std::size_t most) {
  const auto feed = venues::open_capture(instrument(capture.venue, capture.symbol), InstrumentId{0},
                                         capture.files);
  std::vector<std::string> lines;
  while (feed->advance() && lines.size() < most) {
    for (const Event& event : feed->events()) {
      if (is_market(event)) lines.push_back(line_of(event));
    }
  }
  return lines;
}

class Client {
 public:
  explicit Client(const Capture& capture)
      : decoder_(venues::make_feed_decoder(instrument(capture.venue, capture.symbol),
                                           InstrumentId{0})) {}
  void read(std::string frame, Time now) {
    frame.append(venues::frame_padding, '\0');
    batch_.clear();
    decoder_->on_frame(now, {frame.data(), frame.size() - venues::frame_padding}, batch_);
    for (const Event& event : batch_.events()) {
      if (is_market(event)) lines.push_back(line_of(event));
    }
  }
  std::vector<std::string> lines;

 private:
  std::unique_ptr<venues::FeedDecoder> decoder_;
  venues::EventBatch batch_;
};

standin::Options serving(const Capture& capture) {
  standin::Options options;
  options.hyperliquid = capture.venue == "hyperliquid";
  options.usdm = capture.venue == "binance-usdm";
  options.spot = capture.venue == "binance-spot";
  options.cadence = standin::hyperliquid::Cadence::recorded;
  options.start_after = 3;
  venues::FeedSpec spec;
  spec.venue = capture.venue;
  spec.symbol = capture.symbol;
  spec.files = capture.files;
  options.captures.push_back(spec);
  return options;
}

void expect_same(const std::vector<std::string>& heard, std::vector<std::string> file) {
  ASSERT_GT(heard.size(), 100u);
  file.resize(std::min(file.size(), heard.size()));
  ASSERT_EQ(heard.size(), file.size());
  for (std::size_t at = 0; at < heard.size(); ++at) {
    ASSERT_TRUE(heard[at] == file[at]) << "event " << at << " of " << heard.size();
  }
}

TEST(RecordedCadence, AHyperliquidCaptureComesThroughUnchanged) {
  const Capture capture = fixture_captures().back();
  Stage stage(serving(capture));
  const auto socket = stage.connect("/ws");
  for (const char* type : {"l2Book", "bbo", "trades"}) {
    stage.send(socket, std::string(R"({"method":"subscribe","subscription":{"type":")") + type +
                           R"(","coin":"BTC"}})");
  }
  stage.advance(std::chrono::seconds{60});
  Client client(capture);
  for (std::string& frame : stage.take(socket)) client.read(std::move(frame), stage.now());
  EXPECT_EQ(client.lines.size(), lines_of_file(capture, SIZE_MAX).size());
  ASSERT_GT(client.lines.size(), 40u);
  EXPECT_TRUE(client.lines == lines_of_file(capture, SIZE_MAX));
}

/// Books and quotes and trades over one combined socket, the snapshot over REST, as a client that
/// buffers until the snapshot is there.
void binance_round_trip(const Capture& capture, const std::string& socket_path,
                        const std::string& depth_path) {
  Stage stage(serving(capture));
  const auto socket = stage.connect(socket_path);
  const auto depth = stage.get(depth_path, std::chrono::seconds{20});
  ASSERT_EQ(depth.status, 200u) << depth.body;
  Client client(capture);
  for (std::string& frame : stage.take(socket)) client.read(std::move(frame), stage.now());
  client.read(depth.body, stage.now());
  stage.advance(std::chrono::seconds{30});
  for (std::string& frame : stage.take(socket)) client.read(std::move(frame), stage.now());
  expect_same(client.lines, lines_of_file(capture, client.lines.size() + 1000));
}

TEST(RecordedCadence, AUsdmCaptureComesThroughUnchanged) {
  binance_round_trip(fixture_captures()[0],
                     "/public/stream?streams=btcusdt@depth@0ms/btcusdt@bookTicker/btcusdt@trade",
                     "/fapi/v1/depth?symbol=BTCUSDT&limit=1000");
}

TEST(RecordedCadence, ASpotCaptureComesThroughUnchanged) {
  binance_round_trip(fixture_captures()[1],
                     "/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker/btcusdt@trade",
                     "/api/v3/depth?symbol=BTCUSDT&limit=5000");
}

}  // namespace
}  // namespace mm
