// Goals 16 and 17: what accepting an event costs the thread that decides.
//
// Events of R1 come at 20,000 a second, forty times the rate they were captured at. A slice of
// seconds goes to each contender in turn: copying the record to private memory (the floor), the
// journal with a sync every 50 ms, the journal without syncs. Where the system allows it the thread
// runs at real-time priority meanwhile, so that what is compared is not the neighbours.

#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>
#include <x86intrin.h>

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "bench/goals.hpp"
#include "bench/journals.hpp"
#include "engine/record.hpp"
#include "journal/writer.hpp"

namespace mm::bench {
namespace {

constexpr double events_per_s = 20'000;

/// Real-time priority for the calling thread as long as this lives, if it may have it.
class RealTime {
 public:
  RealTime() {
    sched_param wanted{};
    wanted.sched_priority = 1;
    granted_ = pthread_setschedparam(pthread_self(), SCHED_FIFO, &wanted) == 0;
  }
  RealTime(const RealTime&) = delete;
  RealTime& operator=(const RealTime&) = delete;
  ~RealTime() {
    if (!granted_) return;
    const sched_param usual{};
    pthread_setschedparam(pthread_self(), SCHED_OTHER, &usual);
  }
  bool granted() const { return granted_; }

 private:
  bool granted_ = false;
};

std::uint64_t ticks() {
  unsigned processor = 0;
  return __rdtscp(&processor);
}

/// The events of a recording again and again, a constant time apart.
class Supply {
 public:
  explicit Supply(const Recording& recording) : recording_(recording) {}
  const Event& next() {
    event_ = recording_.events[count_ % recording_.events.size()];
    event_.header.recv_time =
        time_from_ns(1'000'000'000 + static_cast<std::int64_t>(count_) * 50'000);
    ++count_;
    return event_;
  }

 private:
  const Recording& recording_;
  std::size_t count_ = 0;
  Event event_;
};

/// Nanoseconds that `accept` takes for each event of one slice.
template <class Accept>
std::vector<double> slice(Supply& supply, double length_s, Accept&& accept) {
  std::vector<double> taken;
  taken.reserve(static_cast<std::size_t>(length_s * events_per_s) + 1);
  const double begin_s = seconds(Clock::wall);
  const std::uint64_t begin = ticks();
  while (taken.size() < taken.capacity()) {
    const double due = begin_s + static_cast<double>(taken.size()) / events_per_s;
    const Event& event = supply.next();
    while (seconds(Clock::wall) < due) _mm_pause();
    const std::uint64_t before = ticks();
    accept(event);
    taken.push_back(static_cast<double>(ticks() - before));
  }
  const double ns_per_tick =
      (seconds(Clock::wall) - begin_s) * 1e9 / static_cast<double>(ticks() - begin);
  for (double& value : taken) value *= ns_per_tick;
  return taken;
}

struct Slices {
  std::vector<double> all;
  std::vector<double> p50;  // by slice
  std::vector<double> p999;
  void add(const std::vector<double>& taken) {
    all.insert(all.end(), taken.begin(), taken.end());
    p50.push_back(quantile(taken, 0.5));
    p999.push_back(quantile(taken, 0.999));
  }
};

/// Ratio of whole distributions; the range is that of the slices' ratios.
Figure ratio_at(double q, const Slices& numerator, const Slices& denominator) {
  const bool middle = q == 0.5;
  Figure figure = ratio_of(middle ? numerator.p50 : numerator.p999,
                           middle ? denominator.p50 : denominator.p999);
  figure.median = quantile(numerator.all, q) / quantile(denominator.all, q);
  return figure;
}

std::string quantiles(const char* name, const Slices& of) {
  return fmt::format("{}: p50 {:.0f}, p99 {:.0f}, p99.9 {:.0f}, p99.99 {:.0f} ns", name,
                     quantile(of.all, 0.5), quantile(of.all, 0.99), quantile(of.all, 0.999),
                     quantile(of.all, 0.9999));
}

}  // namespace

void measure_accept(const Recording& recording, const Plan& plan, Report& report) {
  const auto wants = [&](std::string_view id) { return plan.wants(id); };
  if (!wants("16.p50") && !wants("16.p999") && !wants("17.ratio") && !wants("17.abs")) return;
  ScratchDirectory scratch{plan.directory};
  journal::WriterOptions synced;
  journal::WriterOptions unsynced;
  unsynced.sync.mode = journal::SyncPolicy::Mode::none;
  journal::JournalWriter with_sync = journal::JournalWriter::open(scratch.fresh(), synced);
  journal::JournalWriter without = journal::JournalWriter::open(scratch.fresh(), unsynced);

  // The floor copies records that are made already, into memory as large as the journal's tail.
  ByteWriter records;
  std::vector<std::size_t> starts;
  for (const Event& event : recording.events) {
    starts.push_back(records.size());
    write_record(records, event);
  }
  starts.push_back(records.size());
  std::vector<std::byte> ring(synced.tail_bytes, std::byte{1});
  std::size_t at = 0;
  std::size_t count = 0;
  const auto copy = [&](const Event&) {
    const std::size_t index = count++ % recording.events.size();
    const std::size_t size = starts[index + 1] - starts[index];
    if (at + size > ring.size()) at = 0;
    std::memcpy(ring.data() + at, records.bytes().data() + starts[index], size);
    at += size;
  };

  Supply floor_supply{recording};
  Supply sync_supply{recording};
  Supply plain_supply{recording};
  Slices floor;
  Slices sync;
  Slices plain;
  bool real_time = false;
  {
    const RealTime priority;
    real_time = priority.granted();
    const double length = plan.quick ? 0.5 : 4;
    for (std::size_t round = 0; round < plan.rounds(5); ++round) {
      floor.add(slice(floor_supply, length, copy));
      sync.add(slice(sync_supply, length, [&](const Event& event) { with_sync.append(event); }));
      plain.add(slice(plain_supply, length, [&](const Event& event) { without.append(event); }));
    }
  }
  if (wants("16.p50"))
    report.add({"16.p50", "accept / memcpy to private memory, p50", 2}, ratio_at(0.5, sync, floor),
               recording.real);
  if (wants("16.p999"))
    report.add({"16.p999", "accept / memcpy to private memory, p99.9", 1.6},
               ratio_at(0.999, sync, floor), recording.real);
  if (wants("17.ratio"))
    report.add({"17.ratio", "accept p99.9, sync every 50 ms / sync off", 1.3},
               ratio_at(0.999, sync, plain), recording.real);
  if (wants("17.abs")) {
    const std::vector<double> us = [&] {
      std::vector<double> values;
      for (const double ns : sync.p999) values.push_back(ns / 1000);
      return values;
    }();
    report.add({"17.abs", "accept p99.9, us", 5},
               {quantile(sync.all, 0.999) / 1000, quantile(us, 0), quantile(us, 1), 0},
               recording.real);
  }
  for (const std::string& line : {quantiles("memcpy", floor), quantiles("sync every 50 ms", sync),
                                  quantiles("no sync", plain)})
    report.say(line);
  report.say(real_time ? "at real-time priority" : "at usual priority: real-time was refused");
}

}  // namespace mm::bench
