#include "bench/rows.hpp"

#include "bench/harness.hpp"
#include "engine/assert.hpp"
#include "journal/wire.hpp"
#include "rows.capnp.h"

namespace mm::bench {
namespace {

struct PlainRow {
  EventHeader header;
  std::int64_t update_id = 0;
  Level level;
  RecordKind kind{};
  Side side{};
  bool last = false;
};

template <class F>
void for_each_row(const Event& event, F&& f) {
  PlainRow row{.header = event.header, .kind = event.kind()};
  const auto levels = [&](std::span<const Level> bids, std::span<const Level> asks) {
    const std::size_t count = bids.size() + asks.size();
    for (std::size_t i = 0; i < count; ++i) {
      row.side = i < bids.size() ? Side::buy : Side::sell;
      row.level = i < bids.size() ? bids[i] : asks[i - bids.size()];
      row.last = i + 1 == count;
      f(row);
    }
  };
  if (const auto* delta = std::get_if<BookDelta>(&event.body)) {
    row.update_id = delta->last_id;
    levels(delta->bids, delta->asks);
  } else if (const auto* snapshot = std::get_if<BookSnapshot>(&event.body)) {
    row.update_id = snapshot->update_id;
    levels(snapshot->bids, snapshot->asks);
  } else if (const auto* quote = std::get_if<BestQuote>(&event.body)) {
    row.update_id = quote->update_id;
    levels({&quote->bid, 1}, {&quote->ask, 1});
  } else if (const auto* trade = std::get_if<Trade>(&event.body)) {
    row.update_id = trade->trade_id;
    row.level = {trade->price, trade->qty};
    row.side = trade->aggressor;
    row.last = true;
    f(row);
  }
}

RowBlock encode(std::span<const PlainRow> rows, Compressor& zstd) {
  capnp::MallocMessageBuilder message{static_cast<unsigned>(rows.size() * 6 + 16)};
  auto list = message.initRoot<wire::Rows>().initRows(static_cast<unsigned>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const PlainRow& row = rows[i];
    auto to = list[static_cast<unsigned>(i)];
    to.setRecvNs(to_ns(row.header.recv_time));
    to.setExchangeNs(to_ns(row.header.exchange_time));
    to.setPrice(row.level.price.units());
    to.setQty(row.level.qty.lots());
    to.setUpdateId(row.update_id);
    to.setKind(static_cast<std::uint8_t>(row.kind));
    to.setSide(static_cast<std::uint8_t>(row.side));
    to.setInstrument(static_cast<std::uint8_t>(row.header.instrument.value));
    to.setLast(row.last ? 1 : 0);
  }
  const auto segments = message.getSegmentsForOutput();
  MM_ASSERT(segments.size() == 1, "a block of rows is one segment");
  const auto bytes = segments[0].asBytes();
  const std::span<const std::byte> raw{reinterpret_cast<const std::byte*>(bytes.begin()),
                                       bytes.size()};
  const auto compressed = zstd.compress(raw, 3);
  return {{compressed.begin(), compressed.end()}, raw.size()};
}

}  // namespace

std::vector<RowBlock> make_row_blocks(const Recording& recording, std::size_t rows_a_block) {
  std::vector<RowBlock> blocks;
  std::vector<PlainRow> rows;
  Compressor zstd;
  const auto seal = [&] {
    if (!rows.empty()) blocks.push_back(encode(rows, zstd));
    rows.clear();
  };
  for (const Event& event : recording.events) {
    for_each_row(event, [&](const PlainRow& row) { rows.push_back(row); });
    if (rows.size() >= rows_a_block) seal();
  }
  seal();
  return blocks;
}

Touch MapBook::touch() const {
  const auto first = [](const Levels& levels, std::int64_t sign_of_key) {
    if (levels.empty()) return Level{};
    const auto& [key, qty] = *levels.begin();
    return Level{Price::from_units(sign_of_key * key), Qty::from_lots(qty)};
  };
  return {first(bids_, -1), first(asks_, 1)};
}

void MapMarket::apply(const Event& event) {
  const std::size_t instrument = event.header.instrument.value;
  MapBook& book = books_[instrument];
  const auto levels = [&](std::span<const Level> bids, std::span<const Level> asks) {
    for (const Level& level : bids) book.set(Side::buy, level.price.units(), level.qty.lots());
    for (const Level& level : asks) book.set(Side::sell, level.price.units(), level.qty.lots());
    touches_[instrument] = book.touch();
  };
  if (const auto* delta = std::get_if<BookDelta>(&event.body)) {
    levels(delta->bids, delta->asks);
  } else if (const auto* snapshot = std::get_if<BookSnapshot>(&event.body)) {
    book.clear();
    levels(snapshot->bids, snapshot->asks);
  } else if (const auto* quote = std::get_if<BestQuote>(&event.body)) {
    quotes_[instrument] = {quote->bid, quote->ask};
  } else if (const auto* trade = std::get_if<Trade>(&event.body)) {
    trades_[instrument] = {trade->price, trade->qty};
  }
}

RowReplay::RowReplay() = default;
RowReplay::~RowReplay() = default;

void RowReplay::decompress(const std::vector<RowBlock>& blocks) {
  for (const RowBlock& block : blocks)
    keep(zstd_.decompress(block.compressed, block.raw_bytes).data());
}

void RowReplay::run(const std::vector<RowBlock>& blocks) {
  market_ = MapMarket{};
  for (const RowBlock& block : blocks) fold(zstd_.decompress(block.compressed, block.raw_bytes));
}

void RowReplay::fold(std::span<const std::byte> payload) {
  const kj::ArrayPtr<const capnp::word> segment{
      reinterpret_cast<const capnp::word*>(payload.data()), payload.size() / sizeof(capnp::word)};
  const kj::ArrayPtr<const capnp::word> segments[] = {segment};
  capnp::ReaderOptions limits;
  limits.traversalLimitInWords = 4 * segment.size() + 1024;
  capnp::SegmentArrayMessageReader reader{kj::arrayPtr(segments, 1), limits};
  bool in_snapshot = false;
  for (const auto row : reader.getRoot<wire::Rows>().getRows()) {
    const std::size_t instrument = row.getInstrument() % max_instruments;
    const auto side = static_cast<Side>(row.getSide());
    const Level level{Price::from_units(row.getPrice()), Qty::from_lots(row.getQty())};
    MapBook& book = market_.books_[instrument];
    const auto kind = static_cast<RecordKind>(row.getKind());
    switch (kind) {
      case RecordKind::book_snapshot:
        if (!in_snapshot) book.clear();
        in_snapshot = row.getLast() == 0;
        [[fallthrough]];
      case RecordKind::book_delta:
        book.set(side, level.price.units(), level.qty.lots());
        if (row.getLast() != 0) market_.touches_[instrument] = book.touch();
        break;
      case RecordKind::best_quote:
        (side == Side::buy ? market_.quotes_[instrument].bid : market_.quotes_[instrument].ask) =
            level;
        break;
      default:
        market_.trades_[instrument] = level;
    }
  }
}

}  // namespace mm::bench
