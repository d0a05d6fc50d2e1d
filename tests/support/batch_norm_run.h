// SPDX-License-Identifier: Apache-2.0
// One layer of batch norm trained for many steps on the golden inputs: interpreted in f64 or f32,
// or compiled to a plan of the kernels that a user gets.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "evenkeel/base/tensor.h"
#include "evenkeel/graph/value.h"
#include "evenkeel/model/scope.h"
#include "tests/support/batch_norm_golden.h"

namespace evenkeel::test {

// Adds the layer, which has to be named kLayer, to the scope and returns y of x [N,..,C]. It may
// add inputs called "weights" or "mask"; they are fed too.
using BuildLayer = std::function<Value(Scope&, Value x)>;
inline constexpr const char* kLayer = "bn";

enum class Engine { interpreter_f64, interpreter_f32, plan_f32 };

class BatchNormRun {
 public:
  // `start`: "gamma" and others of the layer's states, flat; what is not given begins as the layer
  // says.
  BatchNormRun(const BuildLayer& build, const Shape& x,
               const std::map<std::string, std::vector<double>>& start, Engine engine);
  ~BatchNormRun();

  // A step of training without an optimiser: y, dx, dgamma, dbeta (where the layer has them), r and
  // d of renorm, and the layer's statistics after it.
  std::map<std::string, Tensor> step(std::int64_t t);
  // The same on given x and dy, of the engine's dtype.
  std::map<std::string, Tensor> step(const Tensor& x, const Tensor& dy);
  // y by the moving statistics.
  Tensor infer(std::int64_t t);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel::test
