#pragma once

// The sync file: the copy of the unsealed tail that survives power loss.
//
// Header as the tail's (72 bytes), then tail entries as they are. It starts over, over its own old
// bytes, once everything in it is in synced blocks; what is left of older entries behind the new
// ones has lower numbers than the blocks end with and is passed over.

#include <cstdint>
#include <filesystem>
#include <span>

#include "journal/file.hpp"
#include "journal/tail.hpp"

namespace mm::journal {

class SyncFile {
 public:
  SyncFile(Disk& disk, const std::filesystem::path& dir, const TailIdentity& identity);

  void append(std::span<const std::byte> entries);
  void start_over() { end_ = start_; }
  /// False if the kernel reports an error; what was appended since the last sync may be lost.
  bool sync();
  /// A new file in place of one that no longer syncs.
  void replace();
  void remove();

 private:
  static constexpr std::uint64_t start_ = 72;

  Disk& disk_;
  std::filesystem::path dir_;
  TailIdentity identity_;
  File file_;
  std::uint64_t end_ = start_;
};

}  // namespace mm::journal
