// SPDX-License-Identifier: Apache-2.0
// One batch through the network: with batch statistics and a whole training step, and with moving
// statistics. Dropout is left out of both, so that statistics alone make the difference.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "evenkeel/study/doctor.h"
#include "evenkeel/study/doctor/numbers.h"

namespace evenkeel::doctor {

struct NormMeasured {
  std::int64_t values = 0;  // per channel
  Numbers mean;             // of its input in the batch, per channel
  Numbers variance;         // the population's
  double apart = 0;         // |y by moving - y by batch statistics| / |y by batch statistics|
  // Where an activation stands before it: what batch norm would see if it stood before that.
  std::string activation = {};
  Numbers variance_before_activation = {};
};

struct ReluMeasured {
  std::string layer;
  std::int64_t channels = 0;
  std::int64_t dead = 0;  // 0 for every image and place of the batch
};

// A kernel: what biases, gamma and beta do is another matter, they begin at 0 or 1.
struct KernelMeasured {
  std::string layer;
  std::int64_t elements = 0;
  double weight_norm = 0;
  double gradient_norm = 0;
  double update_norm = 0;  // of one step with the run's optimiser at its base learning rate
};

struct Mode {
  double loss = 0;
  double accuracy = 0;
};

struct Measured {
  std::int64_t images = 0;
  std::string not_finite = {};  // the first layer with such a value: all below is empty then
  Mode by_batch = {};
  Mode by_moving = {};
  std::vector<std::string> order = {};  // of the batch norms
  std::map<std::string, NormMeasured> norms = {};
  std::vector<ReluMeasured> relus = {};
  std::vector<KernelMeasured> kernels = {};
};

// On `images` of options.data, chosen as training's first batch is.
Measured measure(const Patient& patient, const ExamineOptions& options, std::int64_t images);

}  // namespace evenkeel::doctor
