// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/base/os_machine.h"
#include "evenkeel/cli/commands.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/cli/load_trainer.h"
#include "evenkeel/cli/predict_images.h"
#include "evenkeel/data/registry.h"
#include "evenkeel/report/picture.h"
#include "evenkeel/train/predictor.h"
#include "evenkeel/train/run_folder.h"

namespace evenkeel::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kToStandardOutput = 1;
constexpr int kMostColumns = 64;
constexpr double kBright = 127.5;

// One plan for any number of images: an image's numbers are the same alone and among others.
constexpr std::int64_t kPredictSlice = 16;

struct Asked {
  std::string data;  // of the indices; empty for files alone
  std::vector<Example> examples;
  bool all_read = true;
};

struct Ranked {
  std::int64_t number = 0;
  float probability = 0;
};

std::string trained_on(const FoundCheckpoint& found) {
  const auto note = found.checkpoint.notes.find("data");
  return note == found.checkpoint.notes.end() ? "" : note->second;
}

// A file that cannot be used is told of, and the others are predicted all the same.
void add_files(const PredictArguments& arguments, const Shape& shape, Asked& asked) {
  for (const std::string& file : arguments.files) {
    try {
      asked.examples.push_back({file, fitted(read_image(file), shape, arguments, file), {}, {}});
    } catch (const DataError& error) {
      notice(std::string("evenkeel: ") + error.what());
      asked.all_read = false;
    }
  }
}

void add_indices(const PredictArguments& arguments, const FoundCheckpoint& found,
                 const Shape& shape, Asked& asked) {
  if (!arguments.index) return;
  const auto ranges = parse_indices(*arguments.index);
  asked.data = arguments.data.value_or(trained_on(found));
  if (asked.data.empty())
    throw InvalidArgument("--data", "expected the name of a data set: " + found.path.string() +
                                        " does not say what it was trained on");
  if (const std::string trained = trained_on(found); !trained.empty() && trained != asked.data)
    notice("the network was trained on " + trained + ", its classes may not be those of " +
           asked.data);
  const Splits splits =
      load_data_of_run(found.checkpoint.notes, asked.data, arguments.data_dir, arguments.skip_bad);
  auto examples = examples_of(splits.named(arguments.split), ranges, shape, arguments);
  std::move(examples.begin(), examples.end(), std::back_inserter(asked.examples));
}

// Files are what a person drew or took: mostly black on white, unlike the sets.
void hint_at_invert(const Asked& asked, const PredictArguments& arguments,
                    const std::string& trained) {
  if (trained != "mnist" && trained != "fashion-mnist") return;
  for (const Example& example : asked.examples) {
    if (example.index || edge_brightness(example.image) <= kBright) continue;
    notice(example.name + " has bright edges, but " + trained +
           " shows bright figures on black: try it " +
           (arguments.invert ? "without --invert" : "with --invert"));
    return;
  }
}

// The classes of one image, the most probable first; equals in the order of their numbers. One
// output is the probability of class 1 against class 0.
std::vector<Ranked> ranked(std::span<const float> probabilities, std::int64_t top) {
  if (probabilities.size() == 1) {
    const std::array<float, 2> both = {1 - probabilities[0], probabilities[0]};
    return ranked(both, top);
  }
  std::vector<Ranked> result(probabilities.size());
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = {static_cast<std::int64_t>(i), probabilities[i]};
  std::stable_sort(result.begin(), result.end(),
                   [](const Ranked& a, const Ranked& b) { return a.probability > b.probability; });
  result.resize(std::min(result.size(), static_cast<std::size_t>(top)));
  return result;
}

// What the classes of the network are called; empty where they are but numbers.
using Names = std::span<const std::string>;

std::string class_text(std::int64_t number, Names names) {
  const std::string text = std::to_string(number);
  return names.empty() ? text : text + " " + names[static_cast<std::size_t>(number)];
}

std::string text_of(const Example& example, const std::vector<Ranked>& classes, Names names) {
  std::string text = example.name + ": ";
  for (std::size_t i = 0; i < classes.size(); ++i)
    text += fmt::format("{}{} ({:.4f})", i == 0 ? "" : (i == 1 ? ", then " : ", "),
                        class_text(classes[i].number, names), classes[i].probability);
  if (example.label)
    text += fmt::format("; label {}, {}", class_text(*example.label, names),
                        *example.label == classes[0].number ? "right" : "WRONG");
  return text + "\n";
}

