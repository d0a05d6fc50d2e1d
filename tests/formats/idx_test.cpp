// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/idx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>

#include "evenkeel/base/error.h"
#include "tests/support/idx_files.h"

namespace evenkeel {
namespace {

using test::bytes_of;
using test::ByteVector;
using test::idx_file;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kFile = "folder/train-images-idx3-ubyte";

std::vector<std::uint8_t> counting(std::size_t count) {
  std::vector<std::uint8_t> values(count);
  std::iota(values.begin(), values.end(), std::uint8_t{0});
  return values;
}

std::string idx_failure(const ByteVector& bytes, std::size_t rank) {
  try {
    parse_idx(bytes, rank, kFile);
  } catch (const DataError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Idx, reads_images_and_labels) {
  const auto pixels = counting(2 * 3 * 4);
  const ByteVector images = idx_file({2, 3, 4}, pixels);
  const IdxView view = parse_idx(images, 3, kFile);
  EXPECT_EQ(view.shape, Shape({2, 3, 4}));
  EXPECT_EQ(std::vector<std::uint8_t>(view.values.begin(), view.values.end()), pixels);

  const ByteVector labels = idx_file({5}, counting(5));
  EXPECT_EQ(parse_idx(labels, 1, kFile).shape, Shape({5}));
  EXPECT_EQ(parse_idx(idx_file({0}, {}), 1, kFile).values.size(), 0U);
}

TEST(Idx, refuses_a_file_cut_anywhere) {
  const ByteVector whole = idx_file({2, 3, 4}, counting(24));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const ByteVector part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_THAT(idx_failure(part, 3), AllOf(HasSubstr(kFile), HasSubstr("expected"))) << length;
  }
}

TEST(Idx, refuses_sizes_whose_product_overflows_even_where_one_is_0) {
  constexpr std::uint32_t kLarge = 0xffffffff;
  EXPECT_THAT(idx_failure(idx_file({kLarge, kLarge, 0}, {}), 3), HasSubstr("more than 2^63"));
  EXPECT_THAT(idx_failure(idx_file({0, kLarge, kLarge}, {}), 3), HasSubstr("more than 2^63"));
  EXPECT_EQ(idx_failure(idx_file({kLarge, 0, 1}, {}), 3), "nothing was thrown");
}

TEST(Idx, says_that_a_file_is_empty) {
  EXPECT_THAT(idx_failure({}, 3), AllOf(HasSubstr(kFile), HasSubstr("an empty file")));
}

TEST(Idx, refuses_a_wrong_magic_number_type_or_rank) {
  const ByteVector good = idx_file({2, 3, 4}, counting(24));
  for (std::size_t at = 0; at < 4; ++at) {
    ByteVector wrong = good;
    wrong[at] = std::byte{0x0d};
    EXPECT_THAT(idx_failure(wrong, 3),
                AllOf(HasSubstr(kFile), HasSubstr("magic number 0x00000803"), HasSubstr("0d")));
  }
  EXPECT_THAT(idx_failure(good, 1), HasSubstr("labels with magic number 0x00000801"));
}

TEST(Idx, refuses_a_count_that_is_too_small_or_too_large) {
  EXPECT_THAT(idx_failure(idx_file({1, 3, 4}, counting(24)), 3),
              AllOf(HasSubstr(kFile), HasSubstr("12 bytes"), HasSubstr("got 24")));
  EXPECT_THAT(idx_failure(idx_file({3, 3, 4}, counting(24)), 3), HasSubstr("36 bytes"));
  EXPECT_THAT(idx_failure(idx_file({0, 3, 4}, counting(24)), 3), HasSubstr("0 bytes"));
}

TEST(Idx, refuses_dimensions_whose_product_overflows) {
  constexpr std::uint32_t kMost = 0xffffffff;
  EXPECT_THAT(idx_failure(idx_file({kMost, kMost, kMost}, counting(24)), 3), HasSubstr("2^63"));
  // 2^31 * 2^31 * 4 = 2^64, which is 0 when it wraps.
  EXPECT_THAT(idx_failure(idx_file({1U << 31, 1U << 31, 4}, {}), 3), HasSubstr("2^63"));
}

TEST(ReadMaybeGzip, reads_plain_and_compressed_files_alike) {
  const test::TemporaryFolder folder;
  const ByteVector content = idx_file({5}, counting(5));
  test::write_bytes(folder / "plain", content);
  test::write_bytes(folder / "packed.gz", test::gzip(content));
  EXPECT_EQ(read_maybe_gzip(folder / "plain"), content);
  EXPECT_EQ(read_maybe_gzip(folder / "packed.gz"), content);
  EXPECT_THROW(read_maybe_gzip(folder / "missing"), DataError);
}

TEST(ReadMaybeGzip, inflates_no_further_than_the_header_says) {
  const test::TemporaryFolder folder;
  ByteVector bomb = idx_file({2, 3, 4}, counting(24));
  bomb.resize(std::size_t{64} << 20);
  test::write_bytes(folder / "long.gz", test::gzip(bomb));
  try {
    read_maybe_gzip(folder / "long.gz");
    FAIL();
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("it holds more than 40 bytes"));
  }
  bomb[2] = std::byte{0x0d};
  test::write_bytes(folder / "other.gz", test::gzip(bomb));
  const ByteVector start = read_maybe_gzip(folder / "other.gz");
  EXPECT_EQ(start.size(), 20U);
  EXPECT_THAT(idx_failure(start, 3), HasSubstr("magic number"));
}

}  // namespace
}  // namespace evenkeel
