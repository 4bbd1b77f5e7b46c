// Goals 22 and 24: how long it takes to be at an instant, on its first event or in its state.

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "bench/blocks.hpp"
#include "bench/goals.hpp"
#include "bench/journals.hpp"
#include "bench/zstd.hpp"
#include "engine/assert.hpp"
#include "engine/random.hpp"
#include "engine/result.hpp"
#include "journal/reader.hpp"
#include "journal/replay.hpp"

namespace mm::bench {
namespace {

/// The least a seek must do: read the block's bytes and decompress them.
class BareSeek {
 public:
  explicit BareSeek(std::vector<BlockOnDisk> blocks) : blocks_(std::move(blocks)) {
    for (const BlockOnDisk& block : blocks_) {
      if (files_.contains(block.file.string())) continue;
      files_[block.file.string()] = ::open(block.file.c_str(), O_RDONLY | O_CLOEXEC);
    }
    for (const BlockOnDisk& block : blocks_) handles_.push_back(files_.at(block.file.string()));
  }
  BareSeek(const BareSeek&) = delete;
  BareSeek& operator=(const BareSeek&) = delete;
  ~BareSeek() {
    for (const auto& [name, file] : files_) ::close(file);
  }

  /// The last block that begins before `time`.
  std::size_t block_before(Time time) const {
    const auto after =
        std::partition_point(blocks_.begin(), blocks_.end(),
                             [&](const BlockOnDisk& block) { return block.first_time < time; });
    return after == blocks_.begin() ? 0 : static_cast<std::size_t>(after - blocks_.begin()) - 1;
  }
  void load(std::size_t index) {
    const BlockOnDisk& block = blocks_[index];
    stored_.resize(std::max<std::size_t>(stored_.size(), block.payload_bytes));
    const ssize_t got = ::pread(handles_[index], stored_.data(), block.payload_bytes,
                                static_cast<off_t>(block.payload_offset));
    if (got != static_cast<ssize_t>(block.payload_bytes))
      throw Error{ErrorKind::data, "bench: a block cannot be read back"};
    keep(zstd_.decompress(std::span{stored_}.first(block.payload_bytes), block.raw_bytes).data());
  }

