// SPDX-License-Identifier: Apache-2.0
// What goes into activations, and how large gradients are, on the same images again and again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evenkeel/study/compare/training.h"

namespace evenkeel::compare {

class Probe {
 public:
  // On the first images of `data`, 256 at most.
  Probe(Training& training, const Dataset& data);
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  // As the training's state is now, which stays as it is. Empty where a value is not finite.
  std::optional<ProbePoint> look();

 private:
  Graph build(const Graph& network);

  Training& training_;
  std::vector<std::string> activations_;  // layers, in the network's order
  std::vector<std::string> kernels_;
  std::int64_t images_;
  StateStore state_;
  std::optional<Executor> executor_;
};

// gamma, beta and moving statistics as they are.
std::vector<NormHistograms> histograms_of(Training& training);
Histogram histogram_of(const std::vector<float>& values);

}  // namespace evenkeel::compare
