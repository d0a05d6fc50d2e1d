// SPDX-License-Identifier: Apache-2.0
// Healthy networks for doctor, to be made ill in one way each.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "evenkeel/model/sequential.h"
#include "evenkeel/study/doctor.h"
#include "evenkeel/train/trainer.h"
#include "tests/support/paths.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {

inline std::set<std::string> ids(const std::vector<Finding>& findings) {
  std::set<std::string> result;
  for (const Finding& finding : findings) result.insert(finding.id);
  return result;
}

// The first of that id; an empty one, and a failure, where there is none.
inline Finding found(const std::vector<Finding>& findings, const std::string& id) {
  for (const Finding& finding : findings)
    if (finding.id == id) return finding;
  std::string others;
  for (const Finding& finding : findings) others += " " + finding.id;
  ADD_FAILURE() << "expected " << id << ", found:" << others;
  return {};
}
inline bool has(const std::vector<Finding>& findings, const std::string& id) {
  return ids(findings).count(id) > 0;
}

inline BatchNormOptions healthy_norm() { return {.epsilon = 1e-5, .decay = Decay::keep(0.9)}; }

// Batch norm between each layer without bias and its activation; bn1 of 6 channels, bn2 of 16.
inline Model healthy_model() {
  return Sequential("healthy", image(28, 28, 1).scale(1 / 255.0))
      .avg_pool2d(2)
      .conv2d(6, 3, {.stride = 2, .bias = false})
      .batch_norm(healthy_norm())
      .relu()
      .flatten()
      .dense(16, {.bias = false})
      .batch_norm(healthy_norm())
      .relu()
      .dense(10)
      .build();
}

inline Trainer trainer_for(const Model& model,
                           const Optimizer& optimizer = Adam{.learning_rate = 3e-3}) {
  return Trainer(model, softmax_cross_entropy(), optimizer, {.seed = 1, .threads = 2});
}

// After 100 steps of batch 32.
inline Trainer healthy_trainer() {
  Trainer trainer = trainer_for(healthy_model());
  trainer.fit(small_data(), {.epochs = 10, .batch_size = 32});
  return trainer;
}
inline Patient healthy_patient() {
  static const Patient patient = [] {
    const Trainer trainer = healthy_trainer();
    Patient result = patient_of(trainer);
    result.batch = 32;
    result.epochs = 10;
    return result;
  }();
  return patient;
}

// An image's batch norms and gradients are looked at too.
inline ExamineOptions with_data() { return {.data = small_data(), .threads = 2}; }

// All values of a tensor of floats.
inline void fill(Patient& patient, const std::string& name, float value) {
  Tensor& tensor = patient.state.at(name);
  for (float& each : tensor.values<float>()) each = value;
}

inline std::filesystem::path doctor_file(const std::string& name) {
  return std::filesystem::path(test::kSourceDir) / "tests/golden/doctor" / (name + ".safetensors");
}

}  // namespace evenkeel::test
