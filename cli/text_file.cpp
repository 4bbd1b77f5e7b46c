#include "cli/text_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/result.hpp"

namespace mm::cli {
namespace {

[[noreturn]] void refuse(const char* what, const std::string& path, int error) {
  throw Error(ErrorKind::data, fmt::format("cannot {} {}: {}", what, path, std::strerror(error)));
}

}  // namespace

std::string read_text(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) refuse("read", path, EISDIR);
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) refuse("read", path, errno);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in.bad()) refuse("read", path, EIO);
  return text;
}

void write_text(const std::string& path, std::string_view text) {
  const std::string draft = fmt::format("{}.{}", path, getpid());
  errno = 0;
  std::ofstream out(draft, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) {
    const int error = errno;
    std::error_code ignored;
    std::filesystem::remove(draft, ignored);
    refuse("write", path, error);
  }
  std::error_code error;
  std::filesystem::rename(draft, path, error);
  if (error) refuse("write", path, error.value());
}

}  // namespace mm::cli
