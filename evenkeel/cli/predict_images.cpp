// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/predict_images.h"

#include <charconv>
#include <string_view>

#include "evenkeel/base/error.h"
#include "evenkeel/formats/image_resize.h"

namespace evenkeel::cli {
namespace {

[[noreturn]] void fail_index(std::string_view part) {
  throw InvalidArgument("--index", "expected numbers and ranges such as 3,17,100-105, got '" +
                                       std::string(part) + "'");
}

std::int64_t number_of(std::string_view text, std::string_view part) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || stopped != end || number < 0) fail_index(part);
  return number;
}

std::string size_of_shape(const Shape& shape) {
  return std::to_string(shape[1]) + "x" + std::to_string(shape[0]);
}

std::string channels_of(const Shape& shape) {
  if (shape[2] == 1) return "grey";
  return shape[2] == 3 ? "colour" : std::to_string(shape[2]) + " channels";
}

}  // namespace

std::vector<IndexRange> parse_indices(const std::string& text) {
  std::vector<IndexRange> ranges;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = std::string_view(text).substr(begin, end - begin);
    const std::size_t dash = part.find('-');
    IndexRange range;
    range.first = number_of(part.substr(0, dash), part);
    range.last =
        dash == std::string_view::npos ? range.first : number_of(part.substr(dash + 1), part);
    if (range.last < range.first) fail_index(part);
    ranges.push_back(range);
    begin = end + 1;
  }
  return ranges;
}

Image fitted(Image image, const Shape& shape, const PredictArguments& arguments,
             const std::string& where) {
  const std::string came = describe(image);
  if (arguments.grey || (shape[2] == 1 && is_grey(image))) image = to_grey(image);
  if (shape[2] == 3) image = to_colour(image);
  const bool wrong_channels = image.channels != shape[2];
  const bool wrong_size = image.height != shape[0] || image.width != shape[1];
  if (wrong_channels || (wrong_size && !arguments.resize)) {
    std::string help = wrong_channels ? " --grey" : "";
    if (wrong_size && !arguments.resize) help += " --resize";
    throw DataError(
        where,
        "is " + came + ", the network takes " + size_of_shape(shape) + " " + channels_of(shape) +
            (wrong_channels && shape[2] != 1 ? "; no image file has those" : "; add" + help));
  }
  if (wrong_size) image = resized(image, shape[0], shape[1]);
  return arguments.invert ? inverted(image) : image;
}

std::vector<Example> examples_of(const Dataset& split, const std::vector<IndexRange>& ranges,
                                 const Shape& shape, const PredictArguments& arguments) {
  const Shape& from = split.image_shape();
  for (const IndexRange& range : ranges) {
    if (range.last < split.size()) continue;
    throw InvalidArgument("--index", "expected 0 to " + std::to_string(split.size() - 1) + " for " +
                                         split.name() + " " + arguments.split + ", got " +
                                         std::to_string(range.last));
  }
  std::vector<Example> examples;
  for (const IndexRange& range : ranges)
    for (std::int64_t index = range.first; index <= range.last; ++index) {
      const auto pixels = split.image(index);
      Example example;
      example.name = arguments.split + " " + std::to_string(index);
      example.image = fitted({from[0], from[1], from[2], {pixels.begin(), pixels.end()}}, shape,
                             arguments, split.name() + " " + example.name);
      example.index = index;
      example.label = split.labels()[static_cast<std::size_t>(index)];
      examples.push_back(std::move(example));
    }
  return examples;
}

double edge_brightness(const Image& image) {
  Image edge{1, 0, 1, {}};
  const auto width = static_cast<std::size_t>(image.width);
  const auto channels = static_cast<std::size_t>(image.channels);
  const auto height = static_cast<std::size_t>(image.height);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const std::size_t x = i / channels % width;
    const std::size_t y = i / channels / width;
    if (x == 0 || y == 0 || x + 1 == width || y + 1 == height)
      edge.pixels.push_back(image.pixels[i]);
  }
  return brightness(edge);
}

}  // namespace evenkeel::cli
