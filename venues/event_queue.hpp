#pragma once

// EventQueue: events that wait for their turn, with the text they view.

#include <deque>
#include <string>
#include <string_view>
#include <variant>

#include "engine/event.hpp"

namespace mm::venues {

class EventQueue {
 public:
  /// `text` becomes the body's `detail`, `reason` or `text`; a body without any takes none.
  void push(const EventHeader& header, const EventBody& body, std::string_view text = {}) {
    Owned& owned = events_.emplace_back(Owned{Event{header, body}, std::string(text)});
    std::visit(
        [&owned](auto& of) {
          if constexpr (requires { of.detail; }) of.detail = owned.text;
          if constexpr (requires { of.reason = std::string_view{}; }) of.reason = owned.text;
          if constexpr (requires { of.text; }) of.text = owned.text;
        },
        owned.event.body);
  }

  bool empty() const { return events_.empty(); }
  /// Valid until pop().
  const Event& front() const { return events_.front().event; }
  void pop() { events_.pop_front(); }

 private:
  struct Owned {
    Event event;
    std::string text;
  };
  std::deque<Owned> events_;  // a deque: what stands in it does not move
};

}  // namespace mm::venues
