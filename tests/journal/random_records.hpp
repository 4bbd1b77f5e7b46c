#pragma once

// Random records of every kind for tests of the journal. What a record borrows lives in the source
// that made it.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "engine/describe.hpp"
#include "engine/record.hpp"

namespace mm::journal {

class RandomRecords {
 public:
  explicit RandomRecords(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool one_in(std::uint64_t count) { return below(count) == 0; }

  /// Mostly small, now and then anything at all, with a liking for the ends of the range.
  std::int64_t integer() {
    switch (below(10)) {
      case 0:
        return INT64_MIN;
      case 1:
        return INT64_MAX;
      case 2:
        return static_cast<std::int64_t>(random_());
      case 3:
        return -static_cast<std::int64_t>(below(1000));
      case 4:
        return static_cast<std::int64_t>(0xFFFFFFFD + below(5));
      case 5:
        return 0;
      default:
        return static_cast<std::int64_t>(random_() >> (20 + below(44)));
    }
  }

  /// Records of every kind with arbitrary fields; sequence numbers from `first_seq`.
  std::vector<Record> wild(std::size_t count, Seq first_seq) {
    std::vector<Record> records;
    for (std::size_t index = 0; index < count; ++index) {
      Record record = one_in(5) ? Record{Output{{}, any_of<OutputBody>()}}
                                : Record{Event{{}, any_of<EventBody>()}};
      std::visit([&](auto& of) { of.header = wild_header(first_seq.value + index); }, record);
      records.push_back(record);
    }
    return records;
  }

  /// Market records as venues send them, with a few oddities and others in between.
  std::vector<Record> market(std::size_t count, Seq first_seq, std::uint16_t instruments = 3) {
    std::vector<Record> records;
    std::int64_t now = 1'723'161'255'030'314'667;
    const std::int64_t venue_unit = one_in(2) ? 1'000'000 : 1;
    for (std::size_t index = 0; index < count; ++index) {
      now += static_cast<std::int64_t>(below(3'000) * 100);
      Event event;
      event.header = {
          Seq{first_seq.value + index}, time_from_ns(now),
          time_from_ns((now / venue_unit + static_cast<std::int64_t>(below(40))) * venue_unit),
          InstrumentId{static_cast<std::uint16_t>(below(instruments))}};
      if (one_in(7)) event.header.exchange_time = {};
      const std::int64_t event_ns =
          one_in(3) ? 0 : to_ns(event.header.exchange_time) + static_cast<std::int64_t>(below(5));
      id_ += static_cast<std::int64_t>(below(2'000));
      switch (below(8)) {
        case 0:
          event.body = BookDelta{id_ - 5,
                                 id_,
                                 one_in(2) ? id_ - 9 : 0,
                                 event_ns,
                                 side_levels(Side::buy, below(30), one_in(50), true),
                                 side_levels(Side::sell, below(30), one_in(50), true)};
          break;
        case 1:
          event.body = changed_snapshot(event.header.instrument, event_ns);
          break;
        case 2:
        case 3:
          event.body = Trade{++trade_id_,
                             event_ns,
                             price_near(Side::sell),
                             qty(),
                             one_in(2) ? Side::buy : Side::sell,
                             0,
                             0};
          break;
        case 4:
          event.body = any_of<EventBody>();
          break;
        default:
          event.body = BestQuote{id_,
                                 event_ns,
                                 Level{price_near(Side::buy), qty()},
                                 Level{price_near(Side::sell), qty()},
                                 0,
                                 0};
      }
      records.emplace_back(event);
      if (one_in(40)) {
        records.emplace_back(Output{event.header, any_of<OutputBody>()});
        std::get<Output>(records.back()).header.seq.value += 1;
        ++first_seq.value;
      }
    }
    return records;
  }

  std::span<const Level> side_levels(Side side, std::size_t count, bool shuffled, bool deletes) {
    auto& levels = level_lists_.emplace_back();
    std::int64_t price = price_near(side).units();
    for (std::size_t index = 0; index < count; ++index) {
      levels.push_back({Price::from_units(price), deletes && one_in(3) ? Qty{} : qty()});
      const std::uint64_t step = one_in(9) ? 1 : 1 + below(20);
      price -= sign(side) * static_cast<std::int64_t>(step);
    }
    if (shuffled) std::shuffle(levels.begin(), levels.end(), random_);
    return levels;
  }

 private:
  struct Filler {
    RandomRecords& source;
    void operator()(const char*, std::int64_t& value) { value = source.integer(); }
    void operator()(const char*, bool& value) { value = source.one_in(2); }
    void operator()(const char*, Price& value) { value = Price::from_units(source.integer()); }
    void operator()(const char*, Qty& value) { value = Qty::from_lots(source.integer()); }
    void operator()(const char*, Money& value) {
      const Int128 factor = source.integer();
      value = Money::from_units(factor * source.integer());
    }
    void operator()(const char*, Time& value) { value = time_from_ns(source.integer()); }
    void operator()(const char*, ClientOrderId& value) {
      value.value = static_cast<std::uint64_t>(source.integer());
    }
    void operator()(const char*, std::string_view& value) {
      auto& text = source.texts_.emplace_back(source.below(30), '\0');
      for (char& letter : text) letter = static_cast<char>(source.below(256));
      value = text;
    }
    void operator()(const char*, Level& value) {
      value = {Price::from_units(source.integer()), Qty::from_lots(source.integer())};
    }
    void operator()(const char*, std::span<const Level>& value) {
      auto& levels = source.level_lists_.emplace_back(source.below(12));
      for (Level& level : levels) (*this)("", level);
      // Two of three lists go one way, so that some messages are regular in spite of their values.
      const auto by_price = [](const Level& a, const Level& b) { return a.price < b.price; };
      if (!source.one_in(3)) std::stable_sort(levels.begin(), levels.end(), by_price);
      if (source.one_in(2)) std::reverse(levels.begin(), levels.end());
      value = levels;
    }
    void operator()(const char*, std::span<const std::uint32_t>& value) {
      auto& counts = source.count_lists_.emplace_back(source.one_in(2) ? 0 : source.below(12));
      for (auto& count : counts) count = static_cast<std::uint32_t>(source.integer());
      value = counts;
    }
    template <class E>
    requires std::is_enum_v<E>
    void operator()(const char*, E& value) {
      value = static_cast<E>(source.below(static_cast<std::uint64_t>(last_of(E{})) + 1));
    }
  };

  template <class Variant>
  Variant any_of() {
    return any_of(std::type_identity<Variant>{}, below(std::variant_size_v<Variant>));
  }
  template <class... Bodies>
  std::variant<Bodies...> any_of(std::type_identity<std::variant<Bodies...>>, std::uint64_t which) {
    std::variant<Bodies...> result;
    std::uint64_t index = 0;
    static_cast<void>(((index++ == which && (result = filled<Bodies>(), true)) || ...));
    return result;
  }
  template <class Body>
  Body filled() {
    Body body;
    describe(body, Filler{*this});
    return body;
  }

  EventHeader wild_header(std::uint64_t seq) {
    return {Seq{seq}, time_from_ns(integer()), time_from_ns(integer()),
            InstrumentId{static_cast<std::uint16_t>(below(max_instruments))}};
  }

  BookSnapshot changed_snapshot(InstrumentId instrument, std::int64_t event_ns) {
    BookSnapshot snapshot{id_, event_ns, {}, {}, {}, {}};
    const bool counted = instrument.value % 2 == 0 && !one_in(10);
    for (const Side side : {Side::buy, Side::sell}) {
      auto& last = books_[instrument.value][static_cast<std::size_t>(side)];
      if (last.empty() || one_in(20)) {
        const auto fresh = side_levels(side, 5 + below(20), false, one_in(9));
        last.assign(fresh.begin(), fresh.end());
      }
      for (auto level = last.begin(); level != last.end();) {
        if (one_in(8)) level->qty = qty();
        level = one_in(12) ? last.erase(level) : level + 1;
      }
      if (one_in(3) && !last.empty()) {
        const std::int64_t step = sign(side) * static_cast<std::int64_t>(1 + below(3));
        last.insert(last.begin(), {Price::from_units(last.front().price.units() + step), qty()});
      }
      if (one_in(3) && !last.empty()) {
        const std::int64_t step = sign(side) * static_cast<std::int64_t>(1 + below(9));
        last.push_back({Price::from_units(last.back().price.units() - step), qty()});
      }
      auto& kept = level_lists_.emplace_back(last);
      auto& counts = count_lists_.emplace_back();
      if (counted)
        for (const Level& level : kept)
          counts.push_back(static_cast<std::uint32_t>(level.qty.lots() % 9) + one_in(2));
      (side == Side::buy ? snapshot.bids : snapshot.asks) = kept;
      (side == Side::buy ? snapshot.bid_orders : snapshot.ask_orders) = counts;
    }
    return snapshot;
  }

  Price price_near(Side side) {
    return Price::from_units(618'000 - sign(side) * static_cast<std::int64_t>(below(50)));
  }
  Qty qty() {
    return Qty::from_lots(static_cast<std::int64_t>(1 + (random_() >> (40 + below(23)))));
  }

  std::mt19937_64 random_;
  std::int64_t id_ = 5'123'107'832'006;
  std::int64_t trade_id_ = 3'735'683'259;
  std::array<std::array<std::vector<Level>, 2>, max_instruments> books_;
  // Deques: what was handed out stays where it is.
  std::deque<std::string> texts_;
  std::deque<std::vector<Level>> level_lists_;
  std::deque<std::vector<std::uint32_t>> count_lists_;
};

}  // namespace mm::journal
