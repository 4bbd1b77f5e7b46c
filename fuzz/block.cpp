// A damaged block payload is refused or read to some end, whatever stands in it: no read outside of
// it, no memory beyond proportion. What is read without complaint consists of whole records.
//
// Two kinds of input, told apart by the first byte. 255: the rest is the payload. Otherwise a seed
// for a valid payload of that many records, and bytes of it to flip: pairs of (place, pattern).

#include <cstdint>
#include <cstring>
#include <vector>

#include "engine/assert.hpp"
#include "journal/block_codec.hpp"
#include "tests/journal/random_records.hpp"

namespace {

void walk(std::span<const std::byte> payload) {
  mm::journal::BlockCursor cursor;
  if (!cursor.load(payload, mm::Seq{7})) return;
  mm::ByteWriter canonical;
  std::size_t seen = 0;
  while (cursor.next()) {
    ++seen;
    canonical.clear();
    mm::write_record(canonical, cursor.record());
    MM_ASSERT(mm::read_record(canonical.bytes()).has_value(),
              "the cursor gave what is no valid record");
  }
  MM_ASSERT(cursor.damaged() || seen == cursor.records(), "records were left out in silence");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  std::vector<std::uint64_t> words;  // payloads are eight-byte aligned
  if (data[0] == 255) {
    words.resize((size - 1) / 8);
    if (!words.empty()) std::memcpy(words.data(), data + 1, words.size() * 8);
    walk(std::as_bytes(std::span(words)));
    return 0;
  }

  mm::journal::RandomRecords source{data[1]};
  const std::size_t count = 1 + data[0] / 2u;
  const std::vector<mm::Record> records =
      data[0] % 2 == 0 ? source.wild(count, mm::Seq{7}) : source.market(count, mm::Seq{7});
  mm::journal::BlockBuilder builder;
  for (const mm::Record& record : records) builder.add(record);
  const std::span<const std::byte> valid = builder.finish();
  words.resize(valid.size() / 8);
  std::memcpy(words.data(), valid.data(), valid.size());
  const std::span<std::byte> payload = std::as_writable_bytes(std::span(words));

  for (std::size_t at = 2; at + 3 <= size; at += 3) {
    const std::size_t place = (data[at] + 256u * data[at + 1]) % payload.size();
    payload[place] ^= static_cast<std::byte>(data[at + 2]);
  }
  walk(payload);
  return 0;
}
