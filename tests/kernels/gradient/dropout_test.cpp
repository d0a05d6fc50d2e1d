// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "evenkeel/graph/ops.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

// Seed, step and samples stay as they are, so the mask does too.
TEST(DropoutGradient, GoesToWhatWasKept) {
  for_random_cases(60, [](Draw& draw) {
    GradientCase c(draw);
    const std::int64_t N = draw.integer(1, 5);
    const Shape shape = draw.coin() ? Shape{N, 8} : Shape{N, draw.integer(1, 3), 3, 4};
    const auto number = [&](std::int64_t most) { return draw.integer(0, most); };
    Tensor samples(DType::i64, {N});
    for (std::int64_t& sample : samples.values<std::int64_t>()) sample = number(60000);
    const Value seed = c.fixed("seed", Tensor::of({}, std::vector{number(1 << 20)}));
    const Value step = c.fixed("step", Tensor::of({}, std::vector{number(1 << 20)}));
    const Value of = c.fixed("samples", samples);
    const Value x = c.input("x", draw.uniform_tensor(shape));
    const DropoutApply op = {draw.uniform(0, 0.9), number(1 << 20)};
    const Value y = c.graph.add(op, {x, seed, step, of});
    // x itself on top, so that some gradient is not zero even where all is dropped.
    c.check(c.weighted_sum(ops::add(c.graph, y, x)));
  });
}

}  // namespace
}  // namespace evenkeel::test
