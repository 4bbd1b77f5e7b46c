// Files as feeds: every compression and format, and what is wrong with a file in one clear line.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lz4frame.h>
#include <lzma.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "engine/record.hpp"
#include "engine/result.hpp"
#include "tests/venues/market_data.hpp"
#include "venues/capture/capture_bytes.hpp"
#include "venues/capture/capture_feed.hpp"

namespace mm {
namespace {

using ::testing::HasSubstr;

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// With checksums, as the tools of these formats write them.
std::string zstd(const std::string& text) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  return out;
}

std::string lz4(const std::string& text) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  std::string out(LZ4F_compressFrameBound(text.size(), &preferences), '\0');
  out.resize(LZ4F_compressFrame(out.data(), out.size(), text.data(), text.size(), &preferences));
  return out;
}

std::string xz(const std::string& text) {
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  std::size_t size = 0;
  lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, nullptr,
                          reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                          reinterpret_cast<std::uint8_t*>(out.data()), &size, out.size());
  out.resize(size);
  return out;
}

class CaptureFile : public ::testing::Test {
 protected:
  CaptureFile() {
    folder_ = std::filesystem::temp_directory_path() / ("mm_capture_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  ~CaptureFile() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& bytes) {
    const std::string path = folder_ / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  /// Canonical bytes of all events, one record after the other.
  static std::string events_of(const std::vector<std::string>& files,
                               const char* venue = "binance-usdm", const char* symbol = "BTCUSDT") {
    const auto feed = venues::open_capture(test::instrument(venue, symbol), InstrumentId{0}, files);
    ByteWriter bytes;
    while (feed->advance()) {
      for (const Event& event : feed->events()) write_record(bytes, event);
    }
    return {reinterpret_cast<const char*>(bytes.bytes().data()), bytes.size()};
  }

  static std::string error_of(const std::vector<std::string>& files, ErrorKind kind,
                              const char* venue = "binance-usdm", const char* symbol = "BTCUSDT") {
    try {
      events_of(files, venue, symbol);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.message();
      EXPECT_EQ(error.message().find('\n'), std::string::npos);
      return error.message();
    }
    ADD_FAILURE() << "no error";
    return {};
  }

  std::filesystem::path folder_;
};

/// A capture of `count` trades, one a millisecond, with ids from `first`.
std::string trades(int count, int first = 1) {
  std::string text;
  for (int at = 0; at < count; ++at) {
    const std::string id = std::to_string(first + at);
    text += std::to_string(1723161255000000000 + (first + at) * 1000000LL) +
            R"( {"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,)"
            R"("T":1723161256322,"s":"BTCUSDT","t":)" +
            id + R"(,"p":"61800.30","q":"0.006","X":"MARKET","m":false}})" + "\n";
  }
  return text;
}

TEST_F(CaptureFile, EveryCompressionGivesTheSameEvents) {
  const std::string text = trades(5000);
  const std::string plain = events_of({write("plain", text)});
  EXPECT_GT(plain.size(), 5000u * 32u);
  EXPECT_TRUE(events_of({write("gz", gzip(text))}) == plain);
  EXPECT_TRUE(events_of({write("zst", zstd(text))}) == plain);
  EXPECT_TRUE(events_of({write("lz4", lz4(text))}) == plain);
  EXPECT_TRUE(events_of({write("xz", xz(text))}) == plain);
}

TEST_F(CaptureFile, StreamsThatFollowEachOtherAreOneFile) {
  const std::string first = trades(2000);
  const std::string second = trades(2000, 2001);
  const std::string plain = events_of({write("plain", first + second)});
  for (const auto& pack : {gzip, zstd, lz4, xz}) {
    EXPECT_TRUE(events_of({write("packed", pack(first) + pack(second))}) == plain);
  }
}

TEST_F(CaptureFile, FilesOfOneInstrumentAreReadOneAfterAnother) {
  const std::string plain = events_of({write("plain", trades(3000))});
  EXPECT_TRUE(events_of({write("one", trades(1000)), write("two", gzip(trades(2000, 1001)))}) ==
              plain);
}

TEST_F(CaptureFile, LineEndsAndEmptyLinesDoNotMatter) {
  std::string dos = trades(3);
  for (std::size_t at = dos.find('\n'); at != std::string::npos; at = dos.find('\n', at + 2)) {
    dos.insert(at, "\r");
  }
  std::string unfinished = trades(3);
  unfinished.pop_back();
  const std::string plain = events_of({write("plain", trades(3))});
  EXPECT_TRUE(events_of({write("dos", "\n\n" + dos)}) == plain);
  EXPECT_TRUE(events_of({write("unfinished", unfinished)}) == plain);
}

TEST_F(CaptureFile, ReceiveTimesOfOldCollectorsAreMicroseconds) {
  std::string old = trades(1);
  old.erase(16, 3);
  EXPECT_TRUE(events_of({write("old", old)}) == events_of({write("new", trades(1))}));
}

TEST_F(CaptureFile, AFileThatCannotBeReadIsOneClearLine) {
  const std::string missing = folder_ / "missing.gz";
  EXPECT_THAT(error_of({missing}, ErrorKind::data), HasSubstr("missing.gz: No such file"));
  EXPECT_THAT(error_of({folder_}, ErrorKind::data), HasSubstr("not a regular file"));
  EXPECT_THAT(error_of({write("empty", "")}, ErrorKind::data), HasSubstr("the file is empty"));
  EXPECT_THAT(error_of({write("empty.gz", gzip(""))}, ErrorKind::data), HasSubstr("no lines"));
  EXPECT_THAT(error_of({write("text", "hello\x01 world\n")}, ErrorKind::data),
              HasSubstr("no capture of a known format; it begins with \"hello? world\""));
  // A good first file does not hide a bad second one.
  EXPECT_THAT(error_of({write("good", trades(10)), write("bad", "hello\n")}, ErrorKind::data),
              HasSubstr("bad: it is no capture"));
}

TEST_F(CaptureFile, ACutOrDamagedFileIsTold) {
  for (const auto& pack : {gzip, zstd, lz4, xz}) {
    const std::string whole = pack(trades(20000));
    const std::string cut = whole.substr(0, whole.size() * 2 / 3);
    EXPECT_THAT(error_of({write("cut", cut)}, ErrorKind::data), HasSubstr("it was cut off"));
    std::string damaged = whole;
    for (std::size_t at = whole.size() / 2; at < whole.size() / 2 + 20; ++at) {
      damaged[at] = static_cast<char>(damaged[at] ^ 0x5a);
    }
    error_of({write("damaged", damaged)}, ErrorKind::data);
  }
}

TEST_F(CaptureFile, OfAnotherSymbolIsTold) {
  EXPECT_THAT(error_of({write("btc", trades(100))}, ErrorKind::data, "binance-usdm", "ETHUSDT"),
              HasSubstr("nothing of binance-usdm:ETHUSDT in"));
  EXPECT_THAT(error_of({write("btc", trades(100))}, ErrorKind::data, "binance-usdm", "ETHUSDT"),
              HasSubstr("100 of other symbols"));
}

TEST_F(CaptureFile, FilesInTheWrongOrderAreRefused) {
  const std::string late = write("late", trades(10, 200000));
  const std::string early = write("early", trades(10));
  EXPECT_THAT(error_of({late, early}, ErrorKind::usage), HasSubstr("in the order of time"));
}

TEST_F(CaptureFile, ALineThatGoesBackIsTakenAtTheTimeBeforeIt) {
  const std::string path = write("back", trades(3, 10) + trades(2, 5) + trades(2, 11));
  const auto feed =
      venues::open_capture(test::instrument("binance-usdm", "BTCUSDT"), InstrumentId{0}, {path});
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> steps;
  Time last;
  while (feed->advance()) {
    EXPECT_GE(feed->recv_time(), last);
    last = feed->recv_time();
    for (const Event& event : feed->events()) {
      EXPECT_EQ(event.header.recv_time, last);
      if (const auto* trade = std::get_if<Trade>(&event.body)) ids.push_back(trade->trade_id);
      if (const auto* step = std::get_if<ClockStep>(&event.body)) steps.push_back(step->step_ns);
    }
  }
  EXPECT_EQ(ids, (std::vector<std::int64_t>{10, 11, 12, 5, 6, 11, 12}));
  EXPECT_EQ(steps, (std::vector<std::int64_t>{-7000000}));  // one for the whole run
}

TEST_F(CaptureFile, BadLinesBecomeAnomaliesAndReadingGoesOn) {
  const std::string path =
      write("odd", trades(1) + "garbage\n" + "1723161255500000000 {\"e\":\n" + trades(1, 600));
  const auto feed =
      venues::open_capture(test::instrument("binance-usdm", "BTCUSDT"), InstrumentId{0}, {path});
  int anomalies = 0;
  int printed = 0;
  while (feed->advance()) {
    for (const Event& event : feed->events()) {
      printed += event.kind() == RecordKind::trade ? 1 : 0;
      const auto* status = std::get_if<FeedStatus>(&event.body);
      if (status != nullptr && status->state == FeedState::anomaly) {
        ++anomalies;
        EXPECT_FALSE(status->detail.empty());
      }
    }
  }
  EXPECT_EQ(printed, 2);
  EXPECT_EQ(anomalies, 2);
}

TEST_F(CaptureFile, UpdatesWithoutASnapshotAreToldAtTheEnd) {
  const std::string path = write(
      "updates", trades(1) + R"(1723161255900000000 {"e":"depthUpdate","E":1723161256299,)"
                             R"("T":1723161256298,"s":"BTCUSDT","U":1,"u":2,"pu":0,"b":[],"a":[]})"
                             "\n");
  const auto feed =
      venues::open_capture(test::instrument("binance-usdm", "BTCUSDT"), InstrumentId{0}, {path});
  std::string detail;
  while (feed->advance()) {
    for (const Event& event : feed->events()) {
      if (const auto* status = std::get_if<FeedStatus>(&event.body)) detail = status->detail;
    }
  }
  EXPECT_EQ(detail, "1 depth updates without a snapshot were not used");
}

TEST_F(CaptureFile, CryptofeedSnapshotsAreOfTheSymbolInTheirUrl) {
  const auto http = [](const std::string& symbol, const std::string& id) {
    return R"({"t":"http","ts":1626992741.301402,"url":"https://h/fapi/v1/depth?symbol=)" + symbol +
           R"(&limit=1000","data":"{\"lastUpdateId\":)" + id +
           R"(,\"bids\":[[\"61800.2\",\"1\"]],\"asks\":[]}"})" + "\n";
  };
  const std::string path =
      write("feed.jsonl",
            R"({"t":"header","format":2,"recorded":1626992740.175661})"
            "\n" +
                http("ETHUSDT", "7") + http("BTCUSDT", "8") +
                R"({"t":"recv","conn":"x","ts":1626992741.5,"data":"{\"u\":9,\"e\":\"bookTicker\",)"
                R"(\"s\":\"BTCUSDT\",\"b\":\"1\",\"B\":\"1\",\"a\":\"2\",\"A\":\"1\"}"})"
                "\n");
  const auto feed =
      venues::open_capture(test::instrument("binance-usdm", "BTCUSDT"), InstrumentId{0}, {path});
  std::vector<std::int64_t> ids;
  while (feed->advance()) {
    for (const Event& event : feed->events()) {
      if (const auto* book = std::get_if<BookSnapshot>(&event.body)) ids.push_back(book->update_id);
      if (const auto* quote = std::get_if<BestQuote>(&event.body)) ids.push_back(quote->update_id);
    }
  }
  EXPECT_EQ(ids, (std::vector<std::int64_t>{8, 9}));
  EXPECT_EQ(to_ns(feed->recv_time()), 1626992741500000000);
}

