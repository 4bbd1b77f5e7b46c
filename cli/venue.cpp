// mmctl venue: the stand-in venue on a port.

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "cli/commands.hpp"
#include "cli/time_spec.hpp"
#include "engine/numeric.hpp"
#include "net/tls.hpp"
#include "standin/server.hpp"
#include "venues/feed_spec.hpp"
#include "venues/hyperliquid/keys.hpp"

namespace mm::cli {
namespace {

[[noreturn]] void usage(std::string message) {
  throw Error(ErrorKind::usage, std::move(message));
}

std::vector<std::string> list_of(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    if (comma > at) parts.push_back(text.substr(at, comma - at));
    at = comma + 1;
  }
  return parts;
}

std::uint64_t integer(std::string_view flag, const std::string& text) {
  const auto value = parse_decimal(text, 0);
  if (!value || *value < 0) usage(fmt::format("{}: '{}' is no whole number", flag, text));
  return static_cast<std::uint64_t>(*value);
}

Money money(std::string_view flag, const std::string& text) {
  const auto value = parse_money(text);
  if (!value || *value < Money{}) usage(fmt::format("{}: '{}' is no amount", flag, text));
  return *value;
}

std::string address(const std::string& flag, const std::string& text) {
  const auto parsed = venues::hyperliquid::Address::parse(text);
  if (!parsed) usage(fmt::format("{}: '{}' is not 0x and 40 hexadecimal digits", flag, text));
  return parsed->text();
}

standin::Options options_of(const VenueOptions& from) {
  standin::Options to;
  to.hyperliquid = to.usdm = to.spot = false;
  for (const std::string& protocol : list_of(from.protocols)) {
    if (protocol == "hyperliquid") {
      to.hyperliquid = true;
    } else if (protocol == "binance-usdm") {
      to.usdm = true;
    } else if (protocol == "binance-spot") {
      to.spot = true;
    } else {
      usage(fmt::format("--protocol {}: hyperliquid, binance-usdm or binance-spot", protocol));
    }
  }
  if (!to.hyperliquid && !to.usdm && !to.spot) usage("--protocol: name at least one");
  to.seed = from.seed;
  to.coins = list_of(from.coins);
  for (const std::string& market : from.markets) {
    if (market.starts_with("synthetic:")) {
      if (from.markets.size() > 1) usage("--market synthetic:SEED stands alone");
      to.seed = integer("--market synthetic:", market.substr(10));
      continue;
    }
    venues::FeedSpec spec = venues::parse_feed_spec("--market", market);
    if (spec.files.empty()) usage(fmt::format("--market {}: no capture named; =FILE", market));
    to.captures.push_back(std::move(spec));
  }
  const auto duration = [](std::string_view flag, const std::optional<std::string>& text,
                           Duration& out) {
    if (text) out = parse_duration(flag, *text);
  };
  if (const auto speed = parse_speed("--speed", from.speed)) to.speed = *speed;
  to.cadence = from.cadence == "recorded" ? standin::hyperliquid::Cadence::recorded
                                          : standin::hyperliquid::Cadence::venue;
  to.start_after = from.start_after;
  to.block = std::chrono::milliseconds{static_cast<std::int64_t>(from.block_ms)};
  duration("--reply-delay", from.reply_delay, to.reply_delay);
  duration("--book-every", from.book_every, to.book_every);
  duration("--fast-book-every", from.fast_book_every, to.fast_book_every);
  duration("--ping-every", from.ping_every, to.ping_every);
  duration("--idle-drop", from.idle_drop, to.idle_drop);
  duration("--funding-every", from.funding_every, to.funding_every);
  to.stale_depth_one_in = from.stale_depth;
  to.mainnet = from.network == "mainnet";
  for (const std::string& account : from.accounts) {
    const std::size_t colon = account.find(':');
    standin::AccountSpec spec;
    spec.address = address("--account", account.substr(0, colon));
    if (colon != std::string::npos) spec.agent = address("--account", account.substr(colon + 1));
    to.accounts.push_back(std::move(spec));
  }
  to.deposit = money("--deposit", from.deposit);
  to.prior_volume = money("--prior-volume", from.prior_volume);
  to.keep_books = from.keep_books;
  for (const std::string& fault : from.faults) {
    to.faults.push_back(standin::parse_fault(fault).value());
  }
  return to;
}

}  // namespace

int venue(const Globals& globals, const VenueOptions& options) {
  const standin::Options chosen = options_of(options);
  const std::size_t colon = options.listen.rfind(':');
  if (colon == std::string::npos) {
    usage(fmt::format("--listen {}: expected ADDRESS:PORT", options.listen));
  }
  std::string host = options.listen.substr(0, colon);
  const std::uint64_t port = integer("--listen", options.listen.substr(colon + 1));
  if (port > 65535) usage(fmt::format("--listen {}: no such port", options.listen));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::optional<Duration> length;
  if (options.for_duration) length = parse_duration("--for", *options.for_duration);
  const auto table = options.instruments_file.empty()
                         ? venues::Instruments::built_in()
                         : venues::Instruments::from_file(options.instruments_file);

  net::Loop loop;
  std::optional<net::TlsServer> tls;
  if (options.tls) tls = net::TlsServer::self_signed(options.certificate);
  standin::StandIn stand_in(
      chosen, table, std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()));
  standin::VenueServer server(loop, host, static_cast<std::uint16_t>(port), tls ? &*tls : nullptr,
                              stand_in);
  int code = 0;
  server.on_failure([&](const std::string& message) {
    fmt::print(stderr, "mmctl venue: the market ends here: {}\n", message);
    code = 3;
  });
  net::Signals signals(loop, {SIGINT, SIGTERM}, [&](int) { loop.stop(); });
  net::Timer end(loop);
  if (length) end.expire_after(*length, [&] { loop.stop(); });

  const std::string shown = host.find(':') == std::string::npos ? host : "[" + host + "]";
  const std::string url = fmt::format("{}://{}:{}", tls ? "https" : "http", shown, server.port());
  if (globals.json) {
    fmt::print("{{\"url\":\"{}\",\"port\":{},\"tls\":{},\"certificate\":{}}}\n", url, server.port(),
               tls.has_value(), tls ? "\"" + options.certificate + "\"" : "null");
  } else {
    fmt::print("{}\n", url);
  }
  std::fflush(stdout);
  loop.run();
  return code;
}

}  // namespace mm::cli
