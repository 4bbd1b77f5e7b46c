#pragma once

// nlohmann::json, as the decoders of replies and requests use it. For .cpp files only.
//
// Trees of hostile text: nesting is bounded before anything recursive (copying, dumping) may see
// it, and every access names the key and what was found instead.

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.hpp"
#include "venues/decimal.hpp"
#include "venues/excerpt.hpp"
#include "venues/hyperliquid/cloid.hpp"
#include "venues/hyperliquid/keys.hpp"

namespace mm::venues::hyperliquid::dom {

using Json = nlohmann::json;

inline constexpr int max_depth = 32;

/// Whether no bracket of `text` is nested deeper than max_depth.
inline bool is_shallow(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char at = text[i];
    if (quoted) {
      if (at == '\\') ++i;
      if (at == '"') quoted = false;
    } else if (at == '"') {
      quoted = true;
    } else if (at == '{' || at == '[') {
      if (++depth > max_depth) return false;
    } else if (at == '}' || at == ']') {
      --depth;
    }
  }
  return true;
}

/// `discarded` if it is not JSON, nested too deeply, or has an object with one key twice: which of
/// the two is meant?
template <class Tree = Json>
Tree parse(std::string_view text) {
  using Event = typename Tree::parse_event_t;
  if (!is_shallow(text)) return Tree(Tree::value_t::discarded);
  bool twice = false;
  std::vector<std::set<std::string>> open;  // keys of the objects that are being read
  const auto watch = [&](int, Event event, Tree& parsed) {
    if (event == Event::object_start) open.emplace_back();
    if (event == Event::object_end) open.pop_back();
    if (event == Event::key)
      twice = twice || !open.back().insert(parsed.template get<std::string>()).second;
    return true;
  };
  Tree tree = Tree::parse(text, watch, false);
  return twice ? Tree(Tree::value_t::discarded) : tree;
}

using venues::excerpt;

/// The member, or null.
inline const Json* find(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(key);
  return at == object.end() || at->is_null() ? nullptr : &*at;
}

/// Reads fields of one object. The accessors throw Error; the decoder's outermost function turns
/// it into a Result (`guarded`).
class Reader {
 public:
  /// `what` is what messages call it: "openOrders reply".
  Reader(const Json& object, std::string_view what) : object_(object), what_(what) {
    if (!object.is_object()) fail("is no object but " + excerpt(object.dump()));
  }

  [[noreturn]] void fail(const std::string& how) const {
    throw Error(ErrorKind::data, "hyperliquid: " + std::string(what_) + " " + how);
  }
  const Json* optional(const char* key) const { return find(object_, key); }
  const Json& member(const char* key) const {
    if (const Json* found = optional(key)) return *found;
    fail(std::string("lacks \"") + key + "\"");
  }
  Reader object(const char* key) const { return Reader(member(key), what_); }
  const Json& array(const char* key) const {
    const Json& found = member(key);
    if (!found.is_array()) wrong(key, found, "an array");
    return found;
  }
  const std::string& text(const char* key) const {
    const Json& found = member(key);
    if (!found.is_string()) wrong(key, found, "a text");
    return found.get_ref<const std::string&>();
  }
  std::string text_or(const char* key, std::string_view otherwise) const {
    return optional(key) == nullptr ? std::string(otherwise) : text(key);
  }
  /// 0 to 2^63 - 1.
  std::int64_t integer(const char* key) const {
    const Json& found = member(key);
    if (!found.is_number_unsigned() ||
        found.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
      wrong(key, found, "an integer from 0");
    }
    return found.get<std::int64_t>();
  }
  std::int64_t signed_integer(const char* key) const {
    const Json& found = member(key);
    if (!found.is_number_integer()) wrong(key, found, "an integer");
    return found.is_number_unsigned() ? integer(key) : found.get<std::int64_t>();
  }
  bool flag(const char* key) const {
    const Json& found = member(key);
    if (!found.is_boolean()) wrong(key, found, "true or false");
    return found.get<bool>();
  }
  bool flag_or(const char* key, bool otherwise) const {
    return optional(key) == nullptr ? otherwise : flag(key);
  }
  /// A text that is a plain decimal, as a count of 10^-decimals.
  template <class Integer = std::int64_t>
  Integer decimal(const char* key, int decimals, Excess excess = Excess::refuse) const {
    const std::string& found = text(key);
    const auto parsed = parse_decimal<Integer>(found, decimals, excess);
    if (!parsed.ok()) {
      fail(std::string("has ") + key + " \"" + excerpt(found) + "\", which " +
           std::string(describe(parsed.error)));
    }
    return parsed.value;
  }
  Address address(const char* key) const {
    const std::string& found = text(key);
    const auto parsed = Address::parse(found);
    if (!parsed) fail(std::string("has ") + key + " \"" + excerpt(found) + "\", no address");
    return *parsed;
  }
  /// Empty if there is none; an error if there is something else.
  std::optional<Cloid> cloid(const char* key) const {
    if (optional(key) == nullptr) return std::nullopt;
    const std::string& found = text(key);
    const auto parsed = Cloid::parse(found);
    if (!parsed) fail(std::string("has ") + key + " \"" + excerpt(found) + "\", no cloid");
    return parsed;
  }

 private:
  [[noreturn]] void wrong(const char* key, const Json& found, const char* wanted) const {
    fail(std::string("has ") + key + " " + excerpt(found.dump()) + ", which is not " + wanted);
  }

  const Json& object_;
  std::string_view what_;
};

/// Parses and reads, with every trouble as an Error that says what was read.
template <class T, class F>
Result<T> guarded(std::string_view text, std::string_view what, F&& read) {
  try {
    const Json root = parse(text);
    if (root.is_discarded()) {
      return Error(ErrorKind::data,
                   "hyperliquid: " + std::string(what) +
                       " is not JSON, nested too deeply, or has a key twice: " + excerpt(text));
    }
    return read(root);
  } catch (const Error& error) {
    return error;
  }
}

}  // namespace mm::venues::hyperliquid::dom
