// SPDX-License-Identifier: Apache-2.0
// The gradients of whole networks by the fast kernels, as compiled, against f64: first the
// decisions, of which a near tie is followed and any other difference is a fault, then each
// parameter's gradient.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>
#include <sstream>

#include "evenkeel/model/networks.h"
#include "tests/support/whole_step.h"
#include "tests/train/fast_path_network.h"

namespace evenkeel::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

// max |ours - exact| <= kGradientBound max |exact|, both over the parameter's whole gradient.
constexpr double kGradientBound = 1e-5;

double gradient_error(const Tensor& ours, const Tensor& exact) {
  const auto a = ours.values<float>();
  const auto e = exact.values<double>();
  if (ours.shape != exact.shape) return std::numeric_limits<double>::infinity();
  double distance = 0;
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double here = std::abs(a[i] - e[i]);
    if (!std::isfinite(here)) return std::numeric_limits<double>::infinity();
    distance = std::max(distance, here);
    largest = std::max(largest, std::abs(e[i]));
  }
  return distance == 0 ? 0 : distance / largest;
}

struct Worst {
  double error = 0;
  std::string parameter;
};

Worst expect_gradients(const CompiledStep& ours, const ExactStep& exact) {
  Worst worst;
  EXPECT_EQ(ours.gradients.size(), exact.gradients.size());
  for (const auto& [name, gradient] : exact.gradients) {
    const double error = gradient_error(ours.gradients.at(name), gradient);
    EXPECT_LE(error, kGradientBound) << name << " " << to_string(gradient.shape);
    if (error >= worst.error) worst = {error, name};
  }
  return worst;
}

void print_report(const std::string& name, const DecisionReport& report, const Worst& worst) {
  std::ostringstream text;
  text << report.near_ties << " near ties of " << report.decisions << " decisions, the widest "
       << report.widest << "; largest error " << worst.error << " of " << worst.parameter;
  std::cout << name << ": " << text.str() << std::endl;
  testing::Test::RecordProperty("near_ties", std::to_string(report.near_ties));
  testing::Test::RecordProperty("agreement", text.str());
}

// With the kernels of the plan that trains. Decisions are outputs of the plan that is looked at,
// which writes maps that the other has in no memory; it gives the other's gradients to the byte.
CompiledStep run_observed(const WholeStep& step) {
  const CompiledStep untouched = run_compiled(step, Look::at_gradients);
  CompiledStep observed = run_compiled(step, Look::at_decisions_too);
  EXPECT_TRUE(observed.gradients == untouched.gradients) << "looking changes gradients";
  observed.kernels = untouched.kernels;
  return observed;
}

void expect_agreement(const std::string& name, const WholeStep& step, const CompiledStep& ours) {
  const ExactStep exact = run_exact(step, ours.decisions);
  const DecisionReport report =
      compare_decisions(deciders_of(step.model), ours.decisions, exact.decided_on);
  EXPECT_GT(report.decisions, 0);
  EXPECT_EQ(report.faults, 0) << testing::PrintToString(report.places);
  print_report(name, report, expect_gradients(ours, exact));
}

struct NetworkCase {
  std::string network;
  std::int64_t batch;                // leaves a shorter last slice
  std::vector<std::string> kernels;  // that its fast path is made of
};

const std::vector<NetworkCase> kNetworks = {
    {"mnist-cnn",
     19,
     {"native/fused/conv2d_pooled", "native/fused/inverse_fft2d", "native/spectral_conv2d",
      "native/spectral_conv2d_grad_kernel", "native/unpooled_conv2d_grad_kernel",
      "native/fused/matmul_adam"}},
    {"mnist-99",
     19,
     {"native/fused/conv2d_pooled", "native/fused/inverse_fft2d", "native/spectral_conv2d",
      "native/spectral_conv2d_grad_kernel", "native/unpooled_conv2d_grad_kernel"}},
    {"resnet20-projection",
     11,
     {"native/fused/winograd_conv2d", "native/winograd_conv2d",
      "native/fused/winograd_conv2d_grad_kernel"}}};

