#pragma once

// Making the index out of the segments.

#include <memory>
#include <vector>

#include "journal/catalog.hpp"
#include "journal/index.hpp"

namespace mm::journal::detail {

/// Markers of a session in a window, read from the blocks whose counts say that they hold some, and
/// from the tail. Damaged places are passed over.
std::vector<IndexedMarker> collect_markers(const std::shared_ptr<const Catalog>& catalog,
                                           const SessionFiles& session, SeqWindow window);

/// Commits all that stands in the segments of `catalog`, one transaction a session.
void fill_index(IndexWriter& index, const std::shared_ptr<const Catalog>& catalog);

}  // namespace mm::journal::detail
