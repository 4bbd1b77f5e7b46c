#include "engine/record.hpp"

#include <cstring>
#include <type_traits>

#include "engine/describe.hpp"

namespace mm {
namespace {

template <class Sink>
struct FieldWriter {
  Sink& out;

  void operator()(const char*, std::int64_t value) { out.put_i64(value); }
  void operator()(const char*, bool value) { out.put_u64(value ? 1 : 0); }
  void operator()(const char*, Price value) { out.put_i64(value.units()); }
  void operator()(const char*, Qty value) { out.put_i64(value.lots()); }
  void operator()(const char*, Money value) { out.put_i128(value.units()); }
  void operator()(const char*, Time value) { out.put_i64(to_ns(value)); }
  void operator()(const char*, ClientOrderId value) { out.put_u64(value.value); }
  void operator()(const char*, std::string_view value) { out.put_text(value); }
  void operator()(const char*, const Level& value) { out.put_raw(&value, sizeof value); }
  template <class T>
  void operator()(const char*, std::span<const T> value) {
    out.put_u64(value.size());
    out.put_padded(value.data(), value.size_bytes());
  }
  template <class E>
  requires std::is_enum_v<E>
  void operator()(const char*, E value) { out.put_u64(static_cast<std::uint64_t>(value)); }
};

struct FieldReader {
  ByteReader& in;

