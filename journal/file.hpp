#pragma once

// Files as the journal uses them, and the two or three system calls tests put faults into.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/result.hpp"

namespace mm::journal {

/// The calls that a disk may refuse. Semantics and errno are those of the calls they are named
/// after.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual ssize_t pwrite(int fd, const void* data, std::size_t size, off_t offset);
  virtual int fdatasync(int fd);
  virtual int fallocate(int fd, off_t offset, off_t length);
};

/// The one that calls the kernel.
Disk& real_disk();

/// An open file; closes itself. Reads are by position, so one File may serve many readers.
class File {
 public:
  File() = default;
  /// Throws mm::Error naming the file. `flags` as for open(2); O_CLOEXEC is added.
  static File open(const std::filesystem::path& path, int flags, unsigned mode = 0644);
  /// Not open, with errno set, instead of throwing.
  static File try_open(const std::filesystem::path& path, int flags, unsigned mode = 0644);
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const;
  void close();

  /// Reads up to `into.size()` bytes; fewer only at the end of the file. Throws on a read error.
  std::size_t read_at(std::span<std::byte> into, std::uint64_t offset) const;
  /// Writes all of it. Throws.
  void write_at(Disk& disk, std::span<const std::byte> bytes, std::uint64_t offset) const;
  void truncate(std::uint64_t size) const;
  /// fsync; throws.
  void sync_all() const;
  /// First byte at or behind `offset` that may differ from zero because something was written
  /// there; the file's size if there is none.
  std::uint64_t next_data(std::uint64_t offset) const;

 private:
  int fd_ = -1;
  std::filesystem::path path_;
};

/// The error for a system call that failed on a file: what was tried, errno in words, what to do.
Error io_error(const std::string& what, const std::filesystem::path& path, int error);

/// Makes names created or removed in `dir` durable. Throws.
void sync_directory(const std::filesystem::path& dir);

/// Writes a whole small file under a temporary name, syncs it and moves it to `path`.
void replace_file(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// Whole content of a file; empty if it cannot be read. For small files.
std::vector<std::byte> read_whole(const std::filesystem::path& path);

bool all_zero(std::span<const std::byte> bytes);

}  // namespace mm::journal
