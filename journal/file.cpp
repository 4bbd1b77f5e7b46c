#include "journal/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace mm::journal {
namespace {

const char* advice_for(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "free some space and start again; what was accepted is kept and sealed at the next "
             "start";
    case EFBIG:
      return "raise the limit on file sizes (ulimit -f) and start again; what was accepted is kept";
    case EACCES:
    case EPERM:
      return "give this user write access, or use another --journal directory";
    case EROFS:
      return "the file system is mounted read-only; use another --journal directory";
    case EIO:
      return "the device reports errors: check it (dmesg), then run 'mmctl verify'";
    case EMFILE:
    case ENFILE:
      return "raise the limit on open files (ulimit -n)";
    case ENOENT:
      return "check the path";
    default:
      return "see the system's message";
  }
}

}  // namespace

ssize_t Disk::pwrite(int fd, const void* data, std::size_t size, off_t offset) {
  return ::pwrite(fd, data, size, offset);
}
int Disk::fdatasync(int fd) {
  return ::fdatasync(fd);
}
int Disk::fallocate(int fd, off_t offset, off_t length) {
  return ::fallocate(fd, 0, offset, length);
}

Disk& real_disk() {
  static Disk disk;
  return disk;
}

File File::try_open(const std::filesystem::path& path, int flags, unsigned mode) {
  File file;
  do {
    file.fd_ = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (file.fd_ < 0 && errno == EINTR);
  file.path_ = path;
  return file;
}

File File::open(const std::filesystem::path& path, int flags, unsigned mode) {
  File file = try_open(path, flags, mode);
  if (!file.is_open())
    throw io_error((flags & O_ACCMODE) == O_RDONLY ? "read" : "write", path, errno);
  return file;
}

File::File(File&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

File& File::operator=(File&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
    path_ = std::move(other.path_);
  }
  return *this;
}

File::~File() {
  close();
}

void File::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

std::uint64_t File::size() const {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) throw io_error("read", path_, errno);
  return static_cast<std::uint64_t>(status.st_size);
}

std::size_t File::read_at(std::span<std::byte> into, std::uint64_t offset) const {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got =
        ::pread(fd_, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw io_error("read", path_, errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

void File::write_at(Disk& disk, std::span<const std::byte> bytes, std::uint64_t offset) const {
  while (!bytes.empty()) {
    const ssize_t put = disk.pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) throw io_error("write", path_, put == 0 ? ENOSPC : errno);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
}

void File::truncate(std::uint64_t size) const {
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) throw io_error("write", path_, errno);
}

void File::sync_all() const {
  if (::fsync(fd_) != 0) throw io_error("sync", path_, errno);
}

std::uint64_t File::next_data(std::uint64_t offset) const {
  const std::uint64_t end = size();
  const off_t found = ::lseek(fd_, static_cast<off_t>(offset), SEEK_DATA);
  if (found >= 0) return std::min(static_cast<std::uint64_t>(found), end);
  return errno == ENXIO ? end : offset;
}

Error io_error(const std::string& what, const std::filesystem::path& path, int error) {
  return Error{ErrorKind::data, fmt::format("journal: cannot {} {}: {}; {}", what, path.string(),
                                            std::strerror(error), advice_for(error))};
}

void sync_directory(const std::filesystem::path& dir) {
  const File file = File::open(dir, O_RDONLY | O_DIRECTORY);
  file.sync_all();
}

void replace_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::filesystem::path temporary = path;
  temporary += ".tmp";
  const File file = File::open(temporary, O_WRONLY | O_CREAT | O_TRUNC);
  file.write_at(real_disk(), bytes, 0);
  file.sync_all();
  if (::rename(temporary.c_str(), path.c_str()) != 0) throw io_error("write", path, errno);
  sync_directory(path.parent_path());
}

std::vector<std::byte> read_whole(const std::filesystem::path& path) {
  const File file = File::try_open(path, O_RDONLY);
  if (!file.is_open()) return {};
  std::vector<std::byte> bytes(file.size());
  bytes.resize(file.read_at(bytes, 0));
  return bytes;
}

bool all_zero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace mm::journal
