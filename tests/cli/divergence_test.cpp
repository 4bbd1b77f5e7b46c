// A recording whose outputs the core does not reproduce: replay says where, what, and why.

#include <gtest/gtest.h>

#include "journal/reader.hpp"
#include "journal/writer.hpp"
#include "tests/cli/mmctl_runner.hpp"

namespace mm::test {
namespace {

enum class Tamper { price, missing, extra };

/// Copies a session and changes the tenth place or replace; returns its number there.
std::uint64_t copy_tampered(const std::string& from, const std::string& to, Tamper tamper) {
  const journal::Journal source = journal::Journal::open(from);
  journal::RecordCursor cursor = source.read(source.sessions().back());
  journal::JournalWriter writer = journal::JournalWriter::open(to, {});
  std::uint64_t found = 0;
  int seen = 0;
  while (cursor.next() == journal::RecordCursor::Item::record) {
    if (!cursor.is_output()) {
      writer.append(cursor.event());
      continue;
    }
    Output output = cursor.output();
    auto* replace = std::get_if<ReplaceOrder>(&output.body);
    if (replace == nullptr || ++seen != 10) {
      writer.append(output);
      continue;
    }
    found = writer.next_seq().value;
    if (tamper == Tamper::missing) continue;
    if (tamper == Tamper::price) replace->price = replace->price + Price::from_units(1);
    writer.append(output);
    if (tamper == Tamper::extra) writer.append(output);
  }
  writer.close();
  return found;
}

class Divergence : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(mmctl({"record", "--venue", usdm_feed(), "--spread", "1bps", "--for", "20s",
                     "--journal", directory_ / "honest"})
                  .exit_code,
              0);
  }
  Outcome replay(Tamper tamper, std::uint64_t& seq) {
    seq = copy_tampered(directory_ / "honest", directory_ / "tampered", tamper);
    return mmctl({"replay", "--json", "--journal", directory_ / "tampered"});
  }
  TempDir directory_;
};

TEST_F(Divergence, AnotherPriceIsShownFieldByField) {
  std::uint64_t seq = 0;
  const Outcome run = replay(Tamper::price, seq);
  EXPECT_EQ(run.exit_code, 1);
  const Json json = run.json();
  EXPECT_EQ(json["bit_exact"], false);
  EXPECT_NE(json["digest"], json["recorded_digest"]);
  const Json& divergence = json["divergence"];
  EXPECT_EQ(divergence["kind"], "different");
  EXPECT_EQ(divergence["seq"], seq);
  ASSERT_EQ(divergence["fields"].size(), 1U) << divergence["fields"];
  EXPECT_EQ(divergence["fields"][0]["field"], "price");
  EXPECT_EQ(divergence["recorded"]["kind"], "replace_order");
  EXPECT_LT(divergence["cause"]["seq"], seq);
  const Outcome text = mmctl({"replay", "--journal", directory_ / "tampered"});
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_NE(text.out.find("DIVERGED"), std::string::npos);
  EXPECT_NE(text.out.find("bit-exact: NO"), std::string::npos);
}

TEST_F(Divergence, AMissingOutputIsNamed) {
  std::uint64_t seq = 0;
  const Outcome run = replay(Tamper::missing, seq);
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.json()["divergence"]["kind"], "not_recorded");
  EXPECT_TRUE(run.json()["divergence"]["recorded"].is_null());
  EXPECT_EQ(run.json()["divergence"]["recomputed"]["kind"], "replace_order");
}

TEST_F(Divergence, AnOutputTooManyIsNamed) {
  std::uint64_t seq = 0;
  const Outcome run = replay(Tamper::extra, seq);
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.json()["divergence"]["kind"], "not_recomputed");
  EXPECT_EQ(run.json()["divergence"]["seq"], seq + 1);
}

TEST_F(Divergence, AWindowBehindItStillMeetsItWithoutACheckpoint) {
  std::uint64_t seq = 0;
  replay(Tamper::price, seq);
  const Outcome info = mmctl({"info", "--json", "--journal", directory_ / "tampered"});
  EXPECT_EQ(info.json()["checkpoints"], 0);  // so every window is folded from the start
  EXPECT_EQ(mmctl({"replay", "--from", "-1s", "--journal", directory_ / "tampered"}).exit_code, 1);
}

}  // namespace
}  // namespace mm::test
