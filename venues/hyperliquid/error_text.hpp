#pragma once

// What the venue's words about orders mean: the statuses of orderUpdates and orderStatus, and the
// error texts of /exchange. The only place that knows them.
//
// Texts are told apart by how they begin: the wire appends " asset=<n>" and other detail to many of
// them, and some arrive behind "L1 error: ".

#include <cstdint>
#include <string_view>

#include "engine/event.hpp"

namespace mm::venues::hyperliquid {

enum class OrderPhase : std::uint8_t {
  unknown = 0,          ///< a status this program does not know
  live = 1,             ///< open, triggered
  filled = 2,           ///< to the end
  cancelled = 3,        ///< by us
  venue_cancelled = 4,  ///< ...Canceled, scheduledCancel, internalCancel
  rejected = 5,         ///< ...Rejected: it never rested
};

OrderPhase phase_of(std::string_view status);

/// What a `...Rejected` status, or the text of an error, means. An Ioc that found nothing is
/// `other`: to the core it is an order that expired, which the caller tells by `is_ioc_miss`.
RejectReason reason_of(std::string_view status_or_text);

/// The order was fine, but an Ioc had nothing to trade against.
bool is_ioc_miss(std::string_view status_or_text);

/// Whether the text says that the signature recovered to an address without an account: the hash or
/// the key is wrong, and every further request will fail the same way.
bool is_signer_unknown(std::string_view text);

/// Whether the text says that the nonce was refused: another nonce may do.
bool is_nonce_refused(std::string_view text);

}  // namespace mm::venues::hyperliquid
