// SPDX-License-Identifier: Apache-2.0
// A checkpoint: a safetensors file with the whole state of a run and what it takes to go on.
// Tensors: "<layer>/kernel|bias|gamma|beta|moving_mean|moving_variance", the rest under "state/".
// Where the tensors to predict with are not those of training (recalibrated statistics, averaged
// weights), the latter are "state/run/<name>". Averages are "state/average/<parameter>".
// Metadata: format_version, network (graph text), settings (JSON), notes (JSON), environment (JSON:
// version, instruction set, oneDNN, threads), checksum/<tensor>. No time, path or host: equal runs
// write equal files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "evenkeel/base/tensor.h"
#include "evenkeel/formats/safetensors.h"
#include "evenkeel/model/model.h"
#include "evenkeel/runtime/state_store.h"
#include "evenkeel/train/evaluation.h"
#include "evenkeel/train/loss.h"
#include "evenkeel/train/optimizer.h"
#include "evenkeel/train/schedule.h"
#include "evenkeel/train/weight_average.h"

namespace evenkeel {

struct RunSettings {
  std::uint64_t seed = 0;
  std::string precision = "f32";
  std::string kernels = "auto";
  Loss loss = Loss::softmax_cross_entropy;
  Optimizer optimizer = Adam{};
  Schedule schedule = {};
  Statistics statistics = {};  // of Recalibrated the number of images alone
  double label_smoothing = 0;
  std::vector<double> class_weights = {};
  WeightAverage average = {};
};

struct NumericEnvironment {
  std::string version;
  std::string instruction_set;
  std::string onednn;
  int threads = 0;
  friend bool operator==(const NumericEnvironment&, const NumericEnvironment&) = default;
};
EVENKEEL_API NumericEnvironment numeric_environment(int threads);

struct Checkpoint {
  Graph network;
  RunSettings settings;
  NumericEnvironment environment;
  std::map<std::string, std::string> notes;
  std::int64_t step = 0;
  std::map<std::string, Tensor> tensors;

  // DataError naming the file where it is missing, damaged, of another format, fails its checksums
  // or lacks a tensor of its own network.
  EVENKEEL_API static Checkpoint read(const std::filesystem::path& path);
  // For looking at a damaged file: tensors that fail their checksums are read all the same.
  struct Damaged;
  EVENKEEL_API static Damaged read_damaged(const std::filesystem::path& path);
  // The network; DataError naming the file it came from where it is none of images and logits.
  EVENKEEL_API Model model(const std::filesystem::path& path) const;
};

struct Checkpoint::Damaged {
  Checkpoint checkpoint;
  std::vector<ChecksumFault> faults;  // none: the file is as it was written
};

// Copies the tensors of `state`, and "state/step"; finish() makes it the file, whole or not at all.
// `predicting`: tensors that take the place of training's own, which move to "state/run/". What is
// good within a step alone is left out.
StagedSafetensors stage_checkpoint(const std::filesystem::path& path, const Checkpoint& about,
                                   const StateStore& state,
                                   const std::map<std::string, Tensor>& predicting = {});
// `network` is the one that `state` belongs to. A layer may be frozen in one of the two networks
// alone: its slots are then missing here or there, and begin anew; and an average of the weights
// may be kept here or there alone. DataError naming the first other tensor that is missing, unknown
// or of another shape.
void require_restorable(const Checkpoint& checkpoint, const Graph& network, const StateStore& state,
                        const std::string& where);
// Puts the checkpoint's tensors into `state`, all as training had them. DataError naming the first
// tensor that is missing, unknown or of another shape; then nothing was changed.
void restore_state(const Checkpoint& checkpoint, const Graph& network, StateStore& state,
                   const std::string& where);

// Layers of which a statistic is none (a variance below 0, NaN) begin anew: all their statistics
// are the initial ones, never updated. Says what was wrong with each, the layer's name first.
EVENKEEL_API std::vector<std::string> forget_invalid_statistics(Checkpoint& checkpoint);

// The tensors to predict with where they are not training's own; else none.
std::map<std::string, Tensor> predicting_tensors(const Checkpoint& checkpoint);

}  // namespace evenkeel
