// SPDX-License-Identifier: Apache-2.0
// The reference network with weights in bf16, on all test images.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <span>
#include <vector>

#include "evenkeel/model/networks.h"
#include "evenkeel/train/predictor.h"
#include "evenkeel/train/trainer.h"
#include "tests/end_to_end/real_data.h"

namespace evenkeel {
namespace {

std::vector<std::uint8_t> classes_of(const Predictor& predictor, const Dataset& images,
                                     std::int64_t at_once) {
  std::vector<std::uint8_t> result(static_cast<std::size_t>(images.size()));
  for (std::int64_t i = 0; i < images.size(); i += at_once) {
    const std::int64_t n = std::min(at_once, images.size() - i);
    predictor.classes(
        images.images().subspan(static_cast<std::size_t>(i * 28 * 28),
                                static_cast<std::size_t>(n * 28 * 28)),
        std::span(result).subspan(static_cast<std::size_t>(i), static_cast<std::size_t>(n)));
  }
  return result;
}

int differing(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  int count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i] ? 1 : 0;
  return count;
}

TEST(SlowWeights, InBf16GiveTheSameClassesForAllButFiveOfTenThousand) {
  const auto& [name, splits] = test::real_data();
  Trainer trainer(mnist_cnn(), softmax_cross_entropy(), Adam{.learning_rate = 1e-3}, {.seed = 1});
  ASSERT_TRUE(trainer.fit(splits.train, {.epochs = 1, .batch_size = 128}));
  PredictorOptions narrow;
  narrow.weights = Weights::bf16;
  const Predictor f32(trainer), bf16(trainer, narrow);
  for (const std::int64_t at_once : {1, 10'000}) {
    const auto expected = classes_of(f32, splits.test, at_once);
    const int count = differing(expected, classes_of(bf16, splits.test, at_once));
    std::cout << name << ", " << at_once << " at once: " << count << " classes differ" << std::endl;
    EXPECT_LE(count, 5) << at_once << " images at once";
  }
}

}  // namespace
}  // namespace evenkeel
