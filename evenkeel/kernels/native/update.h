// SPDX-License-Identifier: Apache-2.0
// Where the kernels of SGD, RMSprop and Adagrad read and write, and their scalars in f32.
#pragma once

namespace evenkeel::native {

// Parameters, squares, velocities (null where the rule has none), gradients; may be updated in
// place.
struct UpdatePointers {
  const float *p, *s, *v, *g;
  float *new_p, *new_s, *new_v;
};

struct UpdateStep {
  float rate;
  float momentum;
  float l2;
  bool nesterov;
  float keep_s, take_s;
  float epsilon;
};

}  // namespace evenkeel::native
