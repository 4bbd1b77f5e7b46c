// Goals 1 to 3: how many bytes a row takes.

#include <fmt/format.h>
#include <zlib.h>

#include <string>

#include "bench/blocks.hpp"
#include "bench/goals.hpp"
#include "bench/rows.hpp"
#include "bench/zstd.hpp"
#include "engine/assert.hpp"

namespace mm::bench {
namespace {

double per_row(std::size_t bytes, std::size_t rows) {
  return static_cast<double>(bytes) / static_cast<double>(rows);
}

Figure exact(double value) {
  return {value, value, value, 0};
}

/// Level updates as people have them on disk today: Tardis' incremental_book_L2, CSV.
std::string tardis_csv(const Recording& deltas, std::size_t decimals_of_price,
                       std::size_t decimals_of_qty) {
  std::string csv = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n";
  const auto decimal = [](std::int64_t units, std::size_t decimals) {
    std::int64_t scale = 1;
    for (std::size_t i = 0; i < decimals; ++i) scale *= 10;
    std::string text = fmt::format("{}.{:0{}}", units / scale, units % scale, decimals);
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text;
  };
  for (const Event& event : deltas.events) {
    const auto& delta = std::get<BookDelta>(event.body);
    const bool first = event.header.instrument.value == 0;
    const std::string head =
        fmt::format("binance-futures,{},{},{},false,", first ? "BTCUSDT" : "ETHUSDT",
                    to_ns(event.header.exchange_time) / 1000, to_ns(event.header.recv_time) / 1000);
    const auto rows = [&](std::string_view side, std::span<const Level> levels) {
      for (const Level& level : levels)
        csv += fmt::format("{}{},{},{}\n", head, side,
                           decimal(level.price.units(), decimals_of_price + (first ? 0 : 1)),
                           decimal(level.qty.lots(), decimals_of_qty));
    };
    rows("bid", delta.bids);
    rows("ask", delta.asks);
  }
  return csv;
}

std::size_t gzip_bytes(const std::string& text) {
  uLongf size = compressBound(static_cast<uLong>(text.size()));
  std::vector<Bytef> out(size);
  const int done = compress2(out.data(), &size, reinterpret_cast<const Bytef*>(text.data()),
                             static_cast<uLong>(text.size()), 6);
  MM_ASSERT(done == Z_OK, "zlib refuses to compress");
  return size;
}

void compare_with_csv(const Recording& recording, const Plan& plan, Report& report) {
  Recording deltas = only<BookDelta>(recording);
  if (plan.quick) {  // the start of it: zstd-19 takes half a minute for the whole
    deltas.events.resize(deltas.events.size() / 8);
    deltas.rows = 0;
    for (const Event& event : deltas.events) deltas.rows += rows_of(event);
  }
  const auto ours = static_cast<double>(make_blocks(deltas).bytes);
  const std::string csv = tardis_csv(deltas, 1, 3);
  if (plan.wants("3.gz"))
    report.add({"3.gz", "level updates: ours / Tardis-style CSV, gzip -6", 0.42},
               exact(ours / static_cast<double>(gzip_bytes(csv))), recording.real);
  if (!plan.wants("3.zstd19")) return;
  Compressor zstd;
  const std::size_t best =
      zstd.compress(std::as_bytes(std::span{csv.data(), csv.size()}), 19).size();
  report.add({"3.zstd19", "level updates: ours / Tardis-style CSV, zstd -19", 0.62},
             exact(ours / static_cast<double>(best)), recording.real);
  report.say(fmt::format("{} level updates, ours {:.3f} B each", deltas.rows,
                         ours / static_cast<double>(deltas.rows)));
}

}  // namespace

void measure_size(const Recording& recording, const Plan& plan, Report& report) {
  const std::string& name = recording.name;
  const Blocks ours = make_blocks(recording);
  if (plan.wants("1." + name))
    report.add({"1." + name, "journal bytes/row, headers and all fields included",
                name == "R3" ? 3.5 : 3.0},
               exact(per_row(ours.bytes, ours.rows)), recording.real,
               fmt::format("{} messages, {} rows", recording.events.size(), ours.rows));
  if (name != "R1") return;
  if (plan.wants("2.rows")) {
    std::size_t bytes = 0;
    for (const RowBlock& block : make_row_blocks(recording, block_rows))
      bytes += block.compressed.size();
    report.add({"2.rows", "journal / one capnp struct a row, zstd-3", 0.56},
               exact(static_cast<double>(ours.bytes) / static_cast<double>(bytes)), recording.real,
               fmt::format("{:.3f} B/row", per_row(bytes, ours.rows)));
  }
  if (plan.wants("2.json"))
    report.add(
        {"2.json", "journal / JSON.gz of the same messages", 0.46},
        exact(static_cast<double>(ours.bytes) / static_cast<double>(recording.json_gz_bytes)),
        recording.real,
        fmt::format("JSON {:.1f}, gzip {:.2f} B/row", per_row(recording.json_bytes, ours.rows),
                    per_row(recording.json_gz_bytes, ours.rows)));
  if (plan.wants("3.gz") || plan.wants("3.zstd19")) compare_with_csv(recording, plan, report);
}

}  // namespace mm::bench
