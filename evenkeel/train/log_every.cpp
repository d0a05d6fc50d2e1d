// SPDX-License-Identifier: Apache-2.0
#include <iomanip>
#include <ostream>
#include <sstream>

#include "evenkeel/train/trainer.h"

namespace evenkeel {

Callback log_every(std::int64_t every, Dataset test, std::ostream& out) {
  Callback callback;
  callback.on_batch = [every, test = std::move(test), &out](Trainer& trainer,
                                                            const BatchEvent& event) {
    if (every <= 0 || (event.batch - 1) % every != 0) return;
    const double accuracy = trainer.evaluate(test).accuracy;
    // A stream of its own, so that the caller's format flags stay as they are.
    std::ostringstream line;
    line << "Epoch " << event.epoch << "/" << event.epochs << " - Batch " << event.batch << "/"
         << event.batches << ": loss = " << std::fixed << std::setprecision(4) << event.loss
         << ", accuracy = " << accuracy << "\n";
    out << line.str() << std::flush;
  };
  return callback;
}

}  // namespace evenkeel
