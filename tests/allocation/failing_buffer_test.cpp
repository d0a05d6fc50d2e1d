// SPDX-License-Identifier: Apache-2.0
// Memory for state and for what a step computes, of which there is not so much anywhere: more than
// a process can address, so that no system grants it, however generous. Smaller buffers are of
// operator new, whose failures failing_new_test.cpp tries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>

#include "evenkeel/base/buffer.h"
#include "evenkeel/model/sequential.h"
#include "evenkeel/train/trainer.h"
#include "tests/support/idx_files.h"

namespace evenkeel {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Addresses have at most 48 bits on x86-64 (with 5-level paging too, where nobody asks for more)
// and on arm64.
constexpr std::int64_t kBeyondAddresses = std::int64_t{1} << 48;

TEST(FailingBuffer, ThrowsWhatOperatorNewDoes) {
  EXPECT_THROW(Buffer(static_cast<std::size_t>(kBeyondAddresses)), std::bad_alloc);
}

TEST(FailingBuffer, ForTheStateMakesNoTrainer) {
  // The most elements that a tensor may have, three times: the kernel and what Adam keeps.
  constexpr std::int64_t kUnits = std::int64_t{1} << 20;
  constexpr std::int64_t kBytesOfLayer = 3 * 4 * kUnits * kUnits;
  Sequential network("wide", image(6, 6, 1));
  network.flatten().dense(kUnits);
  for (std::int64_t bytes = 0; bytes < kBeyondAddresses; bytes += kBytesOfLayer)
    network.dense(kUnits);
  const Model model = network.dense(2).build();
  EXPECT_THROW(Trainer(model, softmax_cross_entropy(), Adam{}), std::bad_alloc);
}

TEST(FailingBuffer, ForAStepIsAnErrorThatSaysWhatToDoAndChangesNothing) {
  // Maps of 2^20 x 2^20 floats, of 128 images: 2^49 bytes. Its state is small.
  constexpr std::int64_t kSide = (std::int64_t{1} << 20) - 6;
  const Model model =
      Sequential("tall", image(6, 6, 1).scale(1 / 255.0))
          .conv2d(1, 1, {.padding = {kSide / 2, kSide / 2, kSide / 2, kSide / 2}, .bias = false})
          .global_avg_pool2d()
          .dense(2)
          .build();
  const Dataset data("few", Tensor(DType::u8, {128, 6, 6, 1}), std::vector<std::int32_t>(128), 2);
  const test::TemporaryFolder folder;
  for (const char* kernels : {"native", "reference"}) {
    Trainer trainer(model, softmax_cross_entropy(), Adam{}, {.seed = 1, .kernels = kernels});
    trainer.save(folder / "before");
    try {
      trainer.fit(data, {.epochs = 1, .batch_size = 128});
      FAIL() << "there was memory";
    } catch (const RuntimeFailure& error) {
      EXPECT_THAT(error.what(),
                  AllOf(HasSubstr("[memory] expected 5629499"), HasSubstr("for a batch of 128"),
                        HasSubstr("use a smaller batch")));
    }
    EXPECT_EQ(trainer.completed_steps(), 0);
    trainer.save(folder / "after");
    EXPECT_EQ(test::read_bytes(folder / "after"), test::read_bytes(folder / "before"));
  }
}

}  // namespace
}  // namespace evenkeel
