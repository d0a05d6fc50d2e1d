// SPDX-License-Identifier: Apache-2.0
// What `train --json` prints, and what a run folder's JSON says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/tiny_run.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::ElementsAre;

std::vector<json> objects_of(const std::string& text) {
  std::vector<json> objects;
  for (const std::string& line : lines_of(text)) objects.push_back(json::parse(line));
  return objects;
}

std::vector<std::string> events_of(const std::vector<json>& objects) {
  std::vector<std::string> events;
  events.reserve(objects.size());
  for (const json& object : objects) events.push_back(object.at("event"));
  return events;
}

TEST(Train, JsonIsOneObjectALine) {
  TinyRun run;
  const Outcome outcome = run.run(TinyRun::train("out", 1, {"--json", "--save-every", "10"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto objects = objects_of(outcome.out);
  EXPECT_THAT(events_of(objects), ElementsAre("start", "batch", "saved", "epoch", "saved",
                                              "evaluation", "evaluation", "done"));
  for (const json& object : objects) EXPECT_EQ(object.at("data"), "mnist");
  EXPECT_EQ(objects[0].at("train_images"), 121);
  EXPECT_EQ(objects[1].at("step"), 1);
  EXPECT_EQ(objects[5].at("split"), "validation");
  const json& done = objects.back();
  EXPECT_EQ(done.at("steps"), 15);
  EXPECT_EQ(done.at("checkpoint"), "out/step-00000015.safetensors");
  EXPECT_EQ(done.at("accuracy"), objects[6].at("accuracy"));
  for (const char* key :
       {"loss", "seconds", "images_per_second", "median_step_seconds", "longest_step_seconds",
        "saving_seconds", "seconds_to_first_step", "peak_memory_bytes"})
    EXPECT_GT(done.at(key).get<double>(), 0) << key;
}

TEST(Train, QuietPrintsTheResultAlone) {
  TinyRun run;
  const Outcome text = run.run(TinyRun::train("a", 1, {"--quiet"}));
  EXPECT_EQ(text.err, "");
  EXPECT_EQ(lines_of(text.out).size(), 2U);
  const Outcome objects = run.run(TinyRun::train("b", 1, {"--quiet", "--json"}));
  EXPECT_THAT(events_of(objects_of(objects.out)), ElementsAre("evaluation", "done"));
}

TEST(Train, WritesCheckpointsAndNamesTheBest) {
  TinyRun run;
  ASSERT_EQ(run.run(TinyRun::train("out", 2, {"--save-every", "10"})).code, 0);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(run.path("out")))
    if (!entry.path().filename().string().starts_with("events.out.tfevents."))
      names.push_back(entry.path().filename());
  EXPECT_THAT(names,
              ::testing::UnorderedElementsAre(
                  "step-00000010.safetensors", "step-00000015.safetensors",
                  "step-00000020.safetensors", "step-00000030.safetensors", "best.json", "run.json",
                  "recipe.toml", "environment.json", "metrics.jsonl", "log.txt", "lock"));
  const auto text = run.bytes("out/best.json");
  const json best = json::parse(reinterpret_cast<const char*>(text.data()),
                                reinterpret_cast<const char*>(text.data()) + text.size());
  EXPECT_TRUE(fs::exists(run.path("out") / best.at("checkpoint").get<std::string>()));
  EXPECT_GT(best.at("accuracy").get<double>(), 0);
}

TEST(Train, EvaluationsCanBeSwitchedOff) {
  TinyRun run;
  const Outcome outcome =
      run.run(TinyRun::train("out", 1, {"--log-every", "0", "--eval-every", "0", "--json"}));
  EXPECT_THAT(events_of(objects_of(outcome.out)),
              ElementsAre("start", "epoch", "saved", "evaluation", "done"));
  EXPECT_FALSE(fs::exists(run.path("out/best.json")));
}

TEST(Train, ProfileIsAnObjectToo) {
  TinyRun run;
  const auto objects = objects_of(run.run(TinyRun::train("b", 1, {"--profile", "--json"})).out);
  EXPECT_THAT(events_of(objects), ::testing::Contains("profile"));
}

}  // namespace
}  // namespace evenkeel::test
