// Optimisers as settings; their update rules are graph ops.
#pragma once

#include "evenkeel/graph/ops/adam.h"

namespace evenkeel {

// Adam (Kingma & Ba 2015); `form` says where epsilon stands, TensorFlow's or PyTorch's.
struct Adam {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  AdamForm form = AdamForm::tensorflow;
};

}  // namespace evenkeel
