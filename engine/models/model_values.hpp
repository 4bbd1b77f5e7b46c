#pragma once

// The parameters of one model as text: what a parameter set file holds, and what a session is told
// when one is used.
//
//   alpha=0.31
//   g=-,-0.4,0.4,-
//
// "name=number[,number...]" lines sorted by name; `-` stands for a number that is absent. Numbers
// are written with the fewest digits that read back as the same double, so text and values turn
// into each other without loss, and equal values have equal text. The line `hash=...` names the set
// the values came from; it is no parameter.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mm {

using MaybeNumber = std::optional<double>;

class ModelValues {
 public:
  struct Entry {
    std::string name;
    std::vector<MaybeNumber> numbers;
    bool operator==(const Entry&) const = default;
  };

  /// Reads the lines; empty, with what is wrong in `problem`, if one is none of the above, a name
  /// comes twice or a number is not finite.
  static std::optional<ModelValues> parse(std::string_view text, std::string& problem);
  std::string format() const;

  /// Replaces the entry of that name, if there is one. Finite numbers only.
  void set(std::string_view name, double number);
  void set(std::string_view name, std::span<const double> numbers);
  void set(std::string_view name, std::vector<MaybeNumber> numbers);
  void set_hash(std::string hash) { hash_ = std::move(hash); }

  /// Sorted by name.
  std::span<const Entry> entries() const { return entries_; }
  /// Null if there is no such entry.
  const std::vector<MaybeNumber>* find(std::string_view name) const;
  /// The only number of an entry. Requires that there is one.
  double number(std::string_view name) const;
  /// Of the set; empty where none is named.
  const std::string& hash() const { return hash_; }

  bool operator==(const ModelValues&) const = default;

 private:
  std::vector<Entry> entries_;
  std::string hash_;
};

}  // namespace mm
