// SPDX-License-Identifier: Apache-2.0
// Findings as text and as JSON.
#include "evenkeel/report/doctor_report.h"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>

namespace evenkeel::test {
namespace {

Finding finding(Severity severity, const std::string& id, const std::string& layer,
                const std::string& fix = "Mend it.") {
  return {severity, id, layer, "77 % of 3,136 are below", {{"share", 0.77}}, "It costs.", fix};
}

TEST(DoctorReport, OfNothingIsEmpty) {
  EXPECT_EQ(to_text({}), "");
  EXPECT_EQ(totals_text({}), "nothing found");
}

TEST(DoctorReport, AlignsLabelsAndTexts) {
  EXPECT_EQ(to_text({finding(Severity::warning, "some-id", "bn1"),
                     finding(Severity::info, "other-id", "")}),
            "warn  some-id\n"
            "      bn1  77 % of 3,136 are below\n"
            "      why  It costs.\n"
            "      fix  Mend it.\n"
            "\n"
            "info  other-id\n"
            "      all  77 % of 3,136 are below\n"
            "      why  It costs.\n"
            "      fix  Mend it.\n");
}

TEST(DoctorReport, SaysWhyOnceForAllLayersOfAnId) {
  EXPECT_EQ(to_text({finding(Severity::error, "some-id", "bn1"),
                     finding(Severity::error, "some-id", "block/bn2")}),
            "error some-id\n"
            "      bn1        77 % of 3,136 are below\n"
            "      block/bn2  77 % of 3,136 are below\n"
            "      why        It costs.\n"
            "      fix        Mend it.\n");
}

TEST(DoctorReport, KeepsFixesThatDifferWithTheirLayers) {
  EXPECT_EQ(to_text({finding(Severity::error, "some-id", "bn1", "One."),
                     finding(Severity::error, "some-id", "bn2", "Two.")}),
            "error some-id\n"
            "      bn1  77 % of 3,136 are below\n"
            "      fix  One.\n"
            "      bn2  77 % of 3,136 are below\n"
            "      fix  Two.\n"
            "      why  It costs.\n");
}

TEST(DoctorReport, NamesTheLayersBeyondTheFirstFive) {
  std::vector<Finding> many;
  for (int i = 1; i <= 8; ++i)
    many.push_back(finding(Severity::info, "some-id", "bn" + std::to_string(i)));
  const std::string text = to_text(many);
  EXPECT_NE(text.find("      bn5  77"), std::string::npos) << text;
  EXPECT_NE(text.find("      ...  3 more: bn6, bn7, bn8\n"), std::string::npos) << text;
  EXPECT_EQ(totals_text(many), "8 notes");
}

TEST(DoctorReport, WrapsAtTheWidthAndKeepsPercentSignsWithTheirNumbers) {
  Finding wide = finding(Severity::warning, "some-id", "a-layer-of-a-very-long-name");
  wide.evidence.clear();
  for (int i = 0; i < 40; ++i) wide.evidence += "about 12 % ";
  for (const std::size_t width : {40U, 60U, 100U}) {
    std::istringstream lines(to_text({wide}, width));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(line.size(), width) << line;
      EXPECT_NE(line.back(), ' ') << line;
      EXPECT_EQ(line.find('%'),
                line.find("12 %") == std::string::npos ? std::string::npos : line.find("12 %") + 3)
          << line;
    }
  }
}

TEST(DoctorReport, CountsBySeverity) {
  EXPECT_EQ(totals_text({finding(Severity::error, "a", ""), finding(Severity::warning, "b", ""),
                         finding(Severity::warning, "b", ""), finding(Severity::info, "c", "")}),
            "1 error, 2 warnings, 1 note");
}

TEST(DoctorReport, JsonIsOneLineAndNumbersThatAreNotFiniteAreNull) {
  Finding each = finding(Severity::warning, "some-id", "bn1");
  each.numbers["loss"] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(to_json(each),
            R"({"event":"finding","severity":"warn","id":"some-id","layer":"bn1",)"
            R"("evidence":"77 % of 3,136 are below","numbers":{"loss":null,"share":0.77},)"
            R"("why":"It costs.","fix":"Mend it."})");
}

}  // namespace
}  // namespace evenkeel::test
