#pragma once

// Record: one journal entry, an Event or an Output, and its canonical bytes.
//
// The canonical form is what the tail holds, what the digests run over and what "bit-exact" means:
//
//   offset 0   u32  size of the whole record in bytes, a multiple of 8
//          4   u8   kind (RecordKind)
//          5   u8   zero
//          6   u16  instrument
//          8   u64  seq
//          16  i64  recv_time, ns
//          24  i64  exchange_time, ns
//          32       the fields of the kind in the order of describe.hpp, as bytes.hpp writes them
//
// Levels stand as (price i64, quantity i64), so a record can be viewed in place.
//
// Digests leave `seq` out: what was decided does not depend on how many records came before it.

#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <variant>

#include "engine/bytes.hpp"
#include "engine/hash.hpp"
#include "engine/output.hpp"

namespace mm {

using Record = std::variant<Event, Output>;

inline constexpr std::size_t record_header_bytes = 32;

inline const EventHeader& header_of(const Record& record) {
  return std::visit([](const auto& of) -> const EventHeader& { return of.header; }, record);
}
inline RecordKind kind_of(const Record& record) {
  return std::visit([](const auto& of) { return of.kind(); }, record);
}

/// Appends the canonical bytes of a record.
void write_record(ByteWriter& out, const Event& event);
void write_record(ByteWriter& out, const Output& output);
void write_record(ByteWriter& out, const Record& record);

/// Size that write_record would append; for reserving room in the tail.
std::size_t record_bytes(const Event& event);
std::size_t record_bytes(const Output& output);

/// Writes a record at `at`, where record_bytes() of it must be free and eight-byte aligned, with
/// `seq` in place of the header's. Returns the size.
std::size_t write_record_at(std::byte* at, const Event& event, Seq seq);
std::size_t write_record_at(std::byte* at, const Output& output, Seq seq);

/// Reads one canonical record at the start of `bytes` (eight-byte aligned). The views in the result
/// borrow from `bytes`. Empty if the bytes are not one whole, valid record: unknown kind, a field
/// beyond the record's size, an enum out of range, a size that is not consumed exactly.
std::optional<Record> read_record(std::span<const std::byte> bytes);

/// Logical digest of a sequence of records (inputs and outputs have one each):
///
///   d(0) = 0,  d(n+1) = XXH3_64(canonical bytes from offset 16, seed = d(n) xor u64 at offset 0)
///
/// It depends on the records and their order only, not on how they were cut into blocks, and goes
/// on from any point whose value is known.
class RollingDigest {
 public:
  RollingDigest() = default;
  explicit RollingDigest(std::uint64_t value) : value_(value) {}

  /// `canonical` is one whole record as write_record makes it.
  void add(std::span<const std::byte> canonical) {
    std::uint64_t head = 0;
    std::memcpy(&head, canonical.data(), 8);
    value_ = hash64(canonical.subspan(16), value_ ^ head);
  }
  std::uint64_t value() const { return value_; }
  bool operator==(const RollingDigest&) const = default;

 private:
  std::uint64_t value_ = 0;
};

}  // namespace mm
