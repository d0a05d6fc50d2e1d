// SPDX-License-Identifier: Apache-2.0
// What a network confuses, held against what the trainer says of it.
#include "evenkeel/study/confusion.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "evenkeel/base/error.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

Trainer trained(Loss loss) {
  Trainer trainer(small_model(), loss, Adam{.learning_rate = 3e-3}, {.seed = 1, .threads = 1});
  trainer.fit(small_data(96), {.epochs = 1, .batch_size = 32});
  return trainer;
}

TEST(Judge, CountsWhatTheTrainerEvaluates) {
  const Dataset data = small_data(300, 2);
  for (const Loss loss : {softmax_cross_entropy(), sigmoid_cross_entropy(), mean_squared_error()}) {
    Trainer trainer = trained(loss);
    const Evaluation expected = trainer.evaluate(data);
    const Judged judged = judge(Predictor(trainer, {.slice = 128}), loss, data, 1000);
    const Confusion& confusion = judged.confusion;
    EXPECT_EQ(confusion.images, 300);
    EXPECT_EQ(confusion.correct, expected.correct) << to_string(loss);
    EXPECT_NEAR(confusion.loss, expected.loss, 1e-5 * expected.loss) << to_string(loss);
    EXPECT_NEAR(confusion.accuracy(), expected.accuracy, 1e-12);
    EXPECT_EQ(std::accumulate(confusion.counts.begin(), confusion.counts.end(), 0), 300);
    EXPECT_EQ(judged.worst.size(), static_cast<std::size_t>(300 - confusion.correct));
  }
}

TEST(Judge, OneHotTargetsCountAsTheirClasses) {
  Trainer trainer = trained(softmax_cross_entropy());
  const Predictor predictor(trainer, {.slice = 128});
  const Judged labels = judge(predictor, trainer.loss(), small_data(100, 2), 3);
  const Judged targets = judge(predictor, trainer.loss(), small_data(100, 2).one_hot(), 3);
  EXPECT_EQ(labels.confusion.counts, targets.confusion.counts);
  EXPECT_DOUBLE_EQ(labels.confusion.loss, targets.confusion.loss);
}

TEST(Judge, ShowsTheLargestLossesFirst) {
  Trainer trainer = trained(softmax_cross_entropy());
  const Dataset data = small_data(200, 3);
  const Predictor predictor(trainer, {.slice = 128});
  const auto all = judge(predictor, trainer.loss(), data, 1000).worst;
  const auto few = judge(predictor, trainer.loss(), data, 5).worst;
  ASSERT_EQ(few.size(), 5U);
  for (std::size_t i = 0; i < few.size(); ++i) {
    const Mistake& each = few[i];
    EXPECT_EQ(each.index, all[i].index);
    EXPECT_LE(each.loss, few[i == 0 ? 0 : i - 1].loss);
    EXPECT_NE(each.label, each.predicted);
    EXPECT_EQ(each.label, data.labels()[static_cast<std::size_t>(each.index)]);
    EXPECT_NEAR(each.loss, -std::log(each.label_probability), 1e-6);
    EXPECT_GE(each.predicted_probability, each.label_probability);
    const auto pixels = data.image(each.index);
    EXPECT_TRUE(std::equal(pixels.begin(), pixels.end(), each.picture.pixels.begin()));
  }
}

TEST(Confusion, RecallAndPrecisionOfClassesWithoutImagesAreUnknown) {
  const Confusion confusion{10, 3, 7, 0, {6, 1, 0, 2, 1, 0, 0, 0, 0}};
  EXPECT_EQ(confusion.accuracy(), 0.7);
  EXPECT_EQ(confusion.images_of(0), 7);
  EXPECT_DOUBLE_EQ(confusion.recall(0), 6.0 / 7);
  EXPECT_DOUBLE_EQ(confusion.precision(0), 6.0 / 8);
  EXPECT_TRUE(std::isnan(confusion.recall(2)));
  EXPECT_TRUE(std::isnan(confusion.precision(2)));
}

TEST(Judge, RefusesImagesOfAnotherSize) {
  Trainer trainer = trained(softmax_cross_entropy());
  const Dataset other("other", Tensor(DType::u8, Shape{2, 8, 8, 1}), {0, 1}, 10);
  EXPECT_THROW(judge(Predictor(trainer), trainer.loss(), other, 1), InvalidArgument);
}

}  // namespace
}  // namespace evenkeel::test
