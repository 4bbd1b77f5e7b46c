#pragma once

// An order-by-order event as the book hears it.

#include <vector>

#include "sim/l3_book.hpp"
#include "venues/l3/l3_feed.hpp"

namespace mm::test {

inline void apply(sim::L3Book& book, const venues::L3Event& event,
                  std::vector<sim::L3Fill>& fills) {
  using Kind = venues::L3Event::Kind;
  switch (event.kind) {
    case Kind::add:
      return book.add(event.id, event.side, event.price, event.qty, fills);
    case Kind::reduce:
      return book.reduce(event.id, event.qty);
    case Kind::remove:
      return book.remove(event.id);
    case Kind::execute:
      return book.execute(event.id, event.qty, fills);
    case Kind::trade:
      if (event.side_known) book.trade(event.side, event.price, event.qty, fills);
      return;
    case Kind::book:
    case Kind::other:
      return;
  }
}

}  // namespace mm::test
