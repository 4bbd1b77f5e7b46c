// Whatever Hyperliquid answers, over REST or the WebSocket, is read or refused in a sentence: no
// decoder crashes, and what it gives keeps its promises.
//
// The first byte chooses the decoder, the rest is the answer.

#include <cstdint>
#include <string_view>

#include "engine/assert.hpp"
#include "venues/hyperliquid/exchange_reply.hpp"
#include "venues/hyperliquid/info.hpp"

namespace {

using namespace mm;
using namespace mm::venues::hyperliquid;

template <class T>
const T* checked(const Result<T>& result) {
  if (result) return &*result;
  MM_ASSERT(!result.error().message().empty() && result.error().message().size() < 400,
            "an error is a sentence");
  return nullptr;
}

void check(const OpenOrder& order) {
  MM_ASSERT(order.limit_price_e8 >= 0 && order.size_e8 >= 0 && order.oid >= 0, "no order is so");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  const std::size_t items = data[0] >> 4;
  switch (data[0] & 15) {
    case 0: {
      const auto reply = decode_exchange_reply(text, items);
      if (const auto* of = checked(reply))
        MM_ASSERT(of->statuses.size() == items, "every item has an answer");
      break;
    }
    case 1: {
      const auto reply = decode_post_reply(text);
      const auto* const of = checked(reply);
      if (of != nullptr && *of && (*of)->kind == PostKind::action)
        checked(decode_exchange_reply((*of)->payload, items));
      break;
    }
    case 2: {
      const auto reply = decode_meta(text);
      if (const auto* of = checked(reply)) {
        for (std::size_t i = 0; i < of->assets.size(); ++i)
          MM_ASSERT((i == 0 || of->assets[i - 1].index < of->assets[i].index) &&
                        of->assets[i].instrument.price_decimals >= 0,
                    "by index");
      }
      break;
    }
    case 3: {
      const auto reply = decode_open_orders(text);
      if (const auto* of = checked(reply))
        for (const OpenOrder& order : *of) check(order);
      break;
    }
    case 4: {
      const auto reply = decode_order_status(text);
      const auto* const of = checked(reply);
      if (of != nullptr && *of) check((*of)->order);
      break;
    }
    case 5: {
      const auto reply = decode_account_state(text);
      if (const auto* of = checked(reply)) (void)position_of(*of, perpetual("BTC", 5));
      break;
    }
    case 6:
      checked(decode_request_budget(text));
      break;
    case 7:
      checked(decode_user_role(text));
      break;
    default:
      checked(decode_exchange_status(text));
      break;
  }
  return 0;
}
