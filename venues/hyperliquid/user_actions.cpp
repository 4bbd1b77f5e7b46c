#include "venues/hyperliquid/user_actions.hpp"

#include <algorithm>
#include <iterator>

namespace mm::venues::hyperliquid {
namespace {

using enum UserFieldType;

constexpr UserField transfer[] = {{"destination", text}, {"amount", text}, {"time", number}};
constexpr UserField spot_transfer[] = {
    {"destination", text}, {"token", text}, {"amount", text}, {"time", number}};
constexpr UserField class_transfer[] = {{"amount", text}, {"toPerp", flag}, {"nonce", number}};
constexpr UserField agent[] = {{"agentAddress", address}, {"agentName", text}, {"nonce", number}};
constexpr UserField builder_fee[] = {{"maxFeeRate", text}, {"builder", address}, {"nonce", number}};
constexpr UserField asset_transfer[] = {
    {"destination", text}, {"sourceDex", text},      {"destinationDex", text}, {"token", text},
    {"amount", text},      {"fromSubAccount", text}, {"nonce", number}};

constexpr UserActionType types[] = {{"usdSend", "UsdSend", transfer},
                                    {"withdraw3", "Withdraw", transfer},
                                    {"spotSend", "SpotSend", spot_transfer},
                                    {"usdClassTransfer", "UsdClassTransfer", class_transfer},
                                    {"approveAgent", "ApproveAgent", agent},
                                    {"approveBuilderFee", "ApproveBuilderFee", builder_fee},
                                    {"sendAsset", "SendAsset", asset_transfer}};

}  // namespace

const UserActionType* find_user_action(std::string_view type) {
  const auto* const found =
      std::find_if(std::begin(types), std::end(types),
                   [type](const UserActionType& of) { return of.type == type; });
  return found == std::end(types) ? nullptr : found;
}

}  // namespace mm::venues::hyperliquid