 private:
  std::vector<BlockOnDisk> blocks_;
  std::map<std::string, int> files_;
  std::vector<int> handles_;
  std::vector<std::byte> stored_;
  Decompressor zstd_;
};

/// Folds from the checkpoint before `time` up to it, as a replay of a window does.
void reach(const journal::Journal& journal, const journal::SessionInfo& session, Time time,
           Engine& engine) {
  const Seq target = journal.seq_at(session, time);
  const auto checkpoint = journal.checkpoint_before(session, target);
  Seq from{0};
  if (checkpoint) {
    ByteReader in{checkpoint->state};
    if (!engine.restore(in)) throw Error{ErrorKind::data, "bench: a checkpoint does not restore"};
    from = checkpoint->at;
  }
  std::vector<Output> outputs;
  auto cursor = journal.read(session, journal::SeqWindow{from, target});
  while (cursor.next() == journal::RecordCursor::Item::record)
    engine.apply(cursor.event(), outputs);
}

std::vector<Time> random_times(const journal::SessionInfo& session, std::size_t count) {
  SplitMix64 random{22};
  std::vector<Time> times;
  const std::int64_t length = (session.last_time - session.first_time).count();
  for (std::size_t i = 0; i < count; ++i)
    times.push_back(session.first_time + Duration{static_cast<std::int64_t>(
                                             random.below(static_cast<std::uint64_t>(length)))});
  return times;
}

void measure_seeks(const journal::Journal& journal, const journal::SessionInfo& session,
                   BareSeek& bare, const Plan& plan, Report& report, bool judged) {
  const std::vector<Time> times = random_times(session, 2000);
  std::vector<double> seek_us;
  std::vector<double> seek_round;
  std::vector<double> bare_round;
  for (std::size_t round = 0; round <= plan.rounds(9); ++round) {
    double seeks = 0;
    double bares = 0;
    for (std::size_t i = 0; i < times.size(); ++i) {
      const double begin = seconds(Clock::thread);
      keep(journal.seq_at(session, times[i]).value);
      const double between = seconds(Clock::thread);
      // Not the block that was just read: its bytes are in the caches, its lengths in the branch
      // predictors.
      bare.load(bare.block_before(times[(i + times.size() / 2) % times.size()]));
      const double end = seconds(Clock::thread);
      seeks += between - begin;
      bares += end - between;
      if (round != 0) seek_us.push_back((between - begin) * 1e6);
    }
    if (round == 0) continue;  // warms the page cache
    seek_round.push_back(seeks);
    bare_round.push_back(bares);
  }
  if (plan.wants("22.ratio"))
    report.add({"22.ratio", "seek to an event by time, hot / pread + zstd of its block", 1.25},
               ratio_of(seek_round, bare_round), judged);
  const auto absolute = [&](const char* id, const char* name, double limit, double q) {
    const double value = quantile(seek_us, q);
    if (plan.wants(id)) report.add({id, name, limit}, {value, value, value, 0}, judged);
  };
  absolute("22.p50", "seek, p50, us", 50, 0.5);
  absolute("22.p99", "seek, p99, us", 120, 0.99);
  report.say(fmt::format("pread + zstd {:.1f} us a block",
                         quantile(bare_round, 0.5) * 1e6 / static_cast<double>(times.size())));
}

void measure_states(const journal::Journal& journal, const journal::SessionInfo& session,
                    const Plan& plan, Report& report, bool judged) {
  const auto checkpoint = journal.checkpoint_before(session, session.end_seq);
  if (!checkpoint) throw Error{ErrorKind::data, "bench: the journal has no checkpoint"};
  if (plan.wants("24.restore")) {
    Engine engine = make_null_engine();
    std::vector<double> us;
    for (std::size_t i = 0; i < 200; ++i) {
      const double begin = seconds(Clock::thread);
      ByteReader in{checkpoint->state};
      if (!engine.restore(in)) throw Error{ErrorKind::data, "bench: a checkpoint does not restore"};
      us.push_back((seconds(Clock::thread) - begin) * 1e6);
    }
    report.add({"24.restore", "restore the state of both full books, us", 250},
               {quantile(us, 0.5), quantile(us, 0), quantile(us, 1), 0}, judged,
               fmt::format("{} kB", checkpoint->state.size() / 1000));
  }
  if (!plan.wants("24.instant")) return;
  std::vector<double> ms;
  for (const Time time : random_times(session, plan.quick ? 50 : 400)) {
    Engine engine = make_null_engine();
    const double begin = seconds(Clock::thread);
    reach(journal, session, time, engine);
    ms.push_back((seconds(Clock::thread) - begin) * 1e3);
  }
  report.add({"24.instant", "state at any instant, ms, p99 of random ones", 3},
             {quantile(ms, 0.99), quantile(ms, 0), quantile(ms, 1), 0}, judged,
             fmt::format("p50 {:.2f} ms", quantile(ms, 0.5)));
}

}  // namespace

void measure_seek(const Recording& recording, const Plan& plan, Report& report) {
  const bool seeks = plan.wants("22.ratio") || plan.wants("22.p50") || plan.wants("22.p99");
  if (!seeks && !plan.wants("24.restore") && !plan.wants("24.instant")) return;
  ScratchDirectory scratch{plan.directory};
  const std::filesystem::path dir = scratch.fresh();
  record_repeatedly(dir, recording, plan.quick ? 2 : 10);
  const journal::Journal journal = journal::Journal::open(dir);
  const journal::SessionInfo& session = journal.sessions().back();
  BareSeek bare{blocks_on_disk(dir)};
  if (seeks) measure_seeks(journal, session, bare, plan, report, recording.real);
  measure_states(journal, session, plan, report, recording.real);
}

}  // namespace mm::bench
