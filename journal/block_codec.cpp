#include "journal/block_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/assert.hpp"
#include "engine/bytes.hpp"
#include "journal/columns_decoder.hpp"
#include "journal/columns_encoder.hpp"
#include "journal/side_records.hpp"
#include "journal/wire.hpp"

namespace mm::journal {
namespace {

static_assert(index_of(Column::predicted_levels) + 1 == column_count);
static_assert(static_cast<std::size_t>(wire::Column::PREDICTED_LEVELS) + 1 == column_count,
              "schemas/block.capnp and columns.hpp name the same columns");

std::size_t rows_of(const Event& event) {
  std::size_t rows = 1;
  if (const auto* delta = std::get_if<BookDelta>(&event.body))
    rows = delta->bids.size() + delta->asks.size();
  else if (const auto* snapshot = std::get_if<BookSnapshot>(&event.body))
    rows = snapshot->bids.size() + snapshot->asks.size();
  else if (std::holds_alternative<BestQuote>(event.body))
    rows = 2;
  return rows == 0 ? 1 : rows;
}

Error damage(std::string_view why) {
  return {ErrorKind::data, fmt::format("block payload cannot be decoded: {}", why)};
}

/// Memory for the first segment of a message, which Cap'n Proto wants zeroed and leaves zeroed.
class MessageScratch {
 public:
  kj::ArrayPtr<capnp::word> words(std::size_t at_least) {
    if (words_.size() < at_least) words_.assign(at_least * 2, 0);
    return kj::arrayPtr(reinterpret_cast<capnp::word*>(words_.data()), words_.size());
  }

 private:
  std::vector<std::uint64_t> words_;
};

}  // namespace

struct BlockBuilder::Impl {
  ColumnEncoder columns;
  ByteWriter rows;  // records without columns, in canonical form
  std::size_t row_count = 0;
  std::size_t market_rows = 0;
  Seq first_seq;
  Time first_time;
  Time last_time;
  KindCounts counts;
  Packing packing = Packing::fast;

  std::vector<std::uint64_t> encoded;  // all columns, each at a multiple of eight bytes
  MessageScratch scratch;
  std::optional<capnp::MallocMessageBuilder> message;

