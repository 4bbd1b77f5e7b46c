#include "journal/lock.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "journal/format.hpp"

namespace mm::journal {
namespace {

std::string text_of(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_whole(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string boot_id() {
  // Files of /proc have no size, so they are read to their end.
  std::array<std::byte, 64> buffer{};
  const File file = File::try_open("/proc/sys/kernel/random/boot_id", O_RDONLY);
  const std::size_t got = file.is_open() ? file.read_at(buffer, 0) : 0;
  std::string text{reinterpret_cast<const char*>(buffer.data()), got};
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

WriterLock::WriterLock(const std::filesystem::path& dir)
    : file_(File::open(dir / lock_name, O_RDWR | O_CREAT)) {
  // A reader that is just asking whether somebody writes holds a shared lock for an instant.
  for (int attempt = 0; ::flock(file_.fd(), LOCK_EX | LOCK_NB) != 0; ++attempt) {
    const int error = errno;
    if (error == EINTR) continue;
    if (error != EWOULDBLOCK)
      throw Error{ErrorKind::data,
                  fmt::format("journal: cannot write {}: the file system gives no lock ({}); use a "
                              "local directory",
                              dir.string(), std::strerror(error))};
    if (attempt == 10) {
      std::string holder = text_of(dir / lock_name);
      for (char& c : holder)
        if (c == '\n') c = ' ';
      throw Error{ErrorKind::data,
                  fmt::format("journal: cannot write {}: another writer holds its lock ({}); stop "
                              "it, or use another --journal",
                              dir.string(), holder.empty() ? "unknown" : holder)};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  const auto now =
      std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  const std::string text = fmt::format("pid {}\nowner {}\nboot {}\nsince {:%Y-%m-%dT%H:%M:%SZ}",
                                       ::getpid(), to_hex(random_uuid()), boot_id(), now);
  file_.truncate(0);
  file_.write_at(real_disk(), std::as_bytes(std::span{text}), 0);
}

WriterLock::~WriterLock() {
  if (file_.is_open()) static_cast<void>(::ftruncate(file_.fd(), 0));
}

}  // namespace mm::journal
