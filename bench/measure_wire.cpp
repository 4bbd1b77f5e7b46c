// Goals 19 and 20: what reading the venue's text costs, and what all the rest costs on top of it.
//
// Depth updates of BTCUSDT, about 70 levels each. The hand-written scanner is the floor: it looks
// for the two arrays and reads digits, believes every byte, and keeps nothing else of the frame.
// What is measured as parsing is the whole of the codec on frames as the venue sends them; the
// general decoder (simdjson) is what it falls back to when keys change places.

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "bench/blocks.hpp"
#include "bench/frames.hpp"
#include "bench/goals.hpp"
#include "bench/journals.hpp"
#include "engine/assert.hpp"
#include "journal/writer.hpp"
#include "venues/binance/codec.hpp"
#include "venues/decimal.hpp"
#include "venues/feed_decoder.hpp"

namespace mm::bench {
namespace {

using venues::binance::Outcome;

/// What every way to read the frames must agree on.
struct Sum {
  std::int64_t levels = 0;
  std::int64_t price_units = 0;
  std::int64_t lots = 0;
  bool operator==(const Sum&) const = default;
  void add(std::int64_t price, std::int64_t qty) {
    ++levels;
    price_units += price;
    lots += qty;
  }
};

class HandScanner {
 public:
  HandScanner(int price_decimals, int lot_decimals)
      : price_decimals_(price_decimals), lot_decimals_(lot_decimals) {}

  void read(std::string_view text, Sum& sum) {
    if (levels_.size() < text.size()) levels_.resize(text.size());
    std::size_t count = 0;
    for (const std::string_view side : {"\"b\":[", "\"a\":["}) {
      const char* at = text.data() + text.find(side) + side.size();
      while (*at == '[') {
        Level& level = levels_[count++];
        at = number(at + 2, price_decimals_, level.price);
        at = number(at + 3, lot_decimals_, level.qty);
        at += at[2] == ',' ? 3 : 2;
      }
    }
    for (std::size_t i = 0; i < count; ++i) sum.add(levels_[i].price, levels_[i].qty);
  }

 private:
  struct Level {
    std::int64_t price = 0;
    std::int64_t qty = 0;
  };
  static const char* number(const char* at, int decimals, std::int64_t& out) {
    std::int64_t value = 0;
    for (; static_cast<unsigned char>(*at - '0') < 10; ++at) value = value * 10 + (*at - '0');
    if (*at == '.') {
      for (++at; static_cast<unsigned char>(*at - '0') < 10; ++at) {
        if (decimals-- > 0) value = value * 10 + (*at - '0');
      }
    }
    for (; decimals > 0; --decimals) value *= 10;
    out = value;
    return at;
  }

  int price_decimals_;
  int lot_decimals_;
  std::vector<Level> levels_;
};

void read_with_nlohmann(const Instrument& instrument, std::string_view text, Sum& sum) {
  const auto json = nlohmann::json::parse(text);
  const auto& data = json.contains("data") ? json["data"] : json;
  for (const char* side : {"b", "a"}) {
    for (const auto& level : data[side]) {
      const auto number = [&](std::size_t at, std::int64_t decimals) {
        return venues::parse_decimal(level[at].get_ref<const std::string&>(),
                                     static_cast<int>(decimals))
            .value;
      };
      sum.add(number(0, instrument.price_decimals), number(1, instrument.lot_decimals));
    }
  }
}

/// From the bytes of a frame to what the strategy decides, with the journal in between. The venue
/// says yes to every order in time for the next frame, so that the strategy goes on quoting.
class Chain {
 public:
  enum class Until { events, journal, decision };

  Chain(const Frames& frames, const std::filesystem::path& dir)
      : frames_(frames), journal_(journal::JournalWriter::open(dir, options())) {
    fold(Event{header(), definition_of(frames_.instrument)});
    restart();
  }

  /// Unmeasured: empties the journal's tail and follows the venue from its snapshot again.
  void restart() {
    journal_.flush();
    batch_.clear();
    decoder_ = venues::make_feed_decoder(frames_.instrument, InstrumentId{0});
    // Rounds follow each other in time, since recv_time must not decrease.
    shift_ = last_ + std::chrono::seconds{1} - frames_.frames[1].recv_time;
    last_ += std::chrono::seconds{1};
    decoder_->on_frame(last_, frames_.text(frames_.frames.front()), batch_);
    for (const Event& event : batch_.events()) fold(event);
    answer();
    decided_ = 0;
  }

  void run(Until until) {
    until_ = until;
    for (std::size_t at = 1; at < frames_.frames.size(); ++at) take(frames_.frames[at]);
    until_ = Until::decision;
    MM_ASSERT(decoder_->counters().anomalies == 0 && decoder_->counters().gaps == 0,
              "the capture follows its snapshot");
  }
  std::size_t decided() const { return decided_; }

 private:
  static journal::WriterOptions options() {
    journal::WriterOptions of;  // its tail holds a whole round: the writer does not hold it up
    of.sync.mode = journal::SyncPolicy::Mode::none;
    return of;
  }
  EventHeader header() const {
    EventHeader of;
    of.recv_time = last_;
    return of;
  }

  void fold(const Event& event) {
    const std::size_t before = outputs_.size();
    if (until_ == Until::events) return;
    journal_.append(event);
    if (until_ == Until::journal) return;
    engine_.apply(event, outputs_);
    for (std::size_t at = before; at < outputs_.size(); ++at) journal_.append(outputs_[at]);
  }

