#pragma once

#include "journal/catalog.hpp"
#include "journal/reader.hpp"

namespace mm::journal::detail {

/// Adds up the headers of all blocks (of one session if given) and the unsealed tail.
JournalInfo collect_info(const Journal& journal, const Catalog& catalog,
                         const SessionInfo* session);

}  // namespace mm::journal::detail
