// SPDX-License-Identifier: Apache-2.0
// `predict --json`: one object a line.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/predict_run.h"

namespace evenkeel::test {
namespace {

using nlohmann::json;

TEST(PredictJson, HasAnObjectForEveryImageAndNoPictures) {
  PredictRun run;
  const Outcome outcome = run.predict({"digit.png", "digit.jpg", "--index", "3-4", "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const auto lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 4U);
  const json file = json::parse(lines[0]);
  EXPECT_EQ(file.at("event"), "prediction");
  EXPECT_EQ(file.at("file"), "digit.png");
  EXPECT_FALSE(file.contains("label"));
  const json place = json::parse(lines[3]);
  EXPECT_EQ(place.at("data"), "mnist");
  EXPECT_EQ(place.at("split"), "test");
  EXPECT_EQ(place.at("index"), 4);
  EXPECT_EQ(place.at("correct"), place.at("label") == place.at("class"));
  EXPECT_EQ(place.at("top").size(), 3U);
  EXPECT_EQ(place.at("top")[0].at("class"), place.at("class"));
}

TEST(PredictJson, AllClassesInTheirOrderAddUpToOne) {
  PredictRun run;
  const json object = json::parse(run.predict({"digit.png", "--top", "99", "--json"}).out);
  const json& top = object.at("top");
  ASSERT_EQ(top.size(), 10U);
  double sum = 0;
  for (std::size_t i = 0; i < top.size(); ++i) {
    sum += top[i].at("probability").get<double>();
    if (i == 0) continue;
    EXPECT_LE(top[i].at("probability"), top[i - 1].at("probability"));
  }
  EXPECT_NEAR(sum, 1, 1e-5);
}

TEST(PredictJson, SameNumbersAloneAndAmongOthers) {
  PredictRun run;
  const auto lines =
      lines_of(run.predict({"digit.jpg", "digit.png", "--index", "0-19", "--json"}).out);
  EXPECT_EQ(lines.at(1), lines_of(run.predict({"digit.png", "--json"}).out).at(0));
}

TEST(PredictJson, AFileNameThatIsNoTextIsStillAnObject) {
  PredictRun run;
  write_bytes(run.path("\xff.png"), run.bytes("digit.png"));
  const Outcome outcome = run.predict({"\xff.png", "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(json::accept(outcome.out)) << outcome.out;
}

}  // namespace
}  // namespace evenkeel::test