  void take(const Frames::Frame& frame) {
    last_ = frame.recv_time + shift_;
    if (!outputs_.empty()) answer();
    batch_.clear();
    decoder_->on_frame(last_, frames_.text(frame), batch_);
    for (const Event& event : batch_.events()) fold(event);
    decided_ += outputs_.size();
  }

  void answer() {
    const std::vector<Output> decisions = std::exchange(outputs_, {});
    for (const Output& output : decisions) {
      const auto accept = [&](ClientOrderId order, Price price, Qty qty) {
        fold(Event{header(), OrderAck{order, static_cast<std::int64_t>(order.value), price, qty}});
      };
      if (const auto* place = std::get_if<PlaceOrder>(&output.body)) {
        accept(place->order, place->price, place->qty);
      } else if (const auto* cancel = std::get_if<CancelOrder>(&output.body)) {
        fold(Event{header(), OrderDone{cancel->order, DoneReason::cancelled, {}, {}}});
      } else if (const auto* replace = std::get_if<ReplaceOrder>(&output.body)) {
        fold(Event{header(), OrderDone{replace->order, DoneReason::replaced, {}, {}}});
        accept(replace->replacement, replace->price, replace->qty);
      }
    }
  }

  const Frames& frames_;
  journal::JournalWriter journal_;
  std::unique_ptr<venues::FeedDecoder> decoder_;
  Engine engine_ = make_quoting_engine();
  venues::EventBatch batch_;
  std::vector<Output> outputs_;
  Time last_ = time_from_ns(1'723'161'600'000'000'000);
  Duration shift_{};
  Until until_ = Until::decision;
  std::size_t decided_ = 0;
};

std::string ns_a_frame(const Contest& contest, std::string_view name, std::size_t frames) {
  return fmt::format("{:.0f} ns",
                     quantile(contest.samples(name), 0.5) / static_cast<double>(frames) * 1e9);
}

}  // namespace

void measure_wire(const Plan& plan, Report& report) {
  if (!plan.wants("19") && !plan.wants("20.scan") && !plan.wants("20.nlohmann")) return;
  const Frames frames = depth_only(load_frames());
  const Frames spaced = with_a_blank(frames);
  const Instrument& instrument = frames.instrument;
  ScratchDirectory scratch{plan.directory};
  Chain chain{frames, scratch.fresh()};
  venues::binance::Codec codec{instrument};
  venues::Arena arena;
  HandScanner scanner{static_cast<int>(instrument.price_decimals),
                      static_cast<int>(instrument.lot_decimals)};
  const auto over_all = [&](auto&& read) {
    Sum sum;
    for (std::size_t at = 1; at < frames.frames.size(); ++at)
      read(frames.text(frames.frames[at]), sum);
    keep(sum);
    return sum;
  };
  const auto ours = [&](std::string_view text, Sum& sum) {
    arena.clear();
    const auto decoded = codec.decode(text, arena);
    MM_ASSERT(decoded && decoded->outcome == Outcome::decoded, "a depth update");
    const auto& delta = std::get<BookDelta>(decoded->body);
    for (const std::span<const Level> side : {delta.bids, delta.asks})
      for (const Level& level : side) sum.add(level.price.units(), level.qty.lots());
  };
  const auto scan = [&](std::string_view text, Sum& sum) { scanner.read(text, sum); };
  const auto tree = [&](std::string_view text, Sum& sum) {
    read_with_nlohmann(instrument, text, sum);
  };
  const Sum sum = over_all(ours);
  MM_ASSERT(sum == over_all(scan) && sum == over_all(tree), "three ways to read, one result");

  Contest contest;
  contest.add("ours", [&] { over_all(ours); });
  for (const auto& [name, until] : {std::pair{"events", Chain::Until::events},
                                    {"journal", Chain::Until::journal},
                                    {"decision", Chain::Until::decision}}) {
    contest.add("restart", [&] { chain.restart(); });
    contest.add(name, [&chain, until] { chain.run(until); });
  }
  contest.add("scanner", [&] { over_all(scan); });
  contest.add("general", [&] {
    Sum of;
    for (std::size_t at = 1; at < spaced.frames.size(); ++at)
      ours(spaced.text(spaced.frames[at]), of);
    keep(of);
  });
  if (plan.wants("20.nlohmann")) contest.add("nlohmann", [&] { over_all(tree); });
  contest.run_rounds(plan.rounds(15));
  if (plan.wants("19"))
    report.add({"19", "wire bytes -> decision / JSON parse alone", 1.35},
               contest.ratio("decision", "ours"), frames.real);
  if (plan.wants("20.scan"))
    report.add({"20.scan", "JSON parse / a hand-written scanner", 2.3},
               contest.ratio("ours", "scanner"), frames.real);
  if (plan.wants("20.nlohmann"))
    report.add({"20.nlohmann", "nlohmann / JSON parse", 12, Goal::Form::at_least},
               contest.ratio("nlohmann", "ours"), frames.real);
  const std::size_t count = frames.frames.size() - 1;
  report.say(
      fmt::format("{} depth updates of {:.1f} levels, {} decisions; a frame: ", count,
                  static_cast<double>(sum.levels) / static_cast<double>(count), chain.decided()) +
      "scanner " + ns_a_frame(contest, "scanner", count) + ", general decoder " +
      ns_a_frame(contest, "general", count) + "; parse " + ns_a_frame(contest, "ours", count) +
      ", to events " + ns_a_frame(contest, "events", count) + ", to journal " +
      ns_a_frame(contest, "journal", count) + ", to decision " +
      ns_a_frame(contest, "decision", count));
}

}  // namespace mm::bench
