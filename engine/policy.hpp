#pragma once

// What a strategy provides: which quotes it wants, given what can be seen.
//
// A policy is a struct of value types and one function; it sends no messages (book/reconcile finds
// those) and knows no other clock than the view's. Equal arguments give equal quotes. It is asked
// at the decision clock and when the quoted touch moved, and only while the quoted book is
// quotable. The market it takes its bearings from is that of others: View::touch.

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "engine/book/orders.hpp"
#include "engine/bytes.hpp"
#include "engine/market.hpp"
#include "engine/prediction.hpp"
#include "engine/types.hpp"

namespace mm {

class Outlook;
class OwnOutlook;

/// Names of parameters that are for the Outlook, not the strategy, begin so.
inline constexpr std::string_view model_prefix = "model.";

/// One wanted order.
struct Quote {
  Price price;
  Qty qty;
  bool operator==(const Quote&) const = default;
};

/// Up to `capacity` wanted quotes of one side, nearest first. Lists are made at every decision and
/// mostly short: what is behind the size is never written or copied.
class QuoteList {
 public:
  static constexpr std::size_t capacity = 16;

  QuoteList() noexcept : unused_{} {}
  QuoteList(const QuoteList& other) noexcept : size_(other.size_) {
    std::copy_n(other.quotes_.data(), size_, quotes_.data());
  }
  QuoteList& operator=(const QuoteList& other) noexcept {
    size_ = other.size_;
    std::copy_n(other.quotes_.data(), size_, quotes_.data());
    return *this;
  }

  /// Adds a quote behind the others; beyond the capacity it is dropped.
  void add(const Quote& quote) {
    if (size_ < capacity) quotes_[size_++] = quote;
  }
  std::span<const Quote> all() const { return {quotes_.data(), size_}; }
  std::size_t size() const { return size_; }
  bool operator==(const QuoteList& other) const { return std::ranges::equal(all(), other.all()); }

 private:
  union {
    char unused_;
    std::array<Quote, capacity> quotes_;
  };
  std::size_t size_ = 0;
};

struct Quotes {
  QuoteList bids;
  QuoteList asks;
  /// Largest position the strategy accepts on either side, in lots; orders in flight count. 0 =
  /// none.
  Qty max_position;
  /// An order stays while its price is at most this far from the wanted one.
  Price requote_threshold;

  QuoteList& of(Side side) { return side == Side::buy ? bids : asks; }
  const QuoteList& of(Side side) const { return side == Side::buy ? bids : asks; }
  bool operator==(const Quotes&) const = default;
};

/// What a strategy sees. References are valid during the call only.
struct View {
  Time now;
  const Market& market;               ///< every instrument; lead instruments have ids from 1
  const InstrumentState& instrument;  ///< the quoted one; quotable() holds
  /// Best bid and ask of others, two-sided: of the displayed book less our own orders where it
  /// contains them (book/own_displayed.hpp), else instrument.touch().
  const Touch& touch;
  Qty position;        ///< signed, in lots
  Money average_cost;  ///< position_value per lot, 0 when flat (numeric.hpp)
  /// Features and models (engine/outlook); null unless the strategy needs them or the session has
  /// them anyway.
  const Outlook* outlook = nullptr;
  /// What is learnt from our own orders (engine/own); null unless the strategy needs it.
  const OwnOutlook* own = nullptr;
};

/// A strategy at the boundary: one virtual call a decision, none an event.
class Strategy {
 public:
  Strategy() = default;
  Strategy(const Strategy&) = delete;
  Strategy& operator=(const Strategy&) = delete;
  virtual ~Strategy() = default;

  virtual std::string_view name() const = 0;
  virtual Quotes quotes(const View& view) = 0;
  /// False for a strategy that never wants a quote, so that it need not be asked.
  virtual bool wants_to_be_asked() const { return true; }
  /// True for a strategy that cannot do without View::outlook.
  virtual bool needs_outlook() const { return false; }
  /// True for a strategy that wants View::own; it needs the outlook, too.
  virtual bool needs_own() const { return false; }
  /// True for a strategy with a prediction log (engine/prediction.hpp).
  virtual bool predicts() const { return false; }
  /// What is expected of `orders`, those out after the decision that quotes() was just asked for,
  /// `view` being the same. `cycle` is empty.
  virtual void predict(const View& view, std::span<const Order> orders, PredictedCycle& cycle) {
    static_cast<void>(view), static_cast<void>(orders), static_cast<void>(cycle);
  }
  /// Whether, while our position stays, nothing but the prices of the quoted touch matters, and
  /// between two touches (one not below the other on either side) at which sizes, limit and
  /// threshold are the same, these stay the same and each quote's price lies between. Then many
  /// decisions of a variant that would send nothing need not be taken.
  virtual bool moves_with_touch() const { return false; }
  virtual std::unique_ptr<Strategy> clone() const = 0;

  /// Sets one parameter from text; what is wrong with it, or empty.
  virtual std::optional<std::string> set_parameter(std::string_view name,
                                                   std::string_view value) = 0;
  /// All parameters as sorted "name=value" lines, defaults included.
  virtual std::string parameters() const = 0;

  /// Parameters and state.
  virtual void save(ByteWriter& out) const = 0;
  virtual bool restore(ByteReader& in) = 0;
};

/// The value form, turned into a Strategy by strategies/adapter.hpp.
template <class P>
concept Policy = requires(const typename P::Params& params, typename P::State& state,
                          const View& view, ByteWriter& out, ByteReader& in) {
  requires std::copyable<typename P::Params> && std::copyable<typename P::State>;
  { P::name } -> std::convertible_to<std::string_view>;
  { P::quotes(params, state, view) } -> std::same_as<Quotes>;
  { std::as_const(state).save(out) } -> std::same_as<void>;
  { state.restore(in) } -> std::same_as<void>;
};

}  // namespace mm
