#include "journal/columns_prediction.hpp"

namespace mm::journal {

void PredictionEncoder::clear() {
  for (auto& field : heads_) field.clear();
  for (auto& field : levels_) field.clear();
  head_ = {};
  references_ = {};
}

void PredictionEncoder::add(const Prediction& head) {
  std::array<std::uint64_t, prediction_words> words{};
  describe(head, WordWriter{words.data()});
  for (std::size_t field = 0; field < prediction_words; ++field)
    heads_[field].push_back(zigzag(words[field] - head_[field]));
  head_ = words;
}

void PredictionEncoder::add(const PredictedLevel& level) {
  std::array<std::uint64_t, level_words> words{};
  describe(level, WordWriter{words.data()});
  auto& before = references_.slot(words[0], words[1]);
  for (std::size_t field = 0; field < level_words; ++field) {
    const std::uint64_t from = field < 2 ? references_.last[field] : before[field];
    levels_[field].push_back(zigzag(words[field] - from));
  }
  before = words;
  references_.last = {words[0], words[1]};
}

void PredictionEncoder::finish(ColumnWriter& heads, ColumnWriter& levels) const {
  heads.clear();
  levels.clear();
  for (const auto& field : heads_)
    for (const std::uint64_t value : field) heads.push(value);
  for (const auto& field : levels_)
    for (const std::uint64_t value : field) levels.push(value);
}

void PredictionDecoder::start(const DifferenceReader& heads, std::size_t head_count,
                              const DifferenceReader& levels, std::size_t level_count) {
  heads_ = heads;
  levels_ = levels;
  head_count_ = head_count;
  level_count_ = level_count;
  next_head_ = next_level_ = 0;
  head_ = {};
  references_ = {};
}

bool PredictionDecoder::read(Prediction& head) {
  for (std::size_t field = 0; field < prediction_words; ++field)
    head_[field] += heads_.at(field * head_count_ + next_head_);
  ++next_head_;
  WordReader reader{head_.data()};
  describe(head, reader);
  return reader.valid;
}

bool PredictionDecoder::read(PredictedLevel& level) {
  const auto difference = [&](std::size_t field) {
    return levels_.at(field * level_count_ + next_level_);
  };
  std::array<std::uint64_t, 2>& last = references_.last;
  last = {last[0] + difference(0), last[1] + difference(1)};
  auto& words = references_.slot(last[0], last[1]);
  for (std::size_t field = 2; field < level_words; ++field) words[field] += difference(field);
  words[0] = last[0];
  words[1] = last[1];
  ++next_level_;
  WordReader reader{words.data()};
  describe(level, reader);
  return reader.valid;
}

}  // namespace mm::journal
