#pragma once

// Bytes and lines of a capture file, whatever its compression.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mm::venues {

/// Decompressed bytes of one file. Compression is told by the file's first bytes; streams that
/// follow each other in one file (`cat a.gz b.gz`) are read as one.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// Fills the front of `out` and returns how much; 0 only at the end. Throws Error(data) if the
  /// file cannot be read, is damaged or ends in the middle of a compressed stream.
  virtual std::size_t read(std::span<char> out) = 0;
  /// Bytes taken from the file so far.
  virtual std::uint64_t consumed() const = 0;

  /// Throws Error(data) if the file is missing, not a regular file, unreadable or empty.
  static std::unique_ptr<ByteSource> open(const std::string& path);
};

/// Size of a file in bytes; 0 if it cannot be told.
std::uint64_t file_size(const std::string& path);

/// Lines of a ByteSource, without their ends (LF or CRLF). Empty lines are passed over. A last line
/// without an end counts.
class LineReader {
 public:
  /// Longer lines are an Error(data): no venue sends such a frame.
  static constexpr std::size_t longest_line = 64u << 20;

  explicit LineReader(const std::string& path);

  /// The next line, valid until the next call, with frame_padding readable bytes behind it.
  /// False at the end.
  bool next(std::string_view& line);
  /// Of the last line, from 1, empty ones included.
  std::uint64_t number() const { return number_; }
  std::uint64_t consumed() const { return source_->consumed(); }
  const std::string& path() const { return path_; }

 private:
  bool fill();

  std::string path_;
  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;  // [begin_, end_) is read and not yet given out; padding behind
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool at_end_ = false;
  std::uint64_t number_ = 0;
};

}  // namespace mm::venues
