// Loss and accuracy of a network on data, with moving statistics.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "evenkeel/compile/assignment.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/model/model.h"
#include "evenkeel/runtime/state_store.h"
#include "evenkeel/train/loss.h"

namespace evenkeel {

struct Evaluation {
  double loss = 0;  // mean over the images, summed in f64 in their order
  double accuracy = 0;
  std::int64_t correct = 0;
  std::int64_t images = 0;
  // Of the images, those whose class is among the EvaluateOptions::top_k largest.
  std::int64_t in_top_k = 0;
  double top_k_accuracy = 0;
};

struct EvaluateOptions {
  std::int64_t top_k = 0;  // 0: not asked for
};

// A network in inference; `network` and `state` must outlive it. Batch norm is folded into its
// neighbours where that is exact, and where random probes give the same logits within 1e-5 (of the
// largest) with and without; else it is not folded.
class Evaluator {
 public:
  Evaluator(const Graph& network, Loss loss, StateStore& state, const Machine& machine,
            const PassOptions& passes);
  ~Evaluator();
  Evaluator(Evaluator&&) noexcept;

  // In slices of 128 images, the last one padded: the numbers don't depend on how images are
  // grouped.
  Evaluation evaluate(const Dataset& data, const EvaluateOptions& options = {});
  // Whether the last probes allowed folding, and how far the logits were apart.
  bool folded() const;
  double probe_difference() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
