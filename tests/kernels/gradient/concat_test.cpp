// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "evenkeel/graph/ops.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

constexpr int kConcatCases = 60;

struct Axis {
  Shape shape;
  std::int64_t axis;  // maybe -1 for the last
  std::size_t index;
};

Axis any_axis(Draw& draw) {
  std::vector<std::int64_t> dims(static_cast<std::size_t>(draw.integer(1, 4)));
  for (std::int64_t& dim : dims) dim = draw.integer(1, 4);
  const auto last = static_cast<std::int64_t>(dims.size()) - 1;
  const std::int64_t at = draw.integer(0, last);
  return {Shape(dims), at == last && draw.coin() ? -1 : at, static_cast<std::size_t>(at)};
}

TEST(ConcatGradient, GoesToEachPart) {
  for_random_cases(kConcatCases, [](Draw& draw) {
    GradientCase c(draw);
    const Axis along = any_axis(draw);
    std::vector<Value> parts;
    for (std::int64_t count = draw.integer(1, 3); count > 0; --count) {
      Shape part = along.shape;
      part[along.index] = draw.integer(1, 4);
      parts.push_back(c.input("x" + std::to_string(count), draw.uniform_tensor(part)));
    }
    c.check(c.weighted_sum(ops::concat(c.graph, parts, along.axis)));
  });
}

TEST(ConcatGradient, OfOneValueTwiceGathersBoth) {
  for_random_cases(kConcatCases, [](Draw& draw) {
    GradientCase c(draw);
    const Axis along = any_axis(draw);
    const Value x = c.input("x", draw.uniform_tensor(along.shape));
    c.check(c.weighted_sum(ops::concat(c.graph, {x, x}, along.axis)));
  });
}

TEST(SliceGradient, IsZeroOutsideThePart) {
  for_random_cases(kConcatCases, [](Draw& draw) {
    GradientCase c(draw);
    const Axis along = any_axis(draw);
    const std::int64_t end = draw.integer(1, along.shape[along.index]);
    const Slice part = {along.axis, draw.integer(0, end - 1), end};
    const Value x = c.input("x", draw.uniform_tensor(along.shape));
    c.check(c.weighted_sum(ops::slice(c.graph, x, part)));
  });
}

TEST(ZeroPadGradient, LeavesOutTheZeros) {
  for_random_cases(kConcatCases, [](Draw& draw) {
    GradientCase c(draw);
    const Axis along = any_axis(draw);
    const ZeroPad zeros = {along.axis, draw.integer(0, 3), draw.integer(0, 3)};
    const Value x = c.input("x", draw.uniform_tensor(along.shape));
    c.check(c.weighted_sum(ops::zero_pad(c.graph, x, zeros)));
  });
}

}  // namespace
}  // namespace evenkeel::test
