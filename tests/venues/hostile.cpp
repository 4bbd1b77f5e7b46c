#include "tests/venues/hostile.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "engine/record.hpp"
#include "engine/result.hpp"
#include "tests/venues/market_data.hpp"
#include "venues/binance/codec.hpp"
#include "venues/binance/live_plan.hpp"
#include "venues/capture/capture_feed.hpp"
#include "venues/hyperliquid/codec.hpp"
#include "venues/hyperliquid/exchange_reply.hpp"
#include "venues/hyperliquid/info.hpp"
#include "venues/hyperliquid/live_plan.hpp"
#include "venues/hyperliquid/user_codec.hpp"

namespace mm::test {
namespace {

namespace binance = venues::binance;
namespace hyper = venues::hyperliquid;

constexpr std::uint64_t tag = 0x00030050c6301a2b;

/// The text with foreign bytes behind it instead of blanks.
class Followed {
 public:
  Followed(std::string_view text, std::string_view behind)
      : bytes_(new char[text.size() + venues::frame_padding]), size_(text.size()) {
    std::fill_n(bytes_.get(), size_ + venues::frame_padding, ' ');
    std::copy(text.begin(), text.end(), bytes_.get());
    behind = behind.substr(0, venues::frame_padding);
    std::copy(behind.begin(), behind.end(), bytes_.get() + size_);
  }
  operator std::string_view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;  // exactly as long as promised, for AddressSanitizer
  std::size_t size_;
};

template <class T>
Answer answer_of(const Result<T>& result) {
  if (result.has_value()) return {Verdict::took, {}};
  return {Verdict::refused, result.error().message()};
}

Answer ask_binance(const char* venue, const char* symbol, std::string_view text,
                   std::string_view behind) {
  binance::Codec codec(instrument(venue, symbol));
  venues::Arena arena;
  const Followed frame(text, behind);
  const auto result = codec.decode(frame, arena);
  if (result.has_value() && result->outcome != binance::Outcome::decoded) return {};
  return answer_of(result);
}

Answer ask_hyperliquid(std::string_view text, std::string_view behind) {
  hyper::Codec codec(instrument("hyperliquid", "BTC"));
  venues::Arena arena;
  const Followed frame(text, behind);
  const auto result = codec.decode(frame, arena);
  if (result.has_value() && result->outcome == hyper::Outcome::venue_error) {
    return {Verdict::refused, std::string(result->text)};
  }
  if (result.has_value() && result->outcome != hyper::Outcome::decoded) return {};
  return answer_of(result);
}

Answer answer_of(const std::vector<Event>& events) {
  Answer answer;
  for (const Event& event : events) {
    const auto* status = std::get_if<FeedStatus>(&event.body);
    if (status != nullptr && status->state == FeedState::connected) continue;
    if (status != nullptr) return {Verdict::refused, std::string(status->detail)};
    answer.verdict = Verdict::took;
  }
  return answer;
}

Answer ask_user(std::string_view text, std::string_view behind) {
  hyper::UserCodec codec(instrument("hyperliquid", "ETH"), InstrumentId{0}, tag, Time{});
  venues::EventBatch batch;
  codec.on_frame(time_from_ns(1), Followed(text, behind), batch);
  return answer_of(batch.events());
}

Answer ask_fills(std::string_view text, std::string_view behind) {
  hyper::UserCodec codec(instrument("hyperliquid", "ETH"), InstrumentId{0}, tag, Time{});
  venues::EventBatch batch;
  codec.on_fills_reply(time_from_ns(1), Followed(text, behind), batch);
  return answer_of(batch.events());
}

/// A capture of one line behind a good one, so that the format is known.
Answer ask_archive(std::string_view text, std::string_view) {
  const std::string first = R"({"time":"2024-01-01T12:00:00.5","raw":{"channel":"pong"}})"
                            "\n";
  const int file = memfd_create("archive", 0);
  const std::string bytes = first + std::string(text) + "\n";
  if (file < 0 || write(file, bytes.data(), bytes.size()) != std::ssize(bytes)) {
    throw std::runtime_error("no memory file");
  }
  Answer answer;
  try {
    const auto feed = venues::open_capture(instrument("hyperliquid", "BTC"), InstrumentId{0},
                                           {"/proc/self/fd/" + std::to_string(file)});
    while (answer.verdict != Verdict::refused && feed->advance()) {
      const Answer of_frame = answer_of({feed->events().begin(), feed->events().end()});
      if (of_frame.verdict != Verdict::ignored) answer = of_frame;
    }
  } catch (const Error& error) {
    answer = {Verdict::refused, error.message()};
  }
  close(file);
  return answer;
}

template <auto decode>
Answer ask_reply(std::string_view text, std::string_view behind) {
  return answer_of(decode(Followed(text, behind)));
}

Answer ask_exchange(std::string_view text, std::string_view behind) {
  return answer_of(hyper::decode_exchange_reply(Followed(text, behind), 2));
}

Answer ask_post(std::string_view text, std::string_view behind) {
  const auto reply = hyper::decode_post_reply(Followed(text, behind));
  if (reply.has_value() && !reply->has_value()) return {};
  return answer_of(reply);
}

Answer ask_exchange_info(std::string_view text, std::string_view behind) {
  return answer_of(
      binance::definition_of("binance-coinm", "BTCUSD_PERP", Followed(text, behind), nullptr));
}

Answer ask_definition(std::string_view text, std::string_view behind) {
  return answer_of(hyper::listing_of("BTC", Followed(text, behind), nullptr));
}

std::string depth(const char* symbol, const char* times, const char* ids, const char* levels) {
  return std::string(R"({"stream":"x@depth@100ms","data":{"e":"depthUpdate","E":1723161256509)") +
         times + R"(,"s":")" + symbol + R"(",)" + ids + levels + "}}";
}

std::vector<Decoder> all_decoders() {
  const std::string cloid = hyper::cloid_of(tag, ClientOrderId{5});
  const auto usdm = [](auto text, auto behind) {
    return ask_binance("binance-usdm", "BTCUSDT", text, behind);
  };
  const auto coinm = [](auto text, auto behind) {
    return ask_binance("binance-coinm", "BTCUSD_PERP", text, behind);
  };
  const auto spot = [](auto text, auto behind) {
    return ask_binance("binance-spot", "BTCUSDT", text, behind);
  };
  const std::string fill =
      R"({"coin":"ETH","px":"1500.0","sz":"0.4","side":"B","time":1770524192528,"crossed":false,)"
      R"("fee":"-0.00893","oid":31,"tid":7,"feeToken":"USDC","cloid":")" +
      cloid + R"("})";
  const std::string order = R"({"coin":"ETH","side":"B","limitPx":"1500.0","sz":"1.0","oid":31,)"
                            R"("timestamp":1770381849546,"origSz":"1.0","cloid":")" +
                            cloid + R"("})";
  const std::string book =
      R"({"channel":"l2Book","data":{"coin":"BTC","time":1790234567812,"levels":[)"
      R"([{"px":"63104.0","sz":"3.41207","n":7},{"px":"63103.0","sz":"0.1428","n":1}],)"
      R"([{"px":"63105.0","sz":"1.90004","n":4}]]}})";
  return {
      {"usdm depth",
       depth("BTCUSDT", R"(,"T":1723161256505)", R"("U":10,"u":20,"pu":9,)",
             R"("b":[["61800.20","1.072"],["61800.10","0.000"]],"a":[["61800.30","2"]])"),
       usdm},
      {"usdm snapshot",
       R"({"lastUpdateId":5,"E":1723161256509,"T":1723161256505,"symbol":"BTCUSDT",)"
       R"("bids":[["61800.20","1.072"]],"asks":[["61800.30","2"]]})",
       usdm},
      {"usdm ticker",
       R"({"e":"bookTicker","u":7,"s":"BTCUSDT","b":"61800.20","B":"1.072","a":"61800.30",)"
       R"("A":"2.000","T":1723161256505,"E":1723161256509})",
       usdm},
      {"usdm aggTrade",
       R"({"e":"aggTrade","E":1723161256509,"s":"BTCUSDT","a":31,"p":"61800.20","q":"0.118",)"
       R"("f":70,"l":73,"T":1723161256505,"m":false})",
       usdm},
      {"usdm trade",
       R"({"e":"trade","E":1723161256509,"T":1723161256505,"s":"BTCUSDT","t":70,)"
       R"("p":"61800.20","q":"0.050","X":"MARKET","m":true})",
       usdm},
      {"usdm mark",
       R"({"e":"markPriceUpdate","E":1723161256509,"s":"BTCUSDT","p":"61801.72000000",)"
       R"("i":"61820.55108696","P":"61810.02113020","r":"0.00003911","T":1723161600000})",
       usdm},
      {"usdm liquidation",
       R"({"e":"forceOrder","E":1723161256509,"o":{"s":"BTCUSDT","S":"SELL","q":"0.014",)"
       R"("p":"61700.30","ap":"61790.10","z":"0.014","T":1723161256505}})",
       usdm},
      {"coinm depth",
       depth("BTCUSD_PERP", R"(,"T":1723161256505)", R"("ps":"BTCUSD","U":10,"u":20,"pu":9,)",
             R"("b":[["61800.2","8"]],"a":[["61800.3","17"]])"),
       coinm},
      {"coinm ticker",
       R"({"u":7,"e":"bookTicker","s":"BTCUSD_PERP","ps":"BTCUSD","b":"61800.2","B":"8",)"
       R"("a":"61800.3","A":"17","T":1723161256505,"E":1723161256509})",
       coinm},
      {"spot depth",
       depth("BTCUSDT", "", R"("U":10,"u":20,)",
             R"("b":[["61800.20000000","1.07200000"]],"a":[["61800.30000000","0.00000000"]])"),
       spot},
      {"spot ticker",
       R"({"u":7,"s":"BTCUSDT","b":"61800.20000000","B":"1.07","a":"61800.30000000","A":"2"})",
       spot},
      {"spot snapshot", R"({"lastUpdateId":5,"bids":[["61800.20","1"]],"asks":[["61800.30","2"]]})",
       spot},
      {"l2Book", book, ask_hyperliquid},
      {"bbo",
       R"({"channel":"bbo","data":{"coin":"BTC","time":1790234567880,"bbo":[)"
       R"({"px":"63104.0","sz":"3.41207","n":7},{"px":"63105.0","sz":"1.90004","n":4}]}})",
       ask_hyperliquid},
      {"trades",
       R"({"channel":"trades","data":[{"coin":"BTC","side":"A","px":"63104.0","sz":"0.0125",)"
       R"("time":1790234567880,"hash":"0x5b","tid":351904478120663,"users":["0x1","0x2"]}]})",
       ask_hyperliquid},
      {"context",
       R"({"channel":"activeAssetCtx","data":{"coin":"BTC","ctx":{"funding":"0.0000125",)"
       R"("openInterest":"31250.4418","premium":"-0.0002108","oraclePx":"63091.0",)"
       R"("markPx":"63104.0","midPx":null}}})",
       ask_hyperliquid},
      {"archive", R"({"time":"2024-01-01T12:00:01.138942031","ver_num":1,"raw":)" + book + "}",
       ask_archive},
      {"user fills",
       R"({"channel":"userFills","data":{"isSnapshot":false,"user":"0x1","fills":[)" + fill + "]}}",
       ask_user, true},
      {"order updates",
       R"({"channel":"orderUpdates","data":[{"order":)" + order +
           R"(,"status":"open","statusTimestamp":1770381849546}]})",
       ask_user, true},
      {"funding event",
       R"({"channel":"user","data":{"funding":{"time":1790236800057,"coin":"ETH",)"
       R"("usdc":"-0.009861","szi":"0.0125","fundingRate":"0.0000125"}}})",
       ask_user, true},
      {"fills reply", "[" + fill + "]", ask_fills},
      {"exchange",
       R"({"status":"ok","response":{"type":"order","data":{"statuses":[)"
       R"({"resting":{"oid":77738308,"cloid":")" +
           cloid +
           R"("}},)"
           R"({"filled":{"totalSz":"0.02","avgPx":"1891.4","oid":77747314}}]}}})",
       ask_exchange},
      {"post",
       R"({"channel":"post","data":{"id":123,"response":{"type":"action","payload":)"
       R"({"status":"ok","response":{"type":"default"}}}}})",
       ask_post},
      {"exchangeInfo",
       R"({"symbols":[{"symbol":"BTCUSD_PERP","contractStatus":"TRADING","contractSize":100,)"
       R"("marginAsset":"BTC","filters":[{"filterType":"PRICE_FILTER","tickSize":"0.1"},)"
       R"({"filterType":"LOT_SIZE","minQty":"1","stepSize":"1"}]}]})",
       ask_exchange_info},
      {"definition", R"({"universe":[{"name":"BTC","szDecimals":5,"maxLeverage":50}]})",
       ask_definition},
      {"meta", R"({"universe":[{"name":"BTC","szDecimals":5,"maxLeverage":50}]})",
       ask_reply<hyper::decode_meta>},
      {"open orders", "[" + order + "]", ask_reply<hyper::decode_open_orders>},
      {"order status",
       R"({"status":"order","order":{"order":)" + order +
           R"(,"status":"open","statusTimestamp":1770381849546}})",
       ask_reply<hyper::decode_order_status>},
      {"account",
       R"({"marginSummary":{"accountValue":"13109.48","totalMarginUsed":"4.96"},)"
       R"("withdrawable":"13104.51","time":1770381849546,"assetPositions":[{"type":"oneWay",)"
       R"("position":{"coin":"ETH","szi":"-0.0335","entryPx":"2986.3","liquidationPx":null,)"
       R"("unrealizedPnl":"-0.0134","marginUsed":"4.96","leverage":{"type":"cross","value":20}}}]})",
       ask_reply<hyper::decode_account_state>},
  };
}

}  // namespace

const std::vector<Decoder>& decoders() {
  static const std::vector<Decoder> all = all_decoders();
  return all;
}

const Decoder& decoder(std::string_view name) {
  const auto found = std::find_if(decoders().begin(), decoders().end(),
                                  [&](const Decoder& of) { return of.name == name; });
  if (found == decoders().end()) throw std::runtime_error("no decoder " + std::string(name));
  return *found;
}

}  // namespace mm::test
