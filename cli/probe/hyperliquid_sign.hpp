#pragma once

// mm-probe's hyperliquid.sign: a signing vector without its answers to its answers.

#include <string>
#include <string_view>

namespace mm::probe {

/// Takes and gives JSON text. Throws Error, or nlohmann's exceptions for missing keys.
std::string hyperliquid_sign(std::string_view vector);

}  // namespace mm::probe