class WholeNetworkGradients : public testing::TestWithParam<NetworkCase> {};

TEST_P(WholeNetworkGradients, AgreeWithF64OnceNearTiesAreFollowed) {
  const auto& [name, batch, kernels] = GetParam();
  SCOPED_TRACE("repeat with EVENKEEL_TEST_SEED=" + std::to_string(test_seed()));
  Draw draw(1);
  const WholeStep step =
      drawn_step(network(name), {batch, {2, KernelPreference::automatic}, {}}, draw);
  const CompiledStep ours = run_observed(step);
  for (const std::string& kernel : kernels) EXPECT_THAT(ours.kernels, Contains(kernel));
  expect_agreement(name, step, ours);
}

INSTANTIATE_TEST_SUITE_P(Networks, WholeNetworkGradients, testing::ValuesIn(kNetworks),
                         [](const auto& of) {
                           std::string name = of.param.network;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

FastPathShape drawn_fast_shape(Draw& draw) {
  const auto odd = [&](std::int64_t low, std::int64_t high) {
    return low + 2 * draw.integer(0, (high - low) / 2);
  };
  const auto side = [&] { return draw.coin() ? 15 : 19; };
  return {side(),
          side(),
          draw.integer(1, 3),
          {odd(27, 31), odd(27, 31), odd(35, 41)},
          draw.integer(12, 23)};
}

TEST(WholeNetworkGradientsOfDrawnShapes, AgreeWithF64OnAnyNumberOfThreads) {
  for_random_cases(4, [](Draw& draw) {
    const FastPathShape shape = drawn_fast_shape(draw);
    const int threads = static_cast<int>(draw.integer(1, 7));
    const std::string name = std::to_string(shape.batch) + " x " + std::to_string(shape.H) + " x " +
                             std::to_string(shape.W) + " x " + std::to_string(shape.C) + ", " +
                             std::to_string(threads) + " threads";
    SCOPED_TRACE(name);
    const WholeStep step = drawn_step(
        fast_path_model(shape), {shape.batch, {threads, KernelPreference::automatic}, {}}, draw);
    const CompiledStep ours = run_observed(step);
    for (const char* kernel : kFastKernels)
      EXPECT_THAT(ours.kernels, Contains(std::string(kernel)));
    expect_agreement(name, step, ours);
  });
}

// One decision turned around where it was clear.
TEST(WholeNetworkGradientsOfWrongDecisions, AreAFaultThatNamesLayerAndPlace) {
  Draw draw(2);
  const WholeStep step =
      drawn_step(Sequential("wrong", image(8, 8, 1).scale(1 / 255.0))
                     .conv2d(4, 3, {.padding = Padding::same, .activation = Activation::relu})
                     .max_pool2d(2)
                     .flatten()
                     .dense(6, {.activation = Activation::relu})
                     .dense(3)
                     .build(),
                 {5, {1, KernelPreference::automatic}, {}}, draw);
  const CompiledStep ours = run_compiled(step, Look::at_decisions_too);
  const ExactStep exact = run_exact(step, ours.decisions);
  const std::vector<Decider> deciders = deciders_of(step.model);
  ASSERT_EQ(deciders.size(), 2U);
  EXPECT_EQ(compare_decisions(deciders, ours.decisions, exact.decided_on).faults, 0);
  for (const Decider& decider : deciders) {
    SCOPED_TRACE(decider.name);
    Tensor taken = ours.decisions.at(decider.name);
    const auto x = exact.decided_on.at(decider.name).values<double>();
    const auto largest = std::max_element(x.begin(), x.end()) - x.begin();
    taken.values<float>()[static_cast<std::size_t>(largest)] = 0;
    const DecisionReport report =
        compare_decisions(decider, taken, exact.decided_on.at(decider.name));
    EXPECT_EQ(report.faults, 1);
    ASSERT_EQ(report.places.size(), 1U);
    EXPECT_THAT(report.places[0], HasSubstr(decider.name + " at ["));
  }
}

}  // namespace
}  // namespace evenkeel::test
