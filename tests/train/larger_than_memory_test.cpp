// SPDX-License-Identifier: Apache-2.0
// Images that are mapped, not read: a set may be larger than memory.
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>

#include "evenkeel/base/os.h"
#include "evenkeel/model/sequential.h"
#include "evenkeel/train/trainer.h"
#include "tests/support/idx_files.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;

// Of this process: memory that is no file's.
std::int64_t anonymous_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssAnon:")) return 1024 * std::stoll(line.substr(8));
  return -1;
}

constexpr std::int64_t kSparseSide = 128;
constexpr std::int64_t kSparseImages =
    174'762;  // 8 GiB, of which the disk has only what is written

// A sparse file: all images are black, and every second one is of the other class.
Dataset sparse_set(const fs::path& path) {
  constexpr std::int64_t kBytes = kSparseSide * kSparseSide * 3;
  std::ofstream(path) << "";
  fs::resize_file(path, static_cast<std::uintmax_t>(kSparseImages * kBytes));
  std::vector<std::int32_t> labels;
  for (std::int64_t i = 0; i < kSparseImages; ++i)
    labels.push_back(static_cast<std::int32_t>(i % 2));
  const auto file = std::make_shared<const os::MappedFile>(path);
  const os::Bytes bytes = file->bytes();
  return Dataset("sparse", Shape{kSparseImages, kSparseSide, kSparseSide, 3},
                 {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, file,
                 std::move(labels), 2);
}

TEST(LargerThanMemory, AMappedSetIsShuffledTrainedAndEvaluatedInLittleMemory) {
  const test::TemporaryFolder folder;
  const Dataset data = sparse_set(folder / "pixels");
  const Model model = Sequential("small", image(kSparseSide, kSparseSide, 3).scale(1 / 255.0))
                          .max_pool2d(32)
                          .flatten()
                          .batch_norm()
                          .dense(2)
                          .build();
  Trainer trainer(model, softmax_cross_entropy(), Sgd{}, {.seed = 1, .threads = 1});
  const std::int64_t before = anonymous_bytes();
  ASSERT_GT(before, 0);
  const Callback stop{.on_batch = [](Trainer& run, const BatchEvent& event) {
    if (event.step == 20) run.request_stop();
  }};
  EXPECT_FALSE(trainer.fit(data, {.epochs = 1, .batch_size = 16, .callbacks = {stop}}));
  EXPECT_EQ(trainer.completed_steps(), 20);
  std::vector<std::uint32_t> scattered;
  for (std::uint32_t i = 0; i < 200; ++i) scattered.push_back(i * 873);
  EXPECT_EQ(trainer.evaluate(data.select(scattered)).images, 200);
  constexpr std::int64_t kLittle = std::int64_t{256} << 20;
  EXPECT_LT(anonymous_bytes() - before, kLittle) << "of the 8 GiB";
}

}  // namespace
}  // namespace evenkeel
