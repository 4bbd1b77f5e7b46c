#pragma once

// The subcommands: their options as plain values and one function each.
//
// main.cpp fills the options from the command line; each function lives in a file of its name,
// wires the libraries together, prints, and returns the exit code (0 done, 1 the check it ran says
// no). Everything else is thrown as Error: usage 2, data 3, venue 4.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/simulator_options.hpp"

namespace mm::cli {

/// Options that stand before or after any subcommand.
struct Globals {
  std::string journal;             ///< --journal, else $MMCTL_JOURNAL, else ./journal
  std::string session = "latest";  ///< --session: an id, "latest" or "all"
  bool json = false;               ///< --json: one document on stdout
};

struct RecordOptions {
  std::vector<std::string>
      venues;                      ///< --venue VENUE:SYMBOL[=FILE[,FILE...]]: the quoted instrument
  std::vector<std::string> leads;  ///< --lead, likewise, any number
  std::string strategy = "fixed_spread";
  std::vector<std::string> parameters;  ///< --set name=value
  std::optional<std::string> spread;    ///< --spread, short for --set spread=
  std::string params;                   ///< --params FILE[,FILE...]: parameter sets of models
  std::string execution = "paper";
  std::optional<std::string> outlook;       ///< --outlook on: features and models also without need
  std::optional<std::string> window;        ///< --window, of the book's features
  std::optional<std::string> bucket;        ///< --bucket, likewise
  SimulatorOptions simulator;               ///< of paper execution
  std::optional<std::string> for_duration;  ///< --for: of recorded time, or wall time if live
  std::optional<std::string> network;       ///< --network mainnet|testnet|URL
  std::string ca_file;                      ///< --ca-file: whom to trust instead of the system's
  // Real orders (--execution live); amounts in quote currency. All limits must be given.
  bool accept_live_orders = false;  ///< --i-accept-live-orders
  std::string account;              ///< --account; default: the key's own address
  bool sub_account = false;         ///< --sub-account: the account has no key of its own
  std::string dead_man = "30s";
  std::string key_file;  ///< --key-file, else MMCTL_HYPERLIQUID_KEY
  std::optional<std::string> max_position;
  std::optional<std::string> max_order;
  std::optional<std::string> max_notional;
  std::optional<std::string> max_loss;
  std::optional<std::int64_t> max_orders_per_minute;
  std::optional<std::string> price_band;
  std::string max_data_age = "5s";
  std::optional<std::string> speed;  ///< --speed 1x: pace of a capture file; default: none
  std::string sync = "50ms";
  std::string instruments_file;  ///< --instruments
  std::uint64_t block_rows = 4096;
  bool raw = false;  ///< --raw: keep the venue's frames beside the decoded events
  std::optional<std::string> prediction_log;  ///< --prediction-log on|off|DURATION
};

/// A session on a made-up market.
struct SyntheticOptions {
  std::string market;                 ///< --market synthetic
  RecordOptions session;              ///< strategy, parameters, execution, latency, queue, length
  std::uint64_t seed = 1;             ///< --seed
  std::string config_file;            ///< --config: name=value lines
  std::vector<std::string> settings;  ///< --market-set name=value
  std::string quoted = "hyperliquid:BTC";
  std::string lead = "binance-usdm:BTCUSDT";
  std::optional<std::string> start;  ///< --start
  std::string truth_file;            ///< --truth
  bool list_parameters = false;
  bool journal_given = false;  ///< else nothing is kept but the summary
};

struct WindowOptions {
  std::optional<std::string> from;
  std::optional<std::string> to;
};

struct ReplayOptions {
  WindowOptions window;
  std::optional<std::string> speed;
  bool trace_state = false;
  std::uint64_t threads = 0;  ///< 1 or 2; 0: what is faster here
};

struct CounterfactualOptions {
  WindowOptions window;
  std::optional<std::string> spread;    ///< list "3bps,8bps" or range "1bps:20bps:1bps"
  std::vector<std::string> parameters;  ///< --set name=value[,value...]
  std::optional<std::string> queue;     ///< --queue: one or several, an ensemble
  std::vector<std::string> params;      ///< --params FILE[,FILE...], each a value to try
  std::vector<std::string> latencies;   ///< --latency 5ms[,7ms]|recorded, once or more often
  std::string sim_params;               ///< --sim-params: what calibrate-sim wrote
  bool no_bounds = false;
  std::uint64_t threads = 0;  ///< 0: all cores
  std::uint64_t batch = 0;
  std::optional<std::string> shard;  ///< --shard I/N
  std::string output;                ///< --output: the partial result of a shard
  bool csv = false;
  std::string plot;  ///< --plot FILE.svg
};

struct MergeOptions {
  std::vector<std::string> files;
  bool csv = false;
  std::string plot;
};

struct CalibrateOptions {
  WindowOptions window;
  std::optional<std::string> queue;   ///< candidates; default: every model
  std::optional<std::string> shifts;  ///< candidates for the shift of all moments
  std::string output;
  std::uint64_t least_fills = 30;
};

struct FitOptions {
  std::string model;
  WindowOptions window;
  std::optional<std::string> instrument;  ///< --instrument VENUE:SYMBOL; default: the quoted one
  std::optional<std::string> lead;        ///< --lead; default: the first other one
  double holdout = 0.25;                  ///< share of the window that judges
  std::optional<double> clips;            ///< --clips, of gamma
  std::string judge;                      ///< --judge FILE: a set to score on the window, too
  std::uint64_t seed = 1;
  std::string output;
};

struct GateOptions {
  std::vector<std::string> components;
  WindowOptions window;
  std::uint64_t threads = 0;  ///< 0: all cores
  std::uint64_t seed = 1;     ///< of the bootstrap
};

struct ParamsOptions {
  std::vector<std::string> files;
};

struct SimulateOptions {
  std::vector<std::string> venues;  ///< --venue VENUE:SYMBOL=FILE[,FILE...]
  std::string fill_rules = "mm";    ///< --fill-rules: ours, or "hft" (sim/hft_exchange.hpp)
  SimulatorOptions simulator;
  std::string script;     ///< --script: engine/book/order_script.hpp
  std::string responses;  ///< --responses: where R lines go; empty: nowhere
  std::string instruments_file;
  bool journal_given = false;  ///< whether --journal was: else nothing is recorded
};

struct CatOptions {
  WindowOptions window;
  std::vector<std::string> kinds;
  std::uint64_t limit = 0;  ///< 0 = all
  bool raw = false;         ///< raw frames instead of records
};

struct FillsOptions {
  WindowOptions window;
  bool markouts = false;
  bool csv = false;
};

struct WhyOptions {
  std::optional<std::string> fill;    ///< --fill: seq or trade id, seq:N, trade:N
  std::optional<std::string> at;      ///< --at
  WindowOptions window;               ///< what cost most; the default, over the whole session
  std::optional<std::string> around;  ///< --around: what happened so long before and behind --at
  std::optional<std::uint64_t> worst;
  bool whole_chain = false;  ///< --whole-chain: every order it descended from
};

struct VerifyOptions {
  bool rebuild_index = false;
  std::optional<std::string> salvage;
  std::uint64_t threads = 0;  ///< 1 or 2; 0: what is faster here
};

struct RegressOptions {
  std::string directory;
  std::vector<std::string> cases;  ///< names; empty = all
};

struct ImportOptions {
  std::string format;  ///< "binance-raw" or "hyperliquid-archive"
  std::vector<std::string> files;
  std::string instrument;  ///< VENUE:SYMBOL
  std::string instruments_file;
  bool raw = false;
};

struct VenueOptions {
  std::string protocols = "hyperliquid,binance-usdm";  ///< --protocol, a list
  std::vector<std::string> markets;  ///< --market VENUE:SYMBOL=FILE or synthetic:SEED
  std::string coins = "BTC,ETH";     ///< --coin, of a synthetic market
  std::string listen = "127.0.0.1:0";
  bool tls = false;
  std::string certificate = "mmctl-venue.pem";  ///< --certificate: written with --tls
  std::optional<std::string> speed;
  std::string cadence = "venue";  ///< or "recorded"
  std::uint64_t start_after = 0;
  std::optional<std::string> for_duration;  ///< --for, wall time
  std::uint64_t seed = 1;
  std::uint64_t block_ms = 70;
  std::optional<std::string> reply_delay, book_every, fast_book_every, ping_every, idle_drop,
      funding_every;
  std::uint64_t stale_depth = 0;
  std::string network = "testnet";
  std::vector<std::string> accounts;  ///< --account ADDRESS[:AGENT]
  std::string deposit = "100000";
  std::string prior_volume = "0";
  std::uint64_t keep_books = 0;
  std::vector<std::string> faults;
  std::string instruments_file;
};

int venue(const Globals& globals, const VenueOptions& options);
int record(const Globals& globals, const RecordOptions& options);
int simulate_market(const Globals& globals, const SyntheticOptions& options);
int replay(const Globals& globals, const ReplayOptions& options);
int simulate(const Globals& globals, const SimulateOptions& options);
int counterfactual(const Globals& globals, const CounterfactualOptions& options);
int merge(const Globals& globals, const MergeOptions& options);
int calibrate_sim(const Globals& globals, const CalibrateOptions& options);
int fit(const Globals& globals, const FitOptions& options);
int gate(const Globals& globals, const GateOptions& options);
int params_show(const Globals& globals, const ParamsOptions& options);
int params_diff(const Globals& globals, const ParamsOptions& options);
int params_validate(const Globals& globals, const ParamsOptions& options);
int info(const Globals& globals);
int cat(const Globals& globals, const CatOptions& options);
int fills(const Globals& globals, const FillsOptions& options);
int why(const Globals& globals, const WhyOptions& options);
int verify(const Globals& globals, const VerifyOptions& options);
int kill(const Globals& globals);
int strategies(const Globals& globals);
int regress_run(const Globals& globals, const RegressOptions& options);
int regress_accept(const Globals& globals, const RegressOptions& options);
int import_files(const Globals& globals, const ImportOptions& options);

}  // namespace mm::cli
