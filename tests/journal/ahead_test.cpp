// The thread that works ahead: what its taker sees must not depend on it.

#include "journal/ahead.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "engine/random.hpp"
#include "tests/journal/journal_fixture.hpp"

namespace mm::journal {
namespace {

using namespace testing;
using detail::Ahead;

/// Numbers 1 ... last; at `fails_at` it throws.
Ahead<int>::Fill counting(int last, int fails_at = 0) {
  return [last, fails_at, n = 0](int& slot, std::size_t waiting) mutable {
    EXPECT_LT(waiting, 4u);
    slot = ++n;
    if (n == fails_at) throw std::runtime_error{"at " + std::to_string(n)};
    return n < last;
  };
}

TEST(Ahead, GivesEverySlotInOrderAndStaysAtTheLast) {
  Ahead<int> ahead{4};
  for (const int last : {1, 2, 3, 4, 5, 1000}) {
    ahead.start(counting(last));
    for (int n = 1; n <= last; ++n) ASSERT_EQ(ahead.next(), n);
    EXPECT_EQ(ahead.next(), last);
    EXPECT_EQ(ahead.next(), last);
  }
}

TEST(Ahead, ThrowsWhereItWasThrown) {
  Ahead<int> ahead{4};
  ahead.start(counting(100, 30));
  for (int n = 1; n < 30; ++n) ASSERT_EQ(ahead.next(), n);
  for (int again = 0; again < 2; ++again) {
    try {
      ahead.next();
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "at 30");
    }
  }
  ahead.start(counting(5));
  EXPECT_EQ(ahead.next(), 1);
}

// Whether the thread is filling, looks for room or sleeps, and whether its taker is slow or fast.
TEST(Ahead, StopsAtAnyMoment) {
  Ahead<int> ahead{4};
  for (int taken = 0; taken < 12; ++taken) {
    ahead.start(counting(1'000'000));
    if (taken % 3 == 1) std::this_thread::sleep_for(std::chrono::milliseconds{2});
    for (int n = 1; n <= taken; ++n) {
      ASSERT_EQ(ahead.next(), n);
      if (taken % 3 == 2) std::this_thread::sleep_for(std::chrono::microseconds{500});
    }
    ahead.stop();
    EXPECT_FALSE(ahead.started());
  }
}

TEST(ReadAhead, WindowsHoldWhatTheyHoldWithoutIt) {
  const TempDir dir;
  constexpr std::uint64_t records = 4000;
  record_session(dir / "j", 3, records);
  const Journal journal = Journal::open(dir / "j");
  const SessionInfo& session = journal.sessions().back();
  RecordCursor one = journal.read(session, SeqWindow{}, OnDamage::stop, ReadAhead::no);
  RecordCursor two = journal.read(session, SeqWindow{}, OnDamage::stop, ReadAhead::yes);
  SplitMix64 random{5};
  for (int round = 0; round < 200; ++round) {
    const Seq from{random.below(records)};
    const Seq to{from.value + random.below(records)};
    if (round % 2 == 0) {
      one.seek(SeqWindow{from, to});
      two.seek(SeqWindow{from, to});
    } else {
      const auto moment = [&] {
        return session.first_time +
               std::chrono::nanoseconds{random.below(
                   static_cast<std::uint64_t>((session.last_time - session.first_time).count()))};
      };
      const TimeWindow window{moment(), moment()};
      one.seek(window);
      two.seek(window);
    }
    // Left at any record, as well as read to the end.
    const std::uint64_t most = round % 3 == 0 ? random.below(records) : records;
    for (std::uint64_t n = 0; n <= most; ++n) {
      const auto item = one.next();
      ASSERT_EQ(item, two.next());
      ASSERT_EQ(one.bytes_read(), two.bytes_read());
      if (item == RecordCursor::Item::end) break;
      ASSERT_EQ(current(one), current(two));
      ASSERT_EQ(one.recorded_digests_at(), two.recorded_digests_at());
      ASSERT_EQ(one.recorded_digests(), two.recorded_digests());
    }
  }
}

// Blocks of megabytes, which are not read ahead, among small ones.
TEST(ReadAhead, TakesLargeBlocks) {
  const TempDir dir;
  SplitMix64 random{9};
  {
    JournalWriter writer = JournalWriter::open(dir / "j", {});
    for (int n = 0; n < 12; ++n) {
      std::string text(n % 3 == 0 ? 3'000'000 : 100, ' ');
      for (char& letter : text) letter = static_cast<char>('!' + random.below(90));
      writer.append(Event{{.recv_time = time_from_ns(1'000 + n)}, Annotation{"a", text}});
      writer.flush();
    }
    writer.close();
  }
  EXPECT_EQ(read_all(dir / "j").records.size(), 12u);
}

}  // namespace
}  // namespace mm::journal
