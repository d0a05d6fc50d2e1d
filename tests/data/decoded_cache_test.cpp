// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/decoded_cache.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/base/random.h"
#include "tests/support/idx_files.h"

namespace evenkeel::datasets {
namespace {

namespace fs = std::filesystem;
using test::ByteVector;

class DecodedCache : public ::testing::Test {
 protected:
  // Incompressible, so that the compressed file is large enough to be worth an entry.
  static ByteVector content(std::uint64_t seed) {
    const Random random(seed, Purpose::test, 3);
    std::vector<std::uint8_t> values(150'003);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<std::uint8_t>(random.bits(i));
    return test::idx_file({150'003}, values);
  }
  void write_source(std::uint64_t seed) { test::write_bytes(source_, test::gzip(content(seed))); }
  // What is read, and whether it came from the entry without writing it anew.
  ByteVector read() {
    const auto before = os::file_identity(entry_);
    const DecodedFile file = read_decoded(source_, cache_);
    from_entry_ = before && os::file_identity(entry_) == before;
    return {file.bytes.begin(), file.bytes.end()};
  }
  // The clock of a file system ticks in milliseconds.
  static void wait_a_tick() { ::usleep(20'000); }

  test::TemporaryFolder folder_;
  fs::path source_ = folder_ / "images.gz";
  fs::path cache_ = folder_ / "cache/decoded";
  fs::path entry_ = decoded_entry(source_, cache_);
  bool from_entry_ = false;
};

TEST_F(DecodedCache, inflates_once_and_maps_from_then_on) {
  write_source(1);
  EXPECT_EQ(read(), content(1));
  EXPECT_FALSE(from_entry_);
  EXPECT_TRUE(fs::exists(entry_));
  wait_a_tick();
  EXPECT_EQ(read(), content(1));
  EXPECT_TRUE(from_entry_);
}

TEST_F(DecodedCache, follows_a_source_that_changed_even_with_size_and_time_kept) {
  write_source(1);
  read();
  wait_a_tick();
  const auto time = fs::last_write_time(source_);
  write_source(2);
  ASSERT_EQ(test::gzip(content(1)).size(), test::gzip(content(2)).size());
  fs::last_write_time(source_, time);
  EXPECT_EQ(read(), content(2));
  wait_a_tick();
  EXPECT_EQ(read(), content(2));
  EXPECT_TRUE(from_entry_);
}

TEST_F(DecodedCache, never_hides_that_the_source_is_damaged_or_gone) {
  write_source(1);
  read();
  ByteVector damaged = test::read_bytes(source_);
  damaged[damaged.size() / 2] ^= std::byte{1};
  wait_a_tick();
  test::write_bytes(source_, damaged);
  EXPECT_THROW(read(), DataError);
  fs::remove(source_);
  EXPECT_THROW(read(), DataError);
}

TEST_F(DecodedCache, ignores_and_rewrites_an_entry_with_any_byte_changed) {
  write_source(1);
  read();
  const ByteVector good = test::read_bytes(entry_);
  std::vector<std::size_t> places = {good.size() / 2, good.size() - 1, good.size() - 3};
  for (std::size_t at = 0; at < 64 + source_.string().size() + 70; ++at) places.push_back(at);
  for (const std::size_t at : places) {
    ByteVector changed = good;
    changed[at] ^= std::byte{0x40};
    test::write_bytes(entry_, changed);
    ASSERT_EQ(read(), content(1)) << at;
    ASSERT_EQ(test::read_bytes(entry_), good) << at;
  }
}

TEST_F(DecodedCache, ignores_and_rewrites_an_entry_cut_short_or_too_long) {
  write_source(1);
  read();
  const ByteVector good = test::read_bytes(entry_);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{63}, std::size_t{64},
                                 std::size_t{90}, good.size() - 1, good.size() + 1}) {
    ByteVector changed = good;
    changed.resize(size);
    test::write_bytes(entry_, changed);
    ASSERT_EQ(read(), content(1)) << size;
    ASSERT_EQ(test::read_bytes(entry_), good) << size;
  }
}

TEST_F(DecodedCache, works_without_a_folder_to_write_to) {
  write_source(1);
  test::write_bytes(folder_ / "cache", {});  // a file where the folder should be
  EXPECT_EQ(read(), content(1));
  cache_ = "/proc/no/such/place";
  EXPECT_EQ(read(), content(1));
  cache_.clear();
  EXPECT_EQ(read(), content(1));
}

TEST_F(DecodedCache, makes_no_entry_for_plain_or_small_files) {
  test::write_bytes(source_, content(1));
  EXPECT_EQ(read(), content(1));
  EXPECT_FALSE(fs::exists(entry_));
  test::write_bytes(source_, test::gzip(test::bytes_of("small")));
  EXPECT_EQ(read(), test::bytes_of("small"));
  EXPECT_FALSE(fs::exists(entry_));
}

TEST_F(DecodedCache, keeps_the_newest_16_entries) {
  const ByteVector packed = test::gzip(content(1));
  for (int i = 0; i < 20; ++i) {
    source_ = folder_ / ("images-" + std::to_string(i) + ".gz");
    test::write_bytes(source_, packed);
    read();
    wait_a_tick();
  }
  const auto count = std::distance(fs::directory_iterator(cache_), fs::directory_iterator());
  EXPECT_EQ(count, 16);
  EXPECT_TRUE(fs::exists(decoded_entry(source_, cache_)));
}

TEST_F(DecodedCache, keeps_nothing_that_is_not_a_whole_idx_file) {
  ByteVector part = content(1);
  part.resize(part.size() - 1);
  test::write_bytes(source_, test::gzip(part));
  EXPECT_EQ(read(), part);
  EXPECT_FALSE(fs::exists(entry_));
}

}  // namespace
}  // namespace evenkeel::datasets
