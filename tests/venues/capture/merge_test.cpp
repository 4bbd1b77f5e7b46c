// The order of several feeds.

#include "venues/capture/merge.hpp"

#include <gtest/gtest.h>

#include <string>

#include "engine/record.hpp"
#include "tests/venues/market_data.hpp"
#include "venues/capture/capture_feed.hpp"

namespace mm::venues {
namespace {

/// Frames at given times; each holds as many timer events as `events` says, with ids of their own.
class ScriptedFeed final : public FrameFeed {
 public:
  struct Frame {
    std::int64_t recv_ns;
    int events;
  };
  ScriptedFeed(int name, std::vector<Frame> frames) : name_(name), frames_(std::move(frames)) {}

  bool advance() override {
    events_.clear();
    if (at_ == frames_.size()) return false;
    const Frame frame = frames_[at_++];
    recv_ = time_from_ns(frame.recv_ns);
    for (int number = 0; number < frame.events; ++number) {
      events_.push_back({EventHeader{.recv_time = recv_}, Timer{name_ * 100 + next_id_++}});
    }
    raw_ = std::to_string(name_) + ":" + std::to_string(frame.recv_ns);
    return true;
  }
  Time recv_time() const override { return recv_; }
  std::span<const Event> events() const override { return events_; }
  std::string_view raw() const override { return raw_; }
  Progress progress() const override { return {at_, frames_.size()}; }

 private:
  int name_;
  std::vector<Frame> frames_;
  std::size_t at_ = 0;
  std::int64_t next_id_ = 0;
  Time recv_;
  std::vector<Event> events_;
  std::string raw_;
};

std::unique_ptr<MarketSource> two(std::vector<ScriptedFeed::Frame> first,
                                  std::vector<ScriptedFeed::Frame> second) {
  std::vector<std::unique_ptr<FrameFeed>> feeds;
  feeds.push_back(std::make_unique<ScriptedFeed>(1, std::move(first)));
  feeds.push_back(std::make_unique<ScriptedFeed>(2, std::move(second)));
  return merge(std::move(feeds));
}

std::string ids(MarketSource& source) {
  std::string out;
  while (const Event* event = source.next()) {
    out += std::to_string(std::get<Timer>(event->body).id) + " ";
  }
  return out;
}

TEST(Merge, TakesTheEarliestAndTheFirstNamedAtEqualTimes) {
  EXPECT_EQ(ids(*two({{10, 1}, {20, 1}, {20, 1}}, {{5, 1}, {20, 1}, {30, 1}})),
            "200 100 101 102 201 202 ");
}

TEST(Merge, KeepsTheEventsOfAFrameTogether) {
  EXPECT_EQ(ids(*two({{10, 3}}, {{10, 2}, {11, 0}, {12, 1}})), "100 101 102 200 201 202 ");
}

TEST(Merge, EndsForGood) {
  const auto source = two({{1, 1}}, {});
  EXPECT_NE(source->next(), nullptr);
  EXPECT_EQ(source->next(), nullptr);
  EXPECT_EQ(source->next(), nullptr);
  EXPECT_EQ(source->progress().done, 1u);
}

TEST(Merge, RawFramesComeInTheOrderOfTheMergeAlsoWithoutEvents) {
  const auto source = two({{10, 1}, {20, 0}}, {{15, 0}, {30, 1}});
  std::string raw;
  source->set_raw_sink([&](const RawFrame& frame) {
    EXPECT_EQ(frame.instrument.value + 1, frame.text[0] - '0');
    raw += std::string(frame.text) + " ";
  });
  ASSERT_NE(source->next(), nullptr);
  EXPECT_EQ(raw, "1:10 ");
  ASSERT_NE(source->next(), nullptr);
  EXPECT_EQ(raw, "1:10 2:15 1:20 2:30 ");
}

// Three markets of one host, as a recording would read them: twice the same, and in order.
TEST(Merge, OfRealCapturesIsInOrderAndRepeatable) {
  const auto captures = test::fixture_captures();
  std::vector<venues::FeedSpec> specs;
  for (std::size_t at = 0; at < 3; ++at) {
    specs.push_back({captures[at].venue, captures[at].symbol, captures[at].files,
                     at == 0 ? InstrumentRole::quoted : InstrumentRole::lead});
  }
  const auto instruments = instruments_of(specs, venues::Instruments::built_in());
  std::uint64_t digests[2];
  for (std::uint64_t& digest : digests) {
    const auto source = open_captures(specs, instruments);
    RollingDigest rolling;
    ByteWriter bytes;
    Time last;
    std::size_t count[3] = {};
    while (const Event* event = source->next()) {
      ASSERT_GE(event->header.recv_time, last);
      last = event->header.recv_time;
      ++count[event->header.instrument.value];
      bytes.clear();
      write_record(bytes, *event);
      rolling.add(bytes.bytes());
    }
    for (const std::size_t of : count) EXPECT_GT(of, 10000u);
    EXPECT_EQ(source->progress().done, source->progress().total);
    digest = rolling.value();
  }
  EXPECT_EQ(digests[0], digests[1]);
}

}  // namespace
}  // namespace mm::venues
