// Whatever is posted to the stand-in venue's /exchange is read or refused: no body crashes the
// check, and what it reads keeps its promises.
//
// The whole input is the body.

#include <cstdint>
#include <string_view>

#include "engine/assert.hpp"
#include "venues/hyperliquid/request_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mm::venues::hyperliquid;
  const std::string_view body{reinterpret_cast<const char*>(data), size};
  const auto result = check_request(body, Network::testnet);
  if (const auto* const refusal = std::get_if<RequestRefusal>(&result)) {
    MM_ASSERT(
        refusal->http_status == 400 || refusal->http_status == 422 || refusal->http_status == 200,
        "one of the three answers");
    return 0;
  }
  const auto& request = std::get<CheckedRequest>(result);
  if (const auto* const orders = std::get_if<CheckedOrders>(&request.action)) {
    for (const CheckedOrder& order : orders->orders)
      MM_ASSERT(order.price_e8 >= 0 && order.size_e8 >= 0, "numbers have no sign");
  }
  return 0;
}
