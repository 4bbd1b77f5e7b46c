#pragma once

// Names, magic numbers and limits of the format on disk. docs/journal_format.md has the whole of
// it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mm::journal {

inline constexpr std::uint32_t format_version = 1;

inline constexpr const char* lock_name = "LOCK";
inline constexpr const char* tail_name = "tail.mmt";
inline constexpr const char* sync_name = "sync.mms";
inline constexpr const char* index_name = "index";
inline constexpr std::string_view segment_extension = ".mmj";
inline constexpr std::string_view temporary_extension = ".tmp";

/// Most bytes a block may hold before compression; what a reader allocates on a header's word.
inline constexpr std::size_t block_raw_limit = std::size_t{64} << 20;
/// Most bytes of a block's payload on disk (prefix and compressed frame).
inline constexpr std::size_t block_payload_limit = std::size_t{65} << 20;

using Uuid = std::array<std::byte, 16>;

/// "000042.mmj"
std::string segment_file_name(std::uint64_t number);
/// The number in a name like that; empty for any other name.
std::optional<std::uint64_t> segment_number_of(std::string_view name);

std::string to_hex(const Uuid& uuid);
std::optional<Uuid> uuid_from_hex(std::string_view text);
Uuid random_uuid();
/// What blocks carry of the journal's identity.
std::uint32_t tag_of(const Uuid& journal);

}  // namespace mm::journal
