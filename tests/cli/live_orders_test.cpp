// Real orders, end to end: mmctl record against mmctl venue, over TLS, with everything that can go
// wrong.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <thread>

#include "tests/cli/background.hpp"
#include "tests/cli/book_check.hpp"

namespace mm::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// A throw-away key of public test suites, and its address.
const std::string key = "0123456789012345678901234567890123456789012345678901234567890123";
const std::string account = "0x14791697260e4c9a71f18484c9f997b308e59325";
const RunOptions with_key{.environment = {"MMCTL_HYPERLIQUID_KEY=0x" + key}};

std::vector<std::string> record_command(const std::string& journal, const std::string& length,
                                        const std::vector<std::string>& more = {},
                                        const char* spread = "1bps") {
  std::vector<std::string> command{
      MM_MMCTL,     "record",       "--json", "--journal", journal,    "--venue", "hyperliquid:ETH",
      "--strategy", "fixed_spread", "--set",  "size=200",  "--spread", spread,    "--execution",
      "live",       "--for",        length};
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

const std::vector<std::string> limits{"--i-accept-live-orders",
                                      "--max-position",
                                      "2000",
                                      "--max-order",
                                      "500",
                                      "--max-notional",
                                      "5000",
                                      "--max-loss",
                                      "200",
                                      "--price-band",
                                      "200bps",
                                      "--max-orders-per-minute",
                                      "3000"};

std::vector<std::string> joined(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<std::string> market(const std::vector<std::string>& more = {}) {
  return joined({"--market", "synthetic:7", "--coin", "ETH", "--account", account}, more);
}

Json account_of(const LocalVenue& venue) {
  return venue.state().at("hyperliquid").at("accounts").at(0);
}

std::string position_of(const Json& venue_account) {
  const Json& positions = venue_account.at("positions");
  return positions.contains("ETH") ? positions.at("ETH").get<std::string>() : "0";
}

/// Until the venue's count of our open orders satisfies `done`, at most ten seconds.
template <class F>
void wait_for(const LocalVenue& venue, F&& done) {
  for (int i = 0; i < 500 && !done(account_of(venue).at("openOrders").size()); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
}

/// A session of so long against the venue, recorded to its end.
Outcome record_beside(const LocalVenue& venue, const std::string& journal,
                      const std::string& length, const std::vector<std::string>& given) {
  return run_program(
      joined(joined(record_command(journal, length), given), venue.client_arguments()), with_key);
}

void expect_bit_exact(const std::string& journal) {
  const Outcome replay = mmctl({"replay", "--json", "--journal", journal});
  EXPECT_EQ(replay.exit_code, 0) << replay.err;
  EXPECT_TRUE(replay.json().at("bit_exact").get<bool>());
}

std::string all_bytes_under(const fs::path& directory) {
  std::string bytes;
  for (const auto& entry : fs::recursive_directory_iterator{directory}) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in{entry.path(), std::ios::binary};
    bytes.append(std::istreambuf_iterator<char>{in}, {});
  }
  return bytes;
}

std::string proc(pid_t pid, const char* file) {
  std::ifstream in{"/proc/" + std::to_string(pid) + "/" + file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

int count(const std::string& journal, const std::string& kind, const std::string& word) {
  const Outcome cat = mmctl({"cat", "--journal", journal, "--session", "latest", "--kind", kind});
  int found = 0;
  for (std::size_t at = cat.out.find(word); at != std::string::npos;
       at = cat.out.find(word, at + 1))
    ++found;
  return found;
}

std::string feed_words(const std::string& journal) {
  return mmctl({"cat", "--journal", journal, "--session", "latest", "--kind", "feed_status"}).out;
}

/// What was last said of orders, for when a test has failed.
std::string last_words(const std::string& journal) {
  const Outcome cat = mmctl({"cat", "--journal", journal, "--kind",
                             "place_order,replace_order,cancel_order,order_ack,order_reject,"
                             "order_done,cancel_reject,fill,feed_status,rate_limit,kill_switch"});
  return cat.out.substr(cat.out.size() - std::min<std::size_t>(cat.out.size(), 8000));
}

// A quarter of an hour of market at twenty times its pace, every fault twice. Whatever happened,
// the journal replays, our position is the venue's, nothing of ours stands, and the losses are on
// record.
TEST(LiveOrders, SurviveEveryFault) {
  std::vector<std::string> faults;
  int at = 2;
  for (int round = 0; round < 2; ++round)
    for (const char* fault :
         {"drop@{}s", "gap@{}s", "duplicate@{}s", "reorder@{}s", "corrupt@{}s", "torn@{}s",
          "stall@{}s,for=500ms", "slow@{}s,for=500ms,by=200ms", "reject@{}s,for=500ms",
          "refuse@{}s,for=300ms", "clock@{}s,for=500ms,by=150ms", "reply-lost@{}s,for=500ms",
          "fill-first@{}s,for=1s", "post-only@{}s,for=500ms"}) {
      std::string text = fault;
      text.replace(text.find("{}"), 2, std::to_string(at++));
      faults.insert(faults.end(), {"--fault", text});
    }
  for (const char* fault :
       {"half-open@30s", "silence@31s,for=1s", "half-open@36s", "silence@39s,for=1s",
        "429@14s,for=300ms", "gap@8s,venue=binance-usdm", "gap@25s,venue=binance-usdm",
        "gap@42s,venue=binance-usdm", "gap@43s,venue=binance-usdm", "gap@44s,venue=binance-usdm",
        "429@27s,for=300ms", "418@28s,for=300ms,venue=binance-usdm",
        "418@9s,for=300ms,venue=binance-usdm", "ban@12s,for=500ms,coin=ETH",
        "ban@24s,for=500ms,coin=ETH"})
    faults.insert(faults.end(), {"--fault", fault});
  LocalVenue venue(market(
      joined({"--protocol", "hyperliquid,binance-usdm", "--speed", "20x", "--keep-books", "40000"},
             faults)));
  const TempDir directory;
  const std::string journal = directory / "journal";
  Background recorder(
      joined(joined(record_command(journal, "46s", {"--lead", "binance-usdm:ETHUSDT"}), limits),
             venue.client_arguments()),
      with_key);
  std::this_thread::sleep_for(std::chrono::seconds{3});
  for (const char* file : {"cmdline", "environ"})
    EXPECT_THAT(proc(recorder.pid(), file), Not(HasSubstr(key))) << file;
  const Outcome run = recorder.wait();
  ASSERT_EQ(run.exit_code, 0) << run.err;

  const Json summary = run.json();
  const Json at_venue = account_of(venue);
  EXPECT_EQ(summary.at("position"), position_of(at_venue));
  EXPECT_TRUE(at_venue.at("openOrders").empty()) << at_venue.dump();
  EXPECT_EQ(summary.at("orders_left"), 0) << last_words(journal);
  EXPECT_GT(summary.at("fills").get<int>(), 0);
  EXPECT_EQ(summary.at("fills"), at_venue.at("fills"));
  EXPECT_GE(count(journal, "feed_status", "state=lost"), 4);
  EXPECT_GE(count(journal, "feed_status", "state=gap"), 2) << feed_words(journal);
  EXPECT_GE(count(journal, "feed_status", "state=resynchronised"), 4);
  EXPECT_GE(count(journal, "feed_status", "account stream"), 2);
  EXPECT_EQ(count(journal, "alert", "position_mismatch"), 0);
  expect_bit_exact(journal);
  for (const auto& [instrument, books] :
       {std::pair{InstrumentId{0}, venue.books("hyperliquid", "ETH")},
        std::pair{InstrumentId{1}, venue.books("binance-usdm", "ETHUSDT")}}) {
    const BookCheck check = check_books(journal, instrument, books);
    EXPECT_GE(check.synchronisations, 4u) << "instrument " << instrument.value;
    EXPECT_TRUE(check.differences.empty())
        << check.differences.size() << " of " << check.books << " books and " << check.quotes
        << " quotes of instrument " << instrument.value << ", first: " << check.differences[0];
  }

  const std::string everything = all_bytes_under(directory.path()) + run.out + run.err;
  EXPECT_THAT(everything, Not(HasSubstr(key)));
  std::string binary;
  for (std::size_t i = 0; i < key.size(); i += 2)
    binary += static_cast<char>(std::stoi(key.substr(i, 2), nullptr, 16));
  EXPECT_THAT(everything, Not(HasSubstr(binary)));
}

TEST(LiveOrders, OutliveTheirVenue) {
  LocalVenue venue(market({"--protocol", "hyperliquid"}));
  const TempDir directory;
  const std::string journal = directory / "journal";
  Background recorder(
      joined(joined(record_command(journal, "6s"), limits), venue.client_arguments()), with_key);
  std::this_thread::sleep_for(std::chrono::seconds{3});
  venue.process().signal(SIGKILL);
  const Outcome run = recorder.wait(std::chrono::seconds{30});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_GE(count(journal, "feed_status", "state=lost"), 1);
  expect_bit_exact(journal);
}

// A killed recorder leaves its orders behind; the next session finds and cancels them.
TEST(LiveOrders, OfAKilledSessionAreCancelledByTheNext) {
  LocalVenue venue(market({"--protocol", "hyperliquid"}));
  const TempDir directory;
  const std::string journal = directory / "journal";
  {
    Background recorder(
        joined(joined(record_command(journal, "60s"), limits), venue.client_arguments()), with_key);
    wait_for(venue, [](std::size_t open) { return open >= 2; });
    recorder.signal(SIGKILL);
    EXPECT_EQ(recorder.wait().exit_code, 128 + SIGKILL);
  }
  ASSERT_FALSE(account_of(venue).at("openOrders").empty());
  expect_bit_exact(journal);
  Background second(joined(joined(record_command(journal, "3s"), limits), venue.client_arguments()),
                    with_key);
  const Outcome run = second.wait();
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Json at_venue = account_of(venue);
  EXPECT_TRUE(at_venue.at("openOrders").empty()) << at_venue.dump();
  EXPECT_GE(count(journal, "feed_status", "of an earlier session"), 1);
  EXPECT_EQ(run.json().at("position"), position_of(at_venue));
}

TEST(LiveOrders, EndWithTheKillSwitch) {
  LocalVenue venue(market({"--protocol", "hyperliquid"}));
  const TempDir directory;
  const std::string journal = directory / "journal";
  const auto command =
      joined(joined(record_command(journal, "60s"), limits), venue.client_arguments());
  Background recorder(command, with_key);
  wait_for(venue, [](std::size_t open) { return open >= 2; });
  const Outcome killed = mmctl({"kill", "--journal", journal});
  EXPECT_EQ(killed.exit_code, 0) << killed.out << killed.err;
  EXPECT_THAT(killed.out, HasSubstr("engaged"));
  wait_for(venue, [](std::size_t open) { return open == 0; });
  EXPECT_TRUE(account_of(venue).at("openOrders").empty());
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  EXPECT_TRUE(account_of(venue).at("openOrders").empty());  // and none comes back
  recorder.signal(SIGINT);
  const Outcome run = recorder.wait();
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_GE(count(journal, "kill_switch", "kill file"), 1);
  expect_bit_exact(journal);

  const Outcome again = run_program(command, with_key);
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, HasSubstr("the kill switch was used"));
  EXPECT_EQ(mmctl({"kill", "--journal", directory / "nowhere"}).exit_code, 3);
}

TEST(LiveOrders, EndWithASignal) {
  LocalVenue venue(market({"--protocol", "hyperliquid"}));
  const TempDir directory;
  const std::string journal = directory / "journal";
  Background recorder(
      joined(joined(record_command(journal, "60s"), limits), venue.client_arguments()), with_key);
  wait_for(venue, [](std::size_t open) { return open >= 2; });
  recorder.signal(SIGUSR1);
  wait_for(venue, [](std::size_t open) { return open == 0; });
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  EXPECT_TRUE(account_of(venue).at("openOrders").empty());
  recorder.signal(SIGTERM);
  EXPECT_EQ(recorder.wait().exit_code, 0);
  EXPECT_GE(count(journal, "kill_switch", "signal"), 1);
  expect_bit_exact(journal);

  // Until the account was synchronised nothing was decided that could only be refused.
  EXPECT_THAT(recorder.err(), HasSubstr("the account is synchronised; quotes may go out"));
  EXPECT_EQ(count(journal, "annotation", "synchronised: position 0 ETH"), 1);
  EXPECT_EQ(count(journal, "order_reject", "not synchronised"), 0);
  EXPECT_EQ(count(journal, "alert", "order_rejected"), 0) << last_words(journal);
}

// A recorder that is frozen can cancel nothing: the venue does it, when it has not been told for
// long enough that we live. Awake again, the session hears of it and goes on.
TEST(LiveOrders, AreCancelledByTheVenueWhenTheRecorderIsFrozen) {
  LocalVenue venue(market({"--protocol", "hyperliquid", "--prior-volume", "2000000"}));
  const TempDir directory;
  const std::string journal = directory / "journal";
  // Far from the market, so that nothing else takes them out.
  Background recorder(
      joined(joined(record_command(journal, "60s", {"--dead-man", "6s"}, "150bps"), limits),
             venue.client_arguments()),
      with_key);
  wait_for(venue, [](std::size_t open) { return open >= 2; });
  recorder.signal(SIGSTOP);
  const auto frozen = std::chrono::steady_clock::now();
  const auto since = [&frozen] { return std::chrono::steady_clock::now() - frozen; };
  std::this_thread::sleep_for(std::chrono::milliseconds{2500});
  EXPECT_EQ(account_of(venue).at("openOrders").size(), 2u) << "nothing else cancels them";
  wait_for(venue, [](std::size_t open) { return open == 0; });
  // It is told anew every two seconds, six seconds ahead.
  EXPECT_TRUE(account_of(venue).at("openOrders").empty());
  EXPECT_GT(since(), std::chrono::milliseconds{3500});
  EXPECT_LT(since(), std::chrono::milliseconds{8000});
  recorder.signal(SIGCONT);
  wait_for(venue, [](std::size_t open) { return open >= 2; });
  EXPECT_EQ(account_of(venue).at("openOrders").size(), 2u) << "it quotes again";
  recorder.signal(SIGINT);
  const Outcome run = recorder.wait();
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.json().at("orders_left"), 0);
  EXPECT_GE(count(journal, "order_done", "scheduledCancel"), 2) << last_words(journal);
  EXPECT_TRUE(account_of(venue).at("openOrders").empty());
  expect_bit_exact(journal);
}

// The venue's books and ours disagree twice in a row: an alert, and trading ends. (A core that has
// neither traded nor anything out takes what it is told for its opening position.)
TEST(LiveOrders, EndWhereTheVenuesPositionIsNotOurs) {
  LocalVenue venue(market({"--protocol", "hyperliquid"}));
  const TempDir directory;
  const std::string journal = directory / "journal";
  Background recorder(
      joined(joined(record_command(journal, "60s"), limits), venue.client_arguments()), with_key);
  wait_for(venue, [](std::size_t open) { return open >= 2; });
  for (int i = 0; i < 500 && account_of(venue).at("fills") == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  venue.control("position", {{"account", account}, {"coin", "ETH"}, {"by", "0.5"}});
  venue.control("fault", {{"fault", "drop@0s,venue=hyperliquid"}});  // it asks when it is back
  for (int i = 0; i < 500 && count(journal, "kill_switch", "position") == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  wait_for(venue, [](std::size_t open) { return open == 0; });
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  EXPECT_TRUE(account_of(venue).at("openOrders").empty());
  recorder.signal(SIGINT);
  const Outcome run = recorder.wait();
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(count(journal, "kill_switch", "the venue says our position is"), 1);
  EXPECT_EQ(count(journal, "alert", "position_mismatch"), 1) << last_words(journal);
  EXPECT_NE(run.json().at("position"), position_of(account_of(venue)));
  expect_bit_exact(journal);
}

// A cent is lost with the first fills: trading ends, the session goes on and ends cleanly.
TEST(LiveOrders, EndAtTheLossLimit) {
  LocalVenue venue(market({"--protocol", "hyperliquid"}));
  const TempDir directory;
  const std::string journal = directory / "journal";
  std::vector<std::string> tight = limits;
  *(std::find(tight.begin(), tight.end(), "--max-loss") + 1) = "0.01";
  const Outcome run = record_beside(venue, journal, "8s", tight);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_GE(run.json().at("fills").get<int>(), 1);
  EXPECT_EQ(count(journal, "kill_switch", "the session has lost"), 1);
  EXPECT_TRUE(account_of(venue).at("openOrders").empty());
  expect_bit_exact(journal);
}

// The venue takes signatures of the other network: ours recover to strangers.
TEST(LiveOrders, EndWhereTheSignatureIsNotAccepted) {
  LocalVenue venue(market({"--protocol", "hyperliquid", "--network", "mainnet"}));
  const TempDir directory;
  const std::string journal = directory / "journal";
  const Outcome run = record_beside(venue, journal, "3s", limits);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.json().at("fills"), 0);
  EXPECT_EQ(count(journal, "kill_switch", "does not accept our signature"), 1);
  expect_bit_exact(journal);
}

TEST(LiveOrders, AreRefusedWithoutEverythingTheyNeed) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  const std::vector<std::string> nowhere{"--network", "http://127.0.0.1:1"};
  const auto command = [&](const std::vector<std::string>& given) {
    return joined(joined(record_command(journal, "1s"), given), nowhere);
  };
  const auto refused = [](const std::vector<std::string>& words, const RunOptions& options,
                          const char* why) {
    const Outcome run = run_program(words, options);
    EXPECT_EQ(run.exit_code, 2) << why;
    EXPECT_THAT(run.err, HasSubstr(why));
    EXPECT_THAT(run.err, Not(HasSubstr(key)));
  };
  refused(command({}), with_key, "--i-accept-live-orders");
  refused(command(limits), {}, "no key");
  for (std::size_t at = 1; at < limits.size(); at += 2) {
    std::vector<std::string> without = limits;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(at),
                  without.begin() + static_cast<std::ptrdiff_t>(at) + 2);
    refused(command(without), with_key, limits[at].c_str());
  }
  refused(command(joined(limits, {"--account", "0x12"})), with_key, "--account 0x12");
  refused(command(limits), {.environment = {"MMCTL_HYPERLIQUID_KEY=" + key.substr(2) + "zz"}}, "");

  const std::string file = directory / "key";
  std::ofstream{file} << key << '\n';
  ::chmod(file.c_str(), 0644);
  const auto from_file = joined(limits, {"--key-file", file});
  refused(command(from_file), {}, "others may read it");
  refused(command(from_file), with_key, "give one of the two");
  ::chmod(file.c_str(), 0600);
  EXPECT_EQ(run_program(command(from_file)).exit_code, 4);  // only the venue is missing
  EXPECT_FALSE(fs::exists(journal));
}

}  // namespace
}  // namespace mm::test
