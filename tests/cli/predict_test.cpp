// SPDX-License-Identifier: Apache-2.0
// `predict`: what it prints for files and data sets, and what it says of images that do not fit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "evenkeel/data/dataset.h"
#include "evenkeel/formats/image_resize.h"
#include "tests/cli/predict_run.h"
#include "tests/cli/terminal.h"

namespace evenkeel::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using Words = std::vector<std::string>;

TEST(Predict, PrintsClassProbabilitiesAndAPictureInPlainCharacters) {
  PredictRun run;
  const Outcome outcome = run.predict({"digit.png"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, IsEmpty());
  const auto lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 15U);  // 28 rows, two a line
  EXPECT_THAT(lines[0],
              MatchesRegex("digit.png: [0-9] \\(0\\.[0-9]+\\), then [0-9] \\(0\\.[0-9]+\\), "
                           "[0-9] \\(0\\.[0-9]+\\)"));
  EXPECT_THAT(lines[7], MatchesRegex("[=+*#%@]{28}")) << "the two bright rows of a 4";
  EXPECT_THAT(outcome.out, Not(HasSubstr("\x1b")));
}

TEST(Predict, DrawsInBlocksOnATerminalThatShowsThem) {
  PredictRun run;
  struct Setting {
    const char* term;
    const char* locale;
    const char* language;  // counts where there is no locale
    const char* no_color;
    bool blocks;
  };
  const std::vector<Setting> settings = {
      {"xterm-256color", "C.UTF-8", "", "", true},
      {"xterm", "en_US.utf8", "C", "", true},
      {"xterm", "", "en_US.utf-8", "", true},
      {"xterm", "C", "C.UTF-8", "", false},
      {"xterm", "", "", "", false},
      {"xterm", "C.UTF-8", "", "1", false},
      {"dumb", "C.UTF-8", "", "", false},
      {"", "C.UTF-8", "", "", false},
  };
  const auto set_all = [&](const Setting& setting) {
    run.set("TERM", setting.term);
    run.set("LC_ALL", setting.locale);
    run.set("LC_CTYPE", "");
    run.set("LANG", setting.language);
    run.set("NO_COLOR", setting.no_color);
  };
  set_all(settings[0]);
  EXPECT_THAT(run.predict({"digit.png"}).out, Not(HasSubstr("\x1b"))) << "a file is no terminal";
  Terminal terminal(80);
  run.redirect_output(terminal.path());
  for (const Setting& setting : settings) {
    SCOPED_TRACE(std::string("TERM ") + setting.term + ", locale " + setting.locale +
                 ", language " + setting.language + ", NO_COLOR " + setting.no_color);
    set_all(setting);
    ASSERT_EQ(run.predict({"digit.png"}).code, 0);
    const std::string seen = terminal.read_all();
    EXPECT_EQ(lines_of(seen).size(), 15U);
    EXPECT_EQ(seen.find("\xe2\x96\x80") != std::string::npos, setting.blocks);
    EXPECT_EQ(seen.find("\x1b[") != std::string::npos, setting.blocks);
  }
}

TEST(Predict, ShowsTheTrueLabelsOfADataSetAndCountsThem) {
  PredictRun run;
  const Outcome outcome = run.predict({"--index", "3,17,5-7", "--no-picture", "--top", "1"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const auto lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 6U);
  const std::vector<std::string> names = {"test 3", "test 17", "test 5", "test 6", "test 7"};
  int right = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_THAT(lines[i],
                MatchesRegex(names[i] + ": [0-9] \\([01]\\.[0-9]+\\); label [0-9], (right|WRONG)"));
    right += lines[i].ends_with("right") ? 1 : 0;
  }
  EXPECT_EQ(lines[5], std::to_string(right) + " of 5 right");
}

TEST(Predict, AFileOfASetsImageGivesTheSameNumbersAsItsIndex) {
  PredictRun run;
  const Splits mnist = datasets::mnist({.directory = run.path("sets"), .decoded_cache = false});
  const auto pixels = mnist.test.image(3);
  const Image image{28, 28, 1, {pixels.begin(), pixels.end()}};
  write_bytes(run.path("grey.png"), png_file(image));
  write_bytes(run.path("colour.png"), png_file(to_colour(image)));  // grey everywhere
  const auto numbers = [&](const Words& words) {
    Words with_options = words;
    with_options.insert(with_options.end(), {"--no-picture", "--top", "10"});
    const std::string line = lines_of(run.predict(with_options).out).at(0);
    const std::size_t begin = line.find(": ");
    return line.substr(begin, line.find(';') - begin);
  };
  const std::string expected = numbers({"--index", "3"});
  EXPECT_EQ(numbers({"grey.png"}), expected);
  EXPECT_EQ(numbers({"colour.png"}), expected);
  EXPECT_EQ(numbers({"grey.png", "digit.png", "digit.jpg"}), expected);
}

TEST(Predict, NamesTheClassesOfFashionMnist) {
  TinyRun run;
  write_idx_set(run.path("sets"), "fashion-mnist", 132, 20);
  Words train = TinyRun::train("out", 1);
  *std::find(train.begin(), train.end(), "mnist") = "fashion-mnist";
  ASSERT_EQ(run.run(train).code, 0);
  const Outcome outcome =
      run.run({"predict", "out", "--data-dir", "sets", "--index", "0-19", "--no-picture"});
  EXPECT_THAT(outcome.out, HasSubstr("label 9 ankle boot"));
}

