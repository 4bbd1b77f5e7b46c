#include "bench/zstd.hpp"

#include <zstd.h>

#include <cstdint>
#include <string>

#include "engine/result.hpp"

namespace mm::bench {
namespace {

std::size_t checked(std::size_t result, const char* what) {
  if (ZSTD_isError(result) == 0) return result;
  throw Error{ErrorKind::data,
              std::string{"bench: zstd cannot "} + what + ": " + ZSTD_getErrorName(result)};
}

}  // namespace

struct Compressor::Impl {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  std::vector<std::byte> out;
};

Compressor::Compressor() : impl_(std::make_unique<Impl>()) {}
Compressor::~Compressor() {
  ZSTD_freeCCtx(impl_->context);
}

std::span<const std::byte> Compressor::compress(std::span<const std::byte> bytes, int level) {
  impl_->out.resize(std::max(impl_->out.size(), ZSTD_compressBound(bytes.size())));
  const std::size_t size =
      checked(ZSTD_compressCCtx(impl_->context, impl_->out.data(), impl_->out.size(), bytes.data(),
                                bytes.size(), level),
              "compress");
  return {impl_->out.data(), size};
}

struct Decompressor::Impl {
  ZSTD_DCtx* context = ZSTD_createDCtx();
  std::vector<std::uint64_t> out;
};

Decompressor::Decompressor() : impl_(std::make_unique<Impl>()) {}
Decompressor::~Decompressor() {
  ZSTD_freeDCtx(impl_->context);
}

std::span<const std::byte> Decompressor::decompress(std::span<const std::byte> frame,
                                                    std::size_t raw_bytes) {
  if (impl_->out.size() * 8 < raw_bytes) impl_->out.resize(raw_bytes / 4);
  const std::size_t size = checked(
      ZSTD_decompressDCtx(impl_->context, impl_->out.data(), raw_bytes, frame.data(), frame.size()),
      "decompress");
  if (size != raw_bytes) throw Error{ErrorKind::data, "bench: a block is of another size"};
  return {reinterpret_cast<const std::byte*>(impl_->out.data()), size};
}

}  // namespace mm::bench
