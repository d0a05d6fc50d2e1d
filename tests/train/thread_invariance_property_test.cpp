// SPDX-License-Identifier: Apache-2.0
// Any network with batch norm trains to the same bytes at any number of threads.
#include <algorithm>

#include "tests/train/property_network.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

struct Trained {
  std::vector<double> losses;
  std::map<std::string, Tensor> state;
  double test_loss = 0;
};

Trained train_on(const Model& model, std::int64_t batch, int threads) {
  Trainer trainer(model, softmax_cross_entropy(), Adam{.learning_rate = 1e-3},
                  {.seed = 1, .threads = threads, .kernels = "native"});
  Trained result;
  const Callback watch{
      .on_batch = [&](Trainer&, const BatchEvent& event) { result.losses.push_back(event.loss); }};
  trainer.fit(small_data(static_cast<std::size_t>(3 * batch)),
              {.epochs = 1, .batch_size = batch, .callbacks = {watch}});
  for (const std::string& name : trainer.state_names()) result.state[name] = trainer.state(name);
  result.test_loss = trainer.evaluate(small_data(50, 2)).loss;
  return result;
}

TEST(ThreadInvariance, OfTrainingIsOfBytes) {
  check_property(20, [] {
    const auto ghost = *rc::gen::element<std::int64_t>(0, 2, 5).as("ghost");
    const Model model = drawn_network(ghost);
    const auto batch = *rc::gen::inRange<std::int64_t>(2, ghost == 0 ? 70 : 15).as("batch") *
                       std::max<std::int64_t>(1, ghost);
    const Trained one = train_on(model, batch, 1);
    RC_ASSERT(one.losses.size() == 3U);
    for (const int threads : {2, 4, 7}) {
      const Trained other = train_on(model, batch, threads);
      RC_ASSERT(other.losses == one.losses);
      for (const auto& [name, tensor] : one.state)
        if (!(other.state.at(name) == tensor))
          RC_FAIL(name + " differs at " + std::to_string(threads) + " threads");
      RC_ASSERT(other.test_loss == one.test_loss);
    }
  });
}

}  // namespace
}  // namespace evenkeel::test
