#pragma once

// The user-signed actions: what each is called and which fields it signs, in order.
//
// They move money or grant rights, so a trading process needs at most one of them, approveAgent,
// and that with the master's key: run it apart.

#include <span>
#include <string_view>

namespace mm::venues::hyperliquid {

enum class UserFieldType : unsigned char { text, number, flag, address };

struct UserField {
  std::string_view name;
  UserFieldType type;
};

struct UserActionType {
  std::string_view type;  ///< "approveAgent"
  std::string_view name;  ///< "ApproveAgent": primary type HyperliquidTransaction:<Name>
  std::span<const UserField> fields;  ///< behind `hyperliquidChain`; the last one is the nonce
};

/// Null for any other action.
const UserActionType* find_user_action(std::string_view type);

}  // namespace mm::venues::hyperliquid
