// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/evaluate.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace evenkeel {

Evaluate evaluate_on(Dataset data) {
  return [data = std::move(data)](Trainer& trainer) { return trainer.evaluate(data); };
}

Evaluate once_a_step(Evaluate evaluate) {
  struct Last {
    std::int64_t step = 0;
    Evaluation evaluation;
  };
  return [evaluate = std::move(evaluate),
          last = std::make_shared<std::optional<Last>>()](Trainer& trainer) {
    const std::int64_t step = trainer.completed_steps();
    if (!*last || (*last)->step != step) *last = Last{step, evaluate(trainer)};
    return (*last)->evaluation;
  };
}

}  // namespace evenkeel
