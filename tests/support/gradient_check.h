// SPDX-License-Identifier: Apache-2.0
// Gradients against central differences, by the law of notes on style, rule 18: in double, both
// sides on one graph, for inputs and parameters, in buffers filled with NaN beforehand.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "evenkeel/base/random.h"
#include "evenkeel/graph/graph.h"
#include "evenkeel/kernels/reference/interpreter.h"

namespace evenkeel::test {

// $EVENKEEL_TEST_SEED, or always the same.
std::uint64_t test_seed();

// Random numbers one after the other; `stream` tells the cases of a test apart.
class Draw {
 public:
  explicit Draw(std::uint64_t stream, std::uint64_t seed = test_seed())
      : random_(seed, Purpose::test, stream) {}

  double uniform(double low, double high);
  // Both ends included.
  std::int64_t integer(std::int64_t low, std::int64_t high);
  bool coin() { return integer(0, 1) == 1; }

  Tensor uniform_tensor(const Shape& shape, double low = -1, double high = 1);
  // No element nearer to 0 than `margin`: away from ReLU's kink.
  Tensor away_from_zero(const Shape& shape, double margin);
  // No two elements nearer to each other than 1/16: away from every tie of a maximum.
  Tensor distinct(const Shape& shape);

 private:
  Random random_;
  std::uint64_t next_ = 0;
};

// Calls check(draw) for `count` cases, each with random numbers of its own; a failure shows how to
// repeat it.
void for_random_cases(int count, const std::function<void(Draw&)>& check);

// A graph under construction with random leaves and, at its end, a scalar loss.
class GradientCase {
 public:
  explicit GradientCase(Draw& draw) : draw_(draw) {}

  // Leaves that the loss is differentiated by; of f64.
  Value input(const std::string& name, const Tensor& values);
  Value parameter(const std::string& name, const Tensor& values);
  // Fed, but not differentiated by: labels.
  Value fixed(const std::string& name, const Tensor& values);
  // A statistic: a state that nothing is differentiated by.
  Value statistic(const std::string& name, const Tensor& values);
  // loss = sum of y times random weights.
  Value weighted_sum(Value y);
  // Compares the gradients of `loss` by every leaf, in single elements and in random directions.
  void check(Value loss, double tolerance = 1e-7);

  Graph graph{"gradient_case"};

 private:
  void check_leaf(const Interpreter& forward, Value loss, Value leaf, const Tensor& gradient,
                  double tolerance, double floor);

  Draw& draw_;
  NamedTensors feeds_;
  std::vector<Value> leaves_;
};

// f'(0) by central differences with the steps h, h/2, h/4, extrapolated to h = 0 (Richardson), so
// that the error is of order h^6.
double central_difference(const std::function<double(double)>& f, double h);

}  // namespace evenkeel::test
