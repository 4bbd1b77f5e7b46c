#include "live/hyperliquid_execution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <type_traits>

#include "engine/numeric.hpp"

namespace mm::live {

using namespace venues::hyperliquid;

namespace {

/// Requests that are not the session's count from here.
constexpr std::uint64_t dead_man_request = std::uint64_t{1} << 62;
/// Fewer than the venue's limit of unanswered posts.
constexpr std::size_t most_in_flight = 90;
/// Fills of the account from this much before what was seen last are asked for again.
constexpr std::int64_t overlap_ms = 60'000;
/// The session's first fills cannot be older than this, by the venue's clock.
constexpr Duration clock_margin = std::chrono::seconds{10};

std::uint64_t ms_of(Time time) {
  return static_cast<std::uint64_t>(to_ns(time) / 1'000'000);
}

OrderSessionSettings session_settings(const HyperliquidExecutionOptions& options) {
  OrderSessionSettings of = options.session;
  of.asset = options.asset;
  of.session_tag = options.session_tag;
  return of;
}

std::vector<std::string> subscriptions(const Address& account) {
  std::vector<std::string> hello;
  for (const char* type : {"orderUpdates", "userFills", "userEvents"})
    hello.push_back(
        fmt::format(R"({{"method":"subscribe","subscription":{{"type":"{}","user":"{}"}}}})", type,
                    account.text()));
  return hello;
}

net::HttpRequest json_request(std::string target, std::string body) {
  return {"POST", std::move(target), {{"Content-Type", "application/json"}}, std::move(body)};
}

}  // namespace

HyperliquidExecution::HyperliquidExecution(net::Loop& loop, Clock& clock, const net::TlsClient* tls,
                                           std::shared_ptr<venues::RestGate> gate, PrivateKey key,
                                           const HyperliquidExecutionOptions& options)
    : clock_(clock),
      gate_(std::move(gate)),
      key_(std::move(key)),
      options_(options),
      session_(options_.instrument, InstrumentId{0}, session_settings(options_), queue_),
      codec_(options_.instrument, InstrumentId{0}, options_.session_tag,
             clock.now() - clock_margin),
      guards_(options_.limits),
      exchange_(loop, tls, options_.url),
      account_socket_(
          loop, tls, options_.url.websocket("/ws"), subscriptions(options_.account),
          options_.sockets, options_.session_tag,
          {[this] { socket_up(); }, [this](std::string_view text) { take_message(text); },
           [this](const std::string& why) { account_down(why); }}),
      action_socket_(
          loop, tls, options_.url.websocket("/ws"), {}, options_.sockets, options_.session_tag + 1,
          {[this] { socket_up(); }, [this](std::string_view text) { take_message(text); },
           [this](const std::string& why) { action_down(why); }}),
      reconcile_timer_(loop),
      kill_timer_(loop),
      dead_man_timer_(loop) {
  account_socket_.open();
  action_socket_.open();
  if (!options_.kill_file.empty()) watch_kill_file();
  if (options_.kill_signal != 0)
    kill_signal_.emplace(loop, std::initializer_list<int>{options_.kill_signal},
                         [this](int signal) { kill(fmt::format("signal {}", signal)); });
}

HyperliquidExecution::~HyperliquidExecution() = default;

// ---------------------------------------------------------------- sockets

void HyperliquidExecution::socket_up() {
  account_told_ = account_told_ && !account_socket_.up();
  action_told_ = action_told_ && !action_socket_.up();
  if (!account_socket_.up() || !action_socket_.up()) return;
  complete_from_ = clock_.now();
  reconcile();
}

void HyperliquidExecution::account_down(const std::string& why) {
  if (!std::exchange(account_told_, true))
    tell(FeedStatus{.state = FeedState::anomaly}, "account stream: " + why);
  synchronised_ = false;
  complete_from_ = Time::max();
  // Fills are not seen any more: nothing of ours may stand.
  const Time now = clock_.now();
  session_.cancel_everything(now);
  session_.flush(now);
  pump();
}

void HyperliquidExecution::action_down(const std::string& why) {
  if (!std::exchange(action_told_, true))
    tell(FeedStatus{.state = FeedState::anomaly}, "order connection: " + why);
  synchronised_ = false;
  complete_from_ = Time::max();
  const Time now = clock_.now();
  session_.on_connection_lost(now);
  pump();
}

void HyperliquidExecution::take_message(std::string_view text) {
  const Time now = clock_.now();
  batch_.clear();
  if (codec_.on_frame(now, text, batch_)) {
    take_user_events();
  } else if (const auto post = decode_post_reply(text); post && *post) {
    const PostReply& answer = **post;
    if (answer.kind == PostKind::action) {
      reply(answer.id, answer.payload);
    } else {
      reply(answer.id, Error(ErrorKind::venue, answer.payload));
    }
  } else if (!post) {
    tell(FeedStatus{.state = FeedState::anomaly}, post.error().message());
  } else if (text.find(R"("channel":"error")") != std::string_view::npos) {
    tell(FeedStatus{.state = FeedState::anomaly}, "the venue says: " + std::string(text));
  }
  pump();
}

void HyperliquidExecution::take_user_events() {
  bool filled = false;
  for (const Event& event : batch_.events()) {
    if (std::holds_alternative<Fill>(event.body)) {
      filled = true;
      if (opened_) {
        take_fill(event);
      } else {
        early_fills_.push_back(event);
      }
      continue;
    }
    if (const auto* const paid = std::get_if<FundingPayment>(&event.body))
      ledger_.funding(paid->cash);
    session_.on_user_event(event);
  }
  if (filled) hold_back();
}

void HyperliquidExecution::take_fill(const Event& event) {
  const Fill& fill = std::get<Fill>(event.body);
  const std::int64_t ms = to_ns(event.header.exchange_time) / 1'000'000;
  // Ours come after the opening, whatever the stamps say: nothing is placed before it.
  if (fill.order == ClientOrderId{} && ms <= opened_ms_) return;
  const Money value = position_value(options_.instrument, fill.price, fill.qty);
  ledger_.fill(fill.side, fill.qty, value, fill.fee);
  recent_.push_back({ms, Qty::from_lots(mm::sign(fill.side) * fill.qty.lots())});
  session_.on_user_event(event);
}

void HyperliquidExecution::hold_back() {
  if (market_ == nullptr) return;
  const auto exposure = session_.exposure();
  const auto side =
      guards_.overcommitted({market_->quoted(), ledger_, exposure.buy, exposure.sell});
  if (!side) return;
  tell(FeedStatus{.state = FeedState::anomaly},
       fmt::format("guard: {} orders and position would exceed the limit: cancelling them",
                   *side == Side::buy ? "buy" : "sell"));
  const Time now = clock_.now();
  session_.cancel_side(now, *side);
  session_.flush(now);
}

// ---------------------------------------------------------------- requests

std::string HyperliquidExecution::sign(const Action& action, std::optional<Time> expires) {
  RequestTerms terms;
  terms.nonce = nonces_.next(ms_of(clock_.now()));
  if (options_.sub_account) terms.vault = options_.account;
  if (expires) terms.expires_after = ms_of(*expires);
  return signed_request(key_, options_.network, action, terms);
}

void HyperliquidExecution::send(const ActionRequest& request) {
  std::string body = sign(request.action, request.expires);
  if (action_socket_.up()) return action_socket_.send(post_action_frame(request.id, body));
  // Cancels must go out; what places orders is not decided while the socket is down.
  const std::weak_ptr<bool> alive = alive_;
  exchange_.request(
      json_request("/exchange", std::move(body)),
      [this, alive, id = request.id](const Result<net::HttpResponse>& response) {
        if (alive.expired()) return;
        if (!response) {
          reply(id, response.error());
        } else if (response->status != 200) {
          reply(id, Error(ErrorKind::venue, fmt::format("/exchange answers {}", response->status)));
        } else {
          reply(id, response->body);
        }
        pump();
      });
}

void HyperliquidExecution::reply(std::uint64_t request, const Result<std::string>& body) {
  if (request < dead_man_request) return session_.on_reply(clock_.now(), request, body);
  const auto answer = body ? decode_exchange_reply(*body, 1) : body.error();
  const auto* const refused =
      answer && !answer->statuses.empty() ? std::get_if<Refused>(&answer->statuses[0]) : nullptr;
  if (refused == nullptr || std::exchange(dead_man_refused_, true)) return;
  dead_man_armed_ = false;
  tell(FeedStatus{.state = FeedState::anomaly}, "no dead man's switch: " + refused->text);
}

void HyperliquidExecution::ask(const std::string& body,
                               std::function<bool(const std::string&)> answer,
                               std::function<void()> failure) {
  const std::weak_ptr<bool> alive = alive_;
  gate_->ask(json_request("/info", body), [this, alive, answer = std::move(answer),
                                           failure = std::move(failure)](
                                              const venues::RestGate::Answer& got) {
    if (alive.expired()) return;
    if (got.notice)
      tell(RateLimit{got.notice->used, got.notice->limit, got.notice->retry_after.count(), {}},
           got.notice->detail);
    if (!got.problem.empty()) {
      tell(FeedStatus{.state = FeedState::anomaly}, got.problem);
      failure();
    } else if (!answer(got.body)) {
      failure();
    }
    pump();
  });
}

void HyperliquidExecution::look_up(ClientOrderId order) {
  if (gate_->closed_for() > Duration{}) return;  // the session asks again
  const Cloid cloid{options_.session_tag, order};
  ask(
      order_status_request(options_.account, cloid),
      [this, order](const std::string& body) {
        const auto state = decode_order_status(body);
        if (state) session_.on_order_status(clock_.now(), order, *state);
        return state.has_value();
      },
      [] {});
}

void HyperliquidExecution::pump() {
  for (const ActionRequest& request : session_.take_requests()) send(request);
  for (const ClientOrderId order : session_.take_lookups()) look_up(order);
  if (session_.wants_fills()) reconcile();
  if (stopping_ && !stop_confirmed_ && session_.open() == 0 && session_.in_flight() == 0)
    reconcile();
  if (!session_.fatal().empty())
    kill("the venue does not accept our signature: " + session_.fatal());
}

// ---------------------------------------------------------------- reconciliation

void HyperliquidExecution::reconcile() {
  if (reconciling_) return;
  if (gate_->closed_for() > Duration{}) return try_later();
  reconciling_ = true;
  round_ = Reconciliation{.asked = clock_.now()};
  reconcile_timer_.cancel();
  ask_for_account();
}

namespace {

template <class T>
bool keep(Result<T> decoded, T& place) {
  if (decoded) place = std::move(*decoded);
  return decoded.has_value();
}

}  // namespace

void HyperliquidExecution::ask_for_account() {
  ask(
      info_request("clearinghouseState", options_.account),
      [this](const std::string& body) {
        if (!keep(decode_account_state(body), round_.account)) return false;
        ask_for_fills();
        return true;
      },
      [this] { try_later(); });
}

void HyperliquidExecution::ask_for_fills() {
  const std::int64_t seen = codec_.last_fill_ms();
  const std::int64_t from =
      seen > 0 ? seen - overlap_ms : static_cast<std::int64_t>(ms_of(clock_.now())) - overlap_ms;
  ask(
      fills_request(options_.account, from),
      [this](const std::string& body) {
        batch_.clear();
        const bool read = codec_.on_fills_reply(clock_.now(), body, batch_);
        take_user_events();
        if (read) ask_for_orders();
        return read;
      },
      [this] { try_later(); });
}

void HyperliquidExecution::ask_for_orders() {
  ask(
      info_request("openOrders", options_.account),
      [this](const std::string& body) {
        if (!keep(decode_open_orders(body), round_.open)) return false;
        reconciled();
        return true;
      },
      [this] { try_later(); });
}

void HyperliquidExecution::try_later() {
  reconciling_ = false;
  const Duration wait = std::max(options_.reconcile_retry, gate_->closed_for());
  reconcile_timer_.expire_after(wait, [this] { reconcile(); });
}

void HyperliquidExecution::reconciled() {
  reconciling_ = false;
  const Time now = clock_.now();
  session_.on_fills_complete(now, round_.asked);
  session_.on_open_orders(now, round_.asked, round_.open);
  compare_position();
  if (round_.asked >= complete_from_ && !synchronised_ && opened_ && mismatches_ == 0) {
    synchronised_ = true;
    tell(Annotation{"mmctl", {}},
         fmt::format("account {} synchronised: position {} {}, {} orders of ours open",
                     options_.account.text(), format_qty(options_.instrument, ledger_.position()),
                     options_.instrument.symbol, session_.open()));
    if (options_.dead_man > Duration{}) feed_dead_man();
  }
  if (stopping_ && session_.open() == 0 && session_.in_flight() == 0) {
    const bool none_of_ours =
        std::none_of(round_.open.begin(), round_.open.end(), [this](const OpenOrder& of) {
          return of.coin == options_.instrument.symbol && of.cloid &&
                 of.cloid->session_tag == options_.session_tag;
        });
    if (none_of_ours && !std::exchange(stop_confirmed_, true) && dead_man_armed_)
      action_socket_.send(
          post_action_frame(dead_man_request, sign(schedule_cancel_action({}), {})));
  }
  // A round that was asked before the sockets stood does not make the account synchronised.
  const bool again = mismatches_ > 0 || (complete_from_ != Time::max() && !synchronised_);
  reconcile_timer_.expire_after(again ? options_.reconcile_retry : options_.reconcile_every,
                                [this] { reconcile(); });
}

void HyperliquidExecution::compare_position() {
  const auto report = position_of(round_.account, options_.instrument);
  if (!report)
    return tell(FeedStatus{.state = FeedState::anomaly}, "the venue's position is no lot");
  PositionReport position = *report;
  std::erase_if(recent_,
                [this](const RecentFill& of) { return of.time_ms <= round_.account.time_ms; });
  for (const RecentFill& of : recent_) position.position += of.signed_qty;
  if (!std::exchange(opened_, true)) {
    ledger_.open(report->position,
                 position_value(options_.instrument, report->average_price, report->position));
    opened_ms_ = round_.account.time_ms;
    tell(*report);
    for (Event& event : early_fills_) {
      event.header.recv_time = clock_.now();
      take_fill(event);
    }
    return early_fills_.clear();
  }
  if (position.position == ledger_.position()) {
    mismatches_ = 0;
    return tell(position);
  }
  // Once may be a fill that one answer knows and the other does not yet.
  if (++mismatches_ == 1) return;
  tell(position);
  kill(fmt::format("the venue says our position is {}, our fills say {}",
                   format_qty(options_.instrument, position.position),
                   format_qty(options_.instrument, ledger_.position())));
}

// ---------------------------------------------------------------- kill and dead man

void HyperliquidExecution::kill(const std::string& reason) {
  if (std::exchange(killed_, true)) return;
  tell(KillSwitch{.engaged = true}, reason);
  const Time now = clock_.now();
  session_.cancel_everything(now);
  session_.flush(now);
  pump();
}

void HyperliquidExecution::watch_kill_file() {
  std::error_code ignored;
  if (std::filesystem::exists(options_.kill_file, ignored)) {
    const std::size_t open = session_.open();
    kill("kill file " + options_.kill_file);
    std::ofstream{options_.kill_file, std::ios::app} << "engaged; orders being cancelled: " << open
                                                     << '\n';
    return;
  }
  kill_timer_.expire_after(options_.kill_poll, [this] { watch_kill_file(); });
}

void HyperliquidExecution::feed_dead_man() {
  if (dead_man_refused_ || stopping_ || killed_) return;
  if (action_socket_.up()) {
    const auto at = ms_of(clock_.now() + options_.dead_man);
    action_socket_.send(post_action_frame(dead_man_request, sign(schedule_cancel_action(at), {})));
    dead_man_armed_ = true;
  }
  dead_man_timer_.expire_after(options_.dead_man / 3, [this] { feed_dead_man(); });
}

// ---------------------------------------------------------------- the core's side

std::optional<std::pair<RejectReason, std::string>> HyperliquidExecution::refusal(
    Time now, Side side, Price price, Qty qty, Qty gives_way) {
  if (killed_) return {{RejectReason::other, "guard: the kill switch is engaged"}};
  if (stopping_) return {{RejectReason::other, "guard: the session is stopping"}};
  if (!synchronised_ || market_ == nullptr)
    return {{RejectReason::other, "guard: the account is not synchronised with the venue"}};
  if (session_.in_flight() >= most_in_flight)
    return {{RejectReason::rate_limited, "guard: too many requests without an answer"}};
  auto exposure = session_.exposure();
  (side == Side::buy ? exposure.buy : exposure.sell) -= gives_way;
  auto why = guards_.check(now, side, price, qty,
                           {market_->quoted(), ledger_, exposure.buy, exposure.sell});
  if (!why) return std::nullopt;
  return {{RejectReason::other, "guard: " + *why}};
}

void HyperliquidExecution::decide(Time now, const PlaceOrder& order) {
  if (const auto no = refusal(now, order.side, order.price, order.qty, Qty{})) {
    session_.refuse(now, order, no->first, no->second);
  } else {
    session_.place(now, order);
  }
}

void HyperliquidExecution::decide(Time now, const ReplaceOrder& order) {
  const Qty gives_way = session_.gives_way(order);
  if (const auto no = refusal(now, order.side, order.price, order.qty, gives_way)) {
    session_.refuse(now, order, no->first, no->second);
  } else {
    session_.replace(now, order);
  }
}

void HyperliquidExecution::react(const Event&, std::span<const Output> outputs) {
  if (outputs.empty()) return;
  const Time now = clock_.now();
  for (const Output& output : outputs)
    std::visit(
        [&](const auto& body) {
          using Body = std::remove_cvref_t<decltype(body)>;
          if constexpr (std::is_same_v<Body, CancelOrder>) {
            session_.cancel(now, body.order);
          } else if constexpr (std::is_same_v<Body, SetTimer>) {
            timers_.set(now, body);
          } else if constexpr (std::is_same_v<Body, PlaceOrder> ||
                               std::is_same_v<Body, ReplaceOrder>) {
            decide(now, body);
          }
        },
        output.body);
  session_.flush(now);
  pump();
}

void HyperliquidExecution::on_market(const Event& event, const Market& market) {
  market_ = &market;
  last_given_ = std::max(last_given_, event.header.recv_time);
  if (!killed_ && event.header.instrument.value == 0 && market.touch_moved()) look_for_breach();
}

void HyperliquidExecution::look_for_breach() {
  const auto why = guards_.breach({market_->quoted(), ledger_, Qty{}, Qty{}});
  if (why) kill("guard: " + *why);
}

Time HyperliquidExecution::next_due() const {
  Time due = session_.next_check();
  if (gave_queued_) return Time{};  // the one behind it is not known until it is taken away
  if (!queue_.empty()) due = std::min(due, queue_.front().header.recv_time);
  due = std::min(due, timers_.next());
  return due;
}

const Event* HyperliquidExecution::next_before(Time limit, const Market& market) {
  market_ = &market;
  if (std::exchange(gave_queued_, false)) queue_.pop();
  const Time now = clock_.now();
  if (session_.next_check() <= now) {
    session_.check(now);
    if (session_.take_overdue()) action_socket_.give_up("a reply is overdue");
    pump();
  }
  const Time queued = queue_.empty() ? Time::max() : queue_.front().header.recv_time;
  const Time timer = std::max(timers_.next(), last_given_);
  if (std::min(queued, timer) >= limit) return nullptr;
  last_given_ = std::min(queued, timer);
  if (queued <= timer) {
    gave_queued_ = true;
    return &queue_.front();
  }
  timer_event_ = timers_.take(timer);
  return &timer_event_;
}

void HyperliquidExecution::begin_stop(Time now) {
  stopping_ = true;
  session_.cancel_everything(now);
  session_.flush(now);
  pump();
}

bool HyperliquidExecution::at_rest() const {
  return stop_confirmed_ && queue_.empty();
}

std::string HyperliquidExecution::status() const {
  std::string words = fmt::format("{} open", session_.open());
  if (session_.in_flight() > 0) words += fmt::format(", {} unanswered", session_.in_flight());
  if (killed_) return words + ", KILLED";
  if (!synchronised_) words += ", account not synchronised";
  return words;
}

void HyperliquidExecution::tell(const EventBody& body, std::string_view text) {
  EventHeader header;
  header.recv_time = clock_.now();
  queue_.push(header, body, text);
}

}  // namespace mm::live
