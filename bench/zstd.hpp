#pragma once

// zstd with contexts and buffers that are kept, as the journal uses it.

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace mm::bench {

/// One frame at this level; throws Error(data) if zstd refuses.
class Compressor {
 public:
  Compressor();
  ~Compressor();
  std::span<const std::byte> compress(std::span<const std::byte> bytes, int level);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class Decompressor {
 public:
  Decompressor();
  ~Decompressor();
  /// The frame's content, `raw_bytes` of it; eight-byte aligned, valid until the next call. Throws
  /// Error(data) if it is not such a frame.
  std::span<const std::byte> decompress(std::span<const std::byte> frame, std::size_t raw_bytes);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mm::bench
