// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/save_every.h"

#include <memory>

#include "evenkeel/base/os.h"
#include "evenkeel/train/run_saver.h"

namespace evenkeel {

Callback save_every(const SaveTimes& times, const std::filesystem::path& folder,
                    const SaveOptions& options) {
  const auto saver = std::make_shared<RunSaver>(folder, times, options);
  os::make_directories(folder);
  Callback callback;
  callback.on_batch = [saver](Trainer& trainer, const BatchEvent&) { saver->after_step(trainer); };
  if (options.best_of.size() > 0) {
    callback.on_epoch = [saver, best_of = options.best_of](Trainer& trainer, const BatchEvent&) {
      saver->save(trainer);
      saver->keep_best(trainer, trainer.evaluate(best_of));
    };
  }
  callback.on_end = [saver](Trainer& trainer) { saver->finish(trainer); };
  return callback;
}

}  // namespace evenkeel