TEST_F(CaptureFile, ArchiveLinesWithAndWithoutTheirEnvelope) {
  const std::string data = R"({"coin":"BTC","time":1704110399915,)"
                           R"("levels":[[{"px":"42727.0","sz":"0.02265","n":1}],[]]})";
  const std::string path = write(
      "archive", R"({"time":"2024-01-01T12:00:01.138942031","ver_num":1,"raw":{"channel":"l2Book",)"
                 R"("data":)" +
                     data + "}}\n" + R"({"time":"2024-01-01T12:00:02Z","raw":)" + data + "}\n");
  const auto feed =
      venues::open_capture(test::instrument("hyperliquid", "BTC"), InstrumentId{0}, {path});
  std::vector<std::int64_t> times;
  while (feed->advance()) {
    for (const Event& event : feed->events()) {
      if (event.kind() == RecordKind::book_snapshot) times.push_back(to_ns(feed->recv_time()));
    }
  }
  EXPECT_EQ(times, (std::vector<std::int64_t>{1704110401138942031, 1704110402000000000}));
  const std::string bare = write("bare", data + "\n");
  EXPECT_GT(events_of({bare}, "hyperliquid", "BTC").size(), 0u);
}

TEST_F(CaptureFile, RecorderCsvFilesAreReadTogether) {
  const std::string books =
      write("books.csv",
            "timestamp,sequence,exchange_timestamp,bid_price_0,bid_size_0,ask_price_0,ask_size_0\n"
            "1756904112.5,1,1756904112212,100,1e-05,101,2\n"
            "1756904114.5,1,1756904114212,100,1,101,2\n");
  const std::string prints = write("trades.csv",
                                   "timestamp,price,size,side,trade_id,exchange_timestamp\n"
                                   "1756904113.5,101,0.5,buy,9,1756904113000\n");
  const auto feed = venues::open_capture(test::instrument("hyperliquid", "BTC"), InstrumentId{0},
                                         {books, prints});
  std::string order;
  while (feed->advance()) {
    for (const Event& event : feed->events()) {
      if (event.kind() == RecordKind::book_snapshot) order += 'B';
      if (event.kind() == RecordKind::trade) order += 'T';
    }
  }
  EXPECT_EQ(order, "BTB");
  EXPECT_EQ(feed->counters().anomalies, 0);
}

