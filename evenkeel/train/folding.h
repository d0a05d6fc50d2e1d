// SPDX-License-Identifier: Apache-2.0
// Whether batch norm may be folded: asked of random probes for the state as it is.
#pragma once

#include <memory>

#include "evenkeel/compile/pipeline.h"
#include "evenkeel/runtime/state_store.h"
#include "evenkeel/runtime/workspace.h"

namespace evenkeel {

// Compares the logits of `network` in inference with and without "fold_batch_norm" on 16 random
// images. `state` must outlive it.
class FoldingProbe {
 public:
  FoldingProbe(const Graph& network, StateStore& state, const Machine& machine,
               const PassOptions& passes, std::shared_ptr<Workspace> workspace = nullptr);
  ~FoldingProbe();
  FoldingProbe(FoldingProbe&&) noexcept;

  // Folding is refused where difference() is larger.
  static constexpr double kTolerance = 1e-5;

  // max |folded - plain| / max |plain|; infinite where a logit is not finite, 0 where there is
  // nothing to fold.
  double difference();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The passes, without folding unless `fold`.
PassOptions with_folding(PassOptions passes, bool fold);

}  // namespace evenkeel
