#include "venues/live/rules.hpp"

namespace mm::venues {
namespace {

/// The generator of Steele, Lea and Flood ("SplitMix", OOPSLA 2014).
std::uint64_t draw(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t bits = state;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  return bits ^ (bits >> 31);
}

std::string seconds(Duration of) {
  const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(of).count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

Duration Backoff::next() {
  const Duration whole = next_;
  next_ = std::min(most_, next_ * 2);
  const auto half = static_cast<std::uint64_t>((whole / 2).count());
  return whole / 2 + Duration{static_cast<std::int64_t>(draw(random_) % (half + 1))};
}

void Silence::opened(Duration now) {
  any_ = now;
  for (std::size_t at = 0; at < watches_.size(); ++at) {
    heard_[at].reset();
    if (watches_[at].from_open) heard_[at] = now;
  }
}

void Silence::event(RecordKind kind, Duration now) {
  for (std::size_t at = 0; at < watches_.size(); ++at) {
    if (watches_[at].kind == kind) heard_[at] = now;
  }
}

std::optional<std::string> Silence::too_long(Duration now) const {
  for (std::size_t at = 0; at < watches_.size(); ++at) {
    if (heard_[at] && now - *heard_[at] > watches_[at].most) {
      return "no " + std::string(name_of(watches_[at].kind)) + " for " + seconds(now - *heard_[at]);
    }
  }
  if (now - any_ > most_) return "no message for " + seconds(now - any_);
  return std::nullopt;
}

bool SnapshotAsker::ask(bool needed, bool flowing, Duration now) {
  if (!needed) pause_ = first_;
  if (!needed || !flowing || under_way_ || now < not_before_) return false;
  under_way_ = true;
  return true;
}

void SnapshotAsker::answered(Duration now) {
  under_way_ = false;
  not_before_ = now + pause_;
  pause_ = std::min(most_, pause_ * 2);
}

Episode::Told Episode::see(bool present, Duration now) {
  if (!present) {
    since_.reset();
    return std::exchange(told_, false) ? Told::ends : Told::nothing;
  }
  if (!since_) since_ = now;
  if (told_ || now - *since_ < least_) return Told::nothing;
  told_ = true;
  return Told::begins;
}

}  // namespace mm::venues
