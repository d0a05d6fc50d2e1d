// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/trainer_view.h"

#include <vector>

#include "evenkeel/base/error.h"
#include "evenkeel/base/float_mode.h"
#include "evenkeel/data/batches.h"
#include "evenkeel/train/trainer_impl.h"

namespace evenkeel {

TrainerView::TrainerView(const Trainer& trainer) : impl_(*trainer.impl_) {}

TensorView TrainerView::state(const std::string& name) const {
  impl_.require_usable();
  const StateStore::Entry& entry = impl_.state_.entry(name);
  return {entry.type.dtype, entry.type.shape, impl_.state_.bytes(entry)};
}

bool TrainerView::next_gradients(const Dataset& data, std::int64_t images,
                                 const SeeTensor& see) const {
  const DefaultFloatMode mode;
  impl_.require_usable();
  if (images < 1) return false;
  const std::int64_t parts = impl_.parts_of(images);
  const std::int64_t batch = images / parts;
  if (batch > data.size()) return false;  // training is on other images than these
  const std::vector<std::int64_t> indices =
      BatchSampler(data.size(), batch, {.seed = impl_.options_.seed}).indices(impl_.step_ * parts);
  const auto feed_next = [&](Executor& executor) {
    try {
      feed(executor, data, indices, impl_.fewest_weighted_);
    } catch (const DataError&) {
      return false;  // training will refuse the batch, and say why
    }
    impl_.feed_step(executor);
    return true;
  };
  PassOptions passes = impl_.passes_;
  passes.dump_directory.clear();
  const GradientProbe probe(impl_.network_, impl_.loss_, impl_.fed(labels_of(data)),
                            {batch, impl_.machine_, passes});
  return probe.run(impl_.state_, impl_.workspace_, feed_next, see);
}

std::size_t TrainerView::workspace_bytes() const { return impl_.workspace_->bytes(); }

}  // namespace evenkeel
