// SPDX-License-Identifier: Apache-2.0
// The plan of a comparison: which runs there are. Every run is a function of this and its name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "evenkeel/data/dataset.h"
#include "evenkeel/model/model.h"
#include "evenkeel/study/compare/alternative.h"
#include "evenkeel/train/optimizer.h"

namespace evenkeel::compare {

struct Alternative {
  std::string name;  // as tables and legends show it
  Norm norm;
  Place place = Place::as_written;
  double initial_deviation = 0;  // of kernels; 0: as the network says
  friend bool operator==(const Alternative&, const Alternative&) = default;
};

struct Study {
  std::string preset;  // empty: none
  std::string network = "mnist-cnn";
  std::string data = "mnist";
  std::vector<Alternative> alternatives;
  std::vector<double> learning_rates;
  std::string optimizer = "adam";
  double momentum = 0;  // 0: the optimiser's own
  std::int64_t seeds = 3;
  std::int64_t steps = 0;
  std::int64_t batch = 128;
  std::int64_t evaluations = 20;  // of the test images, in a run
  std::optional<double> epsilon;  // of all norms
  std::string kernels = "auto";
  std::string math = "fast";
  std::string isa = "auto";  // see use_instruction_set(); the command's to see to
  int threads = 1;           // of a run
  friend bool operator==(const Study&, const Study&) = default;
};

struct Run {
  std::string name;  // of its files: "batch-before_lr-0.01_seed-1"
  std::size_t alternative = 0;
  std::size_t learning_rate = 0;
  std::uint64_t seed = 1;
};

// All of them; first one seed of everything, then the next.
std::vector<Run> runs_of(const Study& study);
// InvalidArgument for a setting that makes no sense, such as a number of groups that does not
// divide a layer's channels.
void require_valid(const Study& study);

// The network of an alternative, for images and classes of `data`.
Graph network_of(const Study& study, const Alternative& alternative, const Dataset& data);
Optimizer optimizer_of(const Study& study, double learning_rate);

// "norm, place", as "batch before"; without the place where it is as_written.
Alternative alternative_of(const Norm& norm, Place place);

std::string to_json(const Study& study);
// DataError naming `where` for what is not such a text.
Study study_from_json(const std::string& where, const std::string& text);

}  // namespace evenkeel::compare
