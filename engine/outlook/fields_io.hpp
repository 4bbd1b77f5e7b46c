#pragma once

// Saving, restoring and naming values by their lists of fields (reading_fields.hpp).

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "engine/bytes.hpp"
#include "engine/features/flush.hpp"
#include "engine/models/lead_lag.hpp"
#include "engine/models/microprice.hpp"
#include "engine/models/regime_hmm.hpp"
#include "engine/models/volatility.hpp"
#include "engine/types.hpp"

namespace mm {

/// The largest value of each enum that is saved; a stored one above it is damage.
template <class E>
struct LastOf;

template <class T>
struct IsArray : std::false_type {};
template <class T, std::size_t N>
struct IsArray<std::array<T, N>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

class FieldWriter {
 public:
  explicit FieldWriter(ByteWriter& out) : out_(out) {}

  template <class T>
  void operator()(const char*, const T& value) {
    put(value);
  }

 private:
  template <class T>
  void put(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      out_.put_flag(value);
    } else if constexpr (std::is_same_v<T, double>) {
      out_.put_double(value);
    } else if constexpr (std::is_integral_v<T>) {
      out_.put_i64(static_cast<std::int64_t>(value));
    } else if constexpr (std::is_enum_v<T>) {
      out_.put_u64(static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_same_v<T, Time>) {
      out_.put_i64(to_ns(value));
    } else if constexpr (std::is_same_v<T, Duration>) {
      out_.put_i64(value.count());
    } else if constexpr (std::is_same_v<T, Price>) {
      out_.put_i64(value.units());
    } else if constexpr (std::is_same_v<T, Qty>) {
      out_.put_i64(value.lots());
    } else if constexpr (std::is_same_v<T, InstrumentId>) {
      out_.put_u64(value.value);
    } else if constexpr (IsOptional<T>::value) {
      out_.put_flag(value.has_value());
      if (value) put(*value);
    } else if constexpr (IsArray<T>::value) {
      for (const auto& item : value) put(item);
    } else {
      visit_fields(value, *this);
    }
  }
  ByteWriter& out_;
};

class FieldReader {
 public:
  explicit FieldReader(ByteReader& in) : in_(in) {}

  template <class T>
  void operator()(const char*, T& value) {
    get(value);
  }

 private:
  template <class T>
  void get(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = in_.get_flag();
    } else if constexpr (std::is_same_v<T, double>) {
      value = in_.get_double();
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(in_.get_i64());
    } else if constexpr (std::is_enum_v<T>) {
      const std::uint64_t stored = in_.get_u64();
      if (stored > static_cast<std::uint64_t>(LastOf<T>::value))
        in_.fail();
      else
        value = static_cast<T>(stored);
    } else if constexpr (std::is_same_v<T, Time>) {
      value = time_from_ns(in_.get_i64());
    } else if constexpr (std::is_same_v<T, Duration>) {
      value = Duration{in_.get_i64()};
    } else if constexpr (std::is_same_v<T, Price>) {
      value = Price::from_units(in_.get_i64());
    } else if constexpr (std::is_same_v<T, Qty>) {
      value = Qty::from_lots(in_.get_i64());
    } else if constexpr (std::is_same_v<T, InstrumentId>) {
      const std::uint64_t id = in_.get_u64();
      if (id >= max_instruments) in_.fail();
      value.value = static_cast<std::uint16_t>(id);
    } else if constexpr (IsOptional<T>::value) {
      value.reset();
      if (in_.get_flag()) get(value.emplace());
    } else if constexpr (IsArray<T>::value) {
      for (auto& item : value) get(item);
    } else {
      visit_fields(value, *this);
    }
  }
  ByteReader& in_;
};

/// Calls put(name, text) for each plain value: "features.window.band_density", "absent" or a
/// number; doubles as hexadecimal floats, so that no bit is lost.
template <class Put>
class FieldLister {
 public:
  FieldLister(std::string prefix, Put put) : prefix_(std::move(prefix)), put_(put) {}

  template <class T>
  void operator()(const char* name, const T& value) {
    list(prefix_ + name, value);
  }

 private:
  template <class T>
  void list(const std::string& name, const T& value) {
    if constexpr (std::is_same_v<T, double>) {
      put_(name, hexadecimal(value));
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      put_(name, std::to_string(static_cast<std::int64_t>(value)));
    } else if constexpr (std::is_same_v<T, Time>) {
      put_(name, std::to_string(to_ns(value)));
    } else if constexpr (std::is_same_v<T, Duration>) {
      put_(name, std::to_string(value.count()));
    } else if constexpr (std::is_same_v<T, Price>) {
      put_(name, std::to_string(value.units()));
    } else if constexpr (std::is_same_v<T, Qty>) {
      put_(name, std::to_string(value.lots()));
    } else if constexpr (std::is_same_v<T, InstrumentId>) {
      put_(name, std::to_string(value.value));
    } else if constexpr (IsOptional<T>::value) {
      if (value)
        list(name, *value);
      else
        put_(name, "absent");
    } else if constexpr (IsArray<T>::value) {
      std::size_t i = 0;
      for (const auto& item : value) list(name + "[" + std::to_string(i++) + "]", item);
    } else {
      FieldLister inner{name + ".", put_};
      visit_fields(value, inner);
    }
  }
  static std::string hexadecimal(double value);

  std::string prefix_;
  Put put_;
};

/// "0x1.8p+1"
std::string format_hex_double(double value);

template <class Put>
std::string FieldLister<Put>::hexadecimal(double value) {
  return format_hex_double(value);
}

template <>
struct LastOf<Side> {
  static constexpr Side value = Side::sell;
};
template <>
struct LastOf<LiquidityState> {
  static constexpr LiquidityState value = LiquidityState::collapsing;
};
template <>
struct LastOf<VolatilityRegime> {
  static constexpr VolatilityRegime value = VolatilityRegime::extreme;
};
template <>
struct LastOf<Regime> {
  static constexpr Regime value = Regime::cascade;
};
template <>
struct LastOf<SpreadUnit> {
  static constexpr SpreadUnit value = SpreadUnit::half_bps;
};
template <>
struct LastOf<LagMode> {
  static constexpr LagMode value = LagMode::response;
};

}  // namespace mm
