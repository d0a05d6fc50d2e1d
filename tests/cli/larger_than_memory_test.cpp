// SPDX-License-Identifier: Apache-2.0
// A set of one's own with more pixels than the process may have memory for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/command.h"
#include "tests/support/npz_files.h"
#include "tests/support/paths.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr int kMegabytesAllowed = 48;  // that the process may have of its own; it needs about 20
constexpr std::size_t kLargeSide = 64;
constexpr std::size_t kLargeImages = 8192;  // 100 MB of pixels

// Of two classes, dark and bright; a few hundred kilobytes of file.
void write_large_npz(const fs::path& path) {
  constexpr std::size_t kBytes = kLargeSide * kLargeSide * 3;
  ByteVector pixels(kLargeImages * kBytes);
  ByteVector labels(kLargeImages);
  for (std::size_t i = 0; i < kLargeImages; ++i) {
    labels[i] = static_cast<std::byte>(i % 2);
    std::fill_n(pixels.begin() + static_cast<std::ptrdiff_t>(i * kBytes), kBytes,
                static_cast<std::byte>(i % 2 * 128 + i % 97));
  }
  const std::string count = std::to_string(kLargeImages);
  write_bytes(path, zip_file({{"images.npy", npy_file("|u1", "(" + count + ", 64, 64, 3)", pixels)},
                              {"labels.npy", npy_file("|u1", "(" + count + ",)", labels)}},
                             {.deflated = true}));
}

class LargerThanMemory : public ::testing::Test {
 protected:
  LargerThanMemory() {
    write_bytes(line_.path("tiny.toml"), bytes_of(R"([model]
name = "tiny"
[[model.layers]]
type = "max_pool2d"
window = 16
[[model.layers]]
type = "flatten"
[[model.layers]]
type = "batch_norm"
[[model.layers]]
type = "dense"
units = 2
[data]
name = "./large.npz"
validation = 128
test = 128
[train]
epochs = 1
)"));
  }
  Outcome within_memory(const std::string& words) {
    return line_.run_program({"/bin/sh", "-c",
                              "ulimit -d " + std::to_string(1000 * kMegabytesAllowed) + "; exec " +
                                  std::string(kBinary) + " " + words});
  }
  CommandLine line_;
};

TEST_F(LargerThanMemory, ANumpyFileTrainsFromTheCache) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's own memory is more than what is allowed here";
#endif
  ASSERT_EQ(within_memory("version").code, 0) << "the command itself needs more";
  write_large_npz(line_.path("large.npz"));
  const std::string train = "train tiny.toml --threads 1 --quiet --out ";
  const Outcome outcome = within_memory(train + "out");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("Test: loss"));
  // Without a cache there is nothing to map: so the limit was one.
  write_bytes(line_.path("file"), bytes_of("no folder"));
  line_.set("XDG_CACHE_HOME", line_.path("file"));
  const Outcome unmapped = within_memory(train + "other");
  EXPECT_EQ(unmapped.code, 1);
  EXPECT_THAT(unmapped.err, HasSubstr("not enough memory"));
}

}  // namespace
}  // namespace evenkeel::test
