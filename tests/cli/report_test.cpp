// SPDX-License-Identifier: Apache-2.0
// `report`: the page of a run that ended, goes on, was damaged, or has lost its data.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "evenkeel/base/os_lock.h"
#include "tests/cli/tiny_run.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Report : public ::testing::Test {
 protected:
  Report() { EXPECT_EQ(run_.run(TinyRun::train("out", 2)).code, 0); }

  Outcome report(std::vector<std::string> words, bool data = true) {
    words.insert(words.begin(), "report");
    words.insert(words.end(), {"--threads", "1"});
    if (data) words.insert(words.end(), {"--data-dir", "sets"});
    return run_.run(words);
  }
  std::string text(const std::string& name) const {
    std::ifstream file(run_.path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& name, const std::string& content) const {
    std::ofstream(run_.path(name), std::ios::binary) << content;
  }
  bool exists(const std::string& name) const { return fs::exists(run_.path(name)); }
  void damage(const std::string& name) const {
    ByteVector bytes = run_.bytes(name);
    bytes[bytes.size() - 3] ^= std::byte{1};
    write_bytes(run_.path(name), bytes);
  }
  // The content of every file of a folder.
  std::map<std::string, std::string> files(const std::string& folder) const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(run_.path(folder)))
      files[entry.path().filename()] = text(folder + "/" + entry.path().filename().string());
    return files;
  }

  TinyRun run_;
};