std::string json_of(const Example& example, const std::string& data, const std::string& split,
                    const std::vector<Ranked>& classes, Names names) {
  const auto named = [&](std::int64_t number, float probability) {
    Json json = {{"class", number}};
    if (!names.empty()) json["name"] = names[static_cast<std::size_t>(number)];
    json["probability"] = probability;
    return json;
  };
  Json json = {{"event", "prediction"}};
  if (example.index)
    json.update(Json{{"data", data}, {"split", split}, {"index", *example.index}});
  else
    json["file"] = example.name;
  json.update(named(classes[0].number, classes[0].probability));
  json["top"] = Json::array();
  for (const Ranked& ranked : classes)
    json["top"].push_back(named(ranked.number, ranked.probability));
  if (example.label) {
    json["label"] = *example.label;
    json["correct"] = *example.label == classes[0].number;
  }
  // A file's name may be no UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// Blocks where a terminal will show them; elsewhere plain characters.
PictureStyle picture_style() {
  const bool blocks = os::is_terminal(kToStandardOutput) && os::locale_is_utf8() &&
                      !os::environment("NO_COLOR") &&
                      os::environment("TERM").value_or("dumb") != "dumb";
  return blocks ? PictureStyle::blocks : PictureStyle::ascii;
}

std::vector<float> probabilities_of(const Predictor& predictor,
                                    const std::vector<Example>& examples) {
  std::vector<std::uint8_t> pixels;
  for (const Example& example : examples)
    pixels.insert(pixels.end(), example.image.pixels.begin(), example.image.pixels.end());
  std::vector<float> result(examples.size() *
                            static_cast<std::size_t>(predictor.model().classes()));
  predictor.probabilities(pixels, result);
  return result;
}

void print(const Asked& asked, const PredictArguments& arguments,
           std::span<const float> probabilities, Names names) {
  const std::size_t classes = probabilities.size() / asked.examples.size();
  const int columns = std::min(kMostColumns, os::terminal_width(kToStandardOutput) - 1);
  std::int64_t labelled = 0;
  std::int64_t right = 0;
  for (std::size_t i = 0; i < asked.examples.size(); ++i) {
    const Example& example = asked.examples[i];
    const auto best = ranked(probabilities.subspan(i * classes, classes), arguments.top);
    labelled += example.label ? 1 : 0;
    right += example.label && *example.label == best[0].number ? 1 : 0;
    if (arguments.json) {
      std::cout << json_of(example, asked.data, arguments.split, best, names);
      continue;
    }
    std::cout << text_of(example, best, names);
    if (!arguments.no_picture) std::cout << picture(example.image, columns, picture_style());
  }
  if (!arguments.json && labelled > 1)
    std::cout << fmt::format("{} of {} right\n", right, labelled);
}

}  // namespace

int run(const PredictArguments& arguments) {
  Splits{}.named(arguments.split);  // refuses an unknown one before anything is read
  if (arguments.files.empty() && !arguments.index)
    throw InvalidArgument("predict", "expected image files, or --index with places in a data set");
  if (arguments.index) parse_indices(*arguments.index);
  const FoundCheckpoint found = open_checkpoint(arguments.checkpoint, notice);
  PredictorOptions options;
  options.threads = machine_of(arguments.threads, {}).threads;
  options.slice = kPredictSlice;
  options.math = math_of(found, arguments.math);
  options.weights = weights_of(arguments.weights);
  const Predictor predictor = Predictor::load(found.path, options);
  const Shape shape = predictor.model().image_shape();

  Asked asked;
  add_files(arguments, shape, asked);
  add_indices(arguments, found, shape, asked);
  const std::string trained = trained_on(found);
  hint_at_invert(asked, arguments, trained);
  if (!asked.examples.empty()) {
    const auto probabilities = probabilities_of(predictor, asked.examples);
    const std::vector<std::string> all_names = datasets::class_names_of(trained);
    Names names = all_names;
    if (static_cast<std::int64_t>(names.size()) != predictor.model().classes()) names = {};
    print(asked, arguments, probabilities, names);
  }
  return asked.all_read ? kDone : kBadData;
}

}  // namespace evenkeel::cli
