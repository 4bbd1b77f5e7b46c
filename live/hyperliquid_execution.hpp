#pragma once

// HyperliquidExecution: real orders. What the core decided becomes signed requests; what the venue
// says becomes events.
//
//   account socket   orderUpdates, userFills, userEvents of the account
//   action socket    signed requests (`post`) and their replies; while it is down, cancels go over
//                    HTTP instead
//   /info            order status, open orders, account state, fills: at the start, after every
//                    reconnect, and periodically
//
// Nothing is placed before the account is synchronised: both sockets up, and open orders, position
// and fills taken since. While the account socket is down fills are not seen, so everything is
// cancelled and nothing new goes out. Every order passes the guards (guards.hpp) at the door. A
// breach, a signature the venue does not accept or the kill file engages the kill switch: all
// orders are cancelled, and nothing goes out any more in this session.
//
// Opening. Fills of what an earlier session or somebody else left on the account may come before
// the position is known, or after it and yet be in it: the venue's times tell which of them come on
// top.
//
// Position. The venue's position is told as PositionReport with the fills that came after its
// snapshot added, so that it must equal the core's; the core alerts where it does not.
//
// Dead man's switch. Where the account may use scheduleCancel the venue is told every third of
// `dead_man` to cancel everything unless told again; else this is said once, and our own guards are
// all there is.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "live/clock.hpp"
#include "live/execution.hpp"
#include "live/guards.hpp"
#include "net/loop.hpp"
#include "sim/timers.hpp"
#include "venues/event_queue.hpp"
#include "venues/hyperliquid/account_socket.hpp"
#include "venues/hyperliquid/nonces.hpp"
#include "venues/hyperliquid/order_session.hpp"
#include "venues/hyperliquid/user_codec.hpp"
#include "venues/live/rest_gate.hpp"

namespace mm::live {

struct HyperliquidExecutionOptions {
  net::Url url;  ///< scheme, host and port; paths are the venue's own
  venues::hyperliquid::Network network = venues::hyperliquid::Network::testnet;
  venues::hyperliquid::Address account;  ///< whose orders and position: never the agent
  bool sub_account = false;              ///< the account has no key: sign for it as vaultAddress
  Instrument instrument;
  venues::hyperliquid::AssetIndex asset = 0;
  std::uint64_t session_tag = 0;
  GuardLimits limits;
  std::string kill_file;  ///< trading ends when it appears; empty: none is watched
  int kill_signal = 0;    ///< trading ends when the process gets it; 0: none is taken

  venues::hyperliquid::OrderSessionSettings session;  ///< asset and session_tag are set from above
  venues::hyperliquid::AccountSocketSettings sockets;
  Duration reconcile_every = std::chrono::seconds{30};
  Duration reconcile_retry = std::chrono::seconds{1};
  Duration kill_poll = std::chrono::milliseconds{200};
  Duration dead_man = std::chrono::seconds{30};  ///< 0: not used
};

class HyperliquidExecution final : public Execution {
 public:
  /// Starts connecting. `gate` is that of `options.url`; loop, clock and tls are borrowed.
  HyperliquidExecution(net::Loop& loop, Clock& clock, const net::TlsClient* tls,
                       std::shared_ptr<venues::RestGate> gate, venues::hyperliquid::PrivateKey key,
                       const HyperliquidExecutionOptions& options);
  ~HyperliquidExecution() override;

  Time next_due() const override;
  const Event* next_before(Time limit, const Market& market) override;
  void on_market(const Event& event, const Market& market) override;
  void react(const Event& event, std::span<const Output> outputs) override;
  void begin_stop(Time now) override;
  bool at_rest() const override;
  std::string status() const override;

  /// Ends trading for this session, as the kill file does.
  void kill(const std::string& reason);
  /// Also once nothing will be placed any more: the market is still to be recorded.
  bool ready() const override { return synchronised_ || killed_; }

 private:
  /// A fill of ours, for bringing the venue's position up to date.
  struct RecentFill {
    std::int64_t time_ms = 0;
    Qty signed_qty;
  };
  /// One round of questions and what was answered so far.
  struct Reconciliation {
    Time asked;
    venues::hyperliquid::AccountState account;
    std::vector<venues::hyperliquid::OpenOrder> open;
  };

  void take_message(std::string_view text);
  void take_user_events();
  void take_fill(const Event& event);
  void socket_up();
  void account_down(const std::string& why);
  void action_down(const std::string& why);
  void decide(Time now, const PlaceOrder& order);
  void decide(Time now, const ReplaceOrder& order);
  /// `gives_way`: lots of the same side that go in the step in which the order comes.
  std::optional<std::pair<RejectReason, std::string>> refusal(Time now, Side side, Price price,
                                                              Qty qty, Qty gives_way);
  /// Cancels the orders of a side that fills have left no room for.
  void hold_back();
  void look_for_breach();

  /// Sends what the session wants sent and asks what it wants asked.
  void pump();
  void send(const venues::hyperliquid::ActionRequest& request);
  void reply(std::uint64_t request, const Result<std::string>& body);
  std::string sign(const venues::hyperliquid::Action& action, std::optional<Time> expires);
  /// POST /info. `answer` says whether it could use the body; else, and where there is none,
  /// `failure`.
  void ask(const std::string& body, std::function<bool(const std::string&)> answer,
           std::function<void()> failure);
  void look_up(ClientOrderId order);
  void reconcile();
  void ask_for_account();
  void ask_for_fills();
  void ask_for_orders();
  void try_later();
  void reconciled();
  void compare_position();
  void watch_kill_file();
  void feed_dead_man();
  void tell(const EventBody& body, std::string_view text = {});

  Clock& clock_;
  std::shared_ptr<venues::RestGate> gate_;
  venues::hyperliquid::PrivateKey key_;
  HyperliquidExecutionOptions options_;
  venues::EventQueue queue_;
  venues::hyperliquid::OrderSession session_;
  venues::hyperliquid::UserCodec codec_;
  venues::EventBatch batch_;
  venues::hyperliquid::NonceSource nonces_;
  Guards guards_;
  Ledger ledger_;
  const Market* market_ = nullptr;
  std::vector<RecentFill> recent_;
  bool opened_ = false;             // the ledger holds the position from before the session
  std::int64_t opened_ms_ = 0;      // the venue's time of that position
  std::vector<Event> early_fills_;  // told before it was known
  sim::PendingTimers timers_;
  Event timer_event_;
  bool gave_queued_ = false;  // the event given out last stands at the queue's front
  Time last_given_;
  Reconciliation round_;
  bool reconciling_ = false;
  bool synchronised_ = false;
  Time complete_from_ = Time::max();  // since when both sockets are up
  int mismatches_ = 0;                // in a row, of the venue's position and ours
  bool killed_ = false;
  bool stopping_ = false;
  bool stop_confirmed_ = false;
  bool account_told_ = true;  // that the socket is down; it is at the start
  bool action_told_ = true;
  bool dead_man_armed_ = false;
  bool dead_man_refused_ = false;
  net::HttpClient exchange_;
  venues::hyperliquid::AccountSocket account_socket_;
  venues::hyperliquid::AccountSocket action_socket_;
  std::optional<net::Signals> kill_signal_;
  net::Timer reconcile_timer_;
  net::Timer kill_timer_;
  net::Timer dead_man_timer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for answers that come too late
};

}  // namespace mm::live
