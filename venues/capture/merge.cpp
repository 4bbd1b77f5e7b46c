#include "venues/capture/merge.hpp"

#include <utility>

#include "engine/assert.hpp"

namespace mm::venues {
namespace {

class Merge final : public MarketSource {
 public:
  explicit Merge(std::vector<std::unique_ptr<FrameFeed>> feeds) : feeds_(std::move(feeds)) {
    MM_ASSERT(feeds_.size() <= max_instruments, "more feeds than a session may hold");
    open_.assign(feeds_.size(), true);
  }

  const Event* next() override {
    while (true) {
      if (current_ != none && next_event_ < feeds_[current_]->events().size()) {
        return &feeds_[current_]->events()[next_event_++];
      }
      if (!choose()) return nullptr;
    }
  }

  void set_raw_sink(std::function<void(const RawFrame&)> sink) override {
    raw_sink_ = std::move(sink);
  }

  Progress progress() const override {
    Progress sum;
    for (const auto& feed : feeds_) {
      const Progress of = feed->progress();
      sum.done += of.done;
      sum.total += of.total;
    }
    return sum;
  }

 private:
  static constexpr std::size_t none = SIZE_MAX;

  /// Moves the feed that was read on, then picks the earliest frame. False if all feeds are done.
  bool choose() {
    if (!started_) {
      started_ = true;
      for (std::size_t feed = 0; feed < feeds_.size(); ++feed) {
        open_[feed] = feeds_[feed]->advance();
      }
    } else if (current_ != none) {
      open_[current_] = feeds_[current_]->advance();
    }
    current_ = none;
    next_event_ = 0;
    for (std::size_t feed = 0; feed < feeds_.size(); ++feed) {
      if (!open_[feed]) continue;
      if (current_ == none || feeds_[feed]->recv_time() < feeds_[current_]->recv_time()) {
        current_ = feed;
      }
    }
    if (current_ == none) return false;
    const FrameFeed& chosen = *feeds_[current_];
    if (raw_sink_ && !chosen.raw().empty()) {
      const InstrumentId id{static_cast<std::uint16_t>(current_)};
      raw_sink_({chosen.recv_time(), id, chosen.raw()});
    }
    return true;
  }

  std::vector<std::unique_ptr<FrameFeed>> feeds_;
  std::vector<bool> open_;
  bool started_ = false;
  std::size_t current_ = none;
  std::size_t next_event_ = 0;
  std::function<void(const RawFrame&)> raw_sink_;
};

}  // namespace

std::unique_ptr<MarketSource> merge(std::vector<std::unique_ptr<FrameFeed>> feeds) {
  return std::make_unique<Merge>(std::move(feeds));
}

}  // namespace mm::venues
