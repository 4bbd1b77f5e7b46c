#pragma once

// What real orders need beyond a live session: explicit limits, consent, a key, an account, and the
// venue's word that the key may trade for the account.

#include <memory>
#include <string>

#include "cli/commands.hpp"
#include "engine/settings.hpp"
#include "live/hyperliquid_execution.hpp"
#include "venues/live/definitions.hpp"
#include "venues/live/network.hpp"

namespace mm::cli {

class LiveOrders {
 public:
  /// Checks everything the user gave, and takes the key from the environment variable
  /// MMCTL_HYPERLIQUID_KEY (which is wiped) or from `--key-file`, a file only its owner can read.
  /// Throws Error(usage), which never quotes a key.
  explicit LiveOrders(const Globals& globals, const RecordOptions& options);

  /// Takes the first of the definitions as what is traded, and asks the venue whether the key may
  /// trade for the account. Runs the loop meanwhile. Throws Error(usage) if it may not,
  /// Error(venue) if the venue does not say, or if its clock and ours are too far apart for orders
  /// that expire.
  void ask_venue(net::Loop& loop, venues::RestGates& gates, const venues::Network& network,
                 const venues::Definitions& definitions);

  /// After ask_venue(), once.
  std::unique_ptr<live::Execution> start(net::Loop& loop, live::Clock& clock,
                                         const net::TlsClient* tls, venues::RestGates& gates,
                                         const std::string& session_id);

  /// The limits as "name=value" lines for the session's settings.
  std::vector<Setting> settings() const;

 private:
  venues::hyperliquid::PrivateKey key_;
  live::HyperliquidExecutionOptions options_;
};

/// Where a journal's kill file stands (mmctl kill writes it).
std::string kill_file_of(const std::string& journal);

}  // namespace mm::cli