  void start_record(const EventHeader& header, RecordKind kind, std::size_t rows_of_record) {
    MM_ASSERT(header.instrument.value < max_instruments, "instrument id out of range");
    if (columns.records() == 0) {
      first_seq = header.seq;
      first_time = header.recv_time;
    }
    MM_ASSERT(header.seq.value == first_seq.value + columns.records(), "gap in sequence numbers");
    message.reset();
    last_time = header.recv_time;
    market_rows += rows_of_record;
    counts.add(kind);
  }
  template <class EventOrOutput>
  void add_row(const EventOrOutput& record) {
    columns.add_row(record.header);
    write_record(rows, record);
    ++row_count;
  }
  std::span<const std::byte> encode_columns(
      std::array<std::span<const std::byte>, column_count>& encoded_columns);
  void write_rows(capnp::List<wire::Record>::Builder list) const;
};

BlockBuilder::BlockBuilder(Packing packing) : impl_(std::make_unique<Impl>()) {
  impl_->packing = packing;
}
BlockBuilder::~BlockBuilder() = default;
BlockBuilder::BlockBuilder(BlockBuilder&&) noexcept = default;
BlockBuilder& BlockBuilder::operator=(BlockBuilder&&) noexcept = default;

void BlockBuilder::add(const Record& record) {
  std::visit([this](const auto& of) { add(of); }, record);
}

void BlockBuilder::add(const Event& event) {
  impl_->start_record(event.header, event.kind(), rows_of(event));
  if (!impl_->columns.add(event)) impl_->add_row(event);
}

void BlockBuilder::add(const Output& output) {
  impl_->start_record(output.header, output.kind(), 1);
  if (!impl_->columns.add(output)) impl_->add_row(output);
}

std::size_t BlockBuilder::rows() const {
  return impl_->market_rows;
}
std::size_t BlockBuilder::records() const {
  return impl_->columns.records();
}
Seq BlockBuilder::first_seq() const {
  return impl_->first_seq;
}
Seq BlockBuilder::last_seq() const {
  return Seq{impl_->first_seq.value + records() - 1};
}
Time BlockBuilder::first_time() const {
  return impl_->first_time;
}
Time BlockBuilder::last_time() const {
  return impl_->last_time;
}
const KindCounts& BlockBuilder::counts() const {
  return impl_->counts;
}

void BlockBuilder::reset() {
  impl_->columns.clear();
  impl_->rows.clear();
  impl_->row_count = 0;
  impl_->market_rows = 0;
  impl_->counts = {};
  impl_->message.reset();
}

std::span<const std::byte> BlockBuilder::Impl::encode_columns(
    std::array<std::span<const std::byte>, column_count>& encoded_columns) {
  std::size_t room = 0;
  for (std::size_t index = 0; index < column_count; ++index)
    room += padded8(columns.column(index).room());
  if (encoded.size() < room / 8) encoded.resize(room / 4);
  auto* const begin = reinterpret_cast<std::byte*>(encoded.data());
  std::byte* at = begin;
  for (std::size_t index = 0; index < column_count; ++index) {
    const ColumnWriter& column = columns.column(index);
    const auto name = static_cast<Column>(index);
    const bool needed = name == Column::kind || is_level_column(name);
    if (column.size() == 0 || (!needed && column.all_zero())) continue;
    const std::size_t size = column.encode(at, packing);
    encoded_columns[index] = {at, size};
    at += padded8(size);
  }
  return {begin, at};
}

void BlockBuilder::Impl::write_rows(capnp::List<wire::Record>::Builder list) const {
  std::span<const std::byte> rest = rows.bytes();
  for (auto wire_record : list) {
    const std::optional<Record> record = read_record(rest);
    MM_ASSERT(record.has_value(), "a record of ours does not read back");
    write_side_record(*record, wire_record);
    std::uint32_t size = 0;
    std::memcpy(&size, rest.data(), 4);
    rest = rest.subspan(size);
  }
}

std::span<const std::byte> BlockBuilder::finish() {
  Impl& impl = *impl_;
  MM_ASSERT(!empty(), "a block needs a record");
  impl.message.reset();
  const ColumnEncoder::TimeUnits units = impl.columns.finish_times();
  impl.columns.finish_predictions();
  std::array<std::span<const std::byte>, column_count> columns;
  const std::size_t column_bytes = impl.encode_columns(columns).size();

  // One segment: if the estimate for the rows was too small, once more with twice the room.
  for (std::size_t words = column_bytes / 8 + impl.rows.size() / 4 + 256;; words *= 2) {
    impl.message.emplace(impl.scratch.words(words));
    auto block = impl.message->initRoot<wire::Block>();
    block.setFirstRecvNs(impl.columns.first_recv_ns());
    block.setRecvUnitNs(units.recv);
    block.setVenueUnitNs(units.venue);
    unsigned present = column_count;
    while (columns[present - 1].empty()) --present;  // `kind` is never empty
    auto list = block.initColumns(present);
    for (unsigned index = 0; index < present; ++index) {
      if (columns[index].empty()) continue;
      list.set(index, kj::arrayPtr(reinterpret_cast<const kj::byte*>(columns[index].data()),
                                   columns[index].size()));
    }
    if (impl.row_count != 0)
      impl.write_rows(block.initRecords(static_cast<unsigned>(impl.row_count)));
    const auto segments = impl.message->getSegmentsForOutput();
    if (segments.size() == 1) {
      const auto bytes = segments[0].asBytes();
      return {reinterpret_cast<const std::byte*>(bytes.begin()), bytes.size()};
    }
    impl.message.reset();
  }
}

namespace {

/// A payload as a Cap'n Proto message, read in place. Throws kj::Exception where it is none.
class PayloadMessage {
 public:
  explicit PayloadMessage(std::span<const std::byte> payload)
      : segment_(reinterpret_cast<const capnp::word*>(payload.data()),
                 payload.size() / sizeof(capnp::word)),
        reader_(kj::arrayPtr(&segment_, 1), limits(segment_.size())),
        block_(reader_.getRoot<wire::Block>()) {}

  wire::Block::Reader block() const { return block_; }

  /// Where the columns are; null, or what is wrong.
  const char* find_columns(ColumnCursor::Block& parts) const {
    const auto list = block_.getColumns();
    find_columns(list, column_count, parts);
    for (unsigned index = column_count; index < list.size(); ++index)
      if (list[index].size() != 0) return "it has a column that this version does not know";
    return nullptr;
  }
  /// Where the first two columns are, which say when each record was received.
  ColumnCursor::Block find_times() const {
    static_assert(index_of(Column::kind) == 0 && index_of(Column::recv_time) == 1);
    ColumnCursor::Block parts;
    find_columns(block_.getColumns(), 2, parts);
    return parts;
  }

 private:
  void find_columns(const capnp::List<capnp::Data>::Reader& list, unsigned most,
                    ColumnCursor::Block& parts) const {
    for (unsigned index = 0; index < std::min(list.size(), most); ++index) {
      const auto data = list[index];
      parts.columns[index] = {reinterpret_cast<const std::byte*>(data.begin()), data.size()};
    }
    parts.first_recv_ns = block_.getFirstRecvNs();
    parts.recv_unit_ns = block_.getRecvUnitNs();
    parts.venue_unit_ns = block_.getVenueUnitNs();
  }
  static capnp::ReaderOptions limits(std::size_t words) {
    capnp::ReaderOptions options;
    options.traversalLimitInWords = 4 * words + 1024;
    options.nestingLimit = 8;
    return options;
  }

