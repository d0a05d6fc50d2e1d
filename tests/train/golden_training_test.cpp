// SPDX-License-Identifier: Apache-2.0
// What follows a run against other programs: averages of weights by PyTorch and TensorFlow, and
// where Keras ends it early (tests/golden/training.json).
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "evenkeel/graph/ops.h"
#include "evenkeel/train/early_stopping.h"
#include "evenkeel/train/weight_averaging.h"
#include "tests/support/paths.h"

namespace evenkeel {
namespace {

using GoldenJson = nlohmann::json;

constexpr std::int64_t kAveragedSteps = 100;
constexpr std::int64_t kAveragedSize = 6;

const GoldenJson& golden_training() {
  static const GoldenJson golden = [] {
    std::ifstream file(std::string(test::kSourceDir) + "/tests/golden/training.json");
    return GoldenJson::parse(file);
  }();
  return golden;
}

// What make_training_golden.py takes training to have made of the weights.
Tensor weights_after(std::int64_t step) {
  Tensor weights(DType::f64, Shape{kAveragedSize});
  for (std::int64_t i = 0; i < kAveragedSize; ++i)
    weights.values<double>()[static_cast<std::size_t>(i)] =
        static_cast<double>(7919 * (step * kAveragedSize + i + 1) % 1009) / 1009 - 0.5;
  return weights;
}

Graph one_parameter() {
  Graph network("averaged");
  ops::parameter(network, "w", Shape{kAveragedSize}, Initializer::zeros, DType::f64,
                 Role::parameter);
  return network;
}

// The averages of a run of those weights.
class AveragedCourse {
 public:
  explicit AveragedCourse(const WeightAverage& average)
      : state_(network_, 1),
        averaging_(network_, average, state_, machine_, {}, std::make_shared<Workspace>()) {
    state_.set("w", weights_after(0));
  }

  void step(std::int64_t step) {
    averaging_.before_step();
    state_.set("w", weights_after(step));
    averaging_.after_step(step);
  }
  void expect(const GoldenJson& numbers, double within, std::int64_t step) const {
    const Tensor average = averaging_.tensors().at("w");
    ASSERT_EQ(numbers.size(), static_cast<std::size_t>(kAveragedSize));
    for (std::size_t i = 0; i < numbers.size(); ++i)
      EXPECT_NEAR(average.values<double>()[i], numbers[i].get<double>(), within) << "step " << step;
  }
  std::int64_t count() const {
    return state_.get(std::string(kAveraged)).values<std::int64_t>()[0];
  }

 private:
  Graph network_ = one_parameter();
  Machine machine_ = {.threads = 1};
  StateStore state_;
  WeightAveraging averaging_;
};

// A course to its end, compared wherever the file has numbers.
void expect_course(AveragedCourse& course, const GoldenJson& averages) {
  std::size_t compared = 0;
  for (std::int64_t step = 1; step <= kAveragedSteps; ++step) {
    course.step(step);
    const auto found = averages.find(std::to_string(step));
    if (found == averages.end()) continue;
    course.expect(*found, 1e-13, step);
    ++compared;
  }
  EXPECT_EQ(compared, averages.size());
}

TEST(GoldenTraining, SwaIsPytorchsAveragedModel) {
  for (const GoldenJson& golden : golden_training().at("swa")) {
    AveragedCourse course(WeightAverage::swa(golden.at("start"), golden.at("every")));
    expect_course(course, golden.at("averages"));
    EXPECT_EQ(course.count(), golden.at("count"));
  }
}

TEST(GoldenTraining, EmaIsTensorflowsAndPytorchs) {
  for (const GoldenJson& golden : golden_training().at("ema")) {
    AveragedCourse course(WeightAverage::ema(golden.at("keep")));
    expect_course(course, golden.at("averages"));
    // TensorFlow's own numbers; it takes 1 - decay in f32.
    course.expect(golden.at("tensorflow"), 1e-7, kAveragedSteps);
  }
}

TEST(GoldenTraining, EarlyStoppingEndsWhereKerasDoes) {
  const GoldenJson& golden = golden_training().at("early_stopping");
  ASSERT_EQ(golden.at("ends").size(), 48U);
  for (const GoldenJson& run : golden.at("ends")) {
    const bool loss = run.at("metric") == "loss";
    EarlyStopping stopping({.metric = loss ? Metric::loss : Metric::accuracy,
                            .patience = run.at("patience"),
                            .min_delta = run.at("min_delta")});
    std::int64_t looks = 0;
    std::int64_t end = 0;
    for (const double value : golden.at(loss ? "losses" : "accuracies")) {
      Evaluation evaluation;
      (loss ? evaluation.loss : evaluation.accuracy) = value;
      if (stopping.update(evaluation, ++looks) && end == 0) end = looks;
    }
    EXPECT_EQ(end, run.at("end").get<std::int64_t>()) << run;
  }
}

}  // namespace
}  // namespace evenkeel
