#pragma once

// Order scripts: recorded or hand-written requests, one a line, as text.
//
//   N,ts,id,side,tick,qty,tif             a new order; side Buy or Sell; tif GTX (post-only), GTC,
//                                         IOC or FOK
//   C,ts,id                               cancel it
//   M,ts,id,new_id,side,tick,qty,tif      cancel it and place another, in one message
//   R,...                                 a response: not a request, passed over
//
// `ts` is when our side sends it, in ns since the epoch, never going back. `id` is the writer's
// own, from 1; one may be used again once its order is gone. `tick` counts price steps of the
// instrument (its definition's tick), `qty` is a decimal in base units, or contracts of an inverse
// instrument.

#include <optional>
#include <string>
#include <string_view>

#include "engine/instrument.hpp"
#include "engine/output.hpp"

namespace mm {

/// Author of the Annotation events that carry the lines of a scripted session.
inline constexpr std::string_view script_author = "script";

struct OrderRequest {
  Time at;
  OutputBody message;  ///< PlaceOrder, CancelOrder or ReplaceOrder
};

/// Reads one line, without its end. `out` stays empty for a response, a blank line or a comment
/// (#). The result says what is wrong with the line, without a place: the caller knows file and
/// line.
std::optional<std::string> parse_order_line(std::string_view line, const Instrument& instrument,
                                            std::optional<OrderRequest>& out);

}  // namespace mm
