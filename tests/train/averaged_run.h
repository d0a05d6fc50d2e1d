// SPDX-License-Identifier: Apache-2.0
// Small runs that average their weights.
#pragma once

#include "tests/train/small_run.h"

namespace evenkeel::test {

inline constexpr const char* kCount = "state/averaged_weights";

inline Trainer averaged_trainer(const WeightAverage& average, TrainerOptions options = {},
                                const Model& model = small_model()) {
  options.seed = 1;
  options.threads = 2;
  options.average = average;
  const bool moving = std::holds_alternative<MovingStatistics>(options.statistics);
  if (moving && average.kind != WeightAverage::Kind::none)
    options.statistics = Recalibrated{.images = 100};
  return Trainer(model, softmax_cross_entropy(), Adam{.learning_rate = 3e-3}, options);
}

inline void fit(Trainer& trainer, std::int64_t epochs, std::int64_t stop_at = -1,
                std::int64_t accumulate = 1) {
  const Callback stopping{.on_batch = [&](Trainer& self, const BatchEvent& event) {
    if (event.step == stop_at) self.request_stop();
  }};
  trainer.fit(small_data(), {.epochs = epochs,
                             .batch_size = 32 / accumulate,
                             .callbacks = {stopping},
                             .accumulate = accumulate});
}

inline Dataset unseen() { return small_data(150, 2); }

}  // namespace evenkeel::test