TEST_F(CaptureFile, LongLinesAreReadWhole) {
  std::string bids;
  for (int at = 0; at < 60000; ++at) {
    bids += (at == 0 ? "[\"" : ",[\"") + std::to_string(100000 - at) + ".0\",\"1.000\"]";
  }
  const std::string path =
      write("long", trades(1) + "1723161255900000000 {\"lastUpdateId\":5,\"bids\":[" + bids +
                        "],\"asks\":[]}\n");
  const auto feed =
      venues::open_capture(test::instrument("binance-usdm", "BTCUSDT"), InstrumentId{0}, {path});
  std::size_t levels = 0;
  while (feed->advance()) {
    for (const Event& event : feed->events()) {
      if (const auto* book = std::get_if<BookSnapshot>(&event.body)) levels = book->bids.size();
    }
  }
  EXPECT_EQ(levels, 60000u);
}

TEST_F(CaptureFile, ProgressEndsAtTheSizeOfTheFiles) {
  const std::string path = write("progress", gzip(trades(50000)));
  const auto feed =
      venues::open_capture(test::instrument("binance-usdm", "BTCUSDT"), InstrumentId{0}, {path});
  EXPECT_EQ(feed->progress().done, 0u);
  while (feed->advance()) {
  }
  EXPECT_EQ(feed->progress().done, std::filesystem::file_size(path));
  EXPECT_EQ(feed->progress().total, std::filesystem::file_size(path));
}

TEST_F(CaptureFile, CommandLinesAreCheckedBeforeAnythingIsRead) {
  const venues::Instruments table = venues::Instruments::built_in();
  const auto specs = [](std::initializer_list<const char*> values) {
    std::vector<venues::FeedSpec> out;
    for (const char* value : values) {
      out.push_back(venues::parse_feed_spec(out.empty() ? "--venue" : "--lead", value));
    }
    return out;
  };
  const auto instruments =
      venues::instruments_of(specs({"binance-usdm:BTCUSDT=a", "binance-spot:BTCUSDT=b"}), table);
  EXPECT_EQ(instruments[0].role, InstrumentRole::quoted);
  EXPECT_EQ(instruments[1].role, InstrumentRole::lead);
  EXPECT_THROW(
      venues::instruments_of(specs({"binance-usdm:BTCUSDT=a", "binance-usdm:BTCUSDT=b"}), table),
      Error);
  const auto live = specs({"hyperliquid:BTC"});
  EXPECT_THROW(venues::open_captures(live, venues::instruments_of(live, table)), Error);
}

}  // namespace
}  // namespace mm
