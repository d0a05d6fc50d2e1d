// SPDX-License-Identifier: Apache-2.0
// The batch norms of a patient, whether they come from our graph or from names in a foreign file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evenkeel/study/doctor.h"
#include "evenkeel/study/doctor/numbers.h"

namespace evenkeel::doctor {

struct NormState {
  std::string layer;
  std::string mean_name;  // of the tensors in the file
  std::string variance_name;
  std::string gamma_name;  // empty: none that trains
  std::string beta_name;
  Numbers gamma;  // empty: it has none
  Numbers beta;
  Numbers mean;
  Numbers variance;
  double epsilon = 1e-3;
  std::optional<double> keep = 0.99;  // what an update keeps; empty: not known
  bool count_weighted = false;
  std::optional<std::int64_t> updates = {};  // empty: not known
  // In a network of ours: training leaves the layer as it is, or gamma and beta alone.
  bool frozen = false;
  bool frozen_in_part = false;
  std::string assumed = {};  // "PyTorch's defaults": where epsilon and keep are from; empty: known

  // True where mean is exactly 0 and variance exactly 1 in every channel.
  bool initial() const;
  // True where every variance is finite and at least 0.
  bool valid() const;
  // How much of the moving statistics is still the initial 0 and 1; empty where nobody knows.
  std::optional<double> initial_weight() const;
  // "epsilon 1e-05 (PyTorch's default)".
  std::string epsilon_text() const;
};

// In the network's order; of a foreign file in that of the names.
std::vector<NormState> norm_states(const Patient& patient);

// "bn1" of "bn1.running_mean", by the names that PyTorch, Keras and TensorFlow give.
std::vector<NormState> foreign_norm_states(const std::map<std::string, Tensor>& state);

}  // namespace evenkeel::doctor
