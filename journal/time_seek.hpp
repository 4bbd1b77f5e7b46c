#pragma once

// From a time to the number of the first record at or after it, by way of the index: a look-up, one
// block read and decompressed, one column of it decoded.

#include <memory>
#include <mutex>
#include <optional>

#include "journal/block_codec.hpp"
#include "journal/catalog.hpp"
#include "journal/segment_scan.hpp"

namespace mm::journal::detail {

class TimeSeek {
 public:
  explicit TimeSeek(std::shared_ptr<const Catalog> catalog) : catalog_(std::move(catalog)) {}

  /// Empty where it takes more than that to know: there is no index, it does not name an intact
  /// block, or the record is not in the block that begins before `time`. May be called from several
  /// threads.
  std::optional<Seq> find(const SessionFiles& session, Time time);

 private:
  std::shared_ptr<const Catalog> catalog_;
  std::mutex mutex_;
  BlockLoader loader_;
  BlockCursor cursor_;
};

}  // namespace mm::journal::detail
