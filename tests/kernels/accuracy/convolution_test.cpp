// SPDX-License-Identifier: Apache-2.0
// A convolution and its gradients by all the kernels that a plan takes for them, of our own (by way
// of the frequencies) and of oneDNN, beside the direct sum in f32.
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/runtime/executor.h"
#include "tests/kernels/accuracy/accuracy.h"

namespace evenkeel::native_test {
namespace {

struct By {
  KernelPreference kernels;
  std::string_view backend;
};
constexpr By kOurs = {KernelPreference::native, "native/"};
constexpr By kOneDnn = {KernelPreference::onednn, "onednn/"};

// As measured, and a margin. Ours of a set with a multiply-add in one rounding, of portable's two.
struct Bounds {
  double ours;
  double portable;
  double onednn;
};

struct Convolution {
  std::int64_t H, W, C, K, R, S;
  Conv2d op;
};

Convolution draw_convolution(Draw& d) {
  const std::int64_t R = d.between(4, 5), S = d.between(4, 5);
  return {d.between(8, 14),
          d.between(8, 14),
          d.between(12, 34),
          d.between(12, 66),
          R,
          S,
          {{1, 1}, {R / 2, R / 2, S / 2, S / 2}}};
}

Graph graph_of(const Op& op, const std::vector<Tensor>& inputs, std::vector<bool> of_samples) {
  Graph graph("convolution");
  std::vector<Value> values;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Shape shape = inputs[i].shape;
    if (of_samples[i]) shape[0] = kBatch;
    values.push_back(graph.add(Input{{DType::f32, shape}}, {}, "in" + std::to_string(i)));
  }
  graph.output("out", graph.add(op, values, "out"));
  return graph;
}

// Empty where it takes other kernels too.
std::optional<Tensor> run_plan(const Graph& graph, const std::vector<Tensor>& inputs,
                               std::int64_t batch, const By& by) {
  CompileOptions options;
  options.batch = batch;
  options.machine = {1, by.kernels};
  const auto plan = compile_graph(graph, Level::inference, options);
  for (const Phase& phase : plan->run)
    for (const Step& step : phase.steps)
      if (!step.kernel.starts_with(by.backend)) return std::nullopt;
  StateStore state(graph);
  Executor executor(plan, state);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto values = inputs[i].values<float>();
    std::copy(values.begin(), values.end(),
              executor.input_as<float>("in" + std::to_string(i)).begin());
  }
  executor.run();
  const auto out = executor.output_as<float>("out");
  return Tensor::of(plan->outputs[0].type.shape, std::vector<float>(out.begin(), out.end()));
}

class ConvolutionAccuracy : public ::testing::TestWithParam<std::tuple<By, Numbers>> {
 protected:
  // draw gives an op, its inputs and which of them are a batch's.
  template <typename DrawOp>
  void expect_within(const Bounds& bounds, const DrawOp& draw_op) {
    const auto& [by, numbers] = GetParam();
    if (by.kernels == KernelPreference::onednn && onednn_kernels().empty())
      GTEST_SKIP() << "built without oneDNN";
    // oneDNN's instruction set is the process's, once and for all.
    const std::vector<std::string> sets = by.kernels == KernelPreference::native
                                              ? instruction_sets()
                                              : std::vector<std::string>{"auto"};
    std::vector<Error> errors(sets.size());
    int planned = 0;
    for (std::uint32_t seed = 1; seed <= 6; ++seed) {
      Draw draw(seed, numbers);
      const auto [op, inputs, of_samples] = draw_op(draw, draw_convolution(draw));
      const Graph graph = graph_of(op, inputs, of_samples);
      const Tensor reference = run_reference(op, inputs)[0];
      const Tensor exact = run_reference_in_double(op, inputs)[0];
      for (std::size_t set = 0; set < sets.size(); ++set) {
        use_native_instruction_set(sets[set]);
        const auto native = run_plan(graph, inputs, kImages, by);
        if (!native) continue;
        ++planned;
        errors[set].add(*native, reference, exact);
      }
    }
    use_native_instruction_set("auto");
    EXPECT_GE(planned, 4);
    for (std::size_t set = 0; set < sets.size(); ++set)
      EXPECT_LE(errors[set].in_units(), by.kernels == KernelPreference::onednn ? bounds.onednn
                                        : sets[set] == "portable"              ? bounds.portable
                                                                               : bounds.ours)
          << sets[set] << ", seeds 1 to 6";
  }

  using Drawn = std::tuple<Op, std::vector<Tensor>, std::vector<bool>>;
  static constexpr std::int64_t kImages = 16;
};

TEST_P(ConvolutionAccuracy, Forward) {
  expect_within({0.75, 0.75, 0.95}, [](Draw& d, const Convolution& z) {
    return Drawn{
        z.op, {d.data({kImages, z.H, z.W, z.C}), d.normal({z.R, z.S, z.C, z.K})}, {true, false}};
  });
}

// dy: [N,P,Q,K]
Shape slopes_of(const Convolution& z, std::int64_t N) {
  return {N, z.H + z.op.padding[0] + z.op.padding[1] - z.R + 1,
          z.W + z.op.padding[2] + z.op.padding[3] - z.S + 1, z.K};
}

// The reference adds a tap's products before it adds taps: such a sum in parts is three times as
// exact as the single running sum that oneDNN and the reference's other two have.
TEST_P(ConvolutionAccuracy, DataGradient) {
  expect_within({1.5, 1.6, 3.5}, [](Draw& d, const Convolution& z) {
    const Conv2dGradData op = {z.op.stride, z.op.padding, {z.H, z.W}};
    return Drawn{
        op, {d.normal(slopes_of(z, kImages)), d.normal({z.R, z.S, z.C, z.K})}, {true, false}};
  });
}

// oneDNN adds up in parts on one processor (0.6) and in a running sum on another, which is a direct
// sum's error.
TEST_P(ConvolutionAccuracy, KernelGradient) {
  expect_within({0.35, 0.35, 1.1}, [](Draw& d, const Convolution& z) {
    const Conv2dGradKernel op = {z.op.stride, z.op.padding, {z.R, z.S}};
    return Drawn{
        op, {d.data({kImages, z.H, z.W, z.C}), d.normal(slopes_of(z, kImages))}, {true, true}};
  });
}

INSTANTIATE_TEST_SUITE_P(
    Of, ConvolutionAccuracy,
    ::testing::Combine(::testing::Values(kOurs, kOneDnn),
                       ::testing::Values(Numbers::normal, Numbers::pixels)),
    [](const auto& of) {
      return std::string(std::get<0>(of.param).backend == kOurs.backend ? "native" : "onednn") +
             (std::get<1>(of.param) == Numbers::normal ? "_normal" : "_pixels");
    });

}  // namespace
}  // namespace evenkeel::native_test
