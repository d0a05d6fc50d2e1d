// SPDX-License-Identifier: Apache-2.0
// TrainerOptions::average: what follows the weights, and what predicts with it.
#include "evenkeel/train/weight_average.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "evenkeel/formats/safetensors.h"
#include "evenkeel/train/predictor.h"
#include "tests/train/averaged_run.h"

namespace evenkeel::test {
namespace {

const std::vector<std::string> kWeights = {"bn1/gamma",   "bn1/beta",      "dense1/kernel",
                                           "dense1/bias", "dense2/kernel", "dense2/bias"};

// Weights as the run has them at the beginning and after each step, in double.
using Course = std::vector<std::vector<double>>;

Course course_of(Trainer& trainer, const std::string& weight, std::int64_t epochs,
                 std::int64_t accumulate = 1) {
  const auto numbers = [&](const Trainer& run) {
    const Tensor tensor = run.state(weight);
    const auto values = tensor.values<double>();
    return std::vector<double>(values.begin(), values.end());
  };
  Course course = {numbers(trainer)};
  const Callback look{
      .on_batch = [&](Trainer& run, const BatchEvent&) { course.push_back(numbers(run)); }};
  trainer.fit(small_data(), {.epochs = epochs,
                             .batch_size = 32 / accumulate,
                             .callbacks = {look},
                             .accumulate = accumulate});
  return course;
}

void expect_average(const Trainer& trainer, const std::string& weight,
                    const std::vector<double>& expected) {
  const Tensor tensor = trainer.state("state/average/" + weight);
  const auto values = tensor.values<double>();
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(values[i], expected[i], 1e-12) << weight << " " << i;
}

TEST(WeightAverage, AnExponentialOneIsThatOfTheFormula) {
  for (const double keep : {0.4, 0.999}) {
    for (const std::int64_t accumulate : {1, 2}) {
      Trainer run = averaged_trainer(WeightAverage::ema(keep), {.precision = Precision::f64});
      const Course course = course_of(run, "dense2/kernel", 2, accumulate);
      std::vector<double> average = course[0];
      for (std::size_t t = 1; t < course.size(); ++t) {
        const double n = static_cast<double>(t);
        const double k = std::min(keep, (n + 1) / (n + 10));
        for (std::size_t i = 0; i < average.size(); ++i)
          average[i] = k * average[i] + (1 - k) * course[t][i];
      }
      EXPECT_EQ(course.size(), 21U);
      expect_average(run, "dense2/kernel", average);
    }
  }
}

// torch.optim.swa_utils.AveragedModel: a + (w - a) / (n + 1), updated at the steps of our choice.
TEST(WeightAverage, TheMeanOfTheLaterWeightsIsPytorchs) {
  for (const auto& [start, every] :
       {std::pair<std::int64_t, std::int64_t>{0, 1}, {7, 1}, {5, 4}, {19, 1}, {30, 1}}) {
    Trainer run = averaged_trainer(WeightAverage::swa(start, every), {.precision = Precision::f64});
    const Course course = course_of(run, "bn1/gamma", 2);
    std::vector<double> average(course[0].size());
    std::int64_t n = 0;
    for (std::int64_t t = start + every; t <= 20; t += every) {
      for (std::size_t i = 0; i < average.size(); ++i)
        average[i] +=
            (course[static_cast<std::size_t>(t)][i] - average[i]) / (static_cast<double>(n) + 1);
      ++n;
    }
    EXPECT_EQ(run.state(kCount), Tensor::of<std::int64_t>(Shape{}, {n}));
    expect_average(run, "bn1/gamma", average);
  }
}

TEST(WeightAverage, InFloatsStaysCloseToTheFormula) {
  Trainer wide = averaged_trainer(WeightAverage::ema(0.9), {.precision = Precision::f64});
  Trainer narrow = averaged_trainer(WeightAverage::ema(0.9));
  fit(wide, 1);
  fit(narrow, 1);
  for (const std::string& name : kWeights) {
    const Tensor a = wide.state("state/average/" + name);
    const Tensor b = narrow.state("state/average/" + name);
    for (std::size_t i = 0; i < a.values<double>().size(); ++i)
      EXPECT_NEAR(a.values<double>()[i], b.values<float>()[i], 2e-4) << name;
  }
}

TEST(WeightAverage, LeavesTrainingAsItIs) {
  Trainer plain = averaged_trainer({});
  fit(plain, 2);
  for (const WeightAverage& average :
       {WeightAverage::ema(0.9), WeightAverage::swa(5, 2), WeightAverage::swa(0)}) {
    Trainer run = averaged_trainer(average);
    const Callback look{.on_batch = [](Trainer& self, const BatchEvent& event) {
      if (event.batch % 3 == 0) self.evaluate(small_data(50, 2));
    }};
    run.fit(small_data(), {.epochs = 2, .batch_size = 32, .callbacks = {look}});
    for (const std::string& name : plain.state_names())
      EXPECT_EQ(run.state(name), plain.state(name)) << name;
  }
}

TEST(WeightAverage, IsEvaluatedSavedAndPredictedWith) {
  const TemporaryFolder folder;
  for (const WeightAverage& average : {WeightAverage::ema(0.9), WeightAverage::swa(3, 2)}) {
    Trainer run = averaged_trainer(average);
    fit(run, 1);
    run.save(folder / "net");
    const auto file = SafetensorsFile::read(folder / "net");
    for (const std::string& name : kWeights) {
      EXPECT_EQ(file.tensor(name), run.state("state/average/" + name)) << name;
      EXPECT_EQ(file.tensor("state/average/" + name), file.tensor(name)) << name;
      EXPECT_EQ(file.tensor("state/run/" + name), run.state(name)) << name;
      EXPECT_EQ(run.predicting_state(name), file.tensor(name)) << name;
      EXPECT_NE(file.tensor(name), run.state(name)) << name;
    }
    EXPECT_NE(file.tensor("bn1/moving_mean"), run.state("bn1/moving_mean"));
    const Evaluation evaluation = run.evaluate(unseen());
    Trainer restored = averaged_trainer(average);
    restored.restore(folder / "net");
    EXPECT_EQ(restored.evaluate(unseen()).loss, evaluation.loss);
    std::vector<float> from_trainer(1500);
    std::vector<float> from_file(1500);
    Predictor(run).logits(unseen().images(), from_trainer);
    Predictor::load(folder / "net").logits(unseen().images(), from_file);
    EXPECT_EQ(from_trainer, from_file);
    double loss = 0;
    for (std::size_t i = 0; i < 150; ++i) {
      double sum = 0;
      for (std::size_t k = 0; k < 10; ++k) sum += std::exp(from_file[10 * i + k]);
      loss += std::log(sum) - from_file[10 * i + static_cast<std::size_t>(unseen().labels()[i])];
    }
    EXPECT_NEAR(evaluation.loss, loss / 150, 1e-5);
  }
}

// Those that recalibrate() finds for a network with the averaged weights.
TEST(WeightAverage, StatisticsAreThoseOfTheAveragedWeights) {
  const Model model = Sequential("deep", image(28, 28, 1).scale(1 / 255.0))
                          .max_pool2d(4)
                          .flatten()
                          .dense(8, {.bias = false})
                          .batch_norm()
                          .dense(10)
                          .build();
  Trainer run = averaged_trainer(WeightAverage::ema(0.95), {}, model);
  fit(run, 2);
  Trainer other = averaged_trainer({}, {}, model);
  fit(other, 1);
  for (const char* name :
       {"dense1/kernel", "bn1/gamma", "bn1/beta", "dense2/kernel", "dense2/bias"})
    other.set_state(name, run.state(std::string("state/average/") + name));
  other.recalibrate(small_data(), {.images = 100, .batch_size = 32, .seed = 1});
  for (const char* name : {"bn1/moving_mean", "bn1/moving_variance"}) {
    EXPECT_EQ(run.predicting_state(name), other.state(name)) << name;
    EXPECT_NE(run.predicting_state(name), run.state(name)) << name;
  }
  EXPECT_EQ(run.evaluate(unseen()).loss, other.evaluate(unseen()).loss);
}

TEST(WeightAverage, AResumedRunEqualsOneThatNeverStopped) {
  const TemporaryFolder folder;
  for (const WeightAverage& average :
       {WeightAverage::ema(0.9), WeightAverage::swa(15, 3), WeightAverage::swa(2)}) {
    for (const std::int64_t accumulate : {1, 4}) {
      Trainer whole = averaged_trainer(average);
      fit(whole, 3, -1, accumulate);
      whole.save(folder / "whole");
      Trainer first = averaged_trainer(average);
      fit(first, 3, 13, accumulate);
      first.save(folder / "part");
      Trainer second = averaged_trainer(average);
      second.restore(folder / "part");
      second.save(folder / "part again");
      fit(second, 3, -1, accumulate);
      second.save(folder / "resumed");
      EXPECT_EQ(read_bytes(folder / "part"), read_bytes(folder / "part again"));
      EXPECT_EQ(read_bytes(folder / "whole"), read_bytes(folder / "resumed"));
    }
  }
}

TEST(WeightAverage, EvaluatingAndSavingChangeNothing) {
  const TemporaryFolder folder;
  Trainer run = averaged_trainer(WeightAverage::ema(0.9));
  fit(run, 1);
  run.save(folder / "before");
  run.evaluate(unseen());
  run.evaluate(unseen(), {.statistics = Recalibrated{.images = 32}});
  run.predicting_state("dense1/kernel");
  run.save(folder / "after");
  EXPECT_EQ(read_bytes(folder / "before"), read_bytes(folder / "after"));
}

TEST(WeightAverage, UntilThereIsOneTheWeightsPredict) {
  const TemporaryFolder folder;
  Trainer plain = averaged_trainer({}, {.statistics = Recalibrated{.images = 100}});
  Trainer run = averaged_trainer(WeightAverage::swa(10));
  for (Trainer* each : {&plain, &run}) fit(*each, 1);
  EXPECT_EQ(run.evaluate(unseen()).loss, plain.evaluate(unseen()).loss);
  EXPECT_EQ(run.predicting_state("dense1/kernel"), run.state("dense1/kernel"));
  run.save(folder / "net");
  EXPECT_FALSE(SafetensorsFile::read(folder / "net").tensors.contains("state/run/dense1/kernel"));
  for (Trainer* each : {&plain, &run}) fit(*each, 2, 12);
  EXPECT_NE(run.evaluate(unseen()).loss, plain.evaluate(unseen()).loss);
}

TEST(WeightAverage, AnExponentialOneStartsFromTheWeightsThatTrainingStartsFrom) {
  Trainer run = averaged_trainer(WeightAverage::ema(0.9));
  Tensor kernel = run.state("dense2/kernel");
  for (float& value : kernel.values<float>()) value = 100;
  run.set_state("dense2/kernel", kernel);
  fit(run, 1, 1);
  // 2/11 of 100, and 9/11 of what is about 100.
  const Tensor average = run.state("state/average/dense2/kernel");
  for (const float value : average.values<float>()) EXPECT_NEAR(value, 100, 0.1);
}

}  // namespace
}  // namespace evenkeel::test
