// Keys, addresses, signatures: what the vectors do not cover.

#include "venues/hyperliquid/keys.hpp"

#include <gtest/gtest.h>

#include <type_traits>

#include "tests/venues/hyperliquid/vectors.hpp"

namespace mm::venues::hyperliquid {
namespace {

static_assert(!std::is_copy_constructible_v<PrivateKey> && !std::is_copy_assignable_v<PrivateKey>);
static_assert(std::is_nothrow_move_constructible_v<PrivateKey>);

// The original padding: SHA3-256 of nothing would be a7ffc6f8...
TEST(Keccak256, IsTheOriginalOne) {
  EXPECT_EQ(to_hex(keccak256("")),
            "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
}

TEST(Hex, ReadsBothCasesAndNothingElse) {
  std::array<std::uint8_t, 2> bytes{};
  EXPECT_TRUE(parse_hex("0xaBcD", bytes));
  EXPECT_EQ(to_hex(bytes), "0xabcd");
  EXPECT_TRUE(parse_hex("0012", bytes));
  for (const char* bad :
       {"", "0x", "abc", "0xabc", "abcde", "0xabcdef", "0xab g", "0Xabcd", "-abc"})
    EXPECT_FALSE(parse_hex(bad, bytes)) << bad;
}

TEST(Address, IsLowerCaseWhateverWasRead) {
  const auto address = Address::parse("0x0D1d9635D0640821d15e323ac8AdADfA9c111414");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->text(), "0x0d1d9635d0640821d15e323ac8adadfa9c111414");
  EXPECT_FALSE(Address::parse("0d1d9635d0640821d15e323ac8adadfa9c111414"));
  EXPECT_FALSE(Address::parse("0x0d1d9635d0640821d15e323ac8adadfa9c1114"));
}

TEST(PrivateKey, IsReadWithBlanksAroundIt) {
  const auto key = PrivateKey::from_hex(std::string("  ") + test::key_text + "\n");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->address().text(), "0x14791697260e4c9a71f18484c9f997b308e59325");
}

TEST(PrivateKey, RefusesWhatIsNoKeyWithoutShowingIt) {
  const std::string order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
  for (const std::string& bad :
       {std::string(), std::string(64, '0'), order, std::string("12345678"),
        std::string(test::key_text) + "00", std::string(64, 'g')}) {
    const auto key = PrivateKey::from_hex(bad);
    ASSERT_FALSE(key) << bad;
    if (bad.empty()) continue;
    EXPECT_EQ(key.error().message().find(bad.substr(0, 8)), std::string::npos);
  }
}

TEST(PrivateKey, MovesAndStillSigns) {
  PrivateKey key = test::key();
  const Bytes32 digest = keccak256("what is signed");
  const Signature before = key.sign(digest);
  const PrivateKey moved = std::move(key);
  EXPECT_EQ(moved.sign(digest), before);
  EXPECT_EQ(recover_signer(digest, before), moved.address());
}

TEST(Signature, HasALowSAndRecoversOnlyUnderItsDigest) {
  const PrivateKey key = test::key();
  for (int i = 0; i < 50; ++i) {
    const Bytes32 digest = keccak256(std::to_string(i));
    const Signature signature = key.sign(digest);
    EXPECT_LE(signature.s[0], 0x7f);
    EXPECT_EQ(recover_signer(digest, signature), key.address());
    EXPECT_NE(recover_signer(keccak256("another"), signature), key.address());
    Signature other = signature;
    other.v = 55 - signature.v;
    EXPECT_NE(recover_signer(digest, other), key.address());
  }
}

TEST(Signature, OfNobodyRecoversNobody) {
  const Bytes32 digest = keccak256("x");
  Signature all_ones;
  all_ones.r.fill(0xff);
  all_ones.s.fill(0xff);
  all_ones.v = 27;
  EXPECT_FALSE(recover_signer(digest, all_ones));
  EXPECT_FALSE(recover_signer(digest, Signature{.v = 27}));
  Signature signature = test::key().sign(digest);
  signature.v = 29;
  EXPECT_FALSE(recover_signer(digest, signature));
}

TEST(Wipe, LeavesNothing) {
  std::string secret(40, 's');
  const char* const where = secret.data();
  wipe(secret);
  EXPECT_TRUE(secret.empty());
  for (std::size_t i = 0; i < 40; ++i) EXPECT_EQ(where[i], '\0');
}

}  // namespace
}  // namespace mm::venues::hyperliquid
