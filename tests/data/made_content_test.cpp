// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/made_content.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <stdexcept>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/data/cache_folder.h"
#include "evenkeel/data/content_digest.h"
#include "tests/support/idx_files.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;
using test::ByteVector;

ByteVector numbers(std::size_t count, std::uint32_t seed = 1) {
  ByteVector bytes(count);
  for (std::byte& byte : bytes) {
    seed = seed * 1664525 + 1013904223;
    byte = static_cast<std::byte>(seed >> 24);
  }
  return bytes;
}

class MadeContent : public ::testing::Test {
 protected:
  // What is given; `made_` counts how often it had to be made.
  ByteVector get(const ByteVector& content, const std::string& depends_on = "1") {
    const ContentKey key = {folder_ / "set", "pixels", depends_on, 100'000};
    const DecodedFile file = made_content(key, cache_, [&](const Append& append) {
      ++made_;
      for (std::size_t at = 0; at < content.size(); at += 7777)
        append(std::span(content).subspan(at, std::min<std::size_t>(7777, content.size() - at)));
    });
    return {file.bytes.begin(), file.bytes.end()};
  }
  fs::path entry() const {
    for (const auto& each : fs::directory_iterator(cache_)) return each.path();
    return {};
  }

  test::TemporaryFolder folder_;
  fs::path cache_ = folder_ / "cache/decoded";
  int made_ = 0;
};

TEST_F(MadeContent, IsMadeOnceAndMappedFromThenOn) {
  const ByteVector content = numbers(100'003);
  EXPECT_EQ(get(content), content);
  EXPECT_EQ(get(content), content);
  EXPECT_EQ(made_, 1);
}

TEST_F(MadeContent, IsMadeAnewWhenWhatItDependsOnChanges) {
  get(numbers(100'000, 1), "1");
  EXPECT_EQ(get(numbers(90'000, 2), "2"), numbers(90'000, 2));
  EXPECT_EQ(made_, 2);
  EXPECT_EQ(std::distance(fs::directory_iterator(cache_), fs::directory_iterator()), 1);
}

TEST_F(MadeContent, IsMadeAnewWhereItsEntryIsDamaged) {
  const ByteVector content = numbers(70'000);
  get(content);
  const ByteVector good = test::read_bytes(entry());
  int expected = 1;
  for (const std::size_t at : {std::size_t{0}, std::size_t{9}, std::size_t{17}, std::size_t{25},
                               std::size_t{40}, good.size() / 2, good.size() - 1}) {
    ByteVector damaged = good;
    damaged[at] ^= std::byte{0x20};
    test::write_bytes(entry(), damaged);
    ASSERT_EQ(get(content), content) << at;
    ASSERT_EQ(made_, ++expected) << at;
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{31}, good.size() - 1}) {
    test::write_bytes(entry(), std::span(good).first(size));
    ASSERT_EQ(get(content), content) << size;
    ASSERT_EQ(made_, ++expected) << size;
  }
}

TEST_F(MadeContent, IsInMemoryWhereTheCacheCannotBeWritten) {
  const ByteVector content = numbers(100'000);
  cache_ = "/proc/no/such/place";
  EXPECT_EQ(get(content), content);
  cache_.clear();
  EXPECT_EQ(get(content), content);
  EXPECT_EQ(made_, 2);
}

TEST_F(MadeContent, KeepsNothingWhereMakingItFails) {
  const ContentKey key = {folder_ / "set", "pixels", "", 100'000};
  const auto fail_with = [&](auto error) {
    made_content(key, cache_, [&](const Append& append) {
      append(numbers(50'000));
      throw error;
    });
  };
  EXPECT_THROW(fail_with(DataError("file", "is damaged")), DataError);
  EXPECT_THROW(fail_with(RuntimeFailure("file", "gone")), RuntimeFailure);
  EXPECT_THROW(fail_with(std::runtime_error("other")), std::runtime_error);
  EXPECT_TRUE(fs::is_empty(cache_));
}

TEST_F(MadeContent, IsNotKeptWhereItIsSmall) {
  const ContentKey key = {folder_ / "set", "pixels", "", 1000};
  const ByteVector content = numbers(1000);
  const DecodedFile file =
      made_content(key, cache_, [&](const Append& append) { append(content); });
  EXPECT_EQ(ByteVector(file.bytes.begin(), file.bytes.end()), content);
  EXPECT_FALSE(fs::exists(cache_));
}

TEST_F(MadeContent, RemovesWhatAKilledProcessLeftADayAgo) {
  const fs::path old = cache_ / ".set-1.decoded.tmp-5-1";
  const fs::path young = cache_ / ".set-2.decoded.tmp-6-1";
  test::write_bytes(old, numbers(10));
  test::write_bytes(young, numbers(10));
  fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(25));
  get(numbers(100'000));
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(fs::exists(young));
}

TEST_F(MadeContent, IdentitiesChangeWithNameSizeAndTime) {
  const fs::path file = folder_ / "set/a.png";
  test::write_bytes(file, numbers(10));
  const auto identity = [&] { return identities_of(std::array{file}, folder_ / "set"); };
  const std::string before = identity();
  EXPECT_EQ(identity(), before);
  fs::last_write_time(file, fs::last_write_time(file) - std::chrono::hours(1));
  EXPECT_NE(identity(), before);
  // The same from wherever it is named.
  const fs::path current = fs::current_path();
  fs::current_path(folder_.path());
  EXPECT_EQ(identities_of(std::array{fs::path("set/a.png")}, "set"), identity());
  fs::current_path(current);
  fs::remove(file);
  EXPECT_THROW(identity(), DataError);
}

TEST(ContentDigest, IsTheSameInAnyPieces) {
  const ByteVector content = numbers(1000);
  const std::uint64_t whole = content_digest(content);
  for (const std::size_t piece : {1, 3, 63, 64, 65, 128, 999}) {
    ContentDigest digest;
    for (std::size_t at = 0; at < content.size(); at += piece)
      digest.update(std::span(content).subspan(at, std::min(piece, content.size() - at)));
    EXPECT_EQ(digest.value(), whole) << piece;
  }
}

TEST(ContentDigest, ChangesWithAnyByteAndWithTheLength) {
  ByteVector content = numbers(300);
  const std::uint64_t before = content_digest(content);
  for (std::byte& byte : content) {
    byte ^= std::byte{1};
    EXPECT_NE(content_digest(content), before);
    byte ^= std::byte{1};
  }
  content.push_back(std::byte{0});
  EXPECT_NE(content_digest(content), before);
}

}  // namespace
}  // namespace evenkeel::datasets
