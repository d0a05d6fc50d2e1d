// SPDX-License-Identifier: Apache-2.0
// Runs of a comparison: what they compute and what they record.
#include "evenkeel/study/compare/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "evenkeel/base/error.h"
#include "evenkeel/recipe/build.h"
#include "evenkeel/study/compare/statistics.h"
#include "evenkeel/train/trainer.h"
#include "tests/study/compare/support.h"

namespace evenkeel::compare {
namespace {

using test::small_data;
using test::small_study;
using ::testing::ElementsAre;

TEST(CompareRun, StepsAreTrainers) {
  const Splits data = small_data();
  const Study study = small_study();
  for (const compare::Run& run : runs_of(study)) {
    const RunRecord record = make_run(study, run, data);
    const Alternative& alternative = study.alternatives[run.alternative];
    Trainer trainer(Model(network_of(study, alternative, data.train)), softmax_cross_entropy(),
                    Sgd{.learning_rate = study.learning_rates[0]},
                    {.seed = run.seed, .threads = 1});
    std::vector<double> losses;
    trainer.fit(data.train, {.epochs = 2,
                             .batch_size = study.batch,
                             .callbacks = {{[&](Trainer&, const BatchEvent& event) {
                               losses.push_back(event.loss);
                             }}}});
    ASSERT_EQ(record.losses.size(), 12U);
    for (std::size_t i = 0; i < losses.size(); ++i) EXPECT_EQ(record.losses[i].loss, losses[i]);
    EXPECT_EQ(record.tests.back().accuracy, trainer.evaluate(data.test).accuracy);
    EXPECT_EQ(record.tests.back().loss, trainer.evaluate(data.test).loss);
  }
}

TEST(CompareRun, WithEveryOptimiserIsTrainers) {
  const Splits data = small_data();
  for (const std::string& name : optimizer_names()) {
    Study study = small_study();
    study.optimizer = name;
    study.learning_rates = {learning_rate_of(default_optimizer(name))};
    const compare::Run run = runs_of(study)[1];
    const RunRecord record = make_run(study, run, data);
    Trainer trainer(Model(network_of(study, study.alternatives[run.alternative], data.train)),
                    softmax_cross_entropy(), default_optimizer(name),
                    {.seed = run.seed, .threads = 1});
    trainer.fit(data.train, {.epochs = 2, .batch_size = study.batch});
    EXPECT_EQ(record.tests.back().loss, trainer.evaluate(data.test).loss) << name;
  }
}

TEST(CompareRun, MomentumIsTheOptimisersOwnUnlessToldOtherwise) {
  Study study = small_study();
  study.optimizer = "muon";
  EXPECT_EQ(std::get<Muon>(optimizer_of(study, 0.5)), (Muon{.learning_rate = 0.5}));
  study.momentum = 0.9;
  EXPECT_EQ(std::get<Muon>(optimizer_of(study, 0.5)).momentum, 0.9);
  study.optimizer = "rmsprop";
  EXPECT_EQ(std::get<Rmsprop>(optimizer_of(study, 0.5)).momentum, 0.9);
  study.optimizer = "adagrad";
  EXPECT_THROW(optimizer_of(study, 0.5), InvalidArgument);
}

TEST(CompareRun, RecordsWhatIsInside) {
  const Study study = small_study();
  const RunRecord record = make_run(study, runs_of(study)[1], small_data());
  EXPECT_EQ(record.steps, 12);
  EXPECT_EQ(record.test_images, 40);
  EXPECT_GT(record.seconds, 0);
  EXPECT_GT(record.step_seconds, 0);
  EXPECT_FALSE(record.diverged);
  ASSERT_FALSE(record.probes.empty());
  const ProbePoint& first = record.probes.front();
  EXPECT_EQ(first.step, 0);
  EXPECT_EQ(record.probes.back().step, 12);
  ASSERT_EQ(first.activations.size(), 3U);
  for (const ActivationPoint& point : first.activations) {
    EXPECT_LT(point.all[0], point.all[1]) << point.layer;
    EXPECT_LT(point.all[1], point.all[2]) << point.layer;
    // Of what batch norm with gamma 1 and beta 0 gives.
    EXPECT_NEAR(point.all[1], 0, 0.4);
    EXPECT_NEAR(point.all[2] - point.all[0], 2, 0.8);
  }
  ASSERT_EQ(first.gradients.size(), 4U);
  for (const GradientPoint& point : first.gradients) EXPECT_GT(point.norm, 0) << point.layer;
  ASSERT_EQ(record.norms.size(), 3U);
  EXPECT_EQ(record.norms[0].layer, "norm1");
  std::vector<std::string> tensors;
  for (const auto& [name, histogram] : record.norms[0].tensors) {
    tensors.push_back(name);
    std::int64_t channels = 0;
    for (const std::int64_t count : histogram.counts) channels += count;
    EXPECT_EQ(channels, 100) << name;
    EXPECT_LE(histogram.low, histogram.high) << name;
  }
  EXPECT_THAT(tensors, ElementsAre("gamma", "beta", "moving_mean", "moving_variance"));
}

TEST(CompareRun, MeasuringChangesNoStep) {
  const Splits data = small_data();
  Study often = small_study();
  often.evaluations = 12;
  Study once = small_study();
  once.evaluations = 1;
  const RunRecord a = make_run(often, runs_of(often)[1], data);
  const RunRecord b = make_run(once, runs_of(once)[1], data);
  EXPECT_GT(a.tests.size(), 8U);
  EXPECT_EQ(b.tests.size(), 1U);
  EXPECT_EQ(a.tests.back().loss, b.tests.back().loss);
}

TEST(CompareRun, DivergenceIsARecord) {
  Study study = small_study();
  study.alternatives = {alternative_of({NormKind::none}, Place::before)};
  study.network = "mlp";  // ReLU: what is large stays large
  study.learning_rates = {1e20};
  const RunRecord record = make_run(study, runs_of(study)[0], small_data());
  ASSERT_TRUE(record.diverged);
  EXPECT_GT(record.diverged->step, 1);
  EXPECT_LE(record.diverged->step, 4);
  EXPECT_FALSE(record.diverged->layer.empty());
  EXPECT_EQ(record.steps, record.diverged->step - 1);
}

TEST(CompareRun, RecordsAreReadBackAsTheyAreWritten) {
  const Study study = small_study();
  const RunRecord record = make_run(study, runs_of(study)[1], small_data());
  const std::string text = to_json(record);
  EXPECT_EQ(to_json(record_from_json("x", text)), text);
  EXPECT_EQ(study_from_json("x", to_json(study)), study);
  EXPECT_THROW(record_from_json("x", "{}"), DataError);
  EXPECT_THROW(record_from_json("x", text.substr(0, text.size() / 2)), DataError);
  EXPECT_THROW(study_from_json("x", "[]"), DataError);
}

TEST(CompareRun, NumbersThatAreNotFiniteSurviveJson) {
  RunRecord record;
  record.tests = {{1, 0.5, NAN, 0.1}};
  const RunRecord back = record_from_json("x", to_json(record));
  EXPECT_TRUE(std::isnan(back.tests[0].loss));
  EXPECT_EQ(back.tests[0].accuracy, 0.1);
}

TEST(CompareRun, LooksMoreOftenAtTheStart) {
  EXPECT_THAT(moments_of(100, 4), ElementsAre(13, 35, 65, 100));
  EXPECT_THAT(moments_of(2, 10), ElementsAre(1, 2));
  EXPECT_THAT(moments_of(1, 1), ElementsAre(1));
}

TEST(CompareRun, TimesEveryAlternative) {
  Study study = small_study();
  study.learning_rates = {0.1, 1};
  const auto seconds = time_alternatives(study, small_data().train);
  ASSERT_EQ(seconds.size(), 2U);
  for (const double each : seconds) EXPECT_GT(each, 0);
}

// The rule that the network itself has gives the same numbers as its own statistics.
TEST(CompareStatistics, RulesMoveBesideEachOther) {
  const Splits data = small_data();
  Study study = preset_study(kStatistics);
  study.network = "mlp";
  study.alternatives = {alternative_of({NormKind::batch}, Place::as_written)};
  study.steps = 5;
  study.batch = 16;
  const RunRecord record = make_run(study, runs_of(study)[0], data);
  ASSERT_EQ(record.statistics.size(), rule_names().size());
  for (std::size_t i = 0; i < rule_names().size(); ++i) {
    EXPECT_EQ(record.statistics[i].rule, rule_names()[i]);
    EXPECT_EQ(record.statistics[i].step, 5);
  }
  EXPECT_EQ(record.statistics[1].rule, "keep 0.99 count-weighted");
  EXPECT_EQ(record.statistics[1].loss, record.tests.back().loss);
  EXPECT_NE(record.statistics[0].loss, record.statistics[1].loss);
}

}  // namespace
}  // namespace evenkeel::compare
