// What a writer leaves behind that does not live to close, and what the next one makes of it.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "journal/file.hpp"
#include "journal/segment.hpp"
#include "journal/tail.hpp"
#include "journal/verify.hpp"
#include "tests/journal/journal_fixture.hpp"

namespace mm::journal {
namespace {

using namespace testing;
namespace fs = std::filesystem;

std::string text(const Verification& v) {
  std::string all;
  for (const Problem& p : v.problems)
    all += p.file + "@" + std::to_string(p.offset) + ": " + p.what + "\n";
  return all;
}

/// A number that a child counts up and its parent reads after the child's death.
class SharedCounter {
 public:
  SharedCounter()
      : at_(static_cast<std::atomic<std::uint64_t>*>(
            mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  ~SharedCounter() { munmap(at_, 4096); }
  SharedCounter(const SharedCounter&) = delete;
  SharedCounter& operator=(const SharedCounter&) = delete;
  std::atomic<std::uint64_t>& operator*() { return *at_; }
  std::atomic<std::uint64_t>* operator->() { return at_; }

 private:
  std::atomic<std::uint64_t>* at_;
};

/// Runs a function in a process of its own, which it must not leave; killed with its owner.
class Child {
 public:
  template <class Body>
  explicit Child(Body&& body) : pid_(fork()) {
    if (pid_ != 0) return;
    body();
    _exit(0);
  }
  ~Child() { end(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// kill -9, and the wait for it.
  void end() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    wait();
  }
  int wait() {
    int status = 0;
    if (pid_ > 0) waitpid(pid_, &status, 0);
    pid_ = 0;
    return status;
  }

 private:
  pid_t pid_;
};

/// Appends the stream for ever and counts what was accepted.
void record_for_ever(const fs::path& dir, std::uint64_t seed, std::atomic<std::uint64_t>& accepted,
                     const WriterOptions& options, bool with_raw,
                     std::chrono::microseconds pause = std::chrono::microseconds{300}) {
  JournalWriter writer = JournalWriter::open(dir, options);
  SampleStream stream{seed};
  for (std::uint64_t i = 0;; ++i) {
    if (with_raw) {
      const std::string frame = "frame " + std::to_string(i);
      writer.add_raw(time_from_ns(1), 0, std::as_bytes(std::span{frame}));
    }
    if (i % 900 == 0) writer.add_checkpoint(writer.next_seq(), std::vector<std::byte>(1000), i);
    append(writer, stream.next());
    accepted.store(i + 1, std::memory_order_release);
    // Slower as the journal grows, so that a reader can keep up under a sanitizer too.
    if (i % 500 == 0) std::this_thread::sleep_for(pause * (1 + i / 50'000));
  }
}

// The promise the product stands on: what append() returned for is there after kill -9.
TEST(Crash, NothingAcceptedIsLostByAKill) {
  SampleStream dice{31};
  for (int round = 0; round < 25; ++round) {
    const TempDir dir;
    SharedCounter accepted;
    WriterOptions options = small_options();
    options.segment_bytes = round % 2 == 0 ? 30'000 : 1 << 20;
    options.tail_bytes = round % 3 == 0 ? 64 << 10 : 1 << 20;
    options.sync.interval = std::chrono::milliseconds{2};
    const bool with_raw = round % 2 == 1;
    Child recorder([&] {
      record_for_ever(dir / "j", 100 + static_cast<std::uint64_t>(round), *accepted, options,
                      with_raw);
    });
    while (accepted->load(std::memory_order_acquire) == 0) usleep(100);
    usleep(static_cast<useconds_t>(dice.draw(15'000)));
    recorder.end();
    const std::uint64_t count = accepted->load();
    const std::string what = "round " + std::to_string(round) + ", " + std::to_string(count);

    // A reader sees it all, before any writer has repaired anything, and writes nothing.
    const Verification killed = verify(dir / "j");
    ASSERT_TRUE(killed.ok) << what << "\n" << text(killed);
    ASSERT_FALSE(killed.notes.empty());
    const ReadBack back = read_all(dir / "j");
    ASSERT_GE(back.records.size(), count) << what;
    ASSERT_LE(back.records.size(), count + 1)
        << what;  // written, killed before it could be counted
    ASSERT_EQ(back.records, sample(100 + static_cast<std::uint64_t>(round), back.records.size()))
        << what;
    const JournalInfo info = Journal::open(dir / "j").info();
    EXPECT_EQ(info.inputs + info.outputs, back.records.size());

    // The next writer seals it and goes on with its own session.
    {
      JournalWriter writer = JournalWriter::open(dir / "j", small_options());
      EXPECT_TRUE(writer.recovery().recovered);
      EXPECT_EQ(writer.session_number(), 2u);
      append(writer, 7, 50);
    }
    const Verification after = verify(dir / "j");
    ASSERT_TRUE(after.ok) << what << "\n" << text(after);
    const Journal journal = Journal::open(dir / "j");
    ASSERT_EQ(journal.sessions().size(), 2u);
    EXPECT_TRUE(journal.sessions()[0].recovered);
    EXPECT_TRUE(journal.sessions()[0].closed);
    ASSERT_EQ(drain(journal.read(journal.sessions()[0])).records, back.records) << what;
    EXPECT_EQ(drain(journal.read(journal.sessions()[1])).records, sample(7, 50));
    if (with_raw) {
      RawCursor raw = journal.raw(journal.sessions()[0]);
      std::uint64_t frames = 0;
      while (raw.next()) {
        ASSERT_EQ(raw.frame().next_seq, Seq{frames}) << what;
        ++frames;
      }
      EXPECT_GE(frames, back.records.size()) << what;
    }
  }
}

// Recovery may be killed as well, again and again.
TEST(Crash, RecoveryThatIsKilledIsRepeated) {
  SampleStream dice{32};
  for (int round = 0; round < 8; ++round) {
    const TempDir dir;
    SharedCounter accepted;
    Child recorder([&] { record_for_ever(dir / "j", 200, *accepted, small_options(), false); });
    while (accepted->load(std::memory_order_acquire) < 700) usleep(100);
    recorder.end();
    const ReadBack first = read_all(dir / "j");
    for (int again = 0; again < 4; ++again) {
      Child repair([&] {
        JournalWriter writer = JournalWriter::open(dir / "j", small_options());
        pause();
      });
      usleep(static_cast<useconds_t>(dice.draw(6'000)));
      repair.end();
      const Verification v = verify(dir / "j");
      ASSERT_TRUE(v.ok) << text(v);
      const Journal journal = Journal::open(dir / "j");
      ASSERT_EQ(drain(journal.read(journal.sessions()[0])).records, first.records);
    }
    JournalWriter::open(dir / "j", small_options()).close();
    const Journal journal = Journal::open(dir / "j");
    EXPECT_EQ(drain(journal.read(journal.sessions()[0])).records, first.records);
    EXPECT_TRUE(verify(dir / "j").ok) << text(verify(dir / "j"));
  }
}

/// A journal whose writer was killed with an unsealed tail of some hundred records.
class KilledJournal : public ::testing::Test {
 protected:
  void SetUp() override {
    Child recorder([&] {
      WriterOptions options = small_options();
      options.sync.interval = std::chrono::milliseconds{1};
      options.block_rows = 20'000;
      JournalWriter writer = JournalWriter::open(dir_ / "j", options);
      SampleStream stream{41};
      for (int i = 0; i < 500; ++i) append(writer, stream.next());
      writer.flush();
      for (int i = 500; i < 900; ++i) append(writer, stream.next());
      while (writer.durable_seq().value < 900) usleep(500);
      raise(SIGKILL);
    });
    recorder.wait();
  }
  fs::path j(const std::string& name = "") const { return (dir_ / "j") / name; }
  TempDir dir_;
};

TEST_F(KilledJournal, HasTheRestInItsTail) {
  const Journal journal = Journal::open(j());
  EXPECT_EQ(journal.sessions()[0].tail_records, 400u);
  EXPECT_FALSE(journal.sessions()[0].closed);
  EXPECT_EQ(read_all(j()).records, sample(41, 900));
  RecordCursor cursor = journal.read(journal.sessions()[0], SeqWindow{Seq{895}, Seq{898}});
  std::uint64_t seq = 895;
  while (cursor.next() == RecordCursor::Item::record) EXPECT_EQ(cursor.header().seq, Seq{seq++});
  EXPECT_EQ(seq, 898u);
  RollingDigest input;
  RollingDigest output;
  for (const Bytes& record : sample(41, 900))
    (is_output(static_cast<RecordKind>(record[4])) ? output : input).add(record);
  EXPECT_EQ(journal.sessions()[0].input_digest, input.value());
  EXPECT_EQ(journal.sessions()[0].output_digest, output.value());
}

// Power loss takes the tail, which nobody syncs, but not the sync file.
TEST_F(KilledJournal, IsWholeFromTheSyncFileAlone) {
  std::vector<std::byte> tail = bytes_of(j(tail_name));
  std::fill(tail.begin() + tail_header_bytes, tail.end(), std::byte{0});
  std::fill(tail.begin() + 128, tail.begin() + tail_header_bytes, std::byte{0});
  write_bytes(j(tail_name), tail);
  EXPECT_EQ(read_all(j()).records, sample(41, 900));
  fs::remove(j(tail_name));
  EXPECT_EQ(read_all(j()).records, sample(41, 900));
  JournalWriter::open(j(), small_options()).close();
  const Journal journal = Journal::open(j());
  EXPECT_EQ(drain(journal.read(journal.sessions()[0])).records, sample(41, 900));
}

// A torn record in the tail is named; the ones before and behind it stay.
TEST_F(KilledJournal, AFlippedTailRecordIsNamedAndTheRestKept) {
  fs::remove(j(sync_name));
  const std::vector<std::byte> good = bytes_of(j(tail_name));
  const TailImage image = TailImage::of_tail(j());
  std::vector<const FoundEntry*> unsealed;
  for (const FoundEntry& entry : image.entries)
    if (entry.position >= image.consumed) unsealed.push_back(&entry);
  ASSERT_EQ(unsealed.size(), 400u);
  for (const std::size_t victim : {std::size_t{0}, std::size_t{200}, std::size_t{399}}) {
    std::vector<std::byte> bytes = good;
    bytes[tail_header_bytes + unsealed[victim]->position + tail_entry_header_bytes + 20] ^=
        std::byte{4};
    write_bytes(j(tail_name), bytes);
    const ReadBack back = read_all(j(), OnDamage::skip);
    EXPECT_EQ(back.records.size(), 899u) << victim;
    ASSERT_EQ(back.damages.size(), 1u) << victim;
    EXPECT_EQ(back.damages[0].first_seq, Seq{500 + victim});
    EXPECT_EQ(back.damages[0].file, tail_name);
    EXPECT_THROW(read_all(j()), Error);
    const Verification v = verify(j());
    EXPECT_FALSE(v.ok);
    EXPECT_EQ(v.problems.size(), 1u) << text(v);
  }
  // Sealed by the next writer, the hole stays a hole and keeps its place.
  std::vector<std::byte> bytes = good;
  bytes[tail_header_bytes + unsealed[200]->position + 30] ^= std::byte{4};
  write_bytes(j(tail_name), bytes);
  JournalWriter::open(j(), small_options()).close();
  const Journal journal = Journal::open(j());
  const ReadBack back = drain(journal.read(journal.sessions()[0], SeqWindow{}, OnDamage::skip));
  EXPECT_EQ(back.records.size(), 899u);
  ASSERT_EQ(back.damages.size(), 1u);
  EXPECT_EQ(back.damages[0].first_seq, Seq{700});
  EXPECT_EQ(back.damages[0].end_seq, Seq{701});
}

// An append cut short in the middle: its records are still in the tail.
TEST_F(KilledJournal, AHalfWrittenBlockIsNoLoss) {
  Child recorder([&] {
    JournalWriter writer = JournalWriter::open(dir_ / "k", small_options());
    append(writer, 42, 3000);
    writer.flush();
    raise(SIGKILL);
  });
  recorder.wait();
  // Put the writer back to before its last blocks counted as written.
  const fs::path k = dir_ / "k";
  const std::vector<std::byte> good = bytes_of(k / "000000.mmj");
  const std::vector<std::byte> tail = bytes_of(k / tail_name);
  std::size_t end = good.size();
  while (end > 0 && good[end - 1] == std::byte{0}) --end;
  for (std::size_t cut = end - 1; cut > end - 700; cut -= 13) {
    std::vector<std::byte> bytes = good;
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(cut), bytes.end(), std::byte{0});
    write_bytes(k / "000000.mmj", bytes);
    const Verification v = verify(k);
    ASSERT_TRUE(v.ok) << cut << "\n" << text(v);
    ASSERT_EQ(read_all(k).records, sample(42, 3000)) << cut;
  }
  JournalWriter writer = JournalWriter::open(k, small_options());
  EXPECT_GT(writer.recovery().torn_bytes, 0u);
  EXPECT_GT(writer.recovery().records_from_tail, 0u);
  writer.close();
  const Journal journal = Journal::open(k);
  EXPECT_EQ(drain(journal.read(journal.sessions()[0])).records, sample(42, 3000));
  EXPECT_TRUE(verify(k).ok) << text(verify(k));
}

TEST_F(KilledJournal, WithoutTailAndSyncFileIsAProblem) {
  fs::remove(j(tail_name));
  fs::remove(j(sync_name));
  const Verification v = verify(j());
  ASSERT_EQ(v.problems.size(), 1u) << text(v);
  EXPECT_EQ(read_all(j()).records, sample(41, 500));
}

TEST_F(KilledJournal, ATailOfAnotherJournalIsRefused) {
  record_session(dir_ / "other", 1, 10);
  fs::copy(j(tail_name), dir_ / "other" / tail_name);
  EXPECT_THROW(JournalWriter::open(dir_ / "other", small_options()), Error);
  EXPECT_FALSE(verify(dir_ / "other").ok);
}

TEST(Lock, RefusesASecondWriterAndNamesTheFirst) {
  const TempDir dir;
  JournalWriter writer = JournalWriter::open(dir / "j", small_options());
  append(writer, 1, 10);
  try {
    JournalWriter::open(dir / "j", small_options());
    FAIL() << "two writers";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_NE(error.message().find("pid " + std::to_string(getpid())), std::string::npos)
        << error.message();
  }
  EXPECT_THROW(rebuild_index(dir / "j"), Error);
  writer.close();
  EXPECT_EQ(JournalWriter::open(dir / "j", small_options()).session_number(), 2u);
}

// A reader of a journal that is being written sees a prefix: no hole, no half record, never fewer
// than had been accepted when it opened.
TEST(Concurrent, AReaderSeesAPrefix) {
  const TempDir dir;
  SharedCounter accepted;
  WriterOptions options = small_options();
  options.segment_bytes = 100'000;
  options.tail_bytes = 128 << 10;
  Child recorder([&] {
    record_for_ever(dir / "j", 51, *accepted, options, false, std::chrono::milliseconds{5});
  });
  while (accepted->load(std::memory_order_acquire) == 0) usleep(100);
  std::uint64_t last = 0;
  for (int i = 0; i < 30; ++i) {
    const std::uint64_t before = accepted->load(std::memory_order_acquire);
    const Journal journal = Journal::open(dir / "j");
    const std::uint64_t after = accepted->load(std::memory_order_acquire);
    const SessionInfo& session = journal.sessions().back();
    EXPECT_TRUE(session.live);
    ASSERT_GE(session.end_seq.value, before);
    ASSERT_LE(session.end_seq.value, after + 1);
    ASSERT_TRUE(journal.damages().empty()) << to_string(journal.damages().front());
    // The whole at first, then the new part: it must fit on to what was there.
    const Seq from{i % 10 == 0 ? 0 : last - std::min<std::uint64_t>(last, 50)};
    const ReadBack back = drain(journal.read(session, SeqWindow{from, Seq{UINT64_MAX}}));
    ASSERT_EQ(back.records.size(), session.end_seq.value - from.value);
    if (i % 10 == 0) {
      ASSERT_EQ(back.records, sample(51, back.records.size()));
      const Verification v = verify(dir / "j");
      ASSERT_TRUE(v.ok) << text(v);
    }
    last = session.end_seq.value;
    usleep(10'000);
  }
}

/// A disk that refuses when told to.
class FaultyDisk : public Disk {
 public:
  ssize_t pwrite(int fd, const void* data, std::size_t size, off_t offset) override {
    if (pwrite_error != 0 && writes_left-- <= 0) {
      errno = pwrite_error;
      return -1;
    }
    // At most a few bytes at a time: callers must cope with short writes.
    if (short_writes) size = std::min<std::size_t>(size, 777);
    return Disk::pwrite(fd, data, size, offset);
  }
  int fdatasync(int fd) override {
    if (sync_failures.load() > 0 && sync_failures.fetch_sub(1) > 0) {
      errno = EIO;
      return -1;
    }
    return Disk::fdatasync(fd);
  }
  std::atomic<int> pwrite_error{0};
  std::atomic<int> writes_left{0};
  std::atomic<int> sync_failures{0};
  std::atomic<bool> short_writes{false};
};

TEST(Faults, AFailedSyncMovesUnconfirmedBlocksToANewSegment) {
  for (const bool with_short_writes : {false, true}) {
    const TempDir dir;
    FaultyDisk disk;
    disk.short_writes = with_short_writes;
    WriterOptions options = small_options();
    options.disk = &disk;
    options.sync.interval = std::chrono::hours{1};
    JournalWriter writer = JournalWriter::open(dir / "j", options);
    SampleStream stream{61};
    for (int i = 0; i < 2000; ++i) {
      append(writer, stream.next());
      if (i == 600) writer.flush();
      if (i == 1300) {
        disk.sync_failures = 1;
        writer.flush();
      }
    }
    disk.sync_failures = 1;
    const WriterSummary summary = writer.close();
    EXPECT_GE(summary.segments, 2u);
    EXPECT_EQ(read_all(dir / "j").records, sample(61, 2000));
    const Verification v = verify(dir / "j");
    EXPECT_TRUE(v.ok) << text(v);
    EXPECT_TRUE(Journal::open(dir / "j").uses_index());
    const Journal journal = Journal::open(dir / "j");
    const ReadBack part =
        drain(journal.read(journal.sessions()[0], SeqWindow{Seq{1200}, Seq{1250}}));
    EXPECT_EQ(part.records.size(), 50u);
  }
}

TEST(Faults, AFullDiskIsSaidAndKeepsWhatWasAccepted) {
  for (const int error : {ENOSPC, EFBIG, EIO}) {
    const TempDir dir;
    FaultyDisk disk;
    WriterOptions options = small_options();
    options.disk = &disk;
    std::uint64_t accepted = 0;
    {
      JournalWriter writer = JournalWriter::open(dir / "j", options);
      SampleStream stream{62};
      try {
        for (; accepted < 100'000; ++accepted) {
          if (accepted == 1000) {
            disk.writes_left = 3;
            disk.pwrite_error = error;
          }
          append(writer, stream.next());
        }
        FAIL() << "the disk was full and nobody noticed";
      } catch (const Error& failure) {
        EXPECT_EQ(failure.kind(), ErrorKind::data);
        EXPECT_NE(failure.message().find("journal: cannot write"), std::string::npos);
        EXPECT_NE(failure.message().find(".m"), std::string::npos) << failure.message();
      }
      EXPECT_THROW(writer.close(), Error);
    }
    ASSERT_EQ(read_all(dir / "j").records, sample(62, accepted));
    EXPECT_TRUE(verify(dir / "j").ok) << text(verify(dir / "j"));
    JournalWriter::open(dir / "j", small_options()).close();
    const Journal journal = Journal::open(dir / "j");
    EXPECT_EQ(drain(journal.read(journal.sessions()[0])).records, sample(62, accepted));
  }
}

// The limit of the process instead of the disk: EFBIG without a deadly signal.
TEST(Faults, AFileSizeLimitIsAnErrorNotASignal) {
  const TempDir dir;
  Child recorder([&] {
    JournalWriter writer = JournalWriter::open(dir / "j", small_options());
    const rlimit limit{200'000, 200'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      append(writer, 63, 200'000);
      _exit(1);
    } catch (const Error& error) {
      _exit(error.message().find("limit on file sizes") != std::string::npos ? 42 : 2);
    }
  });
  const int status = recorder.wait();
  ASSERT_TRUE(WIFEXITED(status)) << "died of signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 42);
  const ReadBack back = read_all(dir / "j");
  EXPECT_EQ(back.records, sample(63, back.records.size()));
}

}  // namespace
}  // namespace mm::journal
