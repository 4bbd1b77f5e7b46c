// Goal 18: what the writer thread costs, and how much it takes when events come as fast as they
// can.

#include <fmt/format.h>

#include <string>
#include <vector>

#include "bench/blocks.hpp"
#include "bench/goals.hpp"
#include "bench/journals.hpp"
#include "bench/zstd.hpp"
#include "journal/block_codec.hpp"
#include "journal/writer.hpp"

namespace mm::bench {
namespace {

/// Payloads of the blocks that the writer makes of these events, before compression.
std::vector<std::vector<std::byte>> payloads_of(const Recording& recording) {
  std::vector<std::vector<std::byte>> payloads;
  journal::BlockBuilder builder;
  const auto seal = [&] {
    const auto payload = builder.finish();
    payloads.emplace_back(payload.begin(), payload.end());
    builder.reset();
  };
  for (const Event& event : recording.events) {
    builder.add(event);
    if (builder.rows() >= block_rows) seal();
  }
  if (!builder.empty()) seal();
  return payloads;
}

}  // namespace

void measure_writer(const Recording& recording, const Plan& plan, Report& report) {
  if (!plan.wants("18.cpu") && !plan.wants("18.rate")) return;
  ScratchDirectory scratch{plan.directory};
  const auto payloads = payloads_of(recording);
  const journal::WriterOptions options;
  Compressor zstd;
  std::vector<double> zstd_s;
  std::vector<double> writer_s;
  std::vector<double> million_rows_per_s;
  std::uint64_t waits = 0;
  for (std::size_t round = 0; round <= plan.rounds(9); ++round) {
    const double before = seconds(Clock::thread);
    for (const auto& payload : payloads)
      keep(zstd.compress(payload, options.compression_level).data());
    const double zstd_taken = seconds(Clock::thread) - before;

    journal::JournalWriter writer = journal::JournalWriter::open(scratch.fresh(), options);
    const double wall = seconds(Clock::wall);
    const double everyone = process_cpu_seconds();
    const double ours = seconds(Clock::thread);
    for (const Event& event : recording.events) writer.append(event);
    writer.flush();
    const double wall_taken = seconds(Clock::wall) - wall;
    const double writer_taken = process_cpu_seconds() - everyone - (seconds(Clock::thread) - ours);
    waits = writer.blocked_appends();
    writer.close();
    if (round == 0) continue;  // not yet warm
    zstd_s.push_back(zstd_taken);
    writer_s.push_back(writer_taken);
    million_rows_per_s.push_back(static_cast<double>(recording.rows) / wall_taken / 1e6);
  }
  if (plan.wants("18.cpu"))
    report.add({"18.cpu", "CPU of the writer thread / zstd of the same blocks alone", 3},
               ratio_of(writer_s, zstd_s), recording.real);
  if (plan.wants("18.rate"))
    report.add({"18.rate", "sustained, million rows/s until all is in blocks and synced", 8,
                Goal::Form::at_least},
               {quantile(million_rows_per_s, 0.5), quantile(million_rows_per_s, 0),
                quantile(million_rows_per_s, 1), 0},
               recording.real);
  const auto ns = [&](const std::vector<double>& s) {
    return quantile(s, 0.5) * 1e9 / static_cast<double>(recording.rows);
  };
  report.say(fmt::format("zstd {:.1f}, writer thread {:.1f} ns/row; {} appends waited for the tail",
                         ns(zstd_s), ns(writer_s), waits));
}

}  // namespace mm::bench
