// Hostile inputs: whatever stands in a frame, a reply or an archive line, it becomes an event, a
// refusal in words, or is rightly of no concern. Never a crash, never a wrong value in silence.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "tests/venues/hostile.hpp"

namespace mm::test {
namespace {

using ::testing::HasSubstr;

// ---------------------------------------------------------------- one thing wrong in a good text

struct Spoiled {
  const char* decoder;
  std::string from;
  std::string to;
  const char* says;  // part of the refusal
};

std::ostream& operator<<(std::ostream& out, const Spoiled& of) {
  return out << of.decoder << ": " << of.from.substr(0, 60) << " -> " << of.to.substr(0, 60);
}

std::string nines(std::size_t count) {
  return std::string(count, '9');
}

std::vector<Spoiled> spoiled() {
  const std::string invalid_utf8 = "\"\xff\xfe\"";
  const std::string nul = {'"', '\0', '"'};
  return {
      // huge numbers, NaN, exponents, signs, forms that are no plain decimals
      {"usdm depth", "61800.20", nines(400), "does not fit"},
      {"usdm depth", "61800.20", "0." + nines(100'000), "finer"},
      {"usdm depth", "61800.20", "NaN", "not a plain decimal"},
      {"usdm depth", "61800.20", "Infinity", "not a plain decimal"},
      {"usdm depth", "61800.20", "6.18e4", "not a plain decimal"},
      {"usdm depth", "61800.20", "+61800.20", "not a plain decimal"},
      {"usdm depth", "61800.20", "0x1p4", "not a plain decimal"},
      {"usdm depth", "61800.20", "61800,20", "not a plain decimal"},
      {"usdm depth", "61800.20", " 61800.20", "not a plain decimal"},
      {"usdm depth", "61800.20", "61800.", "not a plain decimal"},
      {"usdm depth", "61800.20", ".20", "not a plain decimal"},
      {"usdm depth", "61800.20", "", "not a plain decimal"},
      {"usdm depth", "61800.20", "-61800.20", "negative"},
      {"usdm depth", "61800.20", "0.00", "price of a quantity"},
      {"usdm depth", "61800.20", "61800.2000001", "finer"},
      {"usdm depth", "1.072", "-1.072", "negative"},
      {"usdm depth", "1.072", "1.0725", "finer"},
      {"usdm depth", "1.072", "1e-3", "not a plain decimal"},
      {"usdm depth", "61800.20", "61800\\u002e20", "not a plain decimal"},
      {"spot depth", "1.07200000", "9223372036854775808", "does not fit"},
      {"coinm depth", "\"8\"", "\"8.5\"", "finer"},
      {"l2Book", "3.41207", "nan", "not a plain decimal"},
      {"l2Book", "3.41207", "-3.41207", "negative"},
      {"l2Book", "63104.0", "1e999", "not a plain decimal"},
      {"l2Book", "63104.0", nines(30), "does not fit"},
      {"bbo", "63104.0", "0.0", "price 0"},
      {"trades", "0.0125", "0.0", "quantity 0"},
      {"trades", "63104.0", "0.0", "price 0"},
      {"context", "63104.0", "-63104.0", "negative markPx"},
      {"context", "0.0000125", "1e-5", "not a plain decimal"},
      {"usdm mark", "61801.72", "-61801.72", "negative"},
      {"usdm trade", "61800.20", "0", "price 0"},
      {"usdm aggTrade", "0.118", "0", "quantity 0"},
      {"usdm liquidation", "0.014\",\"T", "-0.014\",\"T", "negative"},
      {"user fills", "1500.0", "-1500.0", "out of range"},
      {"user fills", "\"0.4\"", "\"0.0\"", "out of range"},
      {"user fills", "-0.00893", "NaN", "not a plain decimal"},
      {"order updates", "1500.0", "1500.0.0", "not a plain decimal"},
      {"exchange", "0.02", "-0.02", "not above 0"},
      {"exchange", "1891.4", "inf", "not a plain decimal"},
      {"open orders", "\"sz\":\"1.0\"", "\"sz\":\"-1.0\"", "negative"},
      {"account", "2986.3", "-2986.3", "negative entry price"},
      {"account", "13109.48", "1.3e4", "not a plain decimal"},
      {"meta", "\"szDecimals\":5", "\"szDecimals\":60", "szDecimals"},
      {"meta", "\"szDecimals\":5", "\"szDecimals\":-1", "szDecimals"},
      {"exchangeInfo", "\"0.1\"", "\"0\"", "no step"},
      {"exchangeInfo", "\"0.1\"", "\"1e-1\"", "no step"},
      {"exchangeInfo", "\"0.1\"", "\"0.00000000000000000001\"", "too fine"},
      {"exchangeInfo", "\"minQty\":\"1\"", "\"minQty\":\"-1\"", "no quantity"},
      {"exchangeInfo", "100", "1e300", "no contractSize"},
      {"exchangeInfo", "100", "18446744073709551615", "no contractSize"},
      {"exchangeInfo", "\"symbols\":[", "\"symbols\":[null,{\"symbol\":7},", "exchangeInfo"},
      {"definition", "\"szDecimals\":5", "\"szDecimals\":5.5", "szDecimals"},
      {"definition", "\"szDecimals\":5", "\"szDecimals\":18446744073709551611", "szDecimals"},
      {"definition", "\"name\":\"BTC\"", R"("name":"BTC","name":"ETH")", "twice"},

      // books that cannot be
      {"usdm depth", "61800.20", "61800.40", "bids reach its asks"},
      {"usdm depth", "61800.30", "61800.20", "bids reach its asks"},
      {"usdm snapshot", "61800.20", "61800.30", "bids reach its asks"},
      {"usdm snapshot", R"(["61800.20","1.072"])", R"(["61800.2","1"],["61800.20","2"])",
       "one price twice"},
      {"spot ticker", "61800.20000000", "61900.20000000", "reaches its ask"},
      {"usdm ticker", "61800.20", "61800.30", "reaches its ask"},
      {"l2Book", "63105.0", "63104.0", "bids reach its asks"},
      {"l2Book", "63103.0", "63104.0", "out of order"},
      {"bbo", "63105.0", "63104.0", "reaches its ask"},
      {"l2Book", R"([{"px":"63105.0","sz":"1.90004","n":4}])", "[],[]", "more than two sides"},
      {"l2Book", R"(,[{"px":"63105.0","sz":"1.90004","n":4}])", "", "both sides"},

      // wrong types
      {"usdm depth", "\"61800.20\"", "null", "not a plain decimal"},
      {"usdm depth", "\"61800.20\"", "{}", "not a plain decimal"},
      {"usdm depth", "\"61800.20\"", "[[1]]", "not a plain decimal"},
      {"usdm depth", R"(["61800.20","1.072"])", "5", "not JSON"},
      {"usdm depth", R"(["61800.20","1.072"])", "[]", "not a plain decimal"},
      {"usdm depth", R"("a":[["61800.30","2"]])", R"("a":{"61800.30":"2"})", "both sides"},
      {"usdm depth", "\"u\":20", "\"u\":\"20\"", "not an id"},
      {"usdm depth", "\"u\":20", "\"u\":20.0", "not an id"},
      {"usdm depth", "\"u\":20", "\"u\":true", "not an id"},
      {"usdm trade", "\"m\":true", "\"m\":1", "side"},
      {"usdm trade", "\"m\":true", "\"m\":truely", "side"},
      {"usdm liquidation", "\"SELL\"", "\"SOLD\"", "side"},
      {"l2Book", "\"n\":7", "\"n\":\"7\"", "order count"},
      {"l2Book", "\"n\":7", "\"n\":7.5", "order count"},
      {"l2Book", "\"BTC\"", "[\"BTC\"]", "coin"},
      {"bbo", "\"BTC\"", "null", "coin"},
      {"trades", "\"side\":\"A\"", "\"side\":A", "side"},
      {"trades", R"([{"coin")", R"([7,{"coin")", "not JSON"},
      {"bbo", R"({"px":"63104.0","sz":"3.41207","n":7})", "{}", "not a plain decimal"},
      {"context", "\"ctx\":{", "\"cty\":{", "without a mark price"},
      {"user fills", R"("fills":[)", R"("fills":[null,)", "something else than objects"},
      {"user fills", "\"fee\":\"-0.00893\"", "\"fee\":-0.00893", "not a plain decimal"},
      {"order updates", "\"oid\":31", "\"oid\":\"31\"", "without its oid"},
      {"exchange", "\"oid\":77738308", "\"oid\":7.5", "not an integer"},
      {"exchange", "\"statuses\":[", "\"statuses\":[5,", "unknown"},
      {"post", "\"id\":123", "\"id\":-123", "id"},
      {"account", "\"value\":20", "\"value\":\"20\"", "not an integer"},

      // ids and times out of range, sizes like those of a hundred megabytes
      {"usdm depth", "\"u\":20", "\"u\":9223372036854775808", "not an id"},
      {"usdm depth", "\"u\":20", "\"u\":" + nines(25), "not an id"},
      {"usdm depth", "\"u\":20", "\"u\":-20", "not an id"},
      {"usdm depth", "\"U\":10", "\"U\":21", "U after u"},
      {"usdm aggTrade", "\"f\":70", "\"f\":74", "f after l"},
      {"usdm depth", "1723161256505", "9999999999999", "not a time"},
      {"usdm depth", "1723161256505", "0", "not a time"},
      {"usdm depth", "1723161256505", "-1723161256505", "not a time"},
      {"usdm depth", "1723161256505", "1.723e12", "not a time"},
      {"l2Book", "1790234567812", "99999999999999999999", "time"},
      {"l2Book", "1790234567812", "1790234567", "time"},
      {"l2Book", "\"n\":7", "\"n\":104857600000", "order count"},
      {"l2Book", "\"n\":7", "\"n\":-7", "order count"},
      {"trades", "351904478120663", "36893488147419103232", "tid"},
      {"trades", "351904478120663", "-1", "tid"},
      {"archive", "2024-01-01T12:00:01.138942031", "9999-01-01T00:00:00", "without a time"},
      {"archive", "2024-01-01T12:00:01.138942031", "2024-13-41T12:00:01", "without a time"},
      {"user fills", "\"tid\":7", "\"tid\":18446744073709551615", "without its tid"},
      {"user fills", "1770524192528", "9223372036854775807", "no time"},
      {"user fills", "1770524192528", "-5", "no time"},
      {"order updates", "\"statusTimestamp\":1770381849546", "\"statusTimestamp\":1e99", "no time"},
      {"exchange", "77738308", "9223372036854775808", "not an integer"},
      {"order status", "1770381849546", "-1", "not an integer"},

      // one key twice, keys that are missing
      {"usdm depth", "\"u\":20", "\"u\":20,\"u\":21", "twice"},
      {"usdm depth", "\"b\":[", "\"b\":[],\"b\":[", "twice"},
      {"usdm ticker", "\"B\":\"1.072\"", "\"B\":\"1.072\",\"B\":\"9\"", "twice"},
      {"usdm liquidation", "\"p\":", "\"p\":\"1\",\"p\":", "twice"},
      {"l2Book", "\"px\":\"63104.0\"", R"("px":"63104.0","px":"1")", "twice"},
      {"l2Book", "\"coin\":\"BTC\"", R"("coin":"BTC","coin":"ETH")", "twice"},
      {"l2Book", "\"data\":", "\"data\":1,\"data\":", "not JSON"},
      {"trades", "\"tid\":", "\"tid\":1,\"tid\":", "twice"},
      {"context", "\"markPx\":", "\"markPx\":\"1\",\"markPx\":", "twice"},
      {"archive", "\"ver_num\":1", R"("time":"2024-01-01T12:00:09")", "twice"},
      {"user fills", "\"sz\":", "\"sz\":\"9\",\"sz\":", "twice"},
      {"exchange", "\"oid\":77738308", "\"oid\":1,\"oid\":2", "twice"},
      {"exchange", R"({"resting":)", R"({"error":"no","resting":)", "unknown"},
      {"account", R"("assetPositions":[)",
       R"("assetPositions":[{"position":{"coin":"ETH","szi":"1","unrealizedPnl":"0",)"
       R"("marginUsed":"0","leverage":{"type":"cross","value":1}}},)",
       "two positions"},
      {"usdm depth", R"("s":"BTCUSDT",)", "", "without a symbol"},
      {"usdm depth", R"("E":1723161256509,)", "", "without a time"},
      {"l2Book", R"("coin":"BTC",)", "", "without a coin"},
      {"trades", R"("coin":"BTC",)", "", "coin"},
      {"user fills", R"("coin":"ETH",)", "", "no coin"},
      {"exchange", "\"avgPx\"", "\"avgPy\"", "lacks"},

      // text that is no text
      {"usdm depth", "\"BTCUSDT\"", invalid_utf8, "not JSON"},
      {"usdm depth", "\"BTCUSDT\"", nul, "not JSON"},
      {"l2Book", "\"BTC\"", invalid_utf8, "not JSON"},
      {"l2Book", "\"BTC\"", "\"BT\nC\"", "not JSON"},
      {"user fills", "\"ETH\"", invalid_utf8, "not JSON"},
      {"exchange", "\"ok\"", invalid_utf8, "not JSON"},
      {"archive", "\"BTC\"", invalid_utf8, "JSON"},
      {"exchange", "\"cloid\":\"0x", "\"cloid\":\"0y", "no cloid"},
      {"exchange", "\"ok\"", "\"OK\"", "status"},
  };
}

TEST(Hostile, OneThingWrongIsRefusedInWords) {
  std::size_t cases = 0;
  for (const Spoiled& of : spoiled()) {
    SCOPED_TRACE(of);
    std::string text = decoder(of.decoder).good;
    const std::size_t at = text.find(of.from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, of.from.size(), of.to);
    const Answer answer = decoder(of.decoder).ask(text, {});
    EXPECT_EQ(answer.verdict, Verdict::refused) << text.substr(0, 300);
    EXPECT_THAT(answer.why, HasSubstr(of.says));
    EXPECT_LT(answer.why.size(), 600u);  // a sentence, however long the frame
    ++cases;
  }
  EXPECT_GE(cases, 50u);
}

// ---------------------------------------------------------------- documents, at every decoder

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::vector<std::pair<const char*, std::string>> documents() {
  const std::string deep = repeated("[", 100'000);
  return {
      {"nothing", ""},
      {"a blank", " "},
      {"NUL bytes", std::string(100, '\0')},
      {"a byte order mark", "\xef\xbb\xbf{}"},
      {"an error page",
       "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad "
       "Gateway</h1></center></body></html>"},
      {"plain text", "upstream connect error or disconnect/reset before headers"},
      {"a number", "61800.20"},
      {"a text", "\"BTCUSDT\""},
      {"a word", "null"},
      {"half a word", "nul"},
      {"unclosed text", "{\"e\":\"depthUpdate"},
      {"a lone escape", "{\"e\":\"\\"},
      {"a bad escape", "{\"channel\":\"\\q\",\"data\":\"\\u12\"}"},
      {"invalid UTF-8", "{\"channel\":\"\xc3\x28\",\"data\":{}}"},
      {"a lone surrogate", "{\"channel\":\"\xed\xa0\x80\",\"data\":{}}"},
      {"two documents", "{}{}"},
      {"something behind", "{} x"},
      {"commas", "{,}"},
      {"deep arrays", deep},
      {"deep closed arrays", deep + std::string(100'000, ']')},
      {"deep objects", repeated("{\"data\":", 100'000)},
      {"deep data in a frame", "{\"channel\":\"userFills\",\"data\":" + deep + "}"},
      {"a deep value", "{\"e\":\"depthUpdate\",\"x\":" + deep + std::string(100'000, ']') + "}"},
      {"braces the wrong way", "}{][)("},
      {"a megabyte of one digit", std::string(1 << 20, '7')},
      {"a megabyte of text", "\"" + std::string(1 << 20, 'a') + "\""},
      {"a hundred thousand keys", "{" + repeated("\"k\":0,", 100'000) + "\"k\":0}"},
      {"a hundred thousand nulls", "[" + repeated("null,", 100'000) + "null]"},
  };
}

TEST(Hostile, NoDocumentIsTakenForWhatItIsNot) {
  for (const auto& [name, text] : documents()) {
    for (const Decoder& of : decoders()) {
      EXPECT_NE(of.ask(text, {}).verdict, Verdict::took) << name << " at " << of.name;
    }
  }
}

// A gateway's page, or nothing, must be said, not counted as an acknowledgement.
TEST(Hostile, ErrorPagesAreRefusedByAllThatDoNotPick) {
  for (const char* name : {"nothing", "an error page", "plain text", "invalid UTF-8"}) {
    for (const auto& [of_name, text] : documents()) {
      if (of_name != std::string_view(name)) continue;
      for (const Decoder& of : decoders()) {
        if (of.picks || (of.name == "archive" && text.empty())) continue;
        EXPECT_EQ(of.ask(text, {}).verdict, Verdict::refused) << name << " at " << of.name;
      }
    }
  }
}

// ---------------------------------------------------------------- truncation

TEST(Hostile, EveryDecoderTakesItsGoodText) {
  for (const Decoder& of : decoders()) {
    const Answer answer = of.ask(of.good, {});
    EXPECT_EQ(answer.verdict, Verdict::took) << of.name << ": " << answer.why;
  }
}

// The worst place to be cut: the rest of the frame still stands in the buffer behind the end.
TEST(Hostile, ATextCutAtAnyByteIsNotTaken) {
  for (const Decoder& of : decoders()) {
    for (std::size_t size = 0; size < of.good.size(); ++size) {
      const std::string_view good = of.good;
      for (const std::string_view behind : {good.substr(size), std::string_view{}}) {
        const Answer answer = of.ask(good.substr(0, size), behind);
        ASSERT_NE(answer.verdict, Verdict::took) << of.name << " cut to " << size;
        if (size > 80) {
          ASSERT_EQ(answer.verdict, Verdict::refused) << of.name << " at " << size;
        }
      }
    }
  }
}

// What stands behind a whole frame is not part of it.
TEST(Hostile, WhatFollowsAFrameInMemoryDoesNotMatter) {
  for (const Decoder& of : decoders()) {
    for (const char* behind : {"}}}}}}]]]]", "\"\"\"\"", "0123456789", "\\\\\\\\", ",{\"e\":1"}) {
      EXPECT_EQ(of.ask(of.good, behind).verdict, Verdict::took) << of.name;
      if (of.name == "archive") continue;
      EXPECT_NE(of.ask(of.good + behind, {}).verdict, Verdict::took) << of.name << " + " << behind;
    }
  }
}

// ---------------------------------------------------------------- size

std::string book_of(std::string_view level, std::size_t count) {
  return "[" + repeated(std::string(level) + ",", count - 1) + std::string(level) + "]";
}

TEST(Hostile, AMillionLevelsAreNoBook) {
  const std::string levels = book_of(R"(["61800.20","1.072"])", 1'000'000);
  std::string text = decoder("usdm depth").good;
  const std::string side = R"([["61800.20","1.072"],["61800.10","0.000"]])";
  text.replace(text.find(side), side.size(), levels);
  EXPECT_THAT(decoder("usdm depth").ask(text, {}).why, HasSubstr("more levels"));

  text = R"({"channel":"l2Book","data":{"coin":"BTC","time":1790234567812,"levels":[[],[)";
  for (int price = 1; price <= 1'000'000; ++price) {
    text += R"({"px":")" + std::to_string(price) +
            (price < 1'000'000 ? R"(","sz":"1"},)" : R"(","sz":"1"}]]}})");
  }
  EXPECT_THAT(decoder("l2Book").ask(text, {}).why, HasSubstr("more levels"));
}

}  // namespace
}  // namespace mm::test
