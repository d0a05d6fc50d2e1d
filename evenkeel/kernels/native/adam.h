// SPDX-License-Identifier: Apache-2.0
// One step of Adam in f32: p -= rate m / (sqrt(v v_scale) + epsilon) covers both of its forms.
#pragma once

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

// Parameters, first and second moments: where they are read and written (may be the same places).
struct AdamPointers {
  const float *p, *m, *v, *g;
  float *new_p, *new_m, *new_v;
};

}  // namespace evenkeel::native
