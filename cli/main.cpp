// mmctl: the command line. Options become values here; the commands do the rest.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <new>

#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "engine/det/self_check.hpp"
#include "engine/result.hpp"

namespace mm::cli {
namespace {

constexpr int exit_usage = 2;

int exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return exit_usage;
    case ErrorKind::data:
      return 3;
    case ErrorKind::venue:
      return 4;
  }
  return 3;
}

void add_window(CLI::App* command, WindowOptions& window) {
  command->add_option("--from", window.from,
                      "Start of the window: RFC 3339, a time of day, -5m before the end, start");
  command->add_option("--to", window.to, "End of the window (exclusive), likewise, or end");
}

/// A subcommand and what it runs.
struct Command {
  CLI::App* app;
  std::function<int()> run;
};

class CommandLine {
 public:
  CommandLine() {
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.set_help_all_flag("--help-all", "Help for every subcommand");
    const char* from_environment = std::getenv("MMCTL_JOURNAL");
    globals_.journal =
        from_environment != nullptr && *from_environment != '\0' ? from_environment : "./journal";
    app_.add_option("--journal", globals_.journal,
                    "Journal directory (default $MMCTL_JOURNAL, else ./journal)");
    app_.add_option("--session", globals_.session, "Session: an id, latest or all");
    app_.add_flag("--json", globals_.json, "One JSON document on stdout");
    app_.set_version_flag("--version", "mmctl " MM_VERSION);
    add_recording();
    add_venue();
    add_replaying();
    add_simulate();
    add_looking();
    add_regress();
    add_fitting();
    add_completion();
  }

