#pragma once

// Keys, addresses and signatures of Hyperliquid: Keccak-256, secp256k1, hexadecimal text.
//
// An address is the last 20 bytes of the Keccak-256 of the public key. Keccak-256 is the original
// one (padding 0x01), not SHA3-256. Signatures are RFC 6979 with low s, so equal digests give equal
// signatures, and tests may compare them.

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/result.hpp"

struct secp256k1_context_struct;

namespace mm::venues::hyperliquid {

using Bytes32 = std::array<std::uint8_t, 32>;

/// "0x" and two lower-case digits a byte.
std::string to_hex(std::span<const std::uint8_t> bytes);
std::string to_hex(std::string_view bytes);
/// Exactly `out.size()` bytes of hexadecimal digits of either case, with or without "0x"; false,
/// and `out` unspecified, for anything else.
bool parse_hex(std::string_view text, std::span<std::uint8_t> out);

Bytes32 keccak256(std::string_view bytes);

struct Address {
  std::array<std::uint8_t, 20> bytes{};
  auto operator<=>(const Address&) const = default;

  std::string text() const { return to_hex(bytes); }  ///< lower case, as the venue hashes it
  /// "0x" and 40 digits of either case.
  static std::optional<Address> parse(std::string_view text);
};

struct Signature {
  Bytes32 r{};
  Bytes32 s{};
  int v = 0;  ///< 27 + recovery id
  bool operator==(const Signature&) const = default;

  /// {"r":"0x..","s":"0x..","v":27}, r and s padded to 64 digits.
  std::string json() const;
};

/// Who signed, or would have: another digest gives another, random address. Empty if r, s or v
/// cannot be of any signature.
std::optional<Address> recover_signer(const Bytes32& digest, const Signature& signature);

/// A secret. It cannot be copied, printed or compared; its bytes stand in one place, which is wiped
/// when the key is destroyed, moved-from keys included. The text it was read from is the caller's
/// to wipe (`wipe`).
class PrivateKey {
 public:
  /// 64 hexadecimal digits, with or without "0x", blanks around them allowed. The error never
  /// quotes the text.
  static Result<PrivateKey> from_hex(std::string_view text);

  PrivateKey(PrivateKey&&) noexcept;
  PrivateKey& operator=(PrivateKey&&) noexcept;
  ~PrivateKey();

  const Address& address() const { return address_; }
  Signature sign(const Bytes32& digest) const;

 private:
  struct Secret {
    Bytes32 bytes{};
    ~Secret();
  };
  struct Close {
    void operator()(secp256k1_context_struct* context) const;
  };
  PrivateKey();

  std::unique_ptr<Secret> secret_;
  std::unique_ptr<secp256k1_context_struct, Close> context_;  // blinded against side channels
  Address address_;
};

/// Overwrites text that held a secret, in a way the compiler may not leave out.
void wipe(std::string& text);

}  // namespace mm::venues::hyperliquid
