#include "tests/research/record_memory.hpp"

#include <cstring>
#include <span>
#include <variant>

namespace mm::research::testing {

template <class EventOrOutput>
void RecordMemory::keep_any(const EventOrOutput& record) {
  bytes_.clear();
  write_record(bytes_, record);
  offsets_.push_back(words_.size());
  words_.resize(words_.size() + bytes_.size() / 8);
  std::memcpy(&words_[offsets_.back()], bytes_.bytes().data(), bytes_.size());
}
template void RecordMemory::keep_any(const Event& event);
template void RecordMemory::keep_any(const Output& output);

Record RecordMemory::at(std::size_t index) const {
  const std::span words{words_};
  const std::size_t end = index + 1 < offsets_.size() ? offsets_[index + 1] : words_.size();
  return read_record(std::as_bytes(words.subspan(offsets_[index], end - offsets_[index]))).value();
}

EventStream RecordMemory::inputs() const {
  return [this, index = std::size_t{0}, current = Event{}]() mutable -> const Event* {
    while (index < size()) {
      const Record record = at(index++);
      if (const auto* event = std::get_if<Event>(&record)) {
        current = *event;
        return &current;
      }
    }
    return nullptr;
  };
}

Recording RecordMemory::recording() const {
  return {.inputs = [this] { return inputs(); },
          .records = [this]() -> RecordStream {
            return [this, index = std::size_t{0}, current = Record{}]() mutable -> RecordView {
              if (index == size()) return {};
              current = at(index++);
              return {.event = std::get_if<Event>(&current),
                      .output = std::get_if<Output>(&current)};
            };
          }};
}

}  // namespace mm::research::testing