TEST(Predict, ExplainsWhatDoesNotFitAndOffersTheFlags) {
  PredictRun run;
  const Image large = pattern_image(200, 300, 3);
  write_bytes(run.path("large.png"), png_file(large));
  write_bytes(run.path("grey.png"), png_file(to_grey(large)));
  write_bytes(run.path("colour.png"), png_file(pattern_image(28, 28, 3)));
  const auto refusal = [&](const Words& words) {
    const Outcome outcome = run.predict(words);
    EXPECT_EQ(outcome.code, 3);
    EXPECT_THAT(outcome.out, IsEmpty());
    return outcome.err;
  };
  EXPECT_THAT(refusal({"large.png"}),
              AllOf(HasSubstr("[large.png] is 300x200 colour, the network takes 28x28 grey"),
                    HasSubstr("add --grey --resize")));
  EXPECT_THAT(refusal({"large.png", "--grey"}), HasSubstr("add --resize"));
  EXPECT_THAT(refusal({"grey.png"}), HasSubstr("is 300x200 grey"));
  EXPECT_THAT(refusal({"colour.png", "--resize"}), HasSubstr("add --grey\n"));
  EXPECT_EQ(run.predict({"large.png", "grey.png", "--grey", "--resize"}).code, 0);
}

TEST(Predict, HintsAtInvertWhereTheEdgesAreBright) {
  PredictRun run;
  write_bytes(run.path("paper.png"), png_file(inverted(run.digit())));
  EXPECT_THAT(run.predict({"paper.png"}).err,
              AllOf(HasSubstr("paper.png"), HasSubstr("try it with --invert")));
  const Outcome outcome = run.predict({"paper.png", "--invert", "--no-picture"});
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_EQ(outcome.out.substr(5), run.predict({"digit.png", "--no-picture"}).out.substr(5));
  EXPECT_THAT(run.predict({"digit.png", "--invert"}).err, HasSubstr("without --invert"));
}

TEST(Predict, OneOutputIsTheProbabilityOfClassOne) {
  PredictRun run;
  Trainer binary(Sequential("binary", image(28, 28, 1).scale(1 / 255.0)).flatten().dense(1).build(),
                 sigmoid_cross_entropy(), Adam{}, {.seed = 1, .threads = 1});
  Tensor bias = binary.state("dense1/bias");
  for (const float logit : {9.0F, -9.0F}) {
    Tensor kernel = binary.state("dense1/kernel");
    for (float& weight : kernel.values<float>()) weight = 0;
    binary.set_state("dense1/kernel", kernel);
    bias.values<float>()[0] = logit;
    binary.set_state("dense1/bias", bias);
    binary.save(run.path("binary.safetensors"));
    const Outcome outcome = run.run({"predict", "binary.safetensors", "digit.png"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr(logit > 0 ? "digit.png: 1 (0.9999), then 0 (0.0001)"
                                                 : "digit.png: 0 (0.9999), then 1 (0.0001)"));
  }
}

TEST(Predict, ABadFileIsNamedAndTheOthersAreStillPredicted) {
  PredictRun run;
  ByteVector cut = run.bytes("digit.png");
  cut.resize(cut.size() / 2);
  write_bytes(run.path("cut.png"), cut);
  const Outcome outcome = run.predict({"cut.png", "missing.png", "digit.png", "--no-picture"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("[cut.png] is a damaged PNG file"), HasSubstr("[missing.png]")));
  EXPECT_EQ(lines_of(outcome.out).size(), 1U);
  EXPECT_THAT(outcome.out, HasSubstr("digit.png: "));
}

TEST(Predict, BadCheckpointsEndWithThree) {
  PredictRun run;
  EXPECT_EQ(run.run({"predict", "nowhere", "digit.png"}).code, 3);
  const Outcome untrained = run.run({"predict", "start.safetensors", "digit.png"});
  EXPECT_EQ(untrained.code, 3);
  EXPECT_THAT(untrained.err, HasSubstr("[bn1]"));
}

TEST(Predict, WrongUseEndsWithTwo) {
  PredictRun run;
  const std::vector<std::pair<Words, std::string>> cases = {
      {{}, "expected image files, or --index"},
      {{"--index", "20"}, "expected 0 to 19 for mnist test, got 20"},
      {{"--index", "18-25"}, "got 25"},
      {{"--index", ""}, "--index"},
      {{"--index", "3,"}, "got ''"},
      {{"--index", "7-5"}, "got '7-5'"},
      {{"--index", "x"}, "got 'x'"},
      {{"--index", "-1"}, "--index"},
      {{"--index", "99999999999999999999"}, "--index"},
      {{"--index", "0-9223372036854775807"}, "expected 0 to 19"},
      {{"--index", "1", "--split", "tset"}, "did you mean 'test'?"},
      {{"--index", "1", "--data", "mnsit"}, "did you mean 'mnist'?"},
      {{"digit.png", "--top", "0"}, "--top"},
      {{"digit.png", "--threads", "0"}, "--threads"},
      {{"digit.png", "--invrt"}, "did you mean '--invert'?"},
  };
  for (const auto& [words, text] : cases) {
    const Outcome outcome = run.predict(words);
    EXPECT_EQ(outcome.code, 2) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(text));
    EXPECT_THAT(outcome.out, IsEmpty());
  }
  const Outcome outcome = run.run({"predict"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("checkpoint is required"));
}

}  // namespace
}  // namespace evenkeel::test
