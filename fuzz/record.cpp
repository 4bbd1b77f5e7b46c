// Any bytes offered as one canonical record are refused or read, and what was read has one form:
// writing it and reading that again gives the same bytes.
//
// The size field is put right before the decoder sees the input, so that the fuzzer spends its time
// on the fields and not on guessing the length.

#include <cstdint>
#include <cstring>
#include <vector>

#include "engine/assert.hpp"
#include "engine/record.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > (std::size_t{1} << 30)) return 0;  // and the compiler knows that padding fits
  std::vector<std::uint64_t> words(mm::padded8(size) / 8);  // records start eight-byte aligned
  if (size != 0) std::memcpy(words.data(), data, size);
  const std::span<std::byte> bytes = std::as_writable_bytes(std::span(words));
  if (bytes.size() >= 4) {
    const auto count = static_cast<std::uint32_t>(bytes.size());
    std::memcpy(bytes.data(), &count, sizeof count);
  }

  const std::optional<mm::Record> record = mm::read_record(bytes);
  if (!record) return 0;
  mm::ByteWriter first;
  mm::write_record(first, *record);

  const std::optional<mm::Record> again = mm::read_record(first.bytes());
  MM_ASSERT(again.has_value(), "a record that was just written cannot be read");
  mm::ByteWriter second;
  mm::write_record(second, *again);
  MM_ASSERT(first.size() == second.size() &&
                std::memcmp(first.bytes().data(), second.bytes().data(), first.size()) == 0,
            "a record has two canonical forms");
  return 0;
}
