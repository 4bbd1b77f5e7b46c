// The book of a recorded session is the venue's own, level by level, through everything that makes
// a feed synchronise again.

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <sstream>
#include <string>
#include <thread>

#include "tests/cli/background.hpp"
#include "tests/cli/book_check.hpp"

namespace mm::test {
namespace {

struct Feed {
  const char* venue;
  const char* symbol;
};
constexpr Feed feeds[] = {
    {"hyperliquid", "ETH"}, {"binance-usdm", "ETHUSDT"}, {"binance-spot", "ETHUSDT"}};
constexpr std::size_t least_synchronisations = 4;  ///< the first one, and after three losses

/// How often the feed that has had most trouble least often stood again, as far as it is on disk.
std::size_t fewest_resynchronisations(const std::string& journal) {
  std::size_t fewest = least_synchronisations;
  for (const Feed& feed : feeds) {
    const std::string name = std::string{feed.venue} + ":" + feed.symbol + " ";
    std::istringstream lines(mmctl({"cat", "--journal", journal, "--kind", "feed_status"}).out);
    std::size_t found = 0;
    for (std::string line; std::getline(lines, line);) {
      const bool of_feed = line.find(name) != std::string::npos;
      found += of_feed && line.find("state=resynchronised") != std::string::npos;
    }
    fewest = std::min(fewest, found);
  }
  return fewest;
}

TEST(LiveBooks, AreTheVenuesThroughEveryResynchronisation) {
  std::vector<std::string> arguments{"--market",     "synthetic:11",
                                     "--coin",       "ETH",
                                     "--protocol",   "hyperliquid,binance-usdm,binance-spot",
                                     "--speed",      "20x",
                                     "--keep-books", "40000"};
  for (const char* fault : {"drop@2s",
                            "gap@4s,venue=binance-usdm",
                            "gap@4s,venue=binance-spot",
                            "gap@4s,venue=hyperliquid",
                            "torn@5s,venue=hyperliquid",
                            "torn@5s,venue=binance-usdm",
                            "torn@5s,venue=binance-spot",
                            "corrupt@7s,venue=binance-usdm",
                            "corrupt@7s,venue=binance-spot",
                            "corrupt@7s,venue=hyperliquid",
                            "reorder@8s,venue=binance-usdm",
                            "reorder@8s,venue=binance-spot",
                            "reorder@8s,venue=hyperliquid",
                            "duplicate@9s,venue=binance-usdm",
                            "duplicate@9s,venue=binance-spot",
                            "duplicate@9s,venue=hyperliquid",
                            "stall@10s,for=300ms",
                            "clock@10s,for=300ms,by=150ms",
                            "drop@11s",
                            "ban@12s,for=300ms,coin=ETH",
                            "slow@13s,for=300ms,by=100ms"})
    arguments.insert(arguments.end(), {"--fault", fault});
  const LocalVenue venue(arguments, /*tls=*/false);
  const TempDir directory;
  const std::string journal = directory / "journal";
  std::vector<std::string> command{MM_MMCTL,
                                   "record",
                                   "--json",
                                   "--journal",
                                   journal,
                                   "--venue",
                                   "hyperliquid:ETH",
                                   "--lead",
                                   "binance-usdm:ETHUSDT",
                                   "--lead",
                                   "binance-spot:ETHUSDT",
                                   "--execution",
                                   "none",
                                   "--for",
                                   "80s"};
  for (const std::string& word : venue.client_arguments()) command.push_back(word);
  Background recorder(command);
  std::this_thread::sleep_for(std::chrono::seconds{15});
  // A timed fault may have met a socket that was down, which loses nothing, and waits double with
  // each loss: cut until every feed has come back often enough, then end.
  for (std::size_t found;
       (found = fewest_resynchronisations(journal)) + 1 < least_synchronisations;) {
    if (!recorder.runs()) break;
    venue.control("fault", {{"fault", "drop@0s"}});
    while (recorder.runs() && fewest_resynchronisations(journal) == found)
      std::this_thread::sleep_for(std::chrono::milliseconds{200});
  }
  recorder.signal(SIGINT);
  const Outcome run = recorder.wait();
  ASSERT_EQ(run.exit_code, 0) << run.err;

  for (std::uint16_t at = 0; at < std::size(feeds); ++at) {
    const Feed& feed = feeds[at];
    Json books = venue.books(feed.venue, feed.symbol);
    const BookCheck check = check_books(journal, InstrumentId{at}, books);
    EXPECT_GE(check.synchronisations, least_synchronisations) << feed.venue;
    EXPECT_GT(check.books, 100u) << feed.venue;
    EXPECT_EQ(check.quotes > 100, at == 0) << "only Hyperliquid's quotes are compared";
    EXPECT_TRUE(check.differences.empty())
        << feed.venue << ": " << check.differences.size() << " of " << check.books << " and "
        << check.quotes << ", first: " << check.differences.front();

    // What it compares with matters: with one lot more at the venue's best bid nothing is right.
    for (Json& book : books) {
      Json& bids = book[1];
      if (bids.empty()) bids.push_back({1, 0});
      bids[0][1] = bids[0][1].get<std::int64_t>() + 1;
    }
    EXPECT_EQ(check_books(journal, InstrumentId{at}, books).differences.size(),
              check.books + check.quotes + check.synchronisations - 1)
        << feed.venue;
  }
}

}  // namespace
}  // namespace mm::test
