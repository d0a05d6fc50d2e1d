// SPDX-License-Identifier: Apache-2.0
// Weights of another run to start from: fine-tuning.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/base/tensor.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {

struct Checkpoint;

// What became of the tensors of network and file, each list in the order of its names. Statistics
// of one batch norm come all or none: a single one counts as missing. The count of its updates
// ("state/<layer>/updates_seen") comes with them, and is listed only then.
struct LoadReport {
  struct OtherShape {
    std::string name;
    Shape here;
    Shape there;
    friend bool operator==(const OtherShape&, const OtherShape&) = default;
  };
  std::vector<std::string> matched;      // copied
  std::vector<std::string> missing;      // the network has them, the file does not
  std::vector<OtherShape> other_shapes;  // both have them: not copied
  std::vector<std::string> unused;       // the file has them, the network does not
};

// Gives a trainer that has not trained yet every weight and every statistic of batch norm that the
// checkpoint has under the same name and in the same shape; f32 and f64 become each other. Of a
// run with recalibrated statistics or averaged weights those that it predicts with. Never the
// optimiser's slots, the step or the notes. Frozen layers too are filled. InvalidArgument for a
// trainer that has done a step; DataError naming the file where it is damaged or no checkpoint, and
// where no weight matches: nothing is changed then.
EVENKEEL_API LoadReport init_from(Trainer& trainer, const std::filesystem::path& path);
// The same of a checkpoint that has been read already, from `path`.
EVENKEEL_API LoadReport init_from(Trainer& trainer, const Checkpoint& checkpoint,
                                  const std::filesystem::path& path);

// As lines of text: how many tensors of each kind, then those of the last three, name by name.
EVENKEEL_API std::string to_text(const LoadReport& report);

}  // namespace evenkeel
