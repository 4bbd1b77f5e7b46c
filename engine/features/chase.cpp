#include "engine/features/chase.hpp"

#include <algorithm>

#include "engine/random.hpp"

namespace mm {
namespace {

constexpr std::int64_t minute_ns = 60'000'000'000;

std::int64_t minute_of(Time time) {
  return to_ns(time) / minute_ns;
}

std::optional<double> share(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::int8_t sign_of(int direction) {
  return static_cast<std::int8_t>((direction > 0) - (direction < 0));
}

}  // namespace

void ChaseMetric::wall_moved(Time now, Side side, int direction) {
  advance(now);
  if (!minute_) minute_ = minute_of(now);
  walls_.add({now, side, sign_of(direction)});
}

void ChaseMetric::quote_moved(Time now, Side side, int direction) {
  advance(now);
  quotes_.add({now, side, sign_of(direction)});
}

bool ChaseMetric::quote_moved_between(const Move& like, Time from, Time to) const {
  for (std::uint64_t i = quotes_.count; i-- > quotes_.first();) {
    const Move& quote = quotes_.at(i);
    if (quote.at < from) return false;
    if (quote.at <= to && quote.side == like.side && quote.direction == like.direction) return true;
  }
  return false;
}

void ChaseMetric::advance(Time now) {
  for (judged_ = std::max(judged_, walls_.first()); judged_ < walls_.count; ++judged_) {
    const Move& wall = walls_.at(judged_);
    if (now <= wall.at + reach) break;
    ++walls_seen_;
    // What happens at the same instant is a reaction: the decision followed the book.
    chases_ += quote_moved_between(wall, wall.at, wall.at + reach);
    leads_ += quote_moved_between(wall, wall.at - reach, wall.at - Duration{1});
  }
  if (minute_ && to_ns(now) > (*minute_ + 1) * minute_ns + reach.count()) close_minute();
}

// One random instant for each wall move of the minute that is over.
void ChaseMetric::close_minute() {
  std::optional<std::int64_t> next;
  for (baselined_ = std::max(baselined_, walls_.first()); baselined_ < walls_.count; ++baselined_) {
    const Move& wall = walls_.at(baselined_);
    if (minute_of(wall.at) != *minute_) {
      next = minute_of(wall.at);
      break;
    }
    SplitMix64 random{seed_ + static_cast<std::uint64_t>(draws_)};
    const Time drawn =
        time_from_ns(*minute_ * minute_ns + static_cast<std::int64_t>(random.below(minute_ns)));
    ++draws_;
    baseline_chases_ += quote_moved_between(wall, drawn, drawn + reach);
    baseline_leads_ += quote_moved_between(wall, drawn - reach, drawn - Duration{1});
  }
  minute_ = next;
}

ChaseMetric::Rates ChaseMetric::rates() const {
  return {walls_seen_, share(chases_, walls_seen_), share(leads_, walls_seen_),
          share(baseline_chases_, draws_), share(baseline_leads_, draws_)};
}

void ChaseMetric::save(ByteWriter& out) const {
  for (const Ring* ring : {&quotes_, &walls_}) {
    out.put_u64(ring->count);
    for (std::uint64_t i = ring->first(); i < ring->count; ++i) {
      const Move& move = ring->at(i);
      out.put_i64(to_ns(move.at));
      out.put_flag(move.side == Side::sell);
      out.put_i64(move.direction);
    }
  }
  out.put_u64(judged_);
  out.put_u64(baselined_);
  out.put_flag(minute_.has_value());
  for (const std::int64_t value : {minute_.value_or(0), walls_seen_, chases_, leads_, draws_,
                                   baseline_chases_, baseline_leads_})
    out.put_i64(value);
  out.put_u64(seed_);
}

void ChaseMetric::restore(ByteReader& in) {
  *this = ChaseMetric{};
  for (Ring* ring : {&quotes_, &walls_}) {
    ring->count = in.get_u64();
    for (std::uint64_t i = ring->first(); i < ring->count && !in.failed(); ++i) {
      Move& move = ring->moves[i % capacity];
      move.at = time_from_ns(in.get_i64());
      move.side = in.get_flag() ? Side::sell : Side::buy;
      move.direction = static_cast<std::int8_t>(in.get_i64());
    }
  }
  judged_ = in.get_u64();
  baselined_ = in.get_u64();
  if (judged_ > walls_.count || baselined_ > walls_.count) in.fail();
  const bool in_minute = in.get_flag();
  const std::int64_t minute = in.get_i64();
  if (in_minute) minute_ = minute;
  for (std::int64_t* value :
       {&walls_seen_, &chases_, &leads_, &draws_, &baseline_chases_, &baseline_leads_})
    *value = in.get_i64();
  seed_ = in.get_u64();
}

}  // namespace mm
