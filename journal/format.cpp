#include "journal/format.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <charconv>

#include "engine/assert.hpp"
#include "engine/hash.hpp"

namespace mm::journal {

std::string segment_file_name(std::uint64_t number) {
  return fmt::format("{:06}{}", number, segment_extension);
}

std::optional<std::uint64_t> segment_number_of(std::string_view name) {
  if (!name.ends_with(segment_extension)) return std::nullopt;
  name.remove_suffix(segment_extension.size());
  if (name.size() < 6) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return number;
}

std::string to_hex(const Uuid& uuid) {
  std::string text;
  for (const std::byte value : uuid) text += fmt::format("{:02x}", std::to_integer<int>(value));
  return text;
}

std::optional<Uuid> uuid_from_hex(std::string_view text) {
  Uuid uuid{};
  if (text.size() != 2 * uuid.size()) return std::nullopt;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    unsigned value = 0;
    const char* at = text.data() + 2 * i;
    const auto [end, error] = std::from_chars(at, at + 2, value, 16);
    if (error != std::errc{} || end != at + 2) return std::nullopt;
    uuid[i] = static_cast<std::byte>(value);
  }
  return uuid;
}

Uuid random_uuid() {
  Uuid uuid{};
  const ssize_t got = getrandom(uuid.data(), uuid.size(), 0);
  MM_ASSERT(got == static_cast<ssize_t>(uuid.size()), "getrandom gives 16 bytes at once");
  return uuid;
}

std::uint32_t tag_of(const Uuid& journal) {
  return static_cast<std::uint32_t>(hash64(journal));
}

}  // namespace mm::journal
