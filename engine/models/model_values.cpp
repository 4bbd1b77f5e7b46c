#include "engine/models/model_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "engine/assert.hpp"

namespace mm {
namespace {

constexpr std::string_view hash_name = "hash";

std::string text_of(double value) {
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

bool is_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// False if a number is none.
bool read_numbers(std::string_view text, std::vector<MaybeNumber>& numbers) {
  if (text.empty()) return true;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    if (part == "-") {
      numbers.emplace_back();
    } else {
      double value = 0;
      const auto read = std::from_chars(part.data(), part.data() + part.size(), value);
      if (read.ec != std::errc{} || read.ptr != part.data() + part.size() || !std::isfinite(value))
        return false;
      numbers.emplace_back(value);
    }
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

auto place_of(auto& entries, std::string_view name) {
  return std::ranges::lower_bound(entries, name, {}, [](const ModelValues::Entry& entry) {
    return std::string_view{entry.name};
  });
}

}  // namespace

std::optional<ModelValues> ModelValues::parse(std::string_view text, std::string& problem) {
  ModelValues values;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    const std::size_t equals = line.find('=');
    const std::string_view name = line.substr(0, equals);
    if (equals == std::string_view::npos || !is_name(name)) {
      problem = "'" + std::string{line.substr(0, 60)} + "' is not name=number[,number...]";
      return std::nullopt;
    }
    const std::string_view rest = line.substr(equals + 1);
    const bool again = name == hash_name ? !values.hash_.empty() : values.find(name) != nullptr;
    if (again) {
      problem = std::string{name} + " comes twice";
      return std::nullopt;
    }
    if (name == hash_name) {
      values.hash_ = rest;
      continue;
    }
    std::vector<MaybeNumber> numbers;
    if (!read_numbers(rest, numbers)) {
      problem =
          std::string{name} + " is no list of numbers: '" + std::string{rest.substr(0, 60)} + "'";
      return std::nullopt;
    }
    values.set(name, std::move(numbers));
  }
  return values;
}

std::string ModelValues::format() const {
  std::string text;
  bool hash_written = hash_.empty();
  const auto write_hash = [&] {
    text += std::string{hash_name} + '=' + hash_ + '\n';
    hash_written = true;
  };
  for (const Entry& entry : entries_) {
    if (!hash_written && entry.name > hash_name) write_hash();
    text += entry.name + '=';
    for (std::size_t i = 0; i < entry.numbers.size(); ++i) {
      if (i != 0) text += ',';
      text += entry.numbers[i] ? text_of(*entry.numbers[i]) : "-";
    }
    text += '\n';
  }
  if (!hash_written) write_hash();
  return text;
}

void ModelValues::set(std::string_view name, double number) {
  set(name, std::vector<MaybeNumber>{number});
}

void ModelValues::set(std::string_view name, std::span<const double> numbers) {
  set(name, std::vector<MaybeNumber>{numbers.begin(), numbers.end()});
}

void ModelValues::set(std::string_view name, std::vector<MaybeNumber> numbers) {
  for (const MaybeNumber& number : numbers)
    MM_ASSERT(!number || std::isfinite(*number), "a parameter is a number");
  const auto at = place_of(entries_, name);
  if (at != entries_.end() && at->name == name) {
    at->numbers = std::move(numbers);
  } else {
    entries_.insert(at, Entry{std::string{name}, std::move(numbers)});
  }
}

const std::vector<MaybeNumber>* ModelValues::find(std::string_view name) const {
  const auto at = place_of(entries_, name);
  return at != entries_.end() && at->name == name ? &at->numbers : nullptr;
}

double ModelValues::number(std::string_view name) const {
  const auto* numbers = find(name);
  MM_ASSERT(numbers != nullptr && numbers->size() == 1 && numbers->front(),
            "asked for a number that is there");
  return *numbers->front();
}

}  // namespace mm
