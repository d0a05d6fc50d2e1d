// SPDX-License-Identifier: Apache-2.0
// Label smoothing and class weights: against PyTorch's CrossEntropyLoss, in training, and misused.
#include "evenkeel/train/soft_targets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "evenkeel/formats/safetensors.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/kernels/reference/interpreter.h"
#include "evenkeel/train/settings_json.h"
#include "tests/support/compare.h"
#include "tests/support/paths.h"
#include "tests/train/small_run.h"

namespace evenkeel {
namespace {

using test::small_data;
using test::small_model;
using ::testing::HasSubstr;
using ::testing::Not;

const Tensor& golden_targets(const std::string& name) {
  static const SafetensorsFile file =
      SafetensorsFile::read(std::string(test::kSourceDir) + "/tests/golden/layers.safetensors");
  return file.tensor("softened/" + name);
}

std::vector<double> numbers(const Tensor& tensor) {
  return {tensor.values<double>().begin(), tensor.values<double>().end()};
}

TEST(SoftTargets, MakePyTorchsLossAndGradientInDouble) {
  const std::vector<double> weights = numbers(golden_targets("weights"));
  const std::pair<const char*, SoftTargets> cases[] = {
      {"smoothed", {0.1, {}}}, {"weighed", {0, weights}}, {"both", {0.3, weights}}};
  const Tensor& z = golden_targets("z");
  for (const auto& [name, soft] : cases) {
    Tensor targets(DType::f64, z.shape);
    soften(soft, golden_targets("labels").values<std::int32_t>(), targets.values<double>());
    Graph graph("loss");
    const Value logits = ops::input(graph, "z", DType::f64, z.shape);
    const Value given = ops::input(graph, "targets", DType::f64, z.shape);
    const Value losses = graph.add(SoftmaxCrossEntropy{}, {logits, given}, "loss/each");
    graph.output("loss", graph.add(Mean{}, {losses}, "loss"));
    graph.output("dz", {losses.node, 2});
    NamedTensors result = Interpreter(graph, 1).run({{"z", z}, {"targets", targets}}).outputs;
    for (double& slope : result["dz"].values<double>()) slope /= static_cast<double>(z.shape[0]);
    const std::string prefix = name;
    EXPECT_TRUE(test::close(result["loss"], golden_targets(prefix + "/loss"), 1e-13)) << name;
    EXPECT_TRUE(test::close(result["dz"], golden_targets(prefix + "/dz"), 1e-13, 1e-3)) << name;
  }
}

TEST(SoftTargets, OfNeitherAreOneHot) {
  std::vector<double> targets(6);
  const std::vector<std::int32_t> labels = {2, 0};
  soften({}, labels, targets);
  EXPECT_EQ(targets, (std::vector<double>{0, 0, 1, 1, 0, 0}));
  EXPECT_FALSE(SoftTargets{}.any());
}

struct First {
  double loss = 0;
  std::int64_t correct = 0;
  double plain = 0;  // evaluate()'s before the step
  double right = 0;  // the same of correct
};

// The first step of SGD in double on 32 images, whose batch statistics evaluation has too.
First first_step(const TrainerOptions& given, const Dataset& data) {
  TrainerOptions options = given;
  options.seed = 1;
  options.threads = 1;
  options.precision = Precision::f64;
  const Model model = Sequential("plain", image(28, 28, 1).scale(1 / 255.0))
                          .max_pool2d(4)
                          .flatten()
                          .dense(10)
                          .build();
  Trainer run(model, softmax_cross_entropy(), Sgd{.learning_rate = 0.1}, options);
  First first;
  const Evaluation before = run.evaluate(data);
  first.plain = before.loss;
  first.right = static_cast<double>(before.correct);
  const Callback look{.on_batch = [&](Trainer&, const BatchEvent& event) {
    first.loss = event.loss;
    first.correct = event.correct;
  }};
  run.fit(data, {.epochs = 1, .batch_size = data.size(), .callbacks = {look}});
  return first;
}

TEST(SoftTargets, TrainByTheSoftLossAndEvaluateByThePlainOne) {
  const Dataset data = small_data(32);
  const First plain = first_step({}, data);
  EXPECT_NEAR(plain.loss, plain.plain, 1e-12);
  const First smoothed = first_step({.label_smoothing = 0.2}, data);
  EXPECT_EQ(smoothed.plain, plain.plain);
  EXPECT_GT(std::abs(smoothed.loss - plain.loss), 1e-3);
  // All weights alike are none.
  const First alike = first_step({.class_weights = std::vector<double>(10, 3.0)}, data);
  EXPECT_NEAR(alike.loss, plain.loss, 1e-12);
  std::vector<double> weights(10, 1.0);
  weights[static_cast<std::size_t>(data.labels()[0])] = 5;
  EXPECT_GT(std::abs(first_step({.class_weights = weights}, data).loss - plain.loss), 1e-3);
}

// A class may weigh so much that it is the largest target of every image.
TEST(SoftTargets, CountAsCorrectWhatIsOfTheClass) {
  const Dataset data = small_data(32);
  std::vector<double> weights(10, 1e-3);
  weights[static_cast<std::size_t>(data.labels()[0])] = 1e3;
  const First first = first_step({.label_smoothing = 0.5, .class_weights = weights}, data);
  EXPECT_LT(first.right, 32);
  EXPECT_EQ(static_cast<double>(first.correct), first.right);
}

TEST(SoftTargets, TrainByEveryKindOfKernelAlike) {
  const auto kernel = [](const std::string& kernels, Precision precision) {
    Trainer run(small_model(), softmax_cross_entropy(), Adam{},
                {.seed = 1,
                 .threads = 2,
                 .precision = precision,
                 .kernels = kernels,
                 .label_smoothing = 0.1,
                 .class_weights = {1, 2, 3, 1, 2, 3, 1, 2, 3, 4}});
    run.fit(small_data(64), {.epochs = 1, .batch_size = 32});
    std::vector<double> result;
    const Tensor tensor = run.state("dense1/kernel");
    if (precision == Precision::f64) return numbers(tensor);
    return std::vector<double>(tensor.values<float>().begin(), tensor.values<float>().end());
  };
  const std::vector<double> exact = kernel("auto", Precision::f64);
  for (const char* kernels : {"native", "reference"}) {
    const std::vector<double> single = kernel(kernels, Precision::f32);
    ASSERT_EQ(single.size(), exact.size());
    for (std::size_t i = 0; i < exact.size(); ++i) EXPECT_NEAR(single[i], exact[i], 1e-4) << i;
  }
}

TEST(SoftTargets, GoOnFromACheckpointWithTheSameBytes) {
  const test::TemporaryFolder folder;
  const TrainerOptions options{.seed = 1,
                               .threads = 2,
                               .label_smoothing = 0.1,
                               .class_weights = {1, 2, 3, 1, 2, 3, 1, 2, 3, 4}};
  const auto trainer = [&] {
    return Trainer(small_model(), softmax_cross_entropy(), Adam{}, options);
  };
  Trainer whole = trainer();
  whole.fit(small_data(), {.epochs = 2, .batch_size = 32});
  whole.save(folder / "whole");
  Trainer first = trainer();
  first.fit(small_data(), {.epochs = 1, .batch_size = 32});
  first.save(folder / "first");
  Trainer second = trainer();
  second.restore(folder / "first");
  second.fit(small_data(), {.epochs = 2, .batch_size = 32});
  second.save(folder / "second");
  EXPECT_EQ(test::read_bytes(folder / "whole"), test::read_bytes(folder / "second"));
  const Checkpoint checkpoint = Checkpoint::read(folder / "second");
  EXPECT_EQ(checkpoint.settings.label_smoothing, 0.1);
  EXPECT_EQ(checkpoint.settings.class_weights, options.class_weights);
}

std::string target_refusal(Loss loss, const TrainerOptions& options) {
  try {
    Trainer(small_model(), loss, Adam{}, options);
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "none";
}

TEST(SoftTargets, RefuseWhatMakesNoSense) {
  const Loss loss = softmax_cross_entropy();
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  for (const double smoothing : {-0.1, 1.0, 2.0, kNaN})
    EXPECT_THAT(target_refusal(loss, {.label_smoothing = smoothing}),
                HasSubstr("[label smoothing] expected at least 0 and below 1"));
  EXPECT_THAT(target_refusal(loss, {.class_weights = {1, 2}}),
              HasSubstr("[class weights] expected 10, one for each class, got 2"));
  for (const double weight : {0.0, -1.0, kNaN, HUGE_VAL}) {
    std::vector<double> weights(10, 1.0);
    weights[7] = weight;
    EXPECT_THAT(target_refusal(loss, {.class_weights = weights}), HasSubstr("for class 7"));
  }
  for (const Loss other : {sigmoid_cross_entropy(), mean_squared_error()}) {
    EXPECT_THAT(target_refusal(other, {.label_smoothing = 0.1}),
                HasSubstr("[label smoothing] expected the loss softmax_cross_entropy"));
    EXPECT_THAT(target_refusal(other, {.class_weights = std::vector<double>(10, 1.0)}),
                HasSubstr("[class weights] expected the loss softmax_cross_entropy"));
  }
  EXPECT_EQ(target_refusal(loss, {.label_smoothing = 0.99}), "none");
}

TEST(SoftTargets, RefuseDataWithTargetsOfItsOwn) {
  Trainer run(small_model(), softmax_cross_entropy(), Adam{}, {.label_smoothing = 0.1});
  try {
    run.fit(small_data(64).one_hot(), {.epochs = 1, .batch_size = 32});
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_THAT(error.what(), HasSubstr("[label smoothing] expected a data set with classes, "
                                        "'small' has targets"));
  }
  EXPECT_EQ(run.completed_steps(), 0);
  run.fit(small_data(64), {.epochs = 1, .batch_size = 32});
  run.evaluate(small_data(64).one_hot());
}

TEST(SoftTargets, AreSettingsOfACheckpointWhereThereAreAny) {
  RunSettings settings;
  EXPECT_THAT(to_json_text(settings), Not(HasSubstr("class_weights")));
  EXPECT_THAT(to_json_text(settings), Not(HasSubstr("label_smoothing")));
  EXPECT_EQ(settings_from_json_text(to_json_text(settings)).label_smoothing, 0);
  settings.label_smoothing = 0.25;
  settings.class_weights = {1, 0.1};
  const RunSettings back = settings_from_json_text(to_json_text(settings));
  EXPECT_EQ(back.label_smoothing, 0.25);
  EXPECT_EQ(back.class_weights, settings.class_weights);
  settings.class_weights = {1, -1};
  EXPECT_THROW(settings_from_json_text(to_json_text(settings)), DataError);
  settings.class_weights = {};
  settings.label_smoothing = 1.5;
  EXPECT_THROW(settings_from_json_text(to_json_text(settings)), DataError);
}

// What is not finite is found in the layer that made it, as with classes alone.
TEST(SoftTargets, LeaveTheSearchForWhatIsNotFiniteAsItIs) {
  Trainer run(small_model(), softmax_cross_entropy(), Adam{},
              {.seed = 1, .threads = 1, .label_smoothing = 0.1});
  Tensor kernel = run.state("dense1/kernel");
  kernel.values<float>()[0] = std::numeric_limits<float>::infinity();
  run.set_state("dense1/kernel", kernel);
  try {
    run.fit(small_data(64), {.epochs = 1, .batch_size = 32});
    FAIL();
  } catch (const RuntimeFailure& error) {
    EXPECT_THAT(error.what(), HasSubstr("[dense1]"));
  }
}

}  // namespace
}  // namespace evenkeel