  kj::ArrayPtr<const capnp::word> segment_;
  capnp::SegmentArrayMessageReader reader_;
  wire::Block::Reader block_;
};

}  // namespace

struct BlockCursor::Impl {
  ColumnCursor columns;
  std::vector<Record> rows;
  std::size_t next_row = 0;

  const char* load(const PayloadMessage& message, const ColumnCursor::Block& parts);
};

BlockCursor::BlockCursor() : impl_(std::make_unique<Impl>()) {}
BlockCursor::~BlockCursor() = default;
BlockCursor::BlockCursor(BlockCursor&&) noexcept = default;
BlockCursor& BlockCursor::operator=(BlockCursor&&) noexcept = default;

const char* BlockCursor::Impl::load(const PayloadMessage& message,
                                    const ColumnCursor::Block& parts) {
  if (const char* wrong = columns.load(parts)) return wrong;

  next_row = 0;
  const auto wire_rows = message.block().getRecords();
  if (wire_rows.size() != columns.rows()) return "records in rows and in columns do not match";
  if (rows.size() < wire_rows.size()) rows.resize(wire_rows.size());
  for (unsigned index = 0; index < wire_rows.size(); ++index)
    if (!read_side_record(wire_rows[index], rows[index]))
      return "a record is of an unknown kind or has a value out of range";
  return nullptr;
}

/// Runs `work` on the payload's message; what it says is wrong, or what makes the payload no
/// message, becomes an error, and the cursor starts over.
template <class Work>
Result<void> BlockCursor::read(std::span<const std::byte> payload, Work&& work) {
  event_ = nullptr;
  output_ = nullptr;
  damage_ = nullptr;
  MM_ASSERT(reinterpret_cast<std::uintptr_t>(payload.data()) % 8 == 0, "payload is not aligned");
  const auto refuse = [&](std::string_view why) -> Result<void> {
    impl_ = std::make_unique<Impl>();
    return damage(why);
  };
  if (payload.size() % sizeof(capnp::word) != 0) return refuse("its size is not a multiple of 8");
  try {
    if (const char* wrong = work(PayloadMessage{payload})) return refuse(wrong);
  } catch (const kj::Exception& exception) {
    return refuse(exception.getDescription().cStr());
  }
  return {};
}

Result<void> BlockCursor::load(std::span<const std::byte> payload, Seq first_seq) {
  return read(payload, [&](const PayloadMessage& message) {
    ColumnCursor::Block parts;
    parts.first_seq = first_seq.value;
    const char* const wrong = message.find_columns(parts);
    return wrong != nullptr ? wrong : impl_->load(message, parts);
  });
}

Result<std::size_t> BlockCursor::find(std::span<const std::byte> payload, std::size_t records,
                                      Time at) {
  std::size_t before = 0;
  const auto done = read(payload, [&](const PayloadMessage& message) {
    const ColumnCursor::Found found = impl_->columns.find(message.find_times(), to_ns(at));
    before = found.before;
    return found.wrong == nullptr && found.records != records ? "it holds another number of records"
                                                              : found.wrong;
  });
  if (!done) return done.error();
  return before;
}

std::size_t BlockCursor::records() const {
  return impl_->columns.records();
}

std::size_t BlockCursor::records_before(Time at) const {
  return impl_->columns.records_before(to_ns(at));
}

bool BlockCursor::next() {
  event_ = impl_->columns.next();
  output_ = nullptr;
  return event_ != nullptr || next_row();
}

bool BlockCursor::next_row() {
  if (impl_->columns.step() == ColumnCursor::Step::output) {
    output_ = &impl_->columns.output();
    return true;
  }
  if (impl_->columns.step() != ColumnCursor::Step::row) {
    damage_ = impl_->columns.damage();
    return false;
  }
  Record& record = impl_->rows[impl_->next_row++];
  const EventHeader& from = impl_->columns.row_header();
  std::visit(
      [&from](auto& of) {
        of.header.seq = from.seq;
        of.header.recv_time = from.recv_time;
        of.header.instrument = from.instrument;
      },
      record);
  event_ = std::get_if<Event>(&record);
  output_ = std::get_if<Output>(&record);
  return true;
}

Error BlockCursor::error() const {
  return damage(damage_ == nullptr ? "no damage" : damage_);
}

}  // namespace mm::journal
