// SPDX-License-Identifier: Apache-2.0
// Images and labels of a data set into a plan's inputs.
#pragma once

#include <cstdint>
#include <span>

#include "evenkeel/data/dataset.h"
#include "evenkeel/model/model.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/train/loss.h"
#include "evenkeel/train/step_graph.h"
#include "evenkeel/train/training_images.h"

namespace evenkeel {

inline Labels labels_of(const Dataset& data) {
  return data.has_targets() ? Labels::targets : Labels::classes;
}

// InvalidArgument where the images are of another size than the network's, or the labels are not
// such as the loss takes for that many outputs.
void require_fitting(const Model& model, Loss loss, const Dataset& data);

// Where the network reads the samples' weights, the data set must have them, and the reverse:
// InvalidArgument.
void require_weights(const Graph& network, const Dataset& data);

// How many images of a batch must weigh more than 0 for the network's weighted statistics: 2 where
// one of them is of a single value an image, else 1.
std::int64_t fewest_weighted(const Graph& network);

// Fills "images" and "labels", and where the plan has them "samples" and "weights", with the images
// of `indices`. DataError where fewer than `weighted` of them weigh more than 0.
void feed(Executor& executor, const Dataset& data, std::span<const std::int64_t> indices,
          std::int64_t weighted = 1);

// The same with images as training sees them, those of part `part` of step `step`.
void feed(Executor& executor, const Dataset& data, std::span<const std::int64_t> indices,
          std::int64_t weighted, TrainingImages& images, std::int64_t step, std::int64_t part = 0);

// As the first without labels, for a plan that has none.
void feed_unlabelled(Executor& executor, const Dataset& data, std::span<const std::int64_t> indices,
                     std::int64_t weighted = 1);

// True where the plan has an input of that name.
bool has_input(const Executor& executor, std::string_view name);

}  // namespace evenkeel
