#pragma once

// Verbs for tests of the journal: a directory that goes away, a stream of records made from a seed,
// recording them, reading them back as canonical bytes.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/record.hpp"
#include "engine/result.hpp"
#include "journal/reader.hpp"
#include "journal/writer.hpp"

namespace mm::journal::testing {

class TempDir {
 public:
  TempDir() {
    std::string pattern = (root() / "mm-journal-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  /// Memory if there is enough: syncing to a disk is most of what a small journal costs.
  static std::filesystem::path root() {
    std::error_code none;
    const auto space = std::filesystem::space("/dev/shm", none);
    return !none && space.available > (std::uintmax_t{48} << 20)
               ? std::filesystem::path{"/dev/shm"}
               : std::filesystem::temp_directory_path();
  }
  std::filesystem::path path_;
};

/// An endless, reproducible stream of records that looks like a session: deltas, quotes and trades,
/// now and then a decision and one of the rare kinds. A record's views hold until the next call.
class SampleStream {
 public:
  explicit SampleStream(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}

  Record next() {
    const std::uint64_t n = count_++;
    time_ns_ += static_cast<std::int64_t>(draw(3'000'000));
    const EventHeader header{.seq = Seq{n},
                             .recv_time = time_from_ns(time_ns_),
                             .exchange_time = time_from_ns(time_ns_ - 1'500'000),
                             .instrument = {static_cast<std::uint16_t>(draw(2))}};
    if (n == 0)
      return Event{header, SessionStart{.strategy = "fixed_spread",
                                        .parameters = "size=1000\nspread=5bps",
                                        .execution = "paper",
                                        .settings = "seed=1"}};
    const std::uint64_t pick = draw(100);
    if (pick < 50) return Event{header, delta()};
    if (pick < 70)
      return Event{header, BestQuote{.update_id = ++id_,
                                     .event_time_ns = time_ns_ - 1'400'000,
                                     .bid = level(mid_ - 1),
                                     .ask = level(mid_ + 1)}};
    if (pick < 85)
      return Event{header, Trade{.trade_id = ++id_,
                                 .event_time_ns = time_ns_ - 1'400'000,
                                 .price = Price::from_units(mid_),
                                 .qty = Qty::from_lots(1 + static_cast<std::int64_t>(draw(500))),
                                 .aggressor = draw(2) == 0 ? Side::buy : Side::sell}};
    if (pick < 92) {
      EventHeader cause = header;
      cause.exchange_time = time_from_ns(0);
      return Output{cause, PlaceOrder{.order = {++orders_},
                                      .side = draw(2) == 0 ? Side::buy : Side::sell,
                                      .price = Price::from_units(mid_ + 3),
                                      .qty = Qty::from_lots(100),
                                      .reason = DecisionReason::requote}};
    }
    if (pick < 95)
      return Event{header, Fill{.order = {orders_ + 1},
                                .trade_id = ++id_,
                                .price = Price::from_units(mid_),
                                .qty = Qty::from_lots(100),
                                .fee = Money::from_units(-12'345),
                                .cause = FillCause::queue}};
    if (pick < 97) {
      text_ = "note " + std::to_string(n);
      return Event{header, Annotation{.author = "test", .text = text_}};
    }
    if (pick < 98)
      return Event{header, FeedStatus{.state = FeedState::gap,
                                      .expected_id = id_ + 1,
                                      .found_id = id_ + 5,
                                      .detail = "sample"}};
    return Event{header, AssetContext{.mark_e8 = mid_ * 1'000'000, .funding_e12 = 12'500'000}};
  }

  std::uint64_t draw(std::uint64_t below) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ % below;
  }

 private:
  Level level(std::int64_t price) {
    return {Price::from_units(price), Qty::from_lots(1 + static_cast<std::int64_t>(draw(9000)))};
  }
  BookDelta delta() {
    bids_.clear();
    asks_.clear();
    mid_ += static_cast<std::int64_t>(draw(5)) - 2;
    std::int64_t away = 1;
    for (std::uint64_t i = draw(12); i-- > 0; away += 1 + static_cast<std::int64_t>(draw(4)))
      bids_.push_back(level(mid_ - away));
    away = 1;
    for (std::uint64_t i = draw(12); i-- > 0; away += 1 + static_cast<std::int64_t>(draw(4)))
      asks_.push_back(level(mid_ + away));
    const std::int64_t prev = id_;
    id_ += 1 + static_cast<std::int64_t>(draw(20));
    return {.first_id = prev + 1,
            .last_id = id_,
            .prev_id = prev,
            .event_time_ns = time_ns_ - 1'400'000,
            .bids = bids_,
            .asks = asks_};
  }

  std::uint64_t state_;
  std::uint64_t count_ = 0;
  std::int64_t time_ns_ = 1'723'118'400'000'000'000;
  std::int64_t mid_ = 570'000;
  std::int64_t id_ = 1'000'000;
  std::uint64_t orders_ = 0;
  std::vector<Level> bids_;
  std::vector<Level> asks_;
  std::string text_;
};

using Bytes = std::vector<std::byte>;

inline Bytes canonical(const Record& record) {
  ByteWriter out;
  write_record(out, record);
  return {out.bytes().begin(), out.bytes().end()};
}

/// Canonical bytes of the first `count` records of the stream.
inline std::vector<Bytes> sample(std::uint64_t seed, std::uint64_t count) {
  SampleStream stream{seed};
  std::vector<Bytes> records;
  for (std::uint64_t i = 0; i < count; ++i) records.push_back(canonical(stream.next()));
  return records;
}

/// Small blocks and files, so that a test of a few thousand records has many of them.
inline WriterOptions small_options() {
  WriterOptions options;
  options.tail_bytes = std::size_t{1} << 20;
  options.preallocate_bytes = std::uint64_t{64} << 10;
  options.block_rows = 256;
  options.build = "test";
  return options;
}

inline void append(JournalWriter& writer, const Record& record) {
  std::visit([&](const auto& of) { writer.append(of); }, record);
}

inline void append(JournalWriter& writer, std::uint64_t seed, std::uint64_t count) {
  SampleStream stream{seed};
  for (std::uint64_t i = 0; i < count; ++i) append(writer, stream.next());
}

/// Records a whole session and closes it.
inline WriterSummary record_session(const std::filesystem::path& dir, std::uint64_t seed,
                                    std::uint64_t count,
                                    const WriterOptions& options = small_options()) {
  JournalWriter writer = JournalWriter::open(dir, options);
  append(writer, seed, count);
  return writer.close();
}

struct ReadBack {
  std::vector<Bytes> records;
  std::vector<Damage> damages;
};

inline Bytes current(const RecordCursor& cursor) {
  return canonical(cursor.is_output() ? Record{cursor.output()} : Record{cursor.event()});
}

inline ReadBack drain(RecordCursor cursor) {
  ReadBack back;
  for (auto item = cursor.next(); item != RecordCursor::Item::end; item = cursor.next()) {
    if (item == RecordCursor::Item::damage)
      back.damages.push_back(cursor.damage());
    else
      back.records.push_back(current(cursor));
  }
  return back;
}

/// What came back, or the error that ended it.
struct Reading {
  ReadBack back;
  std::string error;
};

inline Reading read_last_session(const Journal& journal, OnDamage on_damage, ReadAhead ahead) {
  Reading reading;
  try {
    reading.back = drain(journal.read(journal.sessions().back(), SeqWindow{}, on_damage, ahead));
  } catch (const Error& error) {
    reading.error = error.message();
  }
  return reading;
}

/// By one thread, and by two, which must come to the same.
inline ReadBack read_all(const std::filesystem::path& dir, OnDamage on_damage = OnDamage::stop) {
  const Journal journal = Journal::open(dir);
  Reading one = read_last_session(journal, on_damage, ReadAhead::no);
  const Reading two = read_last_session(journal, on_damage, ReadAhead::yes);
  EXPECT_EQ(one.error, two.error);
  EXPECT_EQ(one.back.records, two.back.records);
  EXPECT_EQ(one.back.damages.size(), two.back.damages.size());
  for (std::size_t i = 0; i < std::min(one.back.damages.size(), two.back.damages.size()); ++i)
    EXPECT_EQ(to_string(one.back.damages[i]), to_string(two.back.damages[i]));
  if (!one.error.empty()) throw Error{ErrorKind::data, one.error};
  return std::move(one.back);
}

inline std::vector<std::byte> bytes_of(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

inline void write_bytes(const std::filesystem::path& path, const std::vector<std::byte>& bytes) {
  std::ofstream out{path, std::ios::binary | std::ios::trunc};
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

}  // namespace mm::journal::testing
