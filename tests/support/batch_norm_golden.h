// SPDX-License-Identifier: Apache-2.0
// The cases of tests/golden/batch_norm, whose README.md says what they hold, and their inputs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "evenkeel/base/tensor.h"

namespace evenkeel::test {

// One step's tensors by name, flat: y, dx, dgamma, dbeta, moving_mean, moving_variance, …
struct GoldenStep {
  std::int64_t t = 0;
  std::map<std::string, std::vector<double>> tensors;
};

struct GoldenBatchNorm {
  std::string name;  // "pytorch/bn2d": of pytorch.json
  bool float32 = false;
  Shape shape;                                       // of x
  std::map<std::string, std::vector<double>> start;  // what does not begin as 0 or 1; gamma and
                                                     // beta where the layer has them
  std::vector<GoldenStep> steps;                     // t = 1 and t = 100 of 100 steps
  GoldenStep inference;
};

const GoldenBatchNorm& golden_batch_norm(const std::string& name);
std::vector<std::string> golden_batch_norm_names();

// The inputs "x" [N,..,C], "dy", "weights" [N] and "mask" [N,..] of step t, all exact in f32.
Tensor golden_batch_norm_input(const std::string& input, const Shape& x, std::int64_t t,
                               DType dtype);

}  // namespace evenkeel::test
