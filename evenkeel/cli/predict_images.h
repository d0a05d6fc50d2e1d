// SPDX-License-Identifier: Apache-2.0
// The images that `predict` is asked about, as the network takes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evenkeel/base/shape.h"
#include "evenkeel/cli/arguments.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/formats/image.h"

namespace evenkeel::cli {

struct Example {
  std::string name;  // a file's path, or "test 3"
  Image image;
  std::optional<std::int64_t> index;  // in its split
  std::optional<std::int32_t> label;
};

struct IndexRange {
  std::int64_t first = 0;
  std::int64_t last = 0;  // is part of it
};
// "3,17,100-105". InvalidArgument at --index for anything else.
std::vector<IndexRange> parse_indices(const std::string& text);

// The image in a shape of [H,W,C]: changed as --grey, --resize and --invert ask, or without loss
// (colour that is grey everywhere, grey for colour). DataError at `where` says what it is, what the
// network takes, and which flags would help.
Image fitted(Image image, const Shape& shape, const PredictArguments& arguments,
             const std::string& where);

// InvalidArgument at --index for one outside of the split.
std::vector<Example> examples_of(const Dataset& split, const std::vector<IndexRange>& ranges,
                                 const Shape& shape, const PredictArguments& arguments);

// Mean of the outermost pixels: bright where a dark figure stands on paper.
double edge_brightness(const Image& image);

}  // namespace evenkeel::cli
