#include "venues/capture/capture_bytes.hpp"

#include <fcntl.h>
#include <lz4frame.h>
#include <lzma.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "engine/result.hpp"
#include "venues/feed_decoder.hpp"

namespace mm::venues {
namespace {

constexpr std::size_t block_bytes = 256 * 1024;

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw Error(ErrorKind::data, "cannot read " + path + ": " + what);
}

/// The file's own bytes, block by block.
class File {
 public:
  explicit File(const std::string& path) : path_(path), block_(block_bytes) {
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail(path, std::strerror(errno));
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
      ::close(descriptor_);
      fail(path, "it is not a regular file");
    }
  }
  ~File() { ::close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  /// What is read and not taken; reads on if that is nothing. Empty at the end of the file.
  std::span<const char> peek() {
    if (begin_ == end_) {
      ssize_t got = 0;
      do {
        got = ::read(descriptor_, block_.data(), block_.size());
      } while (got < 0 && errno == EINTR);
      if (got < 0) fail(path_, std::strerror(errno));
      begin_ = 0;
      end_ = static_cast<std::size_t>(got);
    }
    return std::span(block_).subspan(begin_, end_ - begin_);
  }
  void take(std::size_t count) {
    begin_ += count;
    consumed_ += count;
  }
  std::uint64_t consumed() const { return consumed_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int descriptor_ = -1;
  std::vector<char> block_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t consumed_ = 0;
};

class PlainSource final : public ByteSource {
 public:
  explicit PlainSource(std::unique_ptr<File> file) : file_(std::move(file)) {}
  std::size_t read(std::span<char> out) override {
    const std::span<const char> in = file_->peek();
    const std::size_t count = std::min(in.size(), out.size());
    std::memcpy(out.data(), in.data(), count);
    file_->take(count);
    return count;
  }
  std::uint64_t consumed() const override { return file_->consumed(); }

 private:
  std::unique_ptr<File> file_;
};

/// A decompressor: what one step took and gave, and whether a stream has just ended.
struct Step {
  std::size_t taken = 0;
  std::size_t given = 0;
  bool stream_ended = false;
};

/// Feeds a decompressor until it gives something. `Codec::step` throws on damage.
template <class Codec>
class CompressedSource final : public ByteSource {
 public:
  explicit CompressedSource(std::unique_ptr<File> file)
      : file_(std::move(file)), codec_(file_->path()) {}

  std::size_t read(std::span<char> out) override {
    while (true) {
      const std::span<const char> in = file_->peek();
      if (in.empty() && between_streams_) return 0;
      const Step step = codec_.step(in, out);
      file_->take(step.taken);
      between_streams_ = step.stream_ended;
      if (step.given != 0) return step.given;
      if (in.empty() && !step.stream_ended) {
        fail(file_->path(), std::string("the file ends in the middle of a ") + Codec::name +
                                " stream: it was cut off");
      }
    }
  }
  std::uint64_t consumed() const override { return file_->consumed(); }

 private:
  std::unique_ptr<File> file_;
  Codec codec_;
  bool between_streams_ = false;
};

class Gzip {
 public:
  static constexpr const char* name = "gzip";
  explicit Gzip(const std::string& path) : path_(path) {
    if (::inflateInit2(&stream_, 15 + 16) != Z_OK) fail(path, "zlib cannot start");
  }
  ~Gzip() { ::inflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  Step step(std::span<const char> in, std::span<char> out) {
    if (ended_ && !in.empty()) {
      ::inflateReset(&stream_);
      ended_ = false;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    const int code = ::inflate(&stream_, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      fail(path_, std::string("damaged gzip data: ") +
                      (stream_.msg != nullptr ? stream_.msg : "unknown error"));
    }
    ended_ = code == Z_STREAM_END;
    return {in.size() - stream_.avail_in, out.size() - stream_.avail_out, ended_};
  }

 private:
  std::string path_;
  z_stream stream_{};
  bool ended_ = false;
};

class Zstd {
 public:
  static constexpr const char* name = "zstd";
  explicit Zstd(const std::string& path) : path_(path), stream_(::ZSTD_createDStream()) {
    if (stream_ == nullptr) fail(path, "zstd cannot start");
  }
  ~Zstd() { ::ZSTD_freeDStream(stream_); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;

  Step step(std::span<const char> in, std::span<char> out) {
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    ZSTD_outBuffer output{out.data(), out.size(), 0};
    const std::size_t left = ::ZSTD_decompressStream(stream_, &output, &input);
    if (::ZSTD_isError(left) != 0) {
      fail(path_, std::string("damaged zstd data: ") + ::ZSTD_getErrorName(left));
    }
    return {input.pos, output.pos, left == 0};
  }

 private:
  std::string path_;
  ZSTD_DStream* stream_;
};

class Lz4 {
 public:
  static constexpr const char* name = "lz4";
  explicit Lz4(const std::string& path) : path_(path) {
    if (::LZ4F_isError(::LZ4F_createDecompressionContext(&context_, LZ4F_VERSION)) != 0) {
      fail(path, "lz4 cannot start");
    }
  }
  ~Lz4() { ::LZ4F_freeDecompressionContext(context_); }
  Lz4(const Lz4&) = delete;
  Lz4& operator=(const Lz4&) = delete;

  Step step(std::span<const char> in, std::span<char> out) {
    std::size_t taken = in.size();
    std::size_t given = out.size();
    const std::size_t hint =
        ::LZ4F_decompress(context_, out.data(), &given, in.data(), &taken, nullptr);
    if (::LZ4F_isError(hint) != 0) {
      fail(path_, std::string("damaged lz4 data: ") + ::LZ4F_getErrorName(hint));
    }
    return {taken, given, hint == 0};
  }

 private:
  std::string path_;
  LZ4F_dctx* context_ = nullptr;
};

class Xz {
 public:
  static constexpr const char* name = "xz";
  explicit Xz(const std::string& path) : path_(path) {
    // Memory for the largest dictionary that xz itself writes at -9, and some more.
    constexpr std::uint64_t memory_limit = 256u << 20;
    if (::lzma_stream_decoder(&stream_, memory_limit, LZMA_CONCATENATED) != LZMA_OK) {
      fail(path, "lzma cannot start");
    }
  }
  ~Xz() { ::lzma_end(&stream_); }
  Xz(const Xz&) = delete;
  Xz& operator=(const Xz&) = delete;

  Step step(std::span<const char> in, std::span<char> out) {
    if (ended_) return {0, 0, true};
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    stream_.avail_in = in.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(out.data());
    stream_.avail_out = out.size();
    const lzma_ret code = ::lzma_code(&stream_, in.empty() ? LZMA_FINISH : LZMA_RUN);
    if (code != LZMA_OK && code != LZMA_STREAM_END && code != LZMA_BUF_ERROR) {
      fail(path_, "damaged xz data (code " + std::to_string(static_cast<int>(code)) + ")");
    }
    ended_ = code == LZMA_STREAM_END;
    // At LZMA_FINISH a cut-off stream gives LZMA_BUF_ERROR and nothing else.
    return {in.size() - stream_.avail_in, out.size() - stream_.avail_out, ended_};
  }

 private:
  std::string path_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ended_ = false;
};

bool begins_with(std::span<const char> bytes, std::string_view magic) {
  return std::string_view(bytes.data(), bytes.size()).starts_with(magic);
}

}  // namespace

std::unique_ptr<ByteSource> ByteSource::open(const std::string& path) {
  auto file = std::make_unique<File>(path);
  const std::span<const char> first = file->peek();
  if (first.empty()) fail(path, "the file is empty");
  if (begins_with(first, "\x1f\x8b")) {
    return std::make_unique<CompressedSource<Gzip>>(std::move(file));
  }
  if (begins_with(first, "\x28\xb5\x2f\xfd")) {
    return std::make_unique<CompressedSource<Zstd>>(std::move(file));
  }
  if (begins_with(first, "\x04\x22\x4d\x18")) {
    return std::make_unique<CompressedSource<Lz4>>(std::move(file));
  }
  if (begins_with(first, std::string_view("\xfd\x37\x7a\x58\x5a\x00", 6))) {
    return std::make_unique<CompressedSource<Xz>>(std::move(file));
  }
  return std::make_unique<PlainSource>(std::move(file));
}

std::uint64_t file_size(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

LineReader::LineReader(const std::string& path)
    : path_(path), source_(ByteSource::open(path)), buffer_(block_bytes + frame_padding) {}

bool LineReader::fill() {
  if (at_end_) return false;
  if (begin_ != 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ + frame_padding == buffer_.size()) {
    if (end_ > longest_line) fail(path_, "line " + std::to_string(number_ + 1) + " has no end");
    buffer_.resize(buffer_.size() * 2);
  }
  const std::size_t room = buffer_.size() - frame_padding - end_;
  const std::size_t got = source_->read({buffer_.data() + end_, room});
  at_end_ = got == 0;
  end_ += got;
  return !at_end_;
}

bool LineReader::next(std::string_view& line) {
  std::size_t searched = begin_;
  while (true) {
    const char* const from = buffer_.data() + searched;
    const void* const found = std::memchr(from, '\n', end_ - searched);
    std::size_t length = 0;
    if (found != nullptr) {
      length = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data()) - begin_;
    } else {
      const std::size_t unsearched = end_ - begin_;
      if (fill()) {
        searched = begin_ + unsearched;
        continue;
      }
      if (begin_ == end_) return false;
      length = end_ - begin_;
    }
    line = {buffer_.data() + begin_, length};
    begin_ = std::min(end_, begin_ + length + 1);
    searched = begin_;
    ++number_;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty()) return true;
  }
}

}  // namespace mm::venues
