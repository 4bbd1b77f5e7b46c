#include "venues/hyperliquid/keys.hpp"

#include <crypto++/keccak.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <algorithm>
#include <cstring>

#include "engine/assert.hpp"

namespace mm::venues::hyperliquid {
namespace {

int digit_of(char of) {
  if (of >= '0' && of <= '9') return of - '0';
  if (of >= 'a' && of <= 'f') return of - 'a' + 10;
  if (of >= 'A' && of <= 'F') return of - 'A' + 10;
  return -1;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto from = text.find_first_not_of(blanks);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

std::string_view view_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Address address_of(const secp256k1_context* context, const secp256k1_pubkey& key) {
  std::array<std::uint8_t, 65> point{};
  std::size_t size = point.size();
  secp256k1_ec_pubkey_serialize(context, point.data(), &size, &key, SECP256K1_EC_UNCOMPRESSED);
  const Bytes32 hash = keccak256(view_of(std::span(point).subspan(1)));
  Address address;
  std::copy(hash.begin() + 12, hash.end(), address.bytes.begin());
  return address;
}

}  // namespace

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "0x";
  text.reserve(2 + 2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string to_hex(std::string_view bytes) {
  return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

bool parse_hex(std::string_view text, std::span<std::uint8_t> out) {
  if (text.starts_with("0x")) text.remove_prefix(2);
  if (text.size() != 2 * out.size()) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = digit_of(text[2 * i]);
    const int low = digit_of(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

Bytes32 keccak256(std::string_view bytes) {
  Bytes32 hash{};
  CryptoPP::Keccak_256 keccak;
  keccak.CalculateDigest(hash.data(), reinterpret_cast<const CryptoPP::byte*>(bytes.data()),
                         bytes.size());
  return hash;
}

std::optional<Address> Address::parse(std::string_view text) {
  Address address;
  if (!text.starts_with("0x") || !parse_hex(text, address.bytes)) return std::nullopt;
  return address;
}

std::string Signature::json() const {
  return R"({"r":")" + to_hex(r) + R"(","s":")" + to_hex(s) + R"(","v":)" + std::to_string(v) + "}";
}

std::optional<Address> recover_signer(const Bytes32& digest, const Signature& signature) {
  if (signature.v != 27 && signature.v != 28) return std::nullopt;
  std::array<std::uint8_t, 64> compact{};
  std::copy(signature.r.begin(), signature.r.end(), compact.begin());
  std::copy(signature.s.begin(), signature.s.end(), compact.begin() + 32);
  const secp256k1_context* const context = secp256k1_context_static;
  secp256k1_ecdsa_recoverable_signature parsed;
  secp256k1_pubkey key;
  if (secp256k1_ecdsa_recoverable_signature_parse_compact(context, &parsed, compact.data(),
                                                          signature.v - 27) == 0 ||
      secp256k1_ecdsa_recover(context, &key, &parsed, digest.data()) == 0) {
    return std::nullopt;
  }
  return address_of(context, key);
}

PrivateKey::PrivateKey()
    : secret_(std::make_unique<Secret>()),
      context_(secp256k1_context_create(SECP256K1_CONTEXT_NONE)) {}
PrivateKey::PrivateKey(PrivateKey&&) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&&) noexcept = default;
PrivateKey::~PrivateKey() = default;

PrivateKey::Secret::~Secret() {
  explicit_bzero(bytes.data(), bytes.size());
}
void PrivateKey::Close::operator()(secp256k1_context_struct* context) const {
  secp256k1_context_destroy(context);
}

Result<PrivateKey> PrivateKey::from_hex(std::string_view text) {
  PrivateKey key;
  secp256k1_context* const context = key.context_.get();
  secp256k1_pubkey point;
  if (!parse_hex(trimmed(text), key.secret_->bytes) ||
      secp256k1_ec_pubkey_create(context, &point, key.secret_->bytes.data()) == 0) {
    return Error(ErrorKind::usage,
                 "a private key is 64 hexadecimal digits, above 0 and below the order of "
                 "secp256k1; what was given is not (it is not shown)");
  }
  // Blinds every later use of the secret. The seed must only be unknown to an observer, and the
  // secret itself is.
  Bytes32 seed = keccak256(view_of(key.secret_->bytes));
  MM_ASSERT(secp256k1_context_randomize(context, seed.data()) == 1, "blinding takes any seed");
  explicit_bzero(seed.data(), seed.size());
  key.address_ = address_of(context, point);
  return key;
}

Signature PrivateKey::sign(const Bytes32& digest) const {
  MM_ASSERT(secret_ != nullptr, "a key that was moved from signs nothing");
  secp256k1_ecdsa_recoverable_signature signed_digest;
  MM_ASSERT(secp256k1_ecdsa_sign_recoverable(context_.get(), &signed_digest, digest.data(),
                                             secret_->bytes.data(), nullptr, nullptr) == 1,
            "a valid key signs every digest");
  std::array<std::uint8_t, 64> compact{};
  int recovery_id = 0;
  secp256k1_ecdsa_recoverable_signature_serialize_compact(context_.get(), compact.data(),
                                                          &recovery_id, &signed_digest);
  Signature signature;
  std::copy(compact.begin(), compact.begin() + 32, signature.r.begin());
  std::copy(compact.begin() + 32, compact.end(), signature.s.begin());
  signature.v = 27 + recovery_id;
  return signature;
}

void wipe(std::string& text) {
  explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace mm::venues::hyperliquid
