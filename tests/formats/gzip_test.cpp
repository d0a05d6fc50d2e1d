// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/gzip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

#include "evenkeel/base/error.h"
#include "evenkeel/base/random.h"
#include "tests/support/idx_files.h"

namespace evenkeel {
namespace {

using test::bytes_of;
using test::ByteVector;
using test::gzip;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::size_t kPlenty = 1 << 24;

std::string failure(const ByteVector& bytes, std::size_t limit = kPlenty) {
  try {
    gunzip(bytes, "some/file.gz", limit);
  } catch (const DataError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

// Half of it compresses well and half not at all.
ByteVector mixed_bytes(std::size_t count) {
  const Random random(1, Purpose::test, 9);
  ByteVector bytes(count);
  for (std::size_t i = 0; i < count / 2; ++i) bytes[i] = static_cast<std::byte>(random.bits(i));
  return bytes;
}

TEST(Gunzip, gives_back_what_was_compressed_of_any_size) {
  for (const std::size_t count : {0, 1, 17, 4096, 4097, 100'000, 1'000'000}) {
    const ByteVector bytes = mixed_bytes(count);
    EXPECT_EQ(gunzip(gzip(bytes), "file", kPlenty), bytes) << count;
    EXPECT_EQ(gunzip(gzip(bytes), "file", count), bytes) << count << " at the limit";
  }
}

TEST(Gunzip, refuses_more_than_the_limit) {
  for (const std::size_t count : {1, 17, 4096, 100'000})
    EXPECT_THAT(failure(gzip(mixed_bytes(count)), count - 1), HasSubstr("more than")) << count;
}

TEST(Gunzip, refuses_a_file_cut_anywhere) {
  const ByteVector whole = gzip(mixed_bytes(1000));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const ByteVector part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_THAT(failure(part), AllOf(HasSubstr("[some/file.gz]"), HasSubstr("gzip"))) << length;
  }
}

TEST(Gunzip, refuses_any_changed_byte_of_data_or_trailer) {
  const ByteVector whole = gzip(mixed_bytes(1000));
  for (std::size_t at = 10; at < whole.size(); ++at) {
    ByteVector changed = whole;
    changed[at] ^= std::byte{0x10};
    EXPECT_THAT(failure(changed), HasSubstr("[some/file.gz]")) << at;
  }
}

TEST(Gunzip, refuses_what_follows_the_end) {
  ByteVector bytes = gzip(mixed_bytes(1000));
  bytes.push_back(std::byte{0});
  EXPECT_THAT(failure(bytes), HasSubstr("1 bytes follow its end"));
}

TEST(Gunzip, joins_the_members_of_one_file) {
  ByteVector bytes = gzip(bytes_of("one "));
  const ByteVector second = gzip(bytes_of("two"));
  bytes.insert(bytes.end(), second.begin(), second.end());
  EXPECT_EQ(gunzip(bytes, "file", kPlenty), bytes_of("one two"));
  EXPECT_THAT(failure(bytes, 6), HasSubstr("more than 6"));
}

TEST(Gunzip, does_not_believe_a_trailer_that_promises_gigabytes) {
  ByteVector bytes = gzip(bytes_of("small"));
  for (std::size_t i = 1; i <= 4; ++i) bytes[bytes.size() - i] = std::byte{0xff};
  EXPECT_THAT(failure(bytes, std::size_t{8} << 30), HasSubstr("damaged"));
}

TEST(Gunzip, refuses_what_is_not_gzip) {
  EXPECT_FALSE(is_gzip(bytes_of("text")));
  EXPECT_THAT(failure(bytes_of("text")), HasSubstr("does not begin like one"));
  EXPECT_THAT(failure({}), HasSubstr("does not begin like one"));
}

}  // namespace
}  // namespace evenkeel
