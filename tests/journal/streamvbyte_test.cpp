#include "journal/streamvbyte.hpp"

#include <gtest/gtest.h>
#include <streamvbyte.h>

#include <cstdlib>
#include <random>
#include <vector>

namespace mm::journal {
namespace {

constexpr StreamVByteKernel all_kernels[] = {StreamVByteKernel::scalar, StreamVByteKernel::ssse3,
                                             StreamVByteKernel::avx2};

std::vector<std::uint32_t> random_values(std::mt19937_64& random, std::size_t count) {
  std::vector<std::uint32_t> values(count);
  const unsigned widest = 1 + static_cast<unsigned>(random() % 32);
  for (auto& value : values)
    value = static_cast<std::uint32_t>(random() >> (64 - 1 - random() % widest));
  return values;
}

std::vector<std::byte> encode(StreamVByteKernel kernel, const std::vector<std::uint32_t>& values) {
  std::vector<std::byte> bytes(streamvbyte_room(values.size()));
  bytes.resize(streamvbyte_encode(kernel, values, bytes.data()));
  return bytes;
}

std::vector<std::byte> encode_with_debian_library(const std::vector<std::uint32_t>& values) {
  std::vector<std::byte> bytes(streamvbyte_room(values.size()));
  bytes.resize(::streamvbyte_encode(values.data(), static_cast<std::uint32_t>(values.size()),
                                    reinterpret_cast<std::uint8_t*>(bytes.data())));
  return bytes;
}

// The format is the published one: an independent implementation gives the same bytes for every
// kernel, and every kernel reads them back without looking past their end (the copy is exact, so
// the sanitizer build would see it).
TEST(StreamVByte, EveryKernelAgreesWithTheReferenceLibrary) {
  const std::uint64_t seed = 20240808;
  RecordProperty("seed", std::to_string(seed));
  std::mt19937_64 random{seed};
  for (std::size_t round = 0; round < 2000; ++round) {
    const auto values = random_values(random, random() % 200);
    const auto expected = encode_with_debian_library(values);
    for (const auto kernel : all_kernels) {
      if (!streamvbyte_has(kernel)) continue;
      ASSERT_EQ(encode(kernel, values), expected) << name_of(kernel) << ", round " << round;
      std::vector<std::uint32_t> decoded(values.size());
      ASSERT_TRUE(streamvbyte_decode(kernel, expected, decoded));
      ASSERT_EQ(decoded, values) << name_of(kernel) << ", round " << round;
    }
  }
}

TEST(StreamVByte, RefusesBytesThatAreTooFewOrTooMany) {
  std::mt19937_64 random{7};
  for (std::size_t count : {1u, 3u, 4u, 5u, 8u, 33u, 100u}) {
    const auto values = random_values(random, count);
    const auto bytes = encode(StreamVByteKernel::scalar, values);
    std::vector<std::uint32_t> decoded(count);
    for (const auto kernel : all_kernels) {
      if (!streamvbyte_has(kernel)) continue;
      for (std::size_t size = 0; size < bytes.size(); ++size) {
        const std::vector<std::byte> cut(bytes.begin(),
                                         bytes.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_FALSE(streamvbyte_decode(kernel, cut, decoded)) << count << " " << size;
      }
      auto longer = bytes;
      longer.push_back(std::byte{0});
      EXPECT_FALSE(streamvbyte_decode(kernel, longer, decoded)) << count;
    }
  }
}

// This test runs twice, once with MM_CPU=baseline.
TEST(StreamVByte, BaselineKeepsToScalarCode) {
  const char* asked = std::getenv("MM_CPU");
  const bool baseline = asked != nullptr && std::string_view{asked} == "baseline";
  const bool vectors = streamvbyte_has(StreamVByteKernel::ssse3) && !baseline;
  EXPECT_EQ(streamvbyte_kernel() != StreamVByteKernel::scalar, vectors);
}

TEST(StreamVByte, NothingIsNothing) {
  std::byte room[streamvbyte_room(0)];
  EXPECT_EQ(streamvbyte_encode(std::span<const std::uint32_t>{}, room), 0u);
  EXPECT_TRUE(streamvbyte_decode({}, {}));
}

}  // namespace
}  // namespace mm::journal
