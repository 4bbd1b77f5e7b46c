#include "standin/hyperliquid/desk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/numeric.hpp"
#include "standin/hyperliquid/frames.hpp"
#include "standin/text.hpp"

namespace mm::standin::hyperliquid {

namespace wire = venues::hyperliquid;

namespace {

std::string err(std::string_view text) {
  return fmt::format(R"({{"status":"err","response":{}}})", json_text(text));
}

std::string ok(std::string_view type) {
  return fmt::format(R"({{"status":"ok","response":{{"type":"{}"}}}})", type);
}

bool takes(const wire::CheckedOrder& order) {
  return !order.trigger && order.time_in_force != TimeInForce::post_only;
}

/// 0: sends no Gtc or Ioc order, 1: cancels, 2: the rest.
int group_of(const wire::CheckedAction& action) {
  if (const auto* of = std::get_if<wire::CheckedOrders>(&action)) {
    return std::any_of(of->orders.begin(), of->orders.end(), takes) ? 2 : 0;
  }
  if (const auto* of = std::get_if<wire::CheckedModifies>(&action)) {
    return std::any_of(of->items.begin(), of->items.end(),
                       [](const auto& item) { return takes(item.order); })
               ? 2
               : 0;
  }
  return std::holds_alternative<wire::CheckedCancels>(action) ? 1 : 0;
}

std::int64_t items_in(const wire::CheckedAction& action) {
  if (const auto* of = std::get_if<wire::CheckedOrders>(&action)) {
    return static_cast<std::int64_t>(of->orders.size());
  }
  if (const auto* of = std::get_if<wire::CheckedCancels>(&action)) {
    return static_cast<std::int64_t>(of->items.size());
  }
  if (const auto* of = std::get_if<wire::CheckedModifies>(&action)) {
    return static_cast<std::int64_t>(of->items.size());
  }
  return 1;
}

}  // namespace

Desk::Desk(const DeskSettings& settings, const std::vector<std::unique_ptr<Coin>>& coins,
           std::uint64_t seed)
    : settings_(settings), coins_(coins), random_(seed), last_oid_(512'900'000'000) {}

// ---------------------------------------------------------------- accounts

Account& Desk::open_account(const std::string& address) {
  for (const auto& account : accounts_) {
    if (account->address == address) return *account;
  }
  auto account = std::make_unique<Account>();
  account->address = address;
  account->id = sim::AccountId{static_cast<std::uint32_t>(accounts_.size() + 1)};
  account->balance = settings_.deposit;
  account->volume = settings_.prior_volume;
  account->positions.resize(coins_.size());
  for (std::size_t at = 0; at < coins_.size(); ++at) {
    account->positions[at].leverage = std::min(20, coins_[at]->max_leverage());
  }
  accounts_.push_back(std::move(account));
  return *accounts_.back();
}

void Desk::add_agent(Account& account, const std::string& address, const std::string& name,
                     Time valid_until) {
  std::erase_if(account.agents, [&](const Agent& of) { return of.name == name; });
  account.agents.push_back({address, name, valid_until});
}

Account* Desk::find(std::string_view address) {
  return const_cast<Account*>(std::as_const(*this).find(address));
}

const Account* Desk::find(std::string_view address) const {
  for (const auto& account : accounts_) {
    if (account->address == address) return account.get();
  }
  return nullptr;
}

const Account* Desk::master_of(std::string_view agent, Time now) const {
  for (const auto& account : accounts_) {
    for (const Agent& of : account->agents) {
      if (of.address == agent && of.valid_until > now) return account.get();
    }
  }
  return nullptr;
}

Account* Desk::signer_account(const wire::Address& signer, Time now) {
  const std::string text = signer.text();
  const Account* found = find(text);
  if (found == nullptr) found = master_of(text, now);
  return const_cast<Account*>(found);
}

const OrderRecord* Desk::order(std::int64_t oid) const {
  const auto at = orders_.find(oid);
  return at == orders_.end() ? nullptr : &at->second;
}

const OrderRecord* Desk::order(const Account& account, std::string_view cloid) const {
  // The live one, else the newest: a cloid may be used again once its order is gone.
  const OrderRecord* newest = nullptr;
  for (auto oid = account.orders.rbegin(); oid != account.orders.rend(); ++oid) {
    const OrderRecord& record = orders_.at(*oid);
    if (record.cloid != cloid) continue;
    if (record.live()) return &record;
    if (newest == nullptr) newest = &record;
  }
  return newest;
}

std::string Desk::address_of(sim::AccountId id, std::uint64_t seed) const {
  return id.value == 0 ? invented_address(seed) : accounts_[id.value - 1]->address;
}

// ---------------------------------------------------------------- actions

void Desk::submit(wire::CheckedRequest request, Done done) {
  const int group = group_of(request.action);
  queue_.push_back({std::move(request), std::move(done), group});
}

void Desk::run_block(Time now) {
  for (const auto& account : accounts_) {
    if (!account->cancel_all_at || *account->cancel_all_at > now) continue;
    account->cancel_all_at.reset();
    ++account->cancel_all_fired;
    cancel_all(*account, "scheduledCancel", now);
  }
  std::vector<Waiting> queue = std::exchange(queue_, {});
  for (const int group : {0, 1, 2}) {
    for (Waiting& waiting : queue) {
      if (waiting.group == group) execute(waiting, now);
    }
  }
}

std::optional<std::string> Desk::budget_refusal(Account& account, std::int64_t cost, bool cancel,
                                                Time now) {
  const std::int64_t limit = settings_.request_budget + account.extra_requests +
                             static_cast<std::int64_t>(account.volume.units() / Money::per_one);
  const std::int64_t allowed = cancel ? std::min(limit + 100'000, 2 * limit) : limit;
  if (account.requests + cost > allowed) {
    if (now < account.next_slow_request) {
      return fmt::format(
          "Too many cumulative requests sent ({} > {}) for cumulative volume traded ${}. Place "
          "taker orders to free up 1 request per USDC traded.",
          account.requests + cost, limit,
          fixed_decimal(divide_half_even(account.volume.units(), power_of_ten(10)), 2));
    }
    account.next_slow_request = now + std::chrono::seconds{10};
  }
  account.requests += cost;
  return std::nullopt;
}

void Desk::execute(Waiting& waiting, Time now) {
  const wire::CheckedRequest& request = waiting.request;
  const auto fail = [&](std::string_view text) { waiting.done(err(text)); };
  Account* account = signer_account(request.signer, now);
  if (account == nullptr) return fail(wire::unknown_signer_text(request.signer));
  if (request.terms.vault) {
    return fail("Vault not registered: " + request.terms.vault->text());
  }
  const auto block_ms = static_cast<std::uint64_t>(to_ms(now));
  if (const auto text = nonces_[request.signer.text()].use(request.terms.nonce, block_ms)) {
    return fail(*text);
  }
  if (request.terms.expires_after && *request.terms.expires_after < block_ms) {
    account->requests += 5;
    return fail("Action already expired");
  }
  const bool cancels = std::holds_alternative<wire::CheckedCancels>(request.action);
  if (const auto text = budget_refusal(*account, items_in(request.action), cancels, now)) {
    return fail(*text);
  }
  if (!faults.refuse_next.empty()) return fail(faults.refuse_next);
  if (items_in(request.action) > 200) return fail("Signed action over weight limit of 200.");

  std::string statuses;
  const auto add = [&statuses](const Item& item) {
    if (!statuses.empty()) statuses += ',';
    statuses += item.json;
  };
  const auto answer_items = [&](std::string_view type) {
    waiting.done(
        fmt::format(R"({{"status":"ok","response":{{"type":"{}","data":{{"statuses":[{}]}}}}}})",
                    type, statuses));
  };
  std::vector<const wire::CheckedOrder*> orders;
  if (const auto* of = std::get_if<wire::CheckedOrders>(&request.action)) {
    for (const auto& order : of->orders) orders.push_back(&order);
    if (const auto text = batch_refusal(orders)) {
      statuses = fmt::format(R"({{"error":{}}})", json_text(*text));
      return answer_items("order");
    }
    for (const auto& order : of->orders) add(place(*account, order, now));
    return answer_items("order");
  }
  if (const auto* of = std::get_if<wire::CheckedCancels>(&request.action)) {
    if (of->items.empty()) return fail("Empty batch");
    for (const auto& item : of->items) add(cancel(*account, item.asset, item.order, now));
    return answer_items("cancel");
  }
  if (const auto* of = std::get_if<wire::CheckedModifies>(&request.action)) {
    for (const auto& item : of->items) orders.push_back(&item.order);
    if (const auto text = batch_refusal(orders)) {
      statuses = fmt::format(R"({{"error":{}}})", json_text(*text));
      return answer_items("order");
    }
    bool error = false;
    for (const auto& item : of->items) {
      const Item placed = modify(*account, item, of->always_place, now);
      error = error || placed.error;
      add(placed);
    }
    if (of->batch || error) return answer_items("order");
    return waiting.done(ok("default"));
  }
  if (const auto* of = std::get_if<wire::CheckedScheduleCancel>(&request.action)) {
    const std::int64_t required = 1'000'000;
    if (account->volume < Money::from_units(Int128{required} * Money::per_one)) {
      return fail(fmt::format(
          "Cannot set scheduled cancel time until enough volume traded. Required: ${}. Traded: ${}",
          required, fixed_decimal(divide_half_even(account->volume.units(), power_of_ten(10)), 2)));
    }
    if (!of->time_ms) {
      account->cancel_all_at.reset();
      return waiting.done(ok("default"));
    }
    const Time at = time_from_ns(static_cast<std::int64_t>(*of->time_ms) * 1'000'000);
    if (at < now + settings_.cancel_all_least) {
      return fail("Scheduled cancel time too early, must be at least 5 seconds from now.");
    }
    const std::int64_t day = to_ms(now) / 86'400'000;
    if (account->cancel_all_day != day) account->cancel_all_fired = 0;
    account->cancel_all_day = day;
    if (account->cancel_all_fired >= 10) return fail("Too many scheduled cancels today.");
    account->cancel_all_at = at;
    return waiting.done(ok("default"));
  }
  if (const auto* of = std::get_if<wire::CheckedLeverage>(&request.action)) {
    if (of->asset >= coins_.size() || of->leverage < 1 ||
        static_cast<int>(of->leverage) > coins_[of->asset]->max_leverage()) {
      return fail("Invalid leverage value");
    }
    Position& position = account->positions[of->asset];
    if (position.size != Qty{} && position.cross != of->is_cross) {
      return fail("Cannot switch leverage type with open position.");
    }
    position.cross = of->is_cross;
    position.leverage = static_cast<int>(of->leverage);
    return waiting.done(ok("default"));
  }
  if (const auto* of = std::get_if<wire::CheckedReserveWeight>(&request.action)) {
    account->extra_requests += static_cast<std::int64_t>(of->weight);
    account->balance -= Money::from_units(static_cast<Int128>(of->weight) * Money::per_one / 2000);
    return waiting.done(ok("default"));
  }
  if (const auto* of = std::get_if<wire::CheckedUserAction>(&request.action)) {
    return waiting.done(approve_agent(*account, *of, now));
  }
  waiting.done(ok("default"));
}

std::string Desk::approve_agent(Account& account, const wire::CheckedUserAction& action, Time now) {
  if (action.type != "approveAgent") {
    return err("The stand-in moves no money: " + action.type);
  }
  if (find(account.address) == nullptr) return err("Must be the master");
  std::string address;
  std::string name;
  for (const auto& field : action.fields) {
    if (const auto* of = std::get_if<wire::Address>(&field.value)) address = of->text();
    if (const auto* of = std::get_if<std::string>(&field.value); of && field.name == "agentName") {
      name = *of;
    }
  }
  Time until = now + std::chrono::hours{24 * 90};
  if (const std::size_t at = name.rfind(" valid_until "); at != std::string::npos) {
    if (const auto ms = parse_decimal(name.substr(at + 13), 0)) {
      until = std::min(time_from_ns(*ms * 1'000'000), now + std::chrono::hours{24 * 180});
      name.resize(at);
    }
  }
  const auto named =
      std::count_if(account.agents.begin(), account.agents.end(),
                    [&](const Agent& of) { return of.name != name && of.name != ""; });
  if (!name.empty() && named >= 3) return err("Too many extra agents");
  add_agent(account, address, name, until);
  return ok("default");
}

// ---------------------------------------------------------------- time

void Desk::shift_position(Account& account, std::size_t coin, Qty lots) {
  const Coin& of = *coins_[coin];
  const Price mark = Price::from_units(static_cast<std::int64_t>(of.mark_units()));
  Position& position = account.positions[coin];
  position.size += lots;
  position.entry_value += quote_value(of.instrument(), mark, lots);
  news_.changed.push_back(account.id.value - 1);
}

void Desk::pay_funding(Time now) {
  for (const auto& account : accounts_) {
    for (std::size_t at = 0; at < coins_.size(); ++at) {
      Position& position = account->positions[at];
      if (position.size == Qty{}) continue;
      const Coin& coin = *coins_[at];
      const auto rate_e12 = static_cast<std::int64_t>(coin.funding_rate() * 1e12);
      const auto oracle = Price::from_units(static_cast<std::int64_t>(coin.oracle_units() + 0.5));
      const Money value = quote_value(coin.instrument(), oracle,
                                      position.size < Qty{} ? -position.size : position.size);
      Money paid = Money::from_units(divide_half_even(value.units() * rate_e12, Money::per_one));
      if (position.size < Qty{}) paid = -paid;
      account->balance -= paid;
      position.funding_all_time += paid;
      position.funding_since_open += paid;
      FundingRecord record{now, at, -paid, position.size, pointed_decimal(rate_e12, 12)};
      account->fundings.push_back(record);
      news_.fundings.emplace_back(account->id.value - 1, record);
      news_.changed.push_back(account->id.value - 1);
    }
  }
}

Desk::News Desk::take_news(Time block_time) {
  News news = std::exchange(news_, {});
  for (UserUpdate& update : news.updates) {
    if (update.order.status_time == Time{}) {
      update.order.status_time = block_time;
      if (const auto at = orders_.find(update.order.oid);
          at != orders_.end() && at->second.status_time == Time{}) {
        at->second.status_time = block_time;
      }
    }
  }
  for (UserFill& of : news.fills) of.fill.time = block_time;
  for (TradePrint& of : news.prints) of.print.time = block_time;
  // The account's own records get the stamp as well.
  for (const auto& account : accounts_) {
    for (auto of = account->fills.rbegin(); of != account->fills.rend(); ++of) {
      if (of->time != Time{}) break;
      of->time = block_time;
    }
  }
  std::sort(news.changed.begin(), news.changed.end());
  news.changed.erase(std::unique(news.changed.begin(), news.changed.end()), news.changed.end());
  return news;
}

}  // namespace mm::standin::hyperliquid
