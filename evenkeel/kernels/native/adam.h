// SPDX-License-Identifier: Apache-2.0
// One step of Adam in f32: p -= rate m / (sqrt(v v_scale) + epsilon) covers both of its forms.
#pragma once

#include <cmath>
#include <cstdint>

#include "evenkeel/graph/ops/adam.h"

namespace evenkeel::native {

struct AdamStep {
  float keep_m, take_m;
  float keep_v, take_v;
  float rate;
  float v_scale;
  float epsilon;
  float l2;      // g + l2 p in g's place
  float shrink;  // p shrink in p's place; 1 - lr decay
};

// The scalars of the step in double, rounded once.
inline AdamStep step_of(const AdamUpdate& op, double learning_rate, std::int64_t completed_steps) {
  const double t = static_cast<double>(completed_steps) + 1;
  const double correction1 = 1 - std::pow(op.beta1, t);
  const double correction2 = 1 - std::pow(op.beta2, t);
  const bool tensorflow = op.form == AdamForm::tensorflow;
  const double rate = learning_rate * (tensorflow ? std::sqrt(correction2) : 1.0) / correction1;
  const double v_scale = tensorflow ? 1.0 : 1 / correction2;
  return {static_cast<float>(op.beta1),
          static_cast<float>(1 - op.beta1),
          static_cast<float>(op.beta2),
          static_cast<float>(1 - op.beta2),
          static_cast<float>(rate),
          static_cast<float>(v_scale),
          static_cast<float>(op.epsilon),
          static_cast<float>(op.l2),
          static_cast<float>(1 - learning_rate * op.decay)};
}

// Parameters, first and second moments: where they are read and written (may be the same places).
struct AdamPointers {
  const float *p, *m, *v, *g;
  float *new_p, *new_m, *new_v;
};

}  // namespace evenkeel::native
