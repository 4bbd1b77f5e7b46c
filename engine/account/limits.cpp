#include "engine/account/limits.hpp"

namespace mm {

void MessageRate::advance(Time now) {
  constexpr std::int64_t span = static_cast<std::int64_t>(seconds);
  const std::int64_t second = to_ns(now) / 1'000'000'000;
  std::int64_t behind = second - last_second_;
  if (behind <= 0) return;
  if (behind > span) behind = span;
  for (std::int64_t i = 0; i < behind; ++i) {
    std::int32_t& oldest = counts_[static_cast<std::size_t>((second - i) % span)];
    total_ -= oldest;
    oldest = 0;
  }
  last_second_ = second;
}

std::int64_t MessageRate::count(Time now) {
  advance(now);
  return total_;
}

void MessageRate::add(Time now, std::int64_t messages) {
  advance(now);
  counts_[static_cast<std::size_t>(last_second_ % static_cast<std::int64_t>(seconds))] +=
      static_cast<std::int32_t>(messages);
  total_ += messages;
}

void MessageRate::save(ByteWriter& out) const {
  out.put_i64(last_second_);
  for (const std::int32_t count : counts_) out.put_i64(count);
}

bool MessageRate::restore(ByteReader& in) {
  last_second_ = in.get_i64();
  if (last_second_ < 0) in.fail();
  total_ = 0;
  for (std::int32_t& count : counts_) {
    const std::int64_t stored = in.get_i64();
    if (stored < 0 || stored > INT32_MAX) in.fail();
    count = static_cast<std::int32_t>(stored);
    total_ += count;
  }
  return !in.failed();
}

}  // namespace mm
