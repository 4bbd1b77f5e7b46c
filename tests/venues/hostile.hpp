#pragma once

// Everything that reads foreign bytes, behind one question: what became of this text?

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mm::test {

enum class Verdict : std::uint8_t {
  took,     ///< it became values or events
  ignored,  ///< it is of no concern: another symbol, an acknowledgement, an unknown kind
  refused,  ///< an error or an anomaly, in words
};

struct Answer {
  Verdict verdict = Verdict::ignored;
  std::string why;  ///< of a refusal
};

struct Decoder {
  std::string name;
  std::string good;  ///< a text that it takes
  std::function<Answer(std::string_view text, std::string_view behind)> ask;
  /// Says `ignored` to text that is none of its business, JSON or not.
  bool picks = false;
};

/// One of each: the feeds' codecs, user channels, archive lines, /info and /exchange replies.
/// `behind` is what stands in memory behind the text: a decoder may read it and must not believe
/// it.
const std::vector<Decoder>& decoders();
const Decoder& decoder(std::string_view name);

}  // namespace mm::test
