// SPDX-License-Identifier: Apache-2.0
// The same training on each instruction set.
#include "evenkeel/kernels/instruction_set.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

// A convolution by way of the frequencies, batch norm in a map and between dense layers.
Model network_of_every_kernel() {
  return Sequential("each-set", image(28, 28, 1).scale(1 / 255.0))
      .conv2d(8, 5, {.padding = Padding::same, .activation = Activation::relu})
      .max_pool2d(2)
      .conv2d(16, 5, {.padding = Padding::same})
      .batch_norm()
      .relu()
      .max_pool2d(2)
      .flatten()
      .dense(32, {.activation = Activation::relu})
      .batch_norm()
      .dense(10)
      .build();
}

std::vector<double> losses() {
  // Adam would make roundings of gradients near 0 into steps of full length.
  Trainer trainer(network_of_every_kernel(), softmax_cross_entropy(), Sgd{.learning_rate = 0.05},
                  {.seed = 1, .threads = 2, .kernels = "native"});
  const Dataset data = small_data();
  std::vector<double> result;
  const Callback keep_loss = {
      .on_batch = [&](Trainer&, const BatchEvent& event) { result.push_back(event.loss); }};
  trainer.fit(data, {.epochs = 2, .batch_size = 32, .callbacks = {keep_loss}});
  result.push_back(trainer.evaluate(data).loss);
  return result;
}

TEST(InstructionSets, TrainAlike) {
  use_native_instruction_set("auto");
  const std::vector<double> best = losses();
  EXPECT_LT(best.back(), best.front() / 2);
  for (const std::string& set : instruction_sets()) {
    SCOPED_TRACE(set);
    use_native_instruction_set(set);
    const std::vector<double> here = losses();
    for (std::size_t i = 0; i < best.size(); ++i)
      EXPECT_NEAR(here[i], best[i], 1e-4 * best.front()) << "step " << i;
  }
  use_native_instruction_set("auto");
}

}  // namespace
}  // namespace evenkeel::test
