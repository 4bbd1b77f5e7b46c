#include "cli/live_orders.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/time_spec.hpp"
#include "engine/numeric.hpp"
#include "engine/settings.hpp"
#include "venues/hyperliquid/info.hpp"

namespace mm::cli {
namespace {

using venues::hyperliquid::Address;
using venues::hyperliquid::PrivateKey;

constexpr const char* key_variable = "MMCTL_HYPERLIQUID_KEY";
/// Orders expire by the venue's clock a few seconds after ours says they were sent.
constexpr Duration clock_tolerance = std::chrono::seconds{1};
/// What the venue demands, and a second for the way there.
constexpr Duration shortest_dead_man = std::chrono::seconds{6};

[[noreturn]] void usage(std::string message) {
  throw Error(ErrorKind::usage, std::move(message));
}

/// The key's text from the environment, which holds it no longer afterwards.
std::optional<std::string> take_from_environment() {
  char* const value = std::getenv(key_variable);
  if (value == nullptr) return std::nullopt;
  std::string text = value;
  // In place, so that /proc no longer shows it either.
  ::explicit_bzero(value, std::strlen(value));
  ::unsetenv(key_variable);
  return text;
}

std::string read_key_file(const std::string& path) {
  struct ::stat about {};
  if (::stat(path.c_str(), &about) != 0)
    usage(fmt::format("--key-file {}: {}", path, std::strerror(errno)));
  if (!S_ISREG(about.st_mode)) usage(fmt::format("--key-file {}: it is no file", path));
  if ((about.st_mode & 077) != 0)
    usage(fmt::format("--key-file {}: others may read it (mode {:o}); chmod 600 it", path,
                      about.st_mode & 07777));
  std::ifstream in{path};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (!in.good() && !in.eof()) usage(fmt::format("--key-file {}: it cannot be read", path));
  return text;
}

PrivateKey take_key(const std::string& key_file) {
  auto text = take_from_environment();
  if (text && !key_file.empty())
    usage(fmt::format("--key-file: {} is set as well; give one of the two", key_variable));
  if (!text && key_file.empty())
    usage(fmt::format("--execution live: no key; set {} or give --key-file", key_variable));
  if (!text) text = read_key_file(key_file);
  auto key = PrivateKey::from_hex(*text);
  venues::hyperliquid::wipe(*text);
  if (!key) usage(key.error().message());
  return std::move(*key);
}

Money limit(const char* flag, const std::optional<std::string>& text) {
  if (!text) usage(fmt::format("--execution live needs {}: there is no default for it", flag));
  const auto money = parse_money(*text);
  if (!money || *money <= Money{})
    usage(fmt::format("{} {}: expected a positive amount, such as 1000", flag, *text));
  return *money;
}

live::GuardLimits limits_of(const RecordOptions& options) {
  live::GuardLimits limits;
  limits.max_position = limit("--max-position", options.max_position);
  limits.max_order = limit("--max-order", options.max_order);
  limits.max_notional = limit("--max-notional", options.max_notional);
  limits.max_loss = limit("--max-loss", options.max_loss);
  if (!options.max_orders_per_minute)
    usage("--execution live needs --max-orders-per-minute: there is no default for it");
  limits.max_orders_per_minute = *options.max_orders_per_minute;
  if (!options.price_band) usage("--execution live needs --price-band: there is no default for it");
  const auto band = parse_bps(*options.price_band);
  if (!band || *band <= 0)
    usage(fmt::format("--price-band {}: expected a positive width, such as 50bps",
                      *options.price_band));
  limits.price_band_bps = *band;
  limits.stale = parse_duration("--max-data-age", options.max_data_age);
  if (limits.stale <= Duration{}) usage("--max-data-age: must be positive");
  return limits;
}

/// Runs the loop until the venue has answered one question.
std::string ask(net::Loop& loop, venues::RestGate& gate, std::string body) {
  std::optional<venues::RestGate::Answer> answer;
  gate.ask({"POST", "/info", {{"Content-Type", "application/json"}}, std::move(body)},
           [&](venues::RestGate::Answer got) { answer = std::move(got); });
  const auto patience = net::Loop::Instant::clock::now() + std::chrono::seconds{30};
  while (!answer && loop.run_one_until(patience)) {
  }
  if (!answer) throw Error(ErrorKind::venue, "hyperliquid: no answer to /info within 30 s");
  if (!answer->problem.empty()) throw Error(ErrorKind::venue, "hyperliquid: " + answer->problem);
  return answer->body;
}

template <class T>
T read(Result<T> decoded) {
  if (!decoded) throw Error(ErrorKind::venue, "hyperliquid: " + decoded.error().message());
  return std::move(*decoded);
}

}  // namespace

std::string kill_file_of(const std::string& journal) {
  return (std::filesystem::path{journal} / "kill").string();
}

LiveOrders::LiveOrders(const Globals& globals, const RecordOptions& options)
    : key_([&] {
        if (!options.accept_live_orders)
          usage("--execution live sends real orders: say --i-accept-live-orders as well");
        return take_key(options.key_file);
      }()) {
  options_.limits = limits_of(options);
  const auto account = Address::parse(options.account);
  if (!options.account.empty() && !account)
    usage(fmt::format("--account {}: expected 0x and 40 hexadecimal digits", options.account));
  options_.account = account.value_or(key_.address());
  options_.sub_account = options.sub_account;
  options_.dead_man = parse_duration("--dead-man", options.dead_man);
  if (options_.dead_man != Duration{} && options_.dead_man < shortest_dead_man)
    usage(fmt::format("--dead-man {}: the venue takes nothing below 5 s ahead; 6s or more, or 0s",
                      options.dead_man));
  options_.kill_file = kill_file_of(globals.journal);
  options_.kill_signal = SIGUSR1;
  if (std::filesystem::exists(options_.kill_file))
    usage(options_.kill_file +
          " stands: the kill switch was used; remove the file when trading may go on");
}

void LiveOrders::ask_venue(net::Loop& loop, venues::RestGates& gates,
                           const venues::Network& network, const venues::Definitions& definitions) {
  using venues::hyperliquid::UserRole;
  for (const venues::ClockOffset& clock : definitions.clocks)
    if (clock.venue == "hyperliquid" && clock.beyond(clock_tolerance))
      throw Error(ErrorKind::venue,
                  "hyperliquid: its clock and ours differ by more than a second; orders that "
                  "expire cannot be trusted: set this machine's clock");
  options_.url = venues::endpoints_of("hyperliquid", network).rest;
  options_.network = network.kind == venues::Network::Kind::mainnet
                         ? venues::hyperliquid::Network::mainnet
                         : venues::hyperliquid::Network::testnet;
  options_.instrument = definitions.instruments.front();
  options_.asset = definitions.assets.front();
  if (key_.address() == options_.account) return;
  const auto gate = gates.at(options_.url);
  const auto role = read(venues::hyperliquid::decode_user_role(
      ask(loop, *gate, venues::hyperliquid::info_request("userRole", key_.address()))));
  const bool agent = role.role == UserRole::agent && role.master == options_.account;
  if (!agent && !options_.sub_account)
    usage(
        fmt::format("--account {}: the key is of {}, which is no agent of it; approve the agent, "
                    "or give --sub-account if the account is one of its master's",
                    options_.account.text(), key_.address().text()));
}

std::unique_ptr<live::Execution> LiveOrders::start(net::Loop& loop, live::Clock& clock,
                                                   const net::TlsClient* tls,
                                                   venues::RestGates& gates,
                                                   const std::string& session_id) {
  const auto tag = venues::hyperliquid::session_tag_of(session_id);
  if (!tag) throw Error(ErrorKind::data, "the session's id " + session_id + " is too short");
  options_.session_tag = *tag;
  return std::make_unique<live::HyperliquidExecution>(loop, clock, tls, gates.at(options_.url),
                                                      std::move(key_), options_);
}

std::vector<Setting> LiveOrders::settings() const {
  const live::GuardLimits& of = options_.limits;
  return {{"account", options_.account.text()},
          {"dead_man", format_duration(options_.dead_man)},
          {"guard_max_position", format_money(of.max_position)},
          {"guard_max_order", format_money(of.max_order)},
          {"guard_max_notional", format_money(of.max_notional)},
          {"guard_max_loss", format_money(of.max_loss)},
          {"guard_max_orders_per_minute", std::to_string(of.max_orders_per_minute)},
          {"guard_price_band", format_bps(of.price_band_bps)},
          {"guard_max_data_age", format_duration(of.stale)}};
}

}  // namespace mm::cli
