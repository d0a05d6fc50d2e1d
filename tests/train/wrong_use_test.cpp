// SPDX-License-Identifier: Apache-2.0
// What a caller of the library can get wrong, and what it hears.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/compile/pipeline.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/model/sequential.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/train/predictor.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {
namespace {

using ::testing::HasSubstr;

Model small(const std::string& layer = "") {
  return Sequential("small", image(4, 4, 1).scale(1 / 255.0))
      .flatten()
      .batch_norm({.name = layer})
      .dense(3)
      .build();
}

Dataset stripes(std::int64_t count, std::int64_t classes) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(count * 16));
  std::vector<std::int32_t> labels(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<std::uint8_t>((i * 37) % 251);
  for (std::size_t i = 0; i < labels.size(); ++i)
    labels[i] = static_cast<std::int32_t>(static_cast<std::int64_t>(i) % classes);
  return Dataset("stripes", Tensor::of<std::uint8_t>({count, 4, 4, 1}, pixels), labels, classes);
}

Trainer valid_trainer(const TrainerOptions& options = {.threads = 1}) {
  return Trainer(small(), softmax_cross_entropy(), Adam{}, options);
}

template <typename F>
std::string refusal_of(const F& function) {
  try {
    function();
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "no InvalidArgument";
}

TEST(WrongUseOfTheLibrary, AModelNeedsImagesAndLogits) {
  Graph graph("bare");
  const Value x = ops::input(graph, "x", DType::f32, {kBatch, 3});
  graph.output("y", ops::relu(graph, x));
  EXPECT_THAT(refusal_of([&] { Model{graph}; }), HasSubstr("images"));
  Graph floats("floats");
  const Value images = ops::input(floats, "images", DType::f32, {kBatch, 3});
  floats.output("logits", ops::relu(floats, images));
  EXPECT_THAT(refusal_of([&] { Model{floats}; }), HasSubstr("u8[N,H,W,C]"));
}

TEST(WrongUseOfTheLibrary, LayerNamesThatTrainingTakesAreRefused) {
  for (const char* name : {"labels", "step", "learning_rate", "loss", "scale", "state", "images"})
    EXPECT_THAT(refusal_of([&] { small(name); }), HasSubstr("expected another layer name")) << name;
}

TEST(WrongUseOfTheLibrary, StatisticsThatCannotBeAreRefused) {
  Trainer run = valid_trainer();
  Tensor variance = run.state("bn1/moving_variance");
  variance.values<float>()[3] = -1;
  EXPECT_THAT(refusal_of([&] { run.set_state("bn1/moving_variance", variance); }),
              HasSubstr("at least 0, got -1.0"));
  variance.values<float>()[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(refusal_of([&] { run.set_state("bn1/moving_variance", variance); }),
              HasSubstr("nan"));
  EXPECT_THAT(refusal_of([&] {
                run.set_state("state/bn1/updates_seen", Tensor::of<std::int64_t>(Shape{}, {-1}));
              }),
              HasSubstr("updates_seen"));
  EXPECT_THAT(refusal_of([&] {
                run.set_state("bn1/gamma", Tensor::of<float>({2}, {1, 1}));
              }),
              HasSubstr("f32[16]"));
}

TEST(WrongUseOfTheLibrary, LabelsBeyondTheClassesAreRefused) {
  Trainer run = valid_trainer();
  ASSERT_TRUE(run.fit(stripes(32, 3), {.epochs = 1, .batch_size = 8}));
  EXPECT_THAT(refusal_of([&] { run.evaluate(stripes(32, 5)); }), HasSubstr("at most 3 classes"));
}

TEST(WrongUseOfTheLibrary, AnotherBatchSizeWouldMiscountTheEpochs) {
  Trainer run = valid_trainer();
  ASSERT_TRUE(run.fit(stripes(32, 3), {.epochs = 1, .batch_size = 8}));
  EXPECT_THAT(refusal_of([&] { run.fit(stripes(32, 3), {.epochs = 2, .batch_size = 16}); }),
              HasSubstr("expected 8 as before, got 16"));
  EXPECT_TRUE(run.fit(stripes(32, 3), {.epochs = 2, .batch_size = 8}));
  EXPECT_EQ(run.completed_steps(), 8);
}

TEST(WrongUseOfTheLibrary, OptionsThatMakeNoSense) {
  EXPECT_THAT(refusal_of([] { valid_trainer({.threads = -1}); }), HasSubstr("got -1"));
  EXPECT_THAT(refusal_of([] { valid_trainer({.kernels = "nativ"}); }), HasSubstr("'native'"));
#if !EVENKEEL_HAS_ONEDNN
  EXPECT_THAT(refusal_of([] { valid_trainer({.kernels = "onednn"}); }),
              HasSubstr("without oneDNN"));
#endif
  Trainer run = valid_trainer();
  ASSERT_TRUE(run.fit(stripes(32, 3), {.epochs = 1, .batch_size = 8}));
  EXPECT_THAT(refusal_of([&] { Predictor(run, {.threads = 0}); }), HasSubstr("got 0"));
}

TEST(WrongUseOfTheLibrary, OnlyOptionalPassesCanBeLeftOut) {
  CompileOptions options{.batch = 8};
  options.passes.disabled = {"simplfy"};
  EXPECT_THAT(refusal_of([&] { compile_inference(small().graph(), options); }),
              HasSubstr("did you mean 'simplify'?"));
  options.passes.disabled = {"to_inference"};
  EXPECT_THAT(refusal_of([&] { compile_inference(small().graph(), options); }),
              HasSubstr("can be left out"));
}

TEST(WrongUseOfTheLibrary, PortsAreReadByTheirNameAndDtype) {
  StateStore state(small().graph(), 1);
  Executor executor(compile_inference(small().graph(), {.batch = 2}), state);
  EXPECT_THAT(refusal_of([&] { executor.input_as<float>("images"); }),
              HasSubstr("read or written"));
  EXPECT_THAT(refusal_of([&] { executor.output_as<double>("logits"); }), HasSubstr("f32"));
  EXPECT_THAT(refusal_of([&] { executor.input_as<std::uint8_t>("image"); }),
              HasSubstr("did you mean 'images'?"));
}

}  // namespace
}  // namespace evenkeel
