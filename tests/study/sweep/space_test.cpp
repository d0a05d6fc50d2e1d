// SPDX-License-Identifier: Apache-2.0
// What is varied: read, expanded, drawn.
#include "evenkeel/study/sweep/space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "evenkeel/base/error.h"

namespace evenkeel::sweep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

void expect_space_refused(const std::string& text, const std::string& why) {
  try {
    parse_parameter(text);
    ADD_FAILURE() << text << " is taken";
  } catch (const InvalidArgument& error) {
    EXPECT_THAT(error.what(), HasSubstr("--grid")) << text;
    EXPECT_THAT(error.what(), HasSubstr(why)) << text;
  }
}

TEST(SweepParameter, HasChoices) {
  const Parameter parameter = parse_parameter("train.lr=0.001,1e-2");
  EXPECT_EQ(parameter.key, "train.lr");
  EXPECT_THAT(parameter.choices, ElementsAre("0.001", "1e-2"));
  EXPECT_FALSE(parameter.range);
  EXPECT_EQ(to_string(parameter), "train.lr=0.001,1e-2");
}

TEST(SweepParameter, OneChoiceIsEnough) {
  EXPECT_THAT(parse_parameter("model.batch_norm=true").choices, ElementsAre("true"));
}

TEST(SweepParameter, CommasInBracketsAndQuotesBelongToAValue) {
  EXPECT_THAT(parse_parameter("train.class_weights=[1,2],[3,4]").choices,
              ElementsAre("[1,2]", "[3,4]"));
  EXPECT_THAT(parse_parameter("data.name=\"a,b\",c").choices, ElementsAre("\"a,b\"", "c"));
}

TEST(SweepParameter, HasARange) {
  const auto log = parse_parameter("train.lr=1e-4..1e-1:log").range;
  ASSERT_TRUE(log);
  EXPECT_EQ(*log, (Range{1e-4, 1e-1, true, false}));
  EXPECT_EQ(parse_parameter("model.width=8..64").range, (Range{8, 64, false, true}));
  EXPECT_EQ(parse_parameter("optimizer.momentum=0.5..0.99:linear").range,
            (Range{0.5, 0.99, false, false}));
  EXPECT_EQ(parse_parameter("a=-2..-1").range, (Range{-2, -1, false, true}));
}

TEST(SweepParameter, APathWithDotsIsNoRange) {
  EXPECT_THAT(parse_parameter("data.name=../a,../b").choices, ElementsAre("../a", "../b"));
}

TEST(SweepParameter, RefusesWhatIsNeither) {
  expect_space_refused("train.lr", "expected KEY=VALUE");
  expect_space_refused("=1,2", "expected KEY=VALUE");
  expect_space_refused("train.lr=", "commas between");
  expect_space_refused("train.lr=0.1,,0.2", "commas between");
  expect_space_refused("train.lr=0.1,0.10", "0.10 twice");
  expect_space_refused("train.lr=1e-4..x:log", "got 'x'");
  expect_space_refused("train.lr=..0.1", "got ''");
  expect_space_refused("train.lr=1e-4..", "got ''");
  expect_space_refused("train.lr=0.1..0.001", "smaller end first");
  expect_space_refused("train.lr=0.1..0.1", "smaller end first");
  expect_space_refused("train.lr=0..0.1:log", "above 0");
  expect_space_refused("train.lr=-1..1:log", "above 0");
  expect_space_refused("train.lr=0.1..1:lgo", "did you mean 'log'");
  expect_space_refused("train.lr=0.1..1:", "log or linear");
  expect_space_refused("train.lr=nan..1", "got 'nan'");
  expect_space_refused("train.lr=0.1..inf", "got 'inf'");
  expect_space_refused("train.lr=0.1..0.2,0.3", "one range or a list");
  expect_space_refused("train.class_weights=[1,2", "closed");
  expect_space_refused("data.name=\"a", "closed");
}

TEST(SweepParameter, RefusesAKeyTwice) {
  EXPECT_THROW(parse_parameters({"train.lr=0.1", "train.lr=0.2"}), InvalidArgument);
  EXPECT_EQ(parse_parameters({"train.lr=0.1", "train.batch=2"}).size(), 2U);
}

TEST(SweepGrid, HasEveryChoiceWithEveryOther) {
  const auto all = grid(parse_parameters({"a=1,2", "b=x,y,z"}));
  EXPECT_THAT(all,
              ElementsAre(ElementsAre("1", "x"), ElementsAre("1", "y"), ElementsAre("1", "z"),
                          ElementsAre("2", "x"), ElementsAre("2", "y"), ElementsAre("2", "z")));
}

TEST(SweepGrid, RefusesRangesAndMoreThanCanBe) {
  EXPECT_THROW(grid(parse_parameters({"a=1..2"})), InvalidArgument);
  std::string list = "=0";
  for (int i = 1; i < 101; ++i) list += "," + std::to_string(i);
  EXPECT_EQ(grid(parse_parameters({"a" + list})).size(), 101U);
  EXPECT_THROW(grid(parse_parameters({"a" + list, "b" + list})), InvalidArgument);
}

TEST(SweepDraw, IsAFunctionOfTheSeed) {
  const auto parameters = parse_parameters({"train.lr=1e-4..1e-1:log", "train.batch=32,64,128"});
  const auto first = draw(parameters, 20, 1);
  EXPECT_EQ(first, draw(parameters, 20, 1));
  EXPECT_NE(first, draw(parameters, 20, 2));
  // More of them begin with the same.
  const auto more = draw(parameters, 30, 1);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), more.begin()));
}

TEST(SweepDraw, AParameterMoreLeavesTheOthersAsTheyAre) {
  const auto one = draw(parse_parameters({"a=0.0..1.0"}), 10, 3);
  const auto two = draw(parse_parameters({"a=0.0..1.0", "b=0.0..1.0"}), 10, 3);
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i][0], two[i][0]);
}

TEST(SweepDraw, StaysWithinTheRangeAndFillsIt) {
  const auto parameters =
      parse_parameters({"log=1e-4..1e-1:log", "linear=0.0..1.0", "whole=1..4", "any=1..1000:log"});
  int below_middle = 0;
  std::set<std::string> wholes;
  const auto drawn = draw(parameters, 400, 7);
  for (const Values& values : drawn) {
    const double log = *number_of(values[0]);
    EXPECT_GE(log, 1e-4);
    EXPECT_LE(log, 1e-1);
    below_middle += log < std::sqrt(1e-4 * 1e-1) ? 1 : 0;
    EXPECT_GE(*number_of(values[1]), 0);
    EXPECT_LE(*number_of(values[1]), 1);
    wholes.insert(values[2]);
    const double any = *number_of(values[3]);
    EXPECT_EQ(any, std::round(any));
    EXPECT_GE(any, 1);
    EXPECT_LE(any, 1000);
  }
  EXPECT_NEAR(below_middle, 200, 50);
  EXPECT_THAT(wholes, ElementsAre("1", "2", "3", "4"));
}

TEST(SweepDraw, GivesNoCombinationTwice) {
  const auto parameters = parse_parameters({"a=1,2", "b=1,2,3"});
  const auto all = draw(parameters, 6, 1);
  EXPECT_EQ(std::set(all.begin(), all.end()).size(), 6U);
  EXPECT_THROW(draw(parameters, 7, 1), InvalidArgument);
}

}  // namespace
}  // namespace evenkeel::sweep
