// SPDX-License-Identifier: Apache-2.0
// Loss and accuracy of an epoch's training batches, over the resumptions of a run.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "evenkeel/train/trainer.h"

namespace evenkeel {

// What it has so far stands in the trainer's notes, and so in every checkpoint: an epoch that was
// interrupted has the means of one that never was.
class EVENKEEL_API EpochMeans {
 public:
  // Goes on where the notes, of a trainer that has done `step` steps, say that it was.
  void resume(const std::map<std::string, std::string>& notes, std::int64_t step);
  // A batch of an epoch, the first of which begins anew.
  void add(const BatchEvent& event, std::map<std::string, std::string>& notes);

  // NaN where there was none.
  double loss() const;
  double accuracy() const;

 private:
  double loss_ = 0;  // summed over the batches
  std::int64_t correct_ = 0;
  std::int64_t images_ = 0;
  std::int64_t batches_ = 0;
};

}  // namespace evenkeel
