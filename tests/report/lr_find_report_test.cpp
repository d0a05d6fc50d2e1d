// SPDX-License-Identifier: Apache-2.0
// A range test as text, numbers and picture.
#include "evenkeel/report/lr_find_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "evenkeel/report/sparkline.h"
#include "tests/report/page_check.h"

namespace evenkeel {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Falls from 2.3 to 0.3 around 10^-3, grows from 10^-1 on.
LrFind found() {
  LrFind find;
  for (int i = 0; i <= 160; ++i) {
    const double power = -7 + i / 20.0;
    const double loss =
        2.3 - 2 / (1 + std::exp(-4 * (power + 3))) + (power > -1 ? 8 * (power + 1) : 0);
    find.points.push_back({std::pow(10, power), loss, loss});
  }
  find.end = LrEnd::diverged;
  find.suggestion = suggest_rate(find.points);
  return find;
}

LrFind without(LrVerdict verdict) {
  LrFind find = found();
  find.suggestion.verdict = verdict;
  return find;
}

TEST(LrFindText, SaysWhatTheSuggestionRestsOn) {
  const std::string text = lr_find_text(found());
  EXPECT_THAT(text, HasSubstr("Suggested learning rate: 0.00316. The loss falls fastest at 0.001, "
                              "by "));
  EXPECT_THAT(text, HasSubstr("and is smallest at 0.1: "));
  EXPECT_THAT(text, HasSubstr("the geometric mean of the former and a tenth of the latter, 0.01."));
  EXPECT_THAT(text, HasSubstr("The loss diverged at a rate of 10."));
  EXPECT_THAT(text, HasSubstr("█"));
  EXPECT_THAT(lr_find_text(found(), 0), Not(HasSubstr("█")));
}

TEST(LrFindText, HasTwoRowsForAFactorOfTen) {
  const std::string text = lr_find_text(found());
  for (const char* rate : {"1e-7", "0.001", "0.00316", "0.01", "10"})
    EXPECT_THAT(text, HasSubstr(std::string("  ") + rate + "  ")) << text;
}

TEST(LrFindText, SaysWhyThereIsNoSuggestion) {
  const auto text = [](LrVerdict verdict) { return lr_find_text(without(verdict)); };
  EXPECT_THAT(text(LrVerdict::flat), HasSubstr("No suggestion: the loss hardly falls"));
  EXPECT_THAT(text(LrVerdict::rising), HasSubstr("smaller --from"));
  EXPECT_THAT(text(LrVerdict::noisy), HasSubstr("larger --batch"));
  EXPECT_THAT(text(LrVerdict::too_few), HasSubstr("more --steps"));
}

TEST(LrFindText, OfNothingIsASentence) {
  LrFind find;
  find.end = LrEnd::not_finite;
  find.end_text = "[conv1] a value that is not finite";
  EXPECT_THAT(lr_find_text(find), HasSubstr("No step was made: [conv1]"));
  EXPECT_EQ(test::unbalanced(lr_find_page(find, "mlp")), "");
}

TEST(LrFindJson, HoldsEvidenceAndPoints) {
  const Json json = Json::parse(lr_find_json(found()));
  EXPECT_EQ(json["verdict"], "found");
  EXPECT_NEAR(json["learning_rate"].get<double>(), 3.16e-3, 5e-4);
  EXPECT_NEAR(json["minimum"].get<double>(), 0.1, 0.02);
  EXPECT_EQ(json["end"], "diverged");
  EXPECT_EQ(json["points"].size(), 161U);
}

TEST(LrFindJson, WhatMeansNothingIsNull) {
  const Json json = Json::parse(lr_find_json(without(LrVerdict::flat)));
  EXPECT_TRUE(json["learning_rate"].is_null());
  EXPECT_EQ(json["verdict"], "flat");
  LrFind find = found();
  find.points[3].smoothed = std::nan("");
  EXPECT_TRUE(Json::parse(lr_find_json(find))["points"][3]["smoothed"].is_null());
}

TEST(LrFindPage, IsOneFileThatEscapesWhatItShows) {
  const std::string page = lr_find_page(found(), "<b>net</b> & \"co\"");
  EXPECT_EQ(test::unbalanced(page), "");
  for (const char* outside : {"http", "src=", "href=", "url(", "<script", "<b>net"})
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  EXPECT_THAT(page,
              AllOf(HasSubstr("&lt;b&gt;net&lt;/b&gt; &amp; &quot;co&quot;"),
                    HasSubstr("a tenth of that"), HasSubstr("suggested, "), Not(HasSubstr("nan"))));
  EXPECT_TRUE(test::silent_charts(page).empty());
}

TEST(LrFindPage, IsAPictureByItself) {
  const std::string svg = lr_find_svg(found(), "mlp <&>");
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" "));
  EXPECT_EQ(test::unbalanced(svg), "");
  EXPECT_THAT(svg, AllOf(HasSubstr("<style>"), HasSubstr("mlp &lt;&amp;&gt;")));
}

TEST(Sparkline, ShowsTheSmallestAndTheLargest) {
  EXPECT_EQ(sparkline({0, 1, 2, 3, 4, 5, 6, 7}, 8), "▁▂▃▄▅▆▇█");
  EXPECT_EQ(sparkline({0, 0, 7, 7}, 2), "▁█");
  EXPECT_EQ(sparkline({5, 5}, 8), "▁▁");
  EXPECT_EQ(sparkline({1, std::nan(""), 2}, 3), "▁ █");
  EXPECT_EQ(sparkline({}, 8), "");
  EXPECT_EQ(sparkline({1, 2}, 0), "");
}

}  // namespace
}  // namespace evenkeel
