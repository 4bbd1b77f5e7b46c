#pragma once

// The signing vectors, and the public test key most of them use.

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "venues/hyperliquid/keys.hpp"

namespace mm::venues::hyperliquid::test {

inline nlohmann::json vectors() {
  std::ifstream file{MM_SOURCE_DIR "/tests/fixtures/hyperliquid/signing_vectors.json"};
  return nlohmann::json::parse(file).at("vectors");
}

inline nlohmann::json vector(const std::string& id) {
  for (const nlohmann::json& of : vectors()) {
    if (of.at("id") == id) return of;
  }
  return nullptr;
}

inline std::string text(const nlohmann::json& of, const char* key) {
  return of.at(key).get<std::string>();
}

constexpr const char* key_text =
    "0x0123456789012345678901234567890123456789012345678901234567890123";

inline PrivateKey key() {
  return PrivateKey::from_hex(key_text).value();
}

}  // namespace mm::venues::hyperliquid::test
