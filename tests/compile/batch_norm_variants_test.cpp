// SPDX-License-Identifier: Apache-2.0
// Ghost, renorm, weights and divide_by_variance as small ops: lowered as text, the same numbers
// before and after every pass and in plans, and batches that do not fit.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "evenkeel/compile/fold_batch_norm.h"
#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/compile/split_statistics.h"
#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/graph/verify.h"
#include "evenkeel/runtime/executor.h"
#include "tests/support/feeds.h"
#include "tests/support/graph_checks.h"

namespace evenkeel {
namespace {

struct Variant {
  const char* name;
  BatchRule batch = WholeRule{};
  bool weighted = false;
  bool divide_by_variance = false;
  bool count_weighted = true;
};

RenormRule renorm(RenormMoves moves) {
  RenormRule rule{{1.1, 1.1, 0, 0}, {}, {0.1, 0.1, 0, 0}, moves};
  if (moves == RenormMoves::deviation) rule.keep = 0.9;
  return rule;
}

const std::vector<Variant>& variants() {
  static const std::vector<Variant> all = {
      {"plain"},
      {"ghost", GhostRule{4}},
      {"ghost_interleaved", GhostRule{4, Grouping::interleaved}},
      {"ghost_mean", GhostRule{4, Grouping::interleaved, GhostStatistics::mean}},
      {"ghost_in_turn", GhostRule{4, Grouping::consecutive, GhostStatistics::in_turn}},
      {"ghost_in_turn_interleaved", GhostRule{4, Grouping::interleaved, GhostStatistics::in_turn}},
      {"renorm_variance", renorm(RenormMoves::variance), false, false, false},
      {"renorm_deviation", renorm(RenormMoves::deviation), false, false, false},
      {"weighted", WholeRule{}, true},
      {"divide_by_variance", WholeRule{}, false, true}};
  return all;
}

// x [N,..] -> batch norm, with ReLU between two of them.
Graph model_of(const Variant& variant, const Shape& shape) {
  Graph graph("g");
  Value x = graph.add(Input{{DType::f32, shape}}, {}, "x");
  BatchNorm layer;
  layer.keep = 0.99;
  layer.batch = variant.batch;
  layer.divide_by_variance = variant.divide_by_variance;
  layer.count_weighted = variant.count_weighted;
  std::optional<Value> weights;
  if (variant.weighted) weights = graph.add(Input{{DType::f32, {kBatch}}}, {}, kSampleWeights);
  x = ops::batch_norm(graph, x, layer, "bn1", weights);
  x = ops::relu(graph, x, "relu");
  x = ops::batch_norm(graph, x, layer, "bn2", weights);
  graph.output("y", x);
  return graph;
}

// With the gradients of y's mean square by all that trains and by x.
Graph step_of(const Variant& variant, const Shape& shape) {
  Graph step = to_training(model_of(variant, shape));
  const Value y = step.find_output("y");
  const Value loss = ops::mean(step, ops::multiply(step, y, ops::multiply(step, y, y)), "loss");
  std::vector<Value> by = trained_states(step);
  by.push_back({step.find("x"), 0});
  const std::vector<Value> slopes = gradients(step, loss, by);
  for (std::size_t i = 0; i < by.size(); ++i)
    step.output("gradient/" + std::to_string(i), slopes[i]);
  step.output("loss", loss);
  return step;
}

class EveryBatchNorm : public testing::TestWithParam<Variant> {};

TEST_P(EveryBatchNorm, KeepsItsNumbersWhereStatisticsAreSplit) {
  const Graph step = with_float(step_of(GetParam(), {kBatch, 4, 5, 3}), DType::f64);
  const Graph split = split_statistics(step);
  verify(split, Level::training);
  test::expect_same_numbers(bind_batch(step, 8), bind_batch(split, 8), 1e-12);
}

TEST_P(EveryBatchNorm, HasAPlanWithTheInterpretersNumbers) {
  std::uint64_t seed = 1;
  // Few channels, which are sliced; many, by blocks; one image per position.
  for (const Shape& shape : {Shape{kBatch, 4, 5, 3}, Shape{kBatch, 3, 3, 80}, Shape{kBatch, 70}})
    for (const std::int64_t batch : {8, 40}) {
      SCOPED_TRACE(to_string(shape) + ", batch " + std::to_string(batch));
      const Graph step = step_of(GetParam(), shape);
      for (const KernelPreference kernels : {KernelPreference::native, KernelPreference::automatic})
        test::expect_plan_agrees(step, Level::training, {batch, {3, kernels}, {}}, seed, 1e-4);
      test::expect_plan_agrees(with_float(step, DType::f64), Level::training, {batch, {2}, {}},
                               seed++, 1e-12);
    }
}

// The reference computes what is one number a channel.
TEST_P(EveryBatchNorm, NormalisesByNativeKernels) {
  const std::set<std::string> per_channel = {"reference/channel_variance",
                                             "reference/channel_variance_grad",
                                             "reference/inverse_deviation",
                                             "reference/deviation",
                                             "reference/divide",
                                             "reference/difference",
                                             "reference/clamp",
                                             "reference/stop_gradient",
                                             "reference/moving_average",
                                             "reference/piecewise_linear",
                                             "reference/scale",
                                             "reference/constant"};
  const auto plan = compile_graph(step_of(GetParam(), {kBatch, 4, 5, 80}), Level::training, {8});
  for (const Phase& phase : plan->run)
    for (const Step& step : phase.steps) {
      if (per_channel.count(step.kernel) > 0) continue;
      EXPECT_EQ(step.kernel.rfind("reference/", 0), std::string::npos)
          << step.name << ": " << step.kernel;
    }
}

TEST_P(EveryBatchNorm, InInferenceReadsNothingButMovingStatistics) {
  const Graph inference = to_inference(model_of(GetParam(), {kBatch, 4, 5, 3}));
  verify(inference, Level::inference);
  EXPECT_FALSE(inference.contains(kSampleWeights));
  EXPECT_EQ(inference.node(inference.find_output("y")).name, "bn2");
  EXPECT_TRUE(std::holds_alternative<ChannelAffine>(inference.node(inference.find_output("y")).op));
  test::expect_plan_agrees(inference, Level::inference, {5, {2}, {}}, 1, 1e-5);
}

// Two layers behind a dense one, with a bias and without: one matmul is left.
TEST_P(EveryBatchNorm, FoldsIntoTheLayerBefore) {
  for (const bool biased : {false, true}) {
    Graph graph("g");
    Value y = graph.add(Input{{DType::f32, {kBatch, 6}}}, {}, "x");
    const Value kernel = ops::parameter(graph, "kernel", {6, 4}, Initializer::glorot_uniform);
    y = ops::matmul(graph, y, kernel, {}, "dense");
    if (biased)
      y = ops::bias_add(graph, y, ops::parameter(graph, "bias", {4}, Initializer::ones),
                        "bias_add");
    BatchNorm layer;
    layer.batch = GetParam().batch;
    layer.divide_by_variance = GetParam().divide_by_variance;
    for (const char* name : {"bn1", "bn2"}) y = ops::batch_norm(graph, y, layer, name);
    graph.output("y", y);
    const Graph plain = with_float(to_inference(graph), DType::f64);
    const Graph folded = fold_batch_norm(plain);
    EXPECT_TRUE(std::holds_alternative<BiasAdd>(folded.node(folded.find_output("y")).op));
    EXPECT_EQ(std::count_if(folded.nodes().begin(), folded.nodes().end(),
                            [](const Node& node) { return node.outputs[0].shape.dynamic(); }),
              3);  // x, matmul, bias
    test::expect_same_numbers(bind_batch(plain, 3), bind_batch(folded, 3), 1e-12);
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryBatchNorm, testing::ValuesIn(variants()),
                         [](const auto& info) { return std::string(info.param.name); });

std::string lowered(const Variant& variant) {
  Graph graph("g");
  const Value x = graph.add(Input{{DType::f32, {kBatch, 3}}}, {}, "x");
  BatchNorm layer;
  layer.keep = 0.99;
  layer.batch = variant.batch;
  layer.divide_by_variance = variant.divide_by_variance;
  std::optional<Value> weights;
  if (variant.weighted) weights = graph.add(Input{{DType::f32, {kBatch}}}, {}, kSampleWeights);
  ops::batch_norm(graph, x, layer, "bn", weights);
  const std::string before = to_text(graph);
  const Graph step = to_training(graph);
  verify(step, Level::training);
  const std::string text = to_text(step);
  // From behind the states on.
  return text.substr(text.find('\n', text.rfind("= state {")) + 1);
}

TEST(LoweredBatchNorm, OfGroups) {
  EXPECT_EQ(
      lowered({"ghost", GhostRule{4}}),
      R"(%bn/moments/each, %bn/moments/each.1, %bn/moments/each.2 = channel_moments %x {each_sample true} : f64[N,3], f64[N,3], f64[N,3]
%bn/moments, %bn/moments.1, %bn/moments.2 = group_moments %bn/moments/each, %bn/moments/each.1, %bn/moments/each.2 {size 4, grouping consecutive} : f64[N,3], f64[N,3], f64[N,3]
%bn = batch_norm_apply %x, %bn/moments, %bn/moments.1, %bn/moments.2, @bn/gamma, @bn/beta {epsilon 0.001, group 4} : f32[N,3]
%bn/moments/merged, %bn/moments/merged.1, %bn/moments/merged.2 = merge_sample_moments %bn/moments/each, %bn/moments/each.1, %bn/moments/each.2 : f64[3], f64[3], f64[3]
%bn/variance = channel_variance %bn/moments/merged, %bn/moments/merged.1, %bn/moments/merged.2 : f32[3]
%bn/update_moving, %bn/update_moving.1 = update_moving @bn/moving_mean, @bn/moving_variance, @state/bn/updates_seen, %bn/moments/merged, %bn/moments/merged.1, %bn/moments/merged.2 {keep 0.99, count_weighted true, variance population} : f32[3], f32[3]
%bn/count_update = increment @state/bn/updates_seen : i64[]
update @bn/moving_mean <- %bn/update_moving
update @bn/moving_variance <- %bn/update_moving.1
update @state/bn/updates_seen <- %bn/count_update
guard %bn/moments.1
guard %bn/moments.2
guard %bn/variance
)");
}

TEST(LoweredBatchNorm, OfGroupsInTurnAndOfTheirMeans) {
  EXPECT_NE(
      lowered({"", GhostRule{4, Grouping::interleaved, GhostStatistics::in_turn}})
          .find("@state/bn/updates_seen, %bn/moments, %bn/moments.1, %bn/moments.2 {keep 0.99, "
                "count_weighted true, variance population, group 4, grouping interleaved}"),
      std::string::npos);
  EXPECT_NE(lowered({"", GhostRule{4, Grouping::interleaved, GhostStatistics::mean}})
                .find("= mean_moments %bn/moments, %bn/moments.1, %bn/moments.2 :"),
            std::string::npos);
}

TEST(LoweredBatchNorm, OfWeights) {
  EXPECT_EQ(
      lowered({"weighted", WholeRule{}, true}),
      R"(%bn/moments/each, %bn/moments/each.1, %bn/moments/each.2 = channel_moments %x {each_sample true} : f64[N,3], f64[N,3], f64[N,3]
%bn/moments/weighted, %bn/moments/weighted.1 = weight_moments %bn/moments/each, %bn/moments/each.2, %weights : f64[N,3], f64[N,3]
%bn/moments, %bn/moments.1, %bn/moments.2 = merge_sample_moments %bn/moments/weighted, %bn/moments/each.1, %bn/moments/weighted.1 : f64[3], f64[3], f64[3]
%bn = batch_norm_apply %x, %bn/moments, %bn/moments.1, %bn/moments.2, @bn/gamma, @bn/beta, %weights {epsilon 0.001} : f32[N,3]
%bn/variance = channel_variance %bn/moments, %bn/moments.1, %bn/moments.2 : f32[3]
%bn/update_moving, %bn/update_moving.1 = update_moving @bn/moving_mean, @bn/moving_variance, @state/bn/updates_seen, %bn/moments, %bn/moments.1, %bn/moments.2 {keep 0.99, count_weighted true, variance population} : f32[3], f32[3]
%bn/count_update = increment @state/bn/updates_seen : i64[]
update @bn/moving_mean <- %bn/update_moving
update @bn/moving_variance <- %bn/update_moving.1
update @state/bn/updates_seen <- %bn/count_update
guard %bn/moments.1
guard %bn/moments.2
guard %bn/variance
)");
}

TEST(LoweredBatchNorm, OfRenormByDeviation) {
  EXPECT_EQ(
      lowered({"renorm", renorm(RenormMoves::deviation)}),
      R"(%bn/moments, %bn/moments.1, %bn/moments.2 = channel_moments %x : f64[3], f64[3], f64[3]
%bn/renorm/deviation/low = constant {type f32[], value 0.03162277660168379} : f32[]
%bn/renorm/deviation/high = constant {type f32[], value inf} : f32[]
%bn/renorm/deviation = clamp @bn/renorm_deviation, %bn/renorm/deviation/low, %bn/renorm/deviation/high : f32[3]
%bn/renorm/batch_variance = channel_variance %bn/moments, %bn/moments.1, %bn/moments.2 : f32[3]
%bn/renorm/batch_deviation = deviation %bn/renorm/batch_variance {epsilon 0.001} : f32[3]
%bn/renorm/mean_shift = difference %bn/moments.1, @bn/renorm_mean : f32[3]
%bn/renorm/ratio = divide %bn/renorm/batch_deviation, %bn/renorm/deviation : f32[3]
%bn/renorm/distance = divide %bn/renorm/mean_shift, %bn/renorm/deviation : f32[3]
%bn/renorm/rmax/exact = piecewise_linear @state/bn/updates_seen {at [1, 1, 1, 1], value [1, 1.1, 1.1, 1.1]} : f64[]
%bn/renorm/rmax = scale %bn/renorm/rmax/exact {factor 1, dtype f32} : f32[]
%bn/renorm/one = constant {type f32[], value 1} : f32[]
%bn/renorm/rmin = divide %bn/renorm/one, %bn/renorm/rmax : f32[]
%bn/renorm/r/in_limits = clamp %bn/renorm/ratio, %bn/renorm/rmin, %bn/renorm/rmax : f32[3]
%bn/renorm/r = stop_gradient %bn/renorm/r/in_limits : f32[3]
%bn/renorm/dmax/exact = piecewise_linear @state/bn/updates_seen {at [1, 1, 1, 1], value [0, 0.1, 0.1, 0.1]} : f64[]
%bn/renorm/dmax = scale %bn/renorm/dmax/exact {factor 1, dtype f32} : f32[]
%bn/renorm/dmin = scale %bn/renorm/dmax {factor -1, dtype f32} : f32[]
%bn/renorm/d/in_limits = clamp %bn/renorm/distance, %bn/renorm/dmin, %bn/renorm/dmax : f32[3]
%bn/renorm/d = stop_gradient %bn/renorm/d/in_limits : f32[3]
%bn/renorm/gamma = multiply @bn/gamma, %bn/renorm/r : f32[3]
%bn/renorm/shift = multiply @bn/gamma, %bn/renorm/d : f32[3]
%bn/renorm/beta = add %bn/renorm/shift, @bn/beta : f32[3]
%bn = batch_norm_apply %x, %bn/moments, %bn/moments.1, %bn/moments.2, %bn/renorm/gamma, %bn/renorm/beta {epsilon 0.001} : f32[N,3]
%bn/variance = channel_variance %bn/moments, %bn/moments.1, %bn/moments.2 : f32[3]
%bn/update_moving/mean = moving_average @bn/moving_mean, @state/bn/updates_seen, %bn/moments.1 {keep 0.99, count_weighted true} : f32[3]
%bn/update_moving/batch_variance = channel_variance %bn/moments, %bn/moments.1, %bn/moments.2 : f32[3]
%bn/update_moving/batch_deviation = deviation %bn/update_moving/batch_variance {epsilon 0.001} : f32[3]
%bn/update_moving/deviation = moving_average @bn/moving_deviation, @state/bn/updates_seen, %bn/update_moving/batch_deviation {keep 0.99, count_weighted true} : f32[3]
%bn/update_moving/variance/square = multiply %bn/update_moving/deviation, %bn/update_moving/deviation : f32[3]
%bn/update_moving/variance/epsilon = constant {type f32[3], value 0.001} : f32[3]
%bn/update_moving/variance/difference = difference %bn/update_moving/variance/square, %bn/update_moving/variance/epsilon : f32[3]
%bn/update_moving/variance/low = constant {type f32[], value 0} : f32[]
%bn/update_moving/variance/high = constant {type f32[], value inf} : f32[]
%bn/update_moving/variance = clamp %bn/update_moving/variance/difference, %bn/update_moving/variance/low, %bn/update_moving/variance/high : f32[3]
%bn/update_renorm/mean = moving_average @bn/renorm_mean, @state/bn/updates_seen, %bn/moments.1 {keep 0.9, count_weighted true} : f32[3]
%bn/update_renorm/batch_variance = channel_variance %bn/moments, %bn/moments.1, %bn/moments.2 : f32[3]
%bn/update_renorm/batch_deviation = deviation %bn/update_renorm/batch_variance {epsilon 0.001} : f32[3]
%bn/update_renorm/deviation = moving_average @bn/renorm_deviation, @state/bn/updates_seen, %bn/update_renorm/batch_deviation {keep 0.9, count_weighted true} : f32[3]
%bn/count_update = increment @state/bn/updates_seen : i64[]
update @bn/moving_mean <- %bn/update_moving/mean
update @bn/moving_deviation <- %bn/update_moving/deviation
update @bn/moving_variance <- %bn/update_moving/variance
update @bn/renorm_mean <- %bn/update_renorm/mean
update @bn/renorm_deviation <- %bn/update_renorm/deviation
update @state/bn/updates_seen <- %bn/count_update
guard %bn/moments.1
guard %bn/moments.2
guard %bn/variance
)");
}

TEST(LoweredBatchNorm, DividedByTheVariance) {
  const std::string text = lowered({"", WholeRule{}, false, true});
  EXPECT_NE(text.find("%bn/variance = channel_variance %bn/moments, %bn/moments.1, %bn/moments.2 "
                      ": f32[3]\n"
                      "%bn/inverse = inverse_deviation %bn/variance {epsilon 0.001} : f32[3]\n"
                      "%bn/gamma_over_deviation = multiply @bn/gamma, %bn/inverse : f32[3]\n"),
            std::string::npos)
      << text;
}

// y = (x - mean) / (variance + epsilon) of 0, 2, 4: mean 2, variance 8/3.
TEST(LoweredBatchNorm, DividedByTheVarianceIsThat) {
  Variant variant{"", WholeRule{}, false, true};
  Graph graph = to_training(with_float(
      [&] {
        Graph model("g");
        BatchNorm layer;
        layer.divide_by_variance = true;
        layer.epsilon = 1.0 / 3;
        const Value x = model.add(Input{{DType::f32, {kBatch, 1}}}, {}, "x");
        model.output("y", ops::batch_norm(model, x, layer, "bn"));
        return model;
      }(),
      DType::f64));
  NamedTensors feeds = {{"x", Tensor::of<double>({3, 1}, {0, 2, 4})},
                        {"bn/gamma", Tensor::of<double>({1}, {6})},
                        {"bn/beta", Tensor::of<double>({1}, {1})},
                        {"bn/moving_mean", Tensor::of<double>({1}, {0})},
                        {"bn/moving_variance", Tensor::of<double>({1}, {1})},
                        {"state/bn/updates_seen", Tensor::of<std::int64_t>({}, {0})}};
  const Tensor y = Interpreter(graph, 3).run(feeds).outputs.at("y");
  for (const auto& [i, expected] : {std::pair(0U, -3.0), {1U, 1.0}, {2U, 5.0}})
    EXPECT_NEAR(y.values<double>()[i], expected, 1e-14);
}

TEST(GhostBatchNorm, WantsBatchesOfWholeGroups) {
  const auto message = [](std::int64_t size, std::int64_t batch) {
    const Graph step = to_training(model_of({"", GhostRule{size}}, {kBatch, 3}));
    return test::message_of([&] { compile_graph(step, Level::training, {batch}); });
  };
  EXPECT_EQ(message(32, 100),
            "[bn1] ghost batch norm expected a batch of whole groups of 32 samples, got 100; use a "
            "batch of 96 or 128, or groups of a size that divides 100");
  EXPECT_EQ(message(32, 20),
            "[bn1] ghost batch norm expected a batch of whole groups of 32 samples, got 20; use a "
            "batch of 32, or groups of a size that divides 20");
  EXPECT_EQ(message(1, 4),
            "[bn1] ghost batch norm expected at least 2 values per channel in a group, got 1 "
            "sample of [N,3]; use larger groups");
  EXPECT_EQ(message(2, 4), "");
  const Graph images = to_training(model_of({"", GhostRule{1}}, {kBatch, 2, 2, 3}));
  EXPECT_EQ(test::message_of([&] { compile_graph(images, Level::training, {3}); }), "");
}

// Beneath the trainer, which has looked at the weights before.
TEST(WeightedBatchNorm, OfNoWeightAtAllOrANegativeOneEndsTheStepBeforeItWrites) {
  const Variant variant = {"", WholeRule{}, true};
  const Graph step = to_training(model_of(variant, {kBatch, 3}));
  for (const float weight : {0.0F, -1.0F, NAN}) {
    StateStore store(step);
    Executor executor(compile_graph(step, Level::training, {4}), store);
    for (const auto x = executor.input_as<float>("x"); float& value : x)
      value = static_cast<float>(&value - x.data()) / 7;
    std::fill_n(executor.input_as<float>(kSampleWeights).data(), 4, weight);
    const Tensor mean = store.get("bn1/moving_mean");
    const RunResult result = executor.run();
    EXPECT_EQ(result.status, RunResult::Status::not_finite);
    EXPECT_EQ(result.what.rfind("bn1/", 0), 0U) << result.what;
    EXPECT_EQ(store.get("bn1/moving_mean"), mean);
    EXPECT_EQ(store.get("state/bn1/updates_seen"), Tensor::of<std::int64_t>({}, {0}));
  }
}

void expect_each_update_is_missed(const Variant& variant, const std::vector<std::string>& states) {
  const std::string text = to_text(to_training(model_of(variant, {kBatch, 3})));
  verify(parse_graph(text), Level::training);
  for (const std::string& state : states) {
    std::string without = text;
    const std::size_t at = without.find("update " + state);
    ASSERT_NE(at, std::string::npos) << state;
    without.erase(at, without.find('\n', at) + 1 - at);
    EXPECT_NE(test::message_of([&] {
                verify(parse_graph(without), Level::training);
              }).find("it would predict with what it never learned"),
              std::string::npos)
        << state;
  }
}

TEST(GhostBatchNorm, InAStepMustUpdateItsMovingStatistics) {
  expect_each_update_is_missed({"", GhostRule{4}}, {"@bn1/moving_mean", "@state/bn2/updates_seen"});
}

TEST(Renorm, InAStepMustUpdateItsMovingStatistics) {
  for (const RenormMoves moves : {RenormMoves::variance, RenormMoves::deviation})
    expect_each_update_is_missed({"", renorm(moves)}, {"@bn1/moving_mean", "@bn2/moving_variance",
                                                       "@state/bn1/updates_seen"});
}

}  // namespace
}  // namespace evenkeel
