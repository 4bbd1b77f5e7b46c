#include "journal/sync_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace mm::journal {

SyncFile::SyncFile(Disk& disk, const std::filesystem::path& dir, const TailIdentity& identity)
    : disk_(disk), dir_(dir), identity_(identity) {
  replace();
}

void SyncFile::replace() {
  const std::filesystem::path path = dir_ / sync_name;
  replace_file(path, encode_tail_header(identity_, 0));
  file_ = File::open(path, O_RDWR);
  end_ = start_;
}

void SyncFile::append(std::span<const std::byte> entries) {
  file_.write_at(disk_, entries, end_);
  end_ += entries.size();
}

bool SyncFile::sync() {
  int result = 0;
  do {
    result = disk_.fdatasync(file_.fd());
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

void SyncFile::remove() {
  ::unlink((dir_ / sync_name).c_str());
}

}  // namespace mm::journal
