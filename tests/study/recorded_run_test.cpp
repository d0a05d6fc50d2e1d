// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/recorded_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os_lock.h"
#include "tests/support/idx_files.h"

namespace evenkeel::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

const char* const kRows =
    R"({"event":"batch","step":1,"epoch":1,"loss":2.3,"accuracy":0.1,"images_per_second":100}
{"event":"batch","step":10,"epoch":1,"loss":null,"accuracy":0.2,"images_per_second":300}
{"event":"batch","step":20,"epoch":1,"loss":1.1,"accuracy":0.3,"images_per_second":200}
{"event":"epoch","step":20,"epoch":1,"loss":1.5,"accuracy":0.3,"seconds":12}
{"event":"evaluation","split":"validation","step":20,"epoch":1,"loss":0.9,"accuracy":0.7,"best":true}
{"event":"evaluation","split":"test","step":20,"epoch":1,"loss":0.8,"accuracy":0.71,"images":50}
{"event":"epoch","step":40,"epoch":2,"loss":1.2,"accuracy":0.5,"seconds":9}
{"event":"evaluation","split":"validation","step":40,"epoch":2,"loss":0.7,"accuracy":0.7,"best":true}
)";
const char* const kDone =
    R"({"event":"done","step":40,"seconds":9.5,"loss":0.6,"accuracy":0.8}
)";

class RecordedRunTest : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    write_bytes(folder_ / name, bytes_of(text));
  }
  RecordedRun read() const { return read_recorded_run(folder_.path()); }
  TemporaryFolder folder_;
};

TEST_F(RecordedRunTest, TellsSettingsAndWhatCameOfThem) {
  write("recipe.toml", "[model]\nname = \"mlp\"\n[train]\nlr = 0.01\n");
  write("run.json", "{\"batch\": \"64\"}");
  write("environment.json", "{\"threads\": 2}");
  write("metrics.jsonl", std::string(kRows) + kDone);
  const RecordedRun run = read();
  EXPECT_EQ(run.name, folder_.path().filename());
  EXPECT_EQ(run.state, RunState::finished);
  EXPECT_TRUE(run.has_recipe);
  EXPECT_THAT(run.settings, ElementsAre(Pair("model.name", "\"mlp\""), Pair("train.lr", "0.01")));
  EXPECT_EQ(run.environment, "{\"threads\": 2}");
  EXPECT_THAT(run.remarks, IsEmpty());

  const RunOutcome outcome = outcome_of(run);
  EXPECT_EQ(outcome.step, 40);
  EXPECT_EQ(outcome.epoch, 2);
  EXPECT_EQ(outcome.seconds, 12 + 9.5);  // it went on after the first epoch
  EXPECT_EQ(outcome.images_per_second, 200);
  ASSERT_TRUE(outcome.test);
  EXPECT_EQ(outcome.test->accuracy, 0.8);
  ASSERT_TRUE(outcome.best_validation);
  EXPECT_EQ(outcome.best_validation->step, 40);  // as accurate, with a smaller loss
}

TEST_F(RecordedRunTest, KnowsWhetherSomebodyTrainsIt) {
  write("metrics.jsonl", kRows);
  EXPECT_EQ(read().state, RunState::interrupted);
  EXPECT_EQ(outcome_of(read()).test->accuracy, 0.71);
  const os::FileLock lock(folder_ / "lock");
  EXPECT_EQ(read().state, RunState::training);
}

TEST_F(RecordedRunTest, OfAnOlderVersionHasTheNotesAlone) {
  write("run.json", "{\"batch\": \"64\", \"model\": \"mlp\"}");
  const RecordedRun run = read();
  EXPECT_EQ(run.state, RunState::unknown);
  EXPECT_THAT(run.settings, ElementsAre(Pair("batch", "64"), Pair("model", "mlp")));
  EXPECT_THAT(run.remarks, ElementsAre(HasSubstr("There is no metrics.jsonl")));
  EXPECT_EQ(outcome_of(run).step, 0);
  EXPECT_TRUE(std::isnan(outcome_of(run).seconds));
}

TEST_F(RecordedRunTest, DamagedFilesAreRemarks) {
  write("run.json", "{");
  write("recipe.toml", "a = = 1");
  write("metrics.jsonl", "nonsense\n" + std::string(kRows));
  write("best.json", "[]");
  const RecordedRun run = read();
  EXPECT_FALSE(run.has_recipe);
  EXPECT_EQ(run.rows.size(), 8U);
  EXPECT_FALSE(run.best);
  EXPECT_THAT(run.remarks, ElementsAre(HasSubstr("run.json"), HasSubstr("recipe.toml:1"),
                                       HasSubstr("1 line is no JSON")));
}

TEST_F(RecordedRunTest, OfAFileIsThatOfItsFolder) {
  write("alone.safetensors", "");
  const RecordedRun alone = read_recorded_run(folder_ / "alone.safetensors");
  EXPECT_TRUE(alone.folder.empty());
  EXPECT_EQ(alone.name, "alone.safetensors");
  write("metrics.jsonl", kRows);
  EXPECT_EQ(read_recorded_run(folder_ / "alone.safetensors").rows.size(), 8U);
}

TEST_F(RecordedRunTest, ThatIsNoneSaysWhereRunsAre) {
  try {
    read_recorded_run(folder_ / "none");
    FAIL() << "expected a DataError";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("runs are below runs/"));
  }
  write("notes.txt", "mine");
  EXPECT_THROW(read(), DataError);
}

TEST(DifferingSettings, AreThoseWithMoreThanOneValue) {
  RecordedRun a;
  RecordedRun b;
  a.settings = {{"lr", "0.1"}, {"batch", "8"}, {"old", "1"}};
  b.settings = {{"lr", "0.2"}, {"batch", "8"}, {"new", "2"}};
  const auto differing = differing_settings({&a, &b});
  ASSERT_EQ(differing.size(), 3U);
  EXPECT_EQ(differing[0].key, "lr");
  EXPECT_THAT(differing[0].values, ElementsAre("0.1", "0.2"));
  EXPECT_THAT(differing[1].values, ElementsAre("1", ""));
  EXPECT_EQ(differing[2].key, "new");
  EXPECT_THAT(differing_settings({&a}), IsEmpty());
}

}  // namespace
}  // namespace evenkeel::test