  int run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      const int code = app_.exit(error);
      return code == 0 ? 0 : exit_usage;
    }
    for (const Command& command : commands_)
      if (command.app->parsed()) return command.run();
    return exit_usage;
  }

 private:
  CLI::App* add(const std::string& name, const std::string& help, std::function<int()> run,
                CLI::App* parent = nullptr) {
    CLI::App* command = (parent != nullptr ? parent : &app_)->add_subcommand(name, help);
    command->fallthrough();
    if (run) commands_.push_back({command, std::move(run)});
    return command;
  }

  void add_recording() {
    CLI::App* command =
        add("record", "Record a session", [this] { return record(globals_, record_); });
    command
        ->add_option("--venue", record_.venues,
                     "Quoted instrument: VENUE:SYMBOL live, VENUE:SYMBOL=FILE[,FILE...] from raw "
                     "captures")
        ->required();
    command->add_option("--lead", record_.leads, "Lead instrument, likewise; may be repeated");
    command->add_option("--strategy", record_.strategy, "Strategy (see mmctl strategies)");
    command->add_option("--set", record_.parameters, "Strategy parameter name=value; repeatable");
    command->add_option("--spread", record_.spread, "Short for --set spread=WIDTH");
    command->add_option("--prediction-log", record_.prediction_log,
                        "What predicting strategies expect of their orders: on, off, or how often "
                        "at most (default on)");
    command->add_option("--params", record_.params,
                        "Parameter sets of models (see mmctl fit): FILE[,FILE...]");
    command->add_option("--execution", record_.execution, "none, paper or live")
        ->check(CLI::IsMember({"none", "paper", "live"}));
    add_outlook(command, record_, "Features and models");
    add_simulator(command, record_.simulator, "Paper execution");
    command->add_option("--for", record_.for_duration,
                        "Stop after this much recorded time (live: wall time)");
    command->add_option("--network", record_.network,
                        "Live: mainnet, testnet or the URL of a local venue (default mainnet; "
                        "testnet for --execution live)");
    command->add_option("--ca-file", record_.ca_file,
                        "Live: certificates to trust instead of the system's");
    add_live_orders(command);
    command->add_option("--speed", record_.speed, "Pace of a capture file, for example 1x or 20x");
    command->add_option("--sync", record_.sync, "Power-loss bound: a duration, always or none");
    command->add_option("--instruments", record_.instruments_file,
                        "Instrument definitions instead of the built-in ones");
    command->add_option("--block-rows", record_.block_rows, "Rows per journal block")
        ->check(CLI::Range(64, 65536));
    command->add_flag("--raw", record_.raw, "Keep the raw frames in the journal as well");

    command = add("import", "Turn other recordings into a journal, without quoting",
                  [this] { return import_files(globals_, import_); });
    command->add_option("format", import_.format, "binance-raw or hyperliquid-archive")->required();
    command->add_option("files", import_.files, "Files, in order")->required();
    command->add_option("--instrument", import_.instrument, "VENUE:SYMBOL of the files")
        ->required();
    command->add_option("--instruments", import_.instruments_file,
                        "Instrument definitions instead of the built-in ones");
    command->add_flag("--raw", import_.raw, "Keep the raw frames in the journal as well");
  }

  void add_venue() {
    CLI::App* command =
        add("venue", "A local venue that speaks Hyperliquid's and Binance's protocols",
            [this] { return venue(globals_, venue_); });
    command->add_option("--protocol", venue_.protocols,
                        "hyperliquid, binance-usdm, binance-spot; a list");
    command
        ->add_option("--market", venue_.markets,
                     "VENUE:SYMBOL=FILE[,FILE...] (repeatable) or synthetic:SEED")
        ->required();
    command->add_option("--coin", venue_.coins, "Coins of a synthetic market; a list");
    command->add_option("--listen", venue_.listen, "ADDRESS:PORT; port 0 takes a free one");
    command->add_flag("--tls", venue_.tls, "With a certificate made for the occasion");
    command->add_option("--certificate", venue_.certificate,
                        "Where --tls writes it, for a client's --ca-file");
    command->add_option("--speed", venue_.speed, "Pace of the market, for example 20x");
    command->add_option("--cadence", venue_.cadence, "venue: its own clocks; recorded: 1:1")
        ->check(CLI::IsMember({"venue", "recorded"}));
    command->add_option("--start-after", venue_.start_after,
                        "The market stands still until so many subscriptions were made");
    command->add_option("--for", venue_.for_duration, "Stop after this long");
    command->add_option("--seed", venue_.seed, "Of what is drawn: delays, ids, oids");
    command->add_option("--block-ms", venue_.block_ms, "Block time")->check(CLI::Range(1, 60000));
    command->add_option("--reply-delay", venue_.reply_delay, "Median from block to reply (200ms)");
    command->add_option("--book-every", venue_.book_every, "l2Book cadence (5400ms)");
    command->add_option("--fast-book-every", venue_.fast_book_every, "and of the fast one (540ms)");
    command->add_option("--ping-every", venue_.ping_every, "Binance's protocol pings");
    command->add_option("--idle-drop", venue_.idle_drop,
                        "Hyperliquid's drop of silent sockets (60s)");
    command->add_option("--funding-every", venue_.funding_every, "Funding interval (1h)");
    command->add_option("--stale-depth", venue_.stale_depth,
                        "One in so many depth snapshots is too old (0: none)");
    command->add_option("--network", venue_.network, "Whom L1 signatures are made for")
        ->check(CLI::IsMember({"mainnet", "testnet"}));
    command->add_option("--account", venue_.accounts, "ADDRESS[:AGENT] that may trade; repeatable");
    command->add_option("--deposit", venue_.deposit, "USDC of each account");
    command->add_option("--prior-volume", venue_.prior_volume, "USDC each has traded before");
    command->add_option("--keep-books", venue_.keep_books,
                        "how many shown states of each book GET /control/books remembers");
    command->add_option(
        "--fault", venue_.faults,
        "KIND@TIME[,for=2s][,venue=NAME][,coin=..][,by=..][,status=..]; repeatable");
    command->add_option("--instruments", venue_.instruments_file,
                        "Instrument definitions instead of the built-in ones");
  }

  static void add_outlook(CLI::App* command, RecordOptions& options, const char* group) {
    const auto option = [&](const char* name, auto& value, const char* help) {
      return command->add_option(name, value, help)->group(group);
    };
    option(
        "--outlook", options.outlook,
        "on: features and models run and tell of walls, flushes and regimes whatever the strategy");
    option("--window", options.window,
           "How far from the mid the book's features look, like 50bps (default by venue)");
    option("--bucket", options.bucket, "Width of its buckets (default a tenth of the window)");
  }

  static void add_simulator(CLI::App* command, SimulatorOptions& options, const char* group) {
    const auto option = [&](const char* name, auto& value, const char* help) {
      return command->add_option(name, value, help)->group(group);
    };
    option("--latency", options.latency,
           "Entry and response latency: 5ms, 5ms,7ms, with 5ms;cancel=3ms per kind, rows:FILE or "
           "empirical:FILE of round trips");
    option("--queue", options.queue, "Queue model risk_averse|power:N|power2:N|power3:N|log|log2");
    option("--fees", options.fees, "Maker and taker rate, for example 2bps,5bps, or tier:N");
    option("--replace-queue", options.replace_queue,
           "What a replace does to the place in the queue: venue, back or keep");
    option("--venue-orders-per-minute", options.venue_orders_per_minute,
           "Places and replaces the venue takes in a minute");
    option("--seed", options.seed, "Of latencies that are drawn");
    option("--sim-params", options.sim_params, "Queue model and latency from calibrate-sim");
  }

  void add_live_orders(CLI::App* command) {
    const auto option = [&](const char* name, auto& value, const char* help) {
      return command->add_option(name, value, help)->group("Real orders (--execution live)");
    };
    option("--account", record_.account, "Account to trade for (default: the key's own)");
    option("--key-file", record_.key_file,
           "File with the private key, mode 0600 (else MMCTL_HYPERLIQUID_KEY)");
    option("--max-position", record_.max_position, "Largest position, quote currency");
    option("--max-order", record_.max_order, "Largest order, quote currency");
    option("--max-notional", record_.max_notional, "Position and all orders, quote currency");
    option("--max-loss", record_.max_loss, "Trading ends at this net loss, quote currency");
    option("--max-orders-per-minute", record_.max_orders_per_minute, "Placing messages")
        ->check(CLI::PositiveNumber);
    option("--price-band", record_.price_band, "Furthest price from the mid, for example 50bps");
    option("--max-data-age", record_.max_data_age, "No order on market data older than this");
    option("--dead-man", record_.dead_man,
           "The venue cancels everything so long after it last heard of us; 0s: never")
        ->capture_default_str();
    const auto flag = [&](const char* name, bool& value, const char* help) {
      command->add_flag(name, value, help)->group("Real orders (--execution live)");
    };
    flag("--sub-account", record_.sub_account, "The account is a subaccount or vault");
    flag("--i-accept-live-orders", record_.accept_live_orders, "Without it nothing is sent");
  }

  void add_replaying() {
    CLI::App* command = add("replay", "Fold a window again and verify every output",
                            [this] { return replay(globals_, replay_); });
    add_window(command, replay_.window);
    command->add_option("--speed", replay_.speed, "Pace, for example 10x (default: flat out)");
    command
        ->add_option("--threads", replay_.threads,
                     "2: one reads ahead, the other folds (default, on more than one core)")
        ->check(CLI::Range(1, 2));
    command->add_flag("--trace-state", replay_.trace_state,
                      "Print the state digests of every module at each checkpoint and at the end");

    command = add("counterfactual", "What if we had quoted with other parameters?",
                  [this] { return counterfactual(globals_, counterfactual_); });
    add_window(command, counterfactual_.window);
    command->add_option("--spread", counterfactual_.spread,
                        "Widths to try: 3bps,8bps or a range 1bps:20bps:1bps");
    command->add_option("--set", counterfactual_.parameters,
                        "Parameter values to try: name=value[,value...]; several make a grid");
    command
        ->add_option("--params", counterfactual_.params,
                     "Parameter sets of models to try, FILE[,FILE...]; repeat it for several")
        ->allow_extra_args(false);
    command->add_option("--queue", counterfactual_.queue,
                        "Queue model instead of the session's; several (a,b) are an ensemble");
    command
        ->add_option("--latency", counterfactual_.latencies,
                     "5ms, 5ms,7ms there and back, or recorded; given more than once: an ensemble")
        ->allow_extra_args(false);
    command->add_option("--sim-params", counterfactual_.sim_params,
                        "Queue model and latency from a file of calibrate-sim");
    command->add_flag("--no-bounds", counterfactual_.no_bounds,
                      "Without the worst and the best queue there can be");
    command->add_option("--threads", counterfactual_.threads, "Default: all cores");
    command->add_option("--batch", counterfactual_.batch,
                        "Variants in one pass over the journal (default: as fits the threads)");
    command->add_option("--shard", counterfactual_.shard,
                        "I/N: compute the I-th of N parts, into --output, for `mmctl merge`");
    command->add_option("--output", counterfactual_.output, "File of a shard's partial result");
    command->add_flag("--csv", counterfactual_.csv, "Rows as CSV");
    command->add_option("--plot", counterfactual_.plot, "Draw the result into FILE.svg");

    command = add("merge", "Put the partial results of all shards together",
                  [this] { return merge(globals_, merge_); });
    command->add_option("files", merge_.files, "Files of counterfactual --shard")->required();
    command->add_flag("--csv", merge_.csv, "Rows as CSV");
    command->add_option("--plot", merge_.plot, "Draw the result into FILE.svg");

    command = add("calibrate-sim", "Choose the simulator's queue model by our recorded fills",
                  [this] { return calibrate_sim(globals_, calibrate_); });
    add_window(command, calibrate_.window);
    command->add_option("--queue", calibrate_.queue,
                        "Models to try, a list (default: every model)");
    command->add_option("--shift", calibrate_.shifts,
                        "How much later than recorded orders took effect, a list");
    command->add_option("--output", calibrate_.output, "Write what was chosen into this file");
    command->add_option("--least-fills", calibrate_.least_fills,
                        "Refuse to choose by fewer in either half of the blocks (30)");
  }

  void add_simulate() {
    CLI::App* command =
        add("simulate", "Orders against a recorded market, or a session on a made-up one", [this] {
          simulate_.journal_given = synthetic_.journal_given = app_.count("--journal") != 0;
          if (!synthetic_.market.empty()) {
            synthetic_.session.simulator = simulate_.simulator;
            synthetic_.seed = simulate_.simulator.seed.value_or(1);
            synthetic_.session.instruments_file = simulate_.instruments_file;
            return simulate_market(globals_, synthetic_);
          }
          if (simulate_.script.empty())
            throw Error(ErrorKind::usage,
                        "simulate: give a script of orders (--script, --venue) or a market "
                        "(--market synthetic)");
          return simulate(globals_, simulate_);
        });
    add_simulator(command, simulate_.simulator, "Exchange");
    command->add_option("--instruments", simulate_.instruments_file,
                        "Instrument definitions instead of the built-in ones");
    add_script(command);
    add_market(command);
  }

  void add_script(CLI::App* command) {
    const auto option = [&](const char* name, auto& value, const char* help) {
      return command->add_option(name, value, help)->group("A script on a recorded market");
    };
    option("--venue", simulate_.venues, "VENUE:SYMBOL=FILE[,FILE...]: the market");
    option("--script", simulate_.script,
           "Requests, one a line: N,ts,id,side,tick,qty,tif; C,ts,id; "
           "M,ts,id,new_id,side,tick,qty,tif");
    option("--responses", simulate_.responses, "File to write the answers to");
    option("--fill-rules", simulate_.fill_rules,
           "mm: our exchange; hft: that of hftbacktest, for comparison")
        ->check(CLI::IsMember({"mm", "hft"}));
  }

  void add_market(CLI::App* command) {
    const auto option = [&](const char* name, auto& value, const char* help) {
      return command->add_option(name, value, help)->group("A session on a synthetic market");
    };
    RecordOptions& session = synthetic_.session;
    session.for_duration = "1h";
    option("--market", synthetic_.market, "synthetic")
        ->check(CLI::IsMember({"synthetic"}))
        ->excludes("--script")
        ->excludes("--venue");
    option("--for", session.for_duration, "Length of the session (default 1h)");
    option("--start", synthetic_.start, "When it begins (default 2026-01-05T12:30:00Z)");
    option("--strategy", session.strategy, "Strategy (see mmctl strategies)");
    option("--set", session.parameters, "Strategy parameter name=value; repeatable");
    option("--spread", session.spread, "Short for --set spread=WIDTH");
    option("--prediction-log", session.prediction_log,
           "on, off, or how often at most (default on)");
    option("--params", session.params, "Parameter sets of models: FILE[,FILE...]");
    option("--execution", session.execution,
           "paper: our orders meet the paper exchange; exchange: they stand in the market's own "
           "matching; none")
        ->check(CLI::IsMember({"none", "paper", "exchange"}));
    add_outlook(command, session, "A session on a synthetic market");
    option("--config", synthetic_.config_file, "File of market parameters, name=value lines");
    option("--market-set", synthetic_.settings,
           "Market parameter name=value; repeatable, after --config");
    option("--instrument", synthetic_.quoted, "Quoted VENUE:SYMBOL (default hyperliquid:BTC)");
    option("--lead-instrument", synthetic_.lead,
           "Leading VENUE:SYMBOL (default binance-usdm:BTCUSDT)");
    option("--truth", synthetic_.truth_file,
           "File to write to what nobody knows: regimes, walls, queues, as JSON lines");
    option("--sync", session.sync, "Power-loss bound: a duration, always or none");
    option("--block-rows", session.block_rows, "Rows per journal block")
        ->check(CLI::Range(64, 65536));
    command
        ->add_flag("--list-parameters", synthetic_.list_parameters, "List the market's parameters")
        ->group("A session on a synthetic market");
  }

  void add_looking() {
    add("info", "What a journal holds", [this] { return info(globals_); });

    CLI::App* command = add("cat", "Print records as text, or as JSON lines with --json",
                            [this] { return cat(globals_, cat_); });
    add_window(command, cat_.window);
    command->add_option("--kind", cat_.kinds, "Only these kinds (fill, place_order, ...)")
        ->delimiter(',');
    command->add_option("--limit", cat_.limit, "Stop after this many");
    command->add_flag("--raw", cat_.raw, "Raw frames (recorded with --raw) instead of records");

    command = add("fills", "List our fills", [this] { return fills(globals_, fills_); });
    add_window(command, fills_.window);
    command->add_flag("--markouts", fills_.markouts, "With markouts at 100 ms, 1, 10 and 60 s");
    command->add_flag("--csv", fills_.csv, "As CSV");

    command = add("why", "Why a fill cost what it did, what stood at a moment, what cost most",
                  [this] { return why(globals_, why_); });
    command->add_option("--fill", why_.fill,
                        "The causal chain of a fill: its seq or trade id (mmctl fills)");
    command->add_option("--at", why_.at, "The state at a time, and what happened around it");
    command->add_option("--around", why_.around, "With --at: how far around it (5s)");
    add_window(command, why_.window);
    command
        ->add_option("--worst", why_.worst,
                     "So many of the fills and minutes of the window that cost most (5)")
        ->check(CLI::Range(1, 1000));
    command->add_flag("--whole-chain", why_.whole_chain,
                      "With --fill: every order it descended from, not only ten minutes of them");

    command = add("verify", "Check every byte of a journal",
                  [this] { return verify(globals_, verify_); });
    command
        ->add_option("--threads", verify_.threads,
                     "2: one reads ahead, the other checks (default, on more than one core)")
        ->check(CLI::Range(1, 2));
    command->add_flag("--rebuild-index", verify_.rebuild_index, "Make the index anew");
    command->add_option("--salvage", verify_.salvage,
                        "Write everything readable into a new journal in this directory");

    add("kill", "Cancel the orders of the live session of this journal and end its trading",
        [this] { return kill(globals_); });
    add("strategies", "List strategies and their parameters",
        [this] { return strategies(globals_); });
  }

  void add_regress() {
    CLI::App* command = add("regress", "Golden windows: digests, fills and P&L", {});
    command->require_subcommand(1);
    CLI::App* run = add(
        "run", "Run the golden windows and show what changed",
        [this] { return regress_run(globals_, regress_); }, command);
    CLI::App* accept = add(
        "accept", "Take the present results as golden",
        [this] { return regress_accept(globals_, regress_); }, command);
    for (CLI::App* each : {run, accept}) {
      each->add_option("--golden", regress_.directory,
                       "Directory of the golden windows (default tests/golden)");
      each->add_option("cases", regress_.cases, "Only these cases");
    }
    regress_.directory = "tests/golden";
  }

  void add_fitting() {
    CLI::App* command = add("fit", "Fit a model's parameters to a recording",
                            [this] { return fit(globals_, fit_); });
    command->add_option("model", fit_.model, "Which model (see docs/cli.md)")->required();
    add_window(command, fit_.window);
    command->add_option("--instrument", fit_.instrument,
                        "VENUE:SYMBOL of the session (default: the quoted one)");
    command->add_option("--lead", fit_.lead,
                        "lead_lag: VENUE:SYMBOL that leads (default: the first other one)");
    command
        ->add_option("--holdout", fit_.holdout,
                     "Share at the window's end that judges and is not fitted (0.25)")
        ->check(CLI::Range(0.0, 0.9));
    command
        ->add_option("--clips", fit_.clips,
                     "gamma: the largest inventory in orders' sizes (default: the session's)")
        ->check(CLI::PositiveNumber);
    command->add_option("--judge", fit_.judge, "A parameter set to score on this window, too");
    command->add_option("--seed", fit_.seed, "Of starts and resamples");
    command->add_option("--output", fit_.output, "Write the parameter set into this file");

    command = add("gate", "Does a component of the quote engine improve calibration or P&L?",
                  [this] { return gate(globals_, gate_); });
    command->add_option("components", gate_.components, "lead_lag, volatility, ...; several")
        ->required();
    add_window(command, gate_.window);
    command->add_option("--threads", gate_.threads, "Default: all cores");
    command->add_option("--seed", gate_.seed, "Of the bootstrap");

    CLI::App* params = add("params", "Parameter sets: look, compare, check", {});
    params->require_subcommand(1);
    const auto on_files = [&](const char* name, const char* help, int count,
                              int (*what)(const Globals&, const ParamsOptions&)) {
      CLI::App* sub = add(
          name, help, [this, what] { return what(globals_, params_); }, params);
      CLI::Option* files = sub->add_option("files", params_.files, "Parameter sets")->required();
      if (count > 0) files->expected(count);
    };
    on_files("show", "Values and provenance of one", 1, params_show);
    on_files("diff", "Value by value what differs between two", 2, params_diff);
    on_files("validate", "Whether the values are fit for use; exit 1 if not", 0, params_validate);
  }

  void add_completion() {
    CLI::App* command = add("completion", "Print a completion script for a shell", [this] {
      std::fputs(completion_script(app_, shell_).c_str(), stdout);
      return 0;
    });
    command->add_option("shell", shell_, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  }

  CLI::App app_{"mmctl: record a market-making session, replay it bit-exactly, ask what if"};
  Globals globals_;
  RecordOptions record_;
  SyntheticOptions synthetic_;
  VenueOptions venue_;
  ImportOptions import_;
  ReplayOptions replay_;
  CounterfactualOptions counterfactual_;
  MergeOptions merge_;
  CalibrateOptions calibrate_;
  SimulateOptions simulate_;
  CatOptions cat_;
  FillsOptions fills_;
  WhyOptions why_;
  VerifyOptions verify_;
  RegressOptions regress_;
  FitOptions fit_;
  GateOptions gate_;
  ParamsOptions params_;
  std::string shell_;
  std::vector<Command> commands_;
};

}  // namespace
}  // namespace mm::cli

int main(int argc, char** argv) {
  try {
    if (const auto problem = mm::det::self_check()) {
      fmt::print(stderr, "mmctl: this process computes differently than it must: {}\n",
                 mm::det::describe(*problem));
      return 3;
    }
    return mm::cli::CommandLine().run(argc, argv);
  } catch (const mm::Error& error) {
    fmt::print(stderr, "mmctl: {}\n", error.message());
    return mm::cli::exit_code_of(error.kind());
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "mmctl: out of memory\n");
    return 3;
  } catch (const std::exception& error) {
    fmt::print(stderr, "mmctl: {}\n", error.what());
    return 3;
  }
}
