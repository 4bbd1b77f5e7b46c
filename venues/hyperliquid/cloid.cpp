#include "venues/hyperliquid/cloid.hpp"

#include <array>
#include <span>

#include "venues/hyperliquid/keys.hpp"

namespace mm::venues::hyperliquid {
namespace {

constexpr std::uint64_t program_mark = 0x6d6d;
constexpr int session_bits = 48;

std::uint64_t big_endian(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

}  // namespace

std::optional<std::uint64_t> session_tag_of(std::string_view session_id) {
  std::array<std::uint8_t, session_bits / 8> bytes{};
  if (!parse_hex("0x" + std::string(session_id.substr(0, session_bits / 4)), bytes)) {
    return std::nullopt;
  }
  return program_mark << session_bits | big_endian(bytes);
}

std::string Cloid::text() const {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(session_tag >> (56 - 8 * i));
    bytes[8 + i] = static_cast<std::uint8_t>(order.value >> (56 - 8 * i));
  }
  return to_hex(bytes);
}

std::optional<Cloid> Cloid::parse(std::string_view text) {
  std::array<std::uint8_t, 16> bytes{};
  if (!text.starts_with("0x") || !parse_hex(text, bytes)) return std::nullopt;
  const std::span all(bytes);
  return Cloid{big_endian(all.first(8)), ClientOrderId{big_endian(all.subspan(8))}};
}

bool Cloid::is_of_this_program() const {
  return session_tag >> session_bits == program_mark && order.value != 0;
}

std::string cloid_of(std::uint64_t session_tag, ClientOrderId order) {
  return Cloid{session_tag, order}.text();
}

std::optional<ClientOrderId> order_of(std::string_view cloid, std::uint64_t session_tag) {
  const auto parsed = Cloid::parse(cloid);
  if (!parsed || parsed->session_tag != session_tag || parsed->order.value == 0) {
    return std::nullopt;
  }
  return parsed->order;
}

}  // namespace mm::venues::hyperliquid
