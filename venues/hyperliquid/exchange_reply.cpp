#include "venues/hyperliquid/exchange_reply.hpp"

#include "venues/hyperliquid/error_text.hpp"
#include "venues/hyperliquid/json_dom.hpp"

namespace mm::venues::hyperliquid {
namespace {

using dom::Json;
using dom::Reader;

Refused refused(const std::string& text) {
  return {text, reason_of(text)};
}

std::int64_t positive_e8(const Reader& reader, const char* key) {
  const std::int64_t value = reader.decimal(key, 8, Excess::round_half_even);
  if (value <= 0) reader.fail(std::string("has ") + key + " that is not above 0");
  return value;
}

ItemStatus item_status(const Json& status) {
  constexpr std::string_view what = "/exchange reply";
  if (status.is_string()) {
    const auto& word = status.get_ref<const std::string&>();
    if (word == "success") return Accepted{};
    if (word == "waitingForTrigger") return Waiting{false};
    if (word == "waitingForFill") return Waiting{true};
  } else if (status.size() > 1) {  // of two answers at once neither is believed
  } else if (dom::find(status, "error") != nullptr) {
    return refused(Reader(status, what).text("error"));
  } else if (dom::find(status, "resting") != nullptr) {
    const Reader resting = Reader(status, what).object("resting");
    return Resting{resting.integer("oid"), resting.cloid("cloid")};
  } else if (dom::find(status, "filled") != nullptr) {
    const Reader filled = Reader(status, what).object("filled");
    return Filled{filled.integer("oid"), positive_e8(filled, "totalSz"),
                  positive_e8(filled, "avgPx"), filled.cloid("cloid")};
  }
  throw Error(ErrorKind::data, "hyperliquid: /exchange reply has the status " +
                                   dom::excerpt(status.dump()) + ", which is unknown");
}

ExchangeReply read_reply(const Json& root, std::size_t items) {
  const Reader reply(root, "/exchange reply");
  const std::string& status = reply.text("status");
  ExchangeReply result;
  if (status == "err") {
    result.error = reply.text("response");
    result.statuses.assign(items, refused(result.error));
    return result;
  }
  if (status != "ok") reply.fail("has the status \"" + dom::excerpt(status) + "\"");
  const Reader response = reply.object("response");
  if (response.text("type") == "default") {
    result.statuses.assign(items, Accepted{});
    return result;
  }
  for (const Json& of : response.object("data").array("statuses")) {
    result.statuses.push_back(item_status(of));
  }
  if (result.statuses.size() == items) return result;
  // One error for all: the batch was refused before any item was looked at.
  if (result.statuses.size() == 1 && std::holds_alternative<Refused>(result.statuses[0])) {
    result.error = std::get<Refused>(result.statuses[0]).text;
    result.statuses.assign(items, ItemStatus(result.statuses[0]));
    return result;
  }
  reply.fail("answers " + std::to_string(result.statuses.size()) + " items of " +
             std::to_string(items));
}

std::optional<PostReply> read_post(const Json& root) {
  constexpr std::string_view what = "post reply";
  const Json* const channel = dom::find(root, "channel");
  if (channel == nullptr || !channel->is_string()) return std::nullopt;
  const Json* const data = dom::find(root, "data");
  if (*channel == "error" && data != nullptr && data->is_string()) {
    constexpr std::string_view beginning = "too many pending post requests id=";
    const std::string_view text = data->get_ref<const std::string&>();
    if (!text.starts_with(beginning)) return std::nullopt;
    const std::int64_t id = parse_integer(text.substr(beginning.size()));
    if (id < 0) return std::nullopt;
    return PostReply{static_cast<std::uint64_t>(id), PostKind::error, std::string(text)};
  }
  if (*channel != "post") return std::nullopt;
  const Reader reply = Reader(root, what).object("data");
  const Json& id = reply.member("id");
  if (!id.is_number_unsigned()) reply.fail("has an id that is no unsigned integer");
  PostReply result{id.get<std::uint64_t>(), PostKind::error, {}};
  const Reader response = reply.object("response");
  const std::string& type = response.text("type");
  if (type == "error") {
    result.payload = response.text("payload");
  } else if (type == "action") {
    result.kind = PostKind::action;
    result.payload = response.member("payload").dump();
  } else if (type == "info") {
    result.kind = PostKind::info;
    const Json* const answer = dom::find(response.member("payload"), "data");
    result.payload = answer == nullptr ? "null" : answer->dump();
  } else {
    reply.fail("has the type \"" + dom::excerpt(type) + "\"");
  }
  return result;
}

}  // namespace

Result<ExchangeReply> decode_exchange_reply(std::string_view body, std::size_t items) {
  return dom::guarded<ExchangeReply>(body, "/exchange reply",
                                     [&](const Json& root) { return read_reply(root, items); });
}

Result<std::optional<PostReply>> decode_post_reply(std::string_view frame) {
  return dom::guarded<std::optional<PostReply>>(frame, "post reply", read_post);
}

}  // namespace mm::venues::hyperliquid
