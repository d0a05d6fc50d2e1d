// SPDX-License-Identifier: Apache-2.0
// What a trainer has in its memory, for looking at: nothing is copied, and training goes on as if
// nobody had looked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "evenkeel/data/dataset.h"
#include "evenkeel/formats/safetensors.h"
#include "evenkeel/train/gradient_probe.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {

// Of a trainer that outlives it and stays where it is; asked between two steps, as callbacks are
// called.
class EVENKEEL_API TrainerView {
 public:
  explicit TrainerView(const Trainer& trainer);

  // A state tensor as training has it: good until the next step.
  TensorView state(const std::string& name) const;

  // The gradients that the next step will have (train/gradient_probe.h), but without augmentation.
  // images: of an update, as BatchEvent has them; where they are several batches, of the first.
  // Compiles plans and computes in the trainer's own memory, which takes the time of some steps.
  // False, and what is left not seen, where the loss is not finite, or the batch is none that
  // training could take of `data`, as one that is larger than it.
  bool next_gradients(const Dataset& data, std::int64_t images, const SeeTensor& see) const;

  // The most that plans compute in, of which state is no part: it only grows.
  std::size_t workspace_bytes() const;

 private:
  Trainer::Impl& impl_;
};

}  // namespace evenkeel
