// Places that cannot be written. As root these need a namespace or another user; where neither is
// to be had, the tests say that they did not run.

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "journal/verify.hpp"
#include "tests/journal/journal_fixture.hpp"

namespace mm::journal {
namespace {

using namespace testing;

constexpr int unable = 77;

/// Exit status of `body` in a child process.
template <class Body>
int status_of(Body&& body) {
  const pid_t pid = fork();
  if (pid == 0) _exit(body());
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

bool become_nobody() {
  if (getuid() != 0) return true;
  return setgroups(0, nullptr) == 0 && setgid(65534) == 0 && setuid(65534) == 0;
}

/// A tmpfs of our own at `path`, invisible to everybody else and gone with this process.
bool mount_small_disk(const std::filesystem::path& path, const char* size) {
  const uid_t user = getuid();
  if (unshare(CLONE_NEWNS) != 0) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    std::ofstream{"/proc/self/uid_map"} << "0 " << user << " 1";
  }
  return mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("tmpfs", path.c_str(), "tmpfs", 0, size) == 0;
}

void fill_the_rest(const std::filesystem::path& file) {
  const int to = ::open(file.c_str(), O_CREAT | O_WRONLY, 0600);
  const std::array<char, 4096> page{};
  while (to >= 0 && write(to, page.data(), page.size()) > 0) {
  }
  close(to);
}

#define MM_SKIP_IF_UNABLE(status) \
  if ((status) == unable) GTEST_SKIP() << "did not run: no namespace or other user to be had here"

TEST(Refusal, AReadOnlyDirectoryIsSaidSoAndStaysReadable) {
  const TempDir dir;
  record_session(dir / "j", 71, 500);
  const auto none = std::filesystem::perms::owner_write | std::filesystem::perms::group_write |
                    std::filesystem::perms::others_write;
  std::filesystem::permissions(
      dir.path(), std::filesystem::perms::others_all | std::filesystem::perms::owner_all);
  for (const auto& entry : std::filesystem::recursive_directory_iterator{dir / "j"})
    std::filesystem::permissions(entry.path(), none, std::filesystem::perm_options::remove);
  std::filesystem::permissions(dir / "j", none, std::filesystem::perm_options::remove);
  const int status = status_of([&] {
    if (!become_nobody()) return unable;
    if (access((dir / "j/LOCK").c_str(), W_OK) == 0) return unable;
    try {
      JournalWriter::open(dir / "j", small_options());
      return 1;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::data) return 2;
      if (error.message().find("write access") == std::string::npos) return 3;
    }
    try {
      JournalWriter::open(dir / "j/new", small_options());
      return 4;
    } catch (const Error&) {
    }
    try {
      rebuild_index(dir / "j");
      return 5;
    } catch (const Error&) {
    }
    if (read_all(dir / "j").records != sample(71, 500)) return 6;
    const Verification v = verify(dir / "j");
    return v.ok && v.notes.empty() && Journal::open(dir / "j").uses_index() ? 0 : 7;
  });
  std::filesystem::permissions(dir / "j", std::filesystem::perms::owner_all);
  MM_SKIP_IF_UNABLE(status);
  EXPECT_EQ(status, 0);
}

// A real full disk, of 3 MiB, in a mount namespace of our own.
TEST(Refusal, AFullDiskKeepsWhatWasAccepted) {
  const TempDir dir;
  const int status = status_of([&] {
    if (!mount_small_disk(dir.path(), "size=3m")) return unable;
    WriterOptions options = small_options();
    options.preallocate_bytes = std::uint64_t{64} << 20;
    std::uint64_t accepted = 0;
    try {
      JournalWriter writer = JournalWriter::open(dir / "j", options);
      SampleStream stream{72};
      for (; accepted < 1'000'000; ++accepted) append(writer, stream.next());
      return 1;
    } catch (const Error& error) {
      if (error.message().find("free some space") == std::string::npos) return 2;
    }
    if (accepted < 1000) return 3;
    if (read_all(dir / "j").records != sample(72, accepted)) return 4;
    if (!verify(dir / "j").ok) return 5;
    // Closing may have left a few pages; without them there is no room: said so again, and nothing
    // is lost by trying.
    fill_the_rest(dir / "filler");
    try {
      JournalWriter::open(dir / "j", options);
      return 6;
    } catch (const Error&) {
    }
    if (mount("tmpfs", dir.path().c_str(), "tmpfs", MS_REMOUNT, "size=16m") != 0) return 7;
    JournalWriter::open(dir / "j", options).close();
    const Journal journal = Journal::open(dir / "j");
    if (drain(journal.read(journal.sessions()[0])).records != sample(72, accepted)) return 8;
    return verify(dir / "j").ok ? 0 : 9;
  });
  MM_SKIP_IF_UNABLE(status);
  EXPECT_EQ(status, 0);
}

TEST(Refusal, ADiskTooSmallToBeginIsSaidSo) {
  const TempDir dir;
  const int status = status_of([&] {
    if (!mount_small_disk(dir.path(), "size=256k")) return unable;
    try {
      JournalWriter::open(dir / "j", small_options());
      return 1;
    } catch (const Error& error) {
      return error.message().find("No space left") != std::string::npos ? 0 : 2;
    }
  });
  MM_SKIP_IF_UNABLE(status);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace mm::journal
