#pragma once

// The single-writer lock: flock on the file LOCK, which also says who holds it.

#include <filesystem>
#include <string>

#include "journal/file.hpp"

namespace mm::journal {

/// Held while it lives; the kernel frees it when the process dies.
class WriterLock {
 public:
  /// Throws, naming the holder, if another writer has it.
  explicit WriterLock(const std::filesystem::path& dir);
  WriterLock(WriterLock&&) noexcept = default;
  WriterLock& operator=(WriterLock&&) noexcept = default;
  ~WriterLock();

 private:
  File file_;
};

}  // namespace mm::journal
