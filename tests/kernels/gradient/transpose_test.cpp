// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <utility>

#include "evenkeel/graph/ops.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

TEST(TransposeGradient, GoesBackToItsPlace) {
  for_random_cases(60, [](Draw& draw) {
    GradientCase c(draw);
    std::vector<std::int64_t> dims(static_cast<std::size_t>(draw.integer(1, 5)));
    std::vector<std::int64_t> axes;
    for (std::int64_t& dim : dims) {
      dim = draw.integer(1, 4);
      axes.push_back(static_cast<std::int64_t>(axes.size()));
    }
    for (std::size_t i = 1; i < axes.size(); ++i)
      std::swap(axes[i], axes[static_cast<std::size_t>(draw.integer(1, static_cast<int>(i)))]);
    const Value x = c.input("x", draw.uniform_tensor(Shape(dims)));
    c.check(c.weighted_sum(ops::transpose(c.graph, x, axes)));
  });
}

}  // namespace
}  // namespace evenkeel::test
