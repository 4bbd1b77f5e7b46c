#include "bench/recording.hpp"

#include <zlib.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>

#include "engine/assert.hpp"
#include "engine/record.hpp"
#include "venues/capture/capture_feed.hpp"
#include "venues/feed_spec.hpp"
#include "venues/instruments.hpp"

namespace mm::bench {
namespace {

/// 9 August 2024, 00:00 UTC.
constexpr std::int64_t midnight_ns = 1'723'161'600'000'000'000;

struct Source {
  std::vector<venues::FeedSpec> specs;
  Time from = time_from_ns(0);
  bool real = false;
};

std::string data_root() {
  const char* const set = std::getenv("MM_DATA");
  return set != nullptr ? set : std::string{MM_SOURCE_DIR} + "/../shared/data";
}

Source sample_of(std::string_view name) {
  const std::string folder = std::string{MM_SOURCE_DIR} + "/tests/fixtures/market/";
  const auto lead = InstrumentRole::lead;
  if (name == "R1") return {{{"binance-usdm", "BTCUSDT", {folder + "binance_usdm_btcusdt.zst"}}}};
  if (name == "R2")
    return {{{"binance-coinm", "BTCUSD_PERP", {folder + "binance_coinm_btcusd_perp.zst"}}}};
  return {{{"binance-spot", "BTCUSDT", {folder + "binance_spot_btcusdt.zst"}},
           {"binance-spot", "ETHUSDT", {folder + "binance_spot_ethusdt.zst"}, lead}}};
}

Source source_of(std::string_view name) {
  const std::string folder = data_root() + "/binance/";
  const auto both = [&](const std::string& symbol) {
    return std::vector{folder + symbol + "_20240808.gz", folder + symbol + "_20240809.gz"};
  };
  const auto lead = InstrumentRole::lead;
  Source source{{}, time_from_ns(midnight_ns), true};
  if (name == "R1") {
    source.from = time_from_ns(0);
    source.specs = {{"binance-usdm", "BTCUSDT", {folder + "usdm/btcusdt_20240808.gz"}},
                    {"binance-usdm", "ETHUSDT", {folder + "usdm/ethusdt_20240808.gz"}, lead}};
  } else if (name == "R2") {
    source.specs = {{"binance-coinm", "BTCUSD_PERP", both("coinm/btcusd_perp")},
                    {"binance-coinm", "ETHUSD_PERP", both("coinm/ethusd_perp"), lead}};
  } else {
    source.specs = {{"binance-spot", "BTCUSDT", both("spot/btcusdt")},
                    {"binance-spot", "ETHUSDT", both("spot/ethusdt"), lead}};
  }
  for (const venues::FeedSpec& spec : source.specs)
    for (const std::string& file : spec.files)
      if (!std::filesystem::exists(file)) return sample_of(name);
  return source;
}

/// Counts the bytes of a gzip stream at level 6.
class GzipCounter {
 public:
  GzipCounter() {
    constexpr int gzip_window = 15 + 16;
    const int made = deflateInit2(&stream_, 6, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY);
    MM_ASSERT(made == Z_OK, "zlib refuses its default settings");
  }
  GzipCounter(const GzipCounter&) = delete;
  GzipCounter& operator=(const GzipCounter&) = delete;
  ~GzipCounter() { deflateEnd(&stream_); }

  void add(std::string_view text) { deflate_all(text, Z_NO_FLUSH); }
  std::uint64_t finish() {
    deflate_all({}, Z_FINISH);
    return stream_.total_out;
  }

 private:
  void deflate_all(std::string_view text, int flush) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    do {
      stream_.next_out = out_.data();
      stream_.avail_out = static_cast<uInt>(out_.size());
      deflate(&stream_, flush);
    } while (stream_.avail_out == 0);
  }

  z_stream stream_{};
  std::array<Bytef, std::size_t{1} << 16> out_{};
};

void define_instruments(const std::vector<Instrument>& instruments, Time at, ByteWriter& out) {
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    EventHeader header;
    header.recv_time = at;
    header.instrument = InstrumentId{static_cast<std::uint16_t>(i)};
    write_record(out, Event{header, definition_of(instruments[i])});
  }
}

void view_events(Recording& recording) {
  std::span<const std::byte> rest = recording.bytes->bytes();
  while (!rest.empty()) {
    const std::optional<Record> record = read_record(rest);
    MM_ASSERT(record.has_value(), "a record of ours does not read back");
    Event event = std::get<Event>(*record);
    event.header.seq = Seq{recording.events.size()};
    recording.rows += rows_of(event);
    recording.events.push_back(event);
    std::uint32_t size = 0;
    std::memcpy(&size, rest.data(), sizeof size);
    rest = rest.subspan(size);
  }
}

}  // namespace

std::size_t rows_of(const Event& event) {
  std::size_t rows = 1;
  if (const auto* delta = std::get_if<BookDelta>(&event.body))
    rows = delta->bids.size() + delta->asks.size();
  else if (const auto* snapshot = std::get_if<BookSnapshot>(&event.body))
    rows = snapshot->bids.size() + snapshot->asks.size();
  else if (std::holds_alternative<BestQuote>(event.body))
    rows = 2;
  return rows == 0 ? 1 : rows;
}

Recording load_recording(std::string_view name, bool with_json) {
  const Source source = source_of(name);
  Recording recording{.name = std::string{name}, .real = source.real};
  recording.bytes = std::make_unique<ByteWriter>();
  const auto table = venues::Instruments::built_in();
  const std::vector<Instrument> instruments = venues::instruments_of(source.specs, table);
  const auto market = venues::open_captures(source.specs, instruments);

  std::optional<GzipCounter> gzip;
  if (with_json) gzip.emplace();
  market->set_raw_sink([&](const venues::RawFrame& frame) {
    if (frame.recv_time < source.from) return;
    const std::string time = std::to_string(to_ns(frame.recv_time)) + " ";
    recording.json_bytes += time.size() + frame.text.size() + 1;
    if (!gzip) return;
    gzip->add(time);
    gzip->add(frame.text);
    gzip->add("\n");
  });
  while (const Event* event = market->next()) {
    if (event->header.recv_time < source.from) continue;
    if (recording.bytes->size() == 0)
      define_instruments(instruments, event->header.recv_time, *recording.bytes);
    write_record(*recording.bytes, *event);
  }
  if (gzip) recording.json_gz_bytes = gzip->finish();
  view_events(recording);
  return recording;
}

}  // namespace mm::bench