  void operator()(const char*, std::int64_t& value) { value = in.get_i64(); }
  void operator()(const char*, bool& value) {
    const std::uint64_t stored = in.get_u64();
    if (stored > 1) in.fail();
    value = stored == 1;
  }
  void operator()(const char*, Price& value) { value = Price::from_units(in.get_i64()); }
  void operator()(const char*, Qty& value) { value = Qty::from_lots(in.get_i64()); }
  void operator()(const char*, Money& value) { value = Money::from_units(in.get_i128()); }
  void operator()(const char*, Time& value) { value = time_from_ns(in.get_i64()); }
  void operator()(const char*, ClientOrderId& value) { value.value = in.get_u64(); }
  void operator()(const char*, std::string_view& value) { value = in.get_text(); }
  void operator()(const char*, Level& value) {
    const std::int64_t price = in.get_i64();
    value = {Price::from_units(price), Qty::from_lots(in.get_i64())};
  }
  template <class T>
  void operator()(const char*, std::span<const T>& value) {
    value = in.get_array<T>();
  }
  template <class E>
  requires std::is_enum_v<E>
  void operator()(const char*, E& value) {
    const std::uint64_t stored = in.get_u64();
    if (stored > static_cast<std::uint64_t>(last_of(E{}))) {
      in.fail();
      return;
    }
    value = static_cast<E>(stored);
  }
};

struct Sizer {
  std::size_t& bytes;
  void operator()(const char*, Money) { bytes += 16; }
  void operator()(const char*, const Level&) { bytes += 16; }
  void operator()(const char*, std::string_view text) { bytes += 8 + padded8(text.size()); }
  template <class T>
  void operator()(const char*, std::span<const T> items) {
    bytes += 8 + padded8(items.size_bytes());
  }
  template <class T>
  void operator()(const char*, const T&) {
    bytes += 8;
  }
};

void write_header(std::byte* at, std::size_t size, RecordKind kind, const EventHeader& header,
                  Seq seq) {
  const std::uint32_t size32 = static_cast<std::uint32_t>(size);
  const std::int64_t recv = to_ns(header.recv_time);
  const std::int64_t exchange = to_ns(header.exchange_time);
  std::memcpy(at, &size32, 4);
  at[4] = static_cast<std::byte>(kind);
  at[5] = std::byte{0};
  std::memcpy(at + 6, &header.instrument.value, 2);
  std::memcpy(at + 8, &seq.value, 8);
  std::memcpy(at + 16, &recv, 8);
  std::memcpy(at + 24, &exchange, 8);
}

template <class EventOrOutput>
void write_any(ByteWriter& out, const EventOrOutput& record) {
  const std::size_t start = out.size();
  out.extend(record_header_bytes);
  RecordKind kind{};
  std::visit(
      [&](const auto& body) {
        kind = body.kind;
        describe(body, FieldWriter<ByteWriter>{out});
      },
      record.body);
  std::byte* at = const_cast<std::byte*>(out.bytes().data()) + start;
  write_header(at, out.size() - start, kind, record.header, record.header.seq);
}

template <class EventOrOutput>
std::size_t write_any_at(std::byte* at, const EventOrOutput& record, Seq seq) {
  MemoryWriter out{at};
  out.extend(record_header_bytes);
  RecordKind kind{};
  std::visit(
      [&](const auto& body) {
        kind = body.kind;
        describe(body, FieldWriter<MemoryWriter>{out});
      },
      record.body);
  write_header(at, out.size(), kind, record.header, seq);
  return out.size();
}

template <class EventOrOutput>
std::size_t size_of_record(const EventOrOutput& record) {
  std::size_t bytes = record_header_bytes;
  std::visit([&](const auto& body) { describe(body, Sizer{bytes}); }, record.body);
  return bytes;
}

template <class Result, class Body>
std::optional<Record> read_body(const EventHeader& header, ByteReader& in) {
  Body body;
  describe(body, FieldReader{in});
  if (in.failed() || !in.at_end()) return std::nullopt;
  return Record{Result{header, body}};
}

template <class Result, class... Bodies>
std::optional<Record> read_one_of(RecordKind kind, const EventHeader& header, ByteReader& in,
                                  std::type_identity<std::variant<Bodies...>>) {
  std::optional<Record> record;
  // Exactly one kind matches; the fold stops at it.
  static_cast<void>(
      ((Bodies::kind == kind && (record = read_body<Result, Bodies>(header, in), true)) || ...));
  return record;
}

}  // namespace

void write_record(ByteWriter& out, const Event& event) {
  write_any(out, event);
}
void write_record(ByteWriter& out, const Output& output) {
  write_any(out, output);
}
void write_record(ByteWriter& out, const Record& record) {
  std::visit([&](const auto& of) { write_any(out, of); }, record);
}

std::size_t record_bytes(const Event& event) {
  return size_of_record(event);
}
std::size_t record_bytes(const Output& output) {
  return size_of_record(output);
}

std::size_t write_record_at(std::byte* at, const Event& event, Seq seq) {
  return write_any_at(at, event, seq);
}
std::size_t write_record_at(std::byte* at, const Output& output, Seq seq) {
  return write_any_at(at, output, seq);
}

std::optional<Record> read_record(std::span<const std::byte> bytes) {
  if (bytes.size() < record_header_bytes) return std::nullopt;
  std::uint32_t size = 0;
  EventHeader header;
  std::int64_t recv = 0;
  std::int64_t exchange = 0;
  std::memcpy(&size, bytes.data(), 4);
  if (size < record_header_bytes || size % 8 != 0 || size > bytes.size()) return std::nullopt;
  const auto kind = static_cast<RecordKind>(bytes[4]);
  if (bytes[5] != std::byte{0}) return std::nullopt;
  std::memcpy(&header.instrument.value, bytes.data() + 6, 2);
  std::memcpy(&header.seq.value, bytes.data() + 8, 8);
  std::memcpy(&recv, bytes.data() + 16, 8);
  std::memcpy(&exchange, bytes.data() + 24, 8);
  header.recv_time = time_from_ns(recv);
  header.exchange_time = time_from_ns(exchange);
  ByteReader in{bytes.subspan(record_header_bytes, size - record_header_bytes)};
  return is_output(kind) ? read_one_of<Output>(kind, header, in, std::type_identity<OutputBody>{})
                         : read_one_of<Event>(kind, header, in, std::type_identity<EventBody>{});
}

}  // namespace mm