TEST_F(Report, WritesOnePageIntoTheFolderAndChangesNothingElse) {
  const auto before = files("out");
  const Outcome outcome = report({"out"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("Report: out/report.html ("));
  auto after = files("out");
  const std::string page = after["report.html"];
  after.erase("report.html");
  EXPECT_EQ(after, before);
  for (const char* part :
       {"Run out", "Batch norm, layer by layer", "Confusion matrix", "Its worst mistakes",
        "data:image/png;base64,", "Time of a training step, by op", "20 test images of mnist"})
    EXPECT_THAT(page, HasSubstr(part));
  EXPECT_THAT(page, Not(HasSubstr("http")));
  EXPECT_LT(page.size(), 2'000'000U);
  // Once more: an earlier report may go.
  EXPECT_EQ(report({"out", "--split", "validation"}).code, 0);
  EXPECT_THAT(text("out/report.html"), HasSubstr("11 validation images of mnist"));
}

TEST_F(Report, ShowsCurvesWhereThereAreMetrics) {
  write("out/metrics.jsonl",
        R"({"event":"batch","step":1,"epoch":1,"loss":2.3,"accuracy":0.1,"learning_rate":0.001}
{"event":"evaluation","split":"validation","step":15,"epoch":1,"loss":0.9,"accuracy":0.7,"best":true}
{"event":"done","step":30,"seconds":12.5,"loss":0.6,"accuracy":0.8}
)");
  const Outcome outcome = report({"out", "--no-data"});
  EXPECT_THAT(outcome.out, HasSubstr("test accuracy = 0.8000"));
  EXPECT_THAT(text("out/report.html"),
              AllOf(HasSubstr("Loss by step"), HasSubstr("Test accuracy 80.00 %"),
                    HasSubstr("Batch norm, layer by layer"), Not(HasSubstr("Confusion matrix")),
                    Not(HasSubstr("Time of a training step"))));
  fs::remove(run_.path("out/metrics.jsonl"));
  EXPECT_EQ(report({"out", "--no-data"}).code, 0);
  EXPECT_THAT(text("out/report.html"), HasSubstr("There is no metrics.jsonl in the folder"));
}

TEST_F(Report, OfManyRunsComparesThem) {
  ASSERT_EQ(run_.run(TinyRun::train("other", 1, {"--lr", "0.01"})).code, 0);
  const Outcome outcome = report({"out", "other", "--no-data"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("out: "), HasSubstr("other: "), HasSubstr("Report: report.html (")));
  EXPECT_THAT(text("report.html"), AllOf(HasSubstr("<h1>2 runs</h1>"), HasSubstr("<td>0.01</td>"),
                                         HasSubstr("<summary>other</summary>")));
  EXPECT_FALSE(exists("out/report.html"));
}

TEST_F(Report, JsonIsOneObjectWithTheSameNumbers) {
  const Outcome outcome = report({"out", "--json", "--out", "pages/a.html"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json["page"], "pages/a.html");
  EXPECT_TRUE(exists("pages/a.html"));
  const Json& look = json["runs"][0]["look"];
  EXPECT_EQ(look["confusion"]["images"], 20);
  EXPECT_EQ(look["confusion"]["classes"].size(), 10U);
  EXPECT_EQ(look["norms"].size(), 1U);
  EXPECT_TRUE(look["first_filters"].is_null());  // it has no convolution
  EXPECT_FALSE(look["profile"]["rows"].empty());
}

// The reference network, whole, on few images.
TEST_F(Report, OfConvolutionsShowsTheFirstFilters) {
  ASSERT_EQ(run_.run({"train", "mnist-cnn", "--data", "mnist", "--data-dir", "sets", "--batch",
                      "32", "--epochs", "1", "--threads", "1", "--out", "conv", "--quiet"})
                .code,
            0);
  const Outcome outcome = report({"conv", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json filters = Json::parse(outcome.out)["runs"][0]["look"]["first_filters"];
  EXPECT_EQ(filters["layer"], "conv1");
  EXPECT_EQ(filters["shape"], Json({5, 5, 1, 32}));
  EXPECT_GT(filters["largest"].get<double>(), 0);
  const std::string page = text("conv/report.html");
  for (const char* part :
       {"First filters</h2>", "alt=\"filter 0 of conv1\" src=\"data:image/png;base64,",
        "alt=\"filter 31 of conv1\"", "<h3>bn1", "Confusion matrix", "Loss by step",
        "Time of a training step, by op"})
    EXPECT_THAT(page, HasSubstr(part));
  EXPECT_THAT(page, AllOf(Not(HasSubstr("http")), Not(HasSubstr("filter 32 of"))));
  EXPECT_LT(page.size(), 2'000'000U);
}

TEST_F(Report, WithoutDataSaysWhatIsLeftOut) {
  const Outcome outcome = report({"out"}, false);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(text("out/report.html"),
              AllOf(HasSubstr("mnist is not on this machine; 'evenkeel data fetch mnist'"),
                    HasSubstr("Time of a training step, by op"), Not(HasSubstr("<h3>Confusion"))));
}

TEST_F(Report, ADamagedCheckpointLeavesTheNextOne) {
  fs::remove(run_.path("out/best.json"));
  damage("out/step-00000030.safetensors");
  const Outcome outcome = report({"out", "--no-data"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("damaged, so the one before is taken"));
  EXPECT_THAT(text("out/report.html"),
              AllOf(HasSubstr("step-00000015.safetensors"), HasSubstr("damaged")));
  damage("out/step-00000015.safetensors");
  EXPECT_EQ(report({"out", "--no-data"}).code, 0);
  EXPECT_THAT(text("out/report.html"), HasSubstr("Nothing of the network: "));
}

TEST_F(Report, OfARunThatIsStillTrainingOrOfACheckpointAlone) {
  write("out/metrics.jsonl", "{\"event\":\"batch\",\"step\":10,\"loss\":1}\n{\"event\":\"ba");
  const os::FileLock lock(run_.path("out/lock"));
  ASSERT_TRUE(lock.held());
  EXPECT_EQ(report({"out", "--no-data"}).code, 0);
  EXPECT_THAT(text("out/report.html"), HasSubstr("still training"));

  EXPECT_EQ(report({"start.safetensors", "--no-data", "--out", "start.html"}).code, 0);
  EXPECT_THAT(text("start.html"), HasSubstr("Run start.safetensors"));
}

TEST_F(Report, WritesOverNothingButAReport) {
  write("notes.html", "<p>mine</p>");
  const Outcome outcome = report({"out", "--no-data", "--out", "notes.html"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("notes.html is something else"), HasSubstr("--out")));
  EXPECT_EQ(text("notes.html"), "<p>mine</p>");
  EXPECT_EQ(report({"out", "--no-data", "--out", "sets"}).code, 2);
}

TEST_F(Report, RefusesWrongUse) {
  const auto expect = [&](const std::vector<std::string>& words, int code, const char* text) {
    const Outcome outcome = report(words);
    EXPECT_EQ(outcome.code, code) << text;
    EXPECT_THAT(outcome.err, HasSubstr(text));
    EXPECT_THAT(outcome.out, IsEmpty());
  };
  expect({"nowhere"}, 3, "runs are below runs/");
  expect({"out", "nowhere"}, 3, "runs are below runs/");
  expect({"sets"}, 3, "expected a run's folder");
  expect({"out", "--split", "tset"}, 2, "did you mean 'test'");
  expect({}, 2, "runs is required");
  expect({"out", "--no-dta"}, 2, "did you mean '--no-data'");
  damage("start.safetensors");
  expect({"start.safetensors"}, 3, "start.safetensors");
  EXPECT_FALSE(exists("out/report.html"));
}

}  // namespace
}  // namespace evenkeel::test
