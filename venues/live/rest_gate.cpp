#include "venues/live/rest_gate.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace mm::venues {
namespace {

using std::chrono::seconds;

// Where the venue does not say how long: Hyperliquid's 429 has no Retry-After.
constexpr Duration own_pause = seconds{10};
constexpr Duration own_ban = seconds{120};
// Binance's weight per minute and address, and from when on it is worth a word.
constexpr std::int64_t weight_limit = 2400;
constexpr std::int64_t weight_warning = weight_limit * 8 / 10;

std::optional<std::int64_t> number(std::optional<std::string_view> text) {
  std::int64_t value = 0;
  if (!text) return std::nullopt;
  const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (code != std::errc{} || end != text->data() + text->size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::optional<LimitNotice> limit_notice(const net::HttpResponse& response) {
  LimitNotice notice;
  const auto used = number(net::find_header(response.headers, "X-MBX-USED-WEIGHT-1M"));
  if (used) {
    notice.used = *used;
    notice.limit = weight_limit;
  }
  if (response.status == 429 || response.status == 418) {
    const auto asked = number(net::find_header(response.headers, "Retry-After"));
    const Duration own = response.status == 418 ? own_ban : own_pause;
    notice.retry_after =
        asked ? Duration{seconds{std::min<std::int64_t>(*asked, 4 * 86'400)}} : own;
    notice.detail = response.status == 418 ? "HTTP 418: banned" : "HTTP 429: slow down";
    return notice;
  }
  if (notice.used < weight_warning) return std::nullopt;
  notice.detail = "much of the allowance is used";
  return notice;
}

RestGate::RestGate(net::Loop& loop, const net::TlsClient* tls, const net::Url& origin,
                   Duration timeout)
    : client_(loop, tls, origin, net::HttpClient::Options{.timeout = timeout}) {}

RestGate::Answer RestGate::judge(State& state, const net::HttpRequest& request,
                                 Result<net::HttpResponse> result) {
  Answer answer;
  if (result.has_error()) {
    answer.problem = result.error().message();
    return answer;
  }
  answer.notice = limit_notice(*result);
  if (answer.notice && answer.notice->retry_after > Duration{}) {
    const Instant until = std::chrono::steady_clock::now() + answer.notice->retry_after;
    state.open_at = std::max(state.open_at, until);
    if (result->status == 418) state.unbanned_at = std::max(state.unbanned_at, until);
  } else if (answer.notice && std::exchange(state.warned, true)) {
    answer.notice.reset();
  } else if (!answer.notice) {
    state.warned = false;
  }
  if (result->status == 200) {
    answer.body = std::move(result->body);
  } else {
    answer.problem = request.method + " " + request.target + ": HTTP " +
                     std::to_string(result->status) + " " + result->body.substr(0, 200);
  }
  return answer;
}

void RestGate::ask(const net::HttpRequest& request, Done done) {
  client_.request(
      request,
      [state = state_, request, done = std::move(done)](Result<net::HttpResponse> result) {
        done(judge(*state, request, std::move(result)));
      },
      true);
}

Duration RestGate::closed_for() const {
  return std::max(Duration{}, Duration{state_->open_at - std::chrono::steady_clock::now()});
}

Duration RestGate::banned_for() const {
  return std::max(Duration{}, Duration{state_->unbanned_at - std::chrono::steady_clock::now()});
}

std::shared_ptr<RestGate> RestGates::at(const net::Url& origin) {
  std::shared_ptr<RestGate>& gate = gates_[origin.http("/").text()];
  if (gate == nullptr) gate = std::make_shared<RestGate>(loop_, tls_, origin, timeout_);
  return gate;
}

}  // namespace mm::venues
