// SPDX-License-Identifier: Apache-2.0
// All findings there are, the gravest first, and why each matters.
#include "evenkeel/study/doctor.h"

namespace evenkeel {

const std::vector<KnownFinding>& known_findings() {
  static const std::vector<KnownFinding> known = {
      {"checksum-wrong",
       "The bytes are not those that were written: what the network computes with them means "
       "nothing."},
      {"values-not-finite",
       "A value that is not finite reaches every output behind it, and every weight with the next "
       "step."},
      {"moving-variance-invalid",
       "A variance is at least 0 and finite. The layer divides by the root of it: such a channel "
       "gives NaN in every prediction."},
      {"statistics-never-updated",
       "Predictions normalise with mean 0 and variance 1 instead of what training saw: the layer "
       "does nothing but scale and shift. This is TensorFlow 1 without its UPDATE_OPS."},
      {"frozen-that-is-not",
       "A frozen layer is to stay as it is. One whose gamma and beta stand still while its moving "
       "statistics go on predicts something else after every step."},
      {"batch-and-moving-differ",
       "Training sees batch statistics, predictions see the moving ones. Where the same images "
       "give another loss, the moving ones are not those of this network on these data."},
      {"statistics-weigh-initial-value",
       "Moving statistics begin at mean 0 and variance 1, which are nobody's. Predictions are off "
       "by what is left of them."},
      {"epsilon-exceeds-variance",
       "The layer divides by the root of variance + epsilon. Where epsilon is the larger part it "
       "shrinks what it should bring to a variance of 1, and barely normalises."},
      {"decay-reversed",
       "An average that keeps less than half is the last batch or two. PyTorch's momentum is what "
       "an update takes, Keras' and TensorFlow's what it keeps: 0.1 there is 0.9 here."},
      {"decay-too-slow",
       "The moving statistics average over about 1 / (1 - keep) steps. In a run of few times that "
       "many they are those of weights that are long gone."},
      {"too-few-values-per-channel",
       "Batch statistics of n values are noisy: the variance is off by a share of sqrt(2 / (n - "
       "1)) "
       "from batch to batch, and training sees other numbers than predictions."},
      {"unfrozen-that-should-be",
       "Statistics that were learned from many images are replaced by those of a few: fine-tuning "
       "with small batches then loses what the network could do."},
      {"dead-channels",
       "A ReLU that gives 0 for every image passes no gradient: what is before it will not learn, "
       "and its weights are for nothing."},
      {"constant-channels",
       "A channel without variance says nothing about the image: batch norm gives beta, whatever "
       "it sees."},
      {"gamma-near-zero",
       "Batch norm multiplies by gamma: the layer passes on next to nothing of its input, and the "
       "gradient before it shrinks by the same factor."},
      {"exploding-gradients",
       "Steps in proportion to such a gradient leave the region where it means anything: the loss "
       "jumps, or becomes NaN."},
      {"vanishing-gradients",
       "Layers near the input get next to no gradient: they stay at their initial values while the "
       "others train."},
      {"update-to-weight-ratio",
       "A step that changes a layer's weights by about a thousandth is usual. A hundred times more "
       "forgets what was learned, a hundred times less learns nothing in the steps there are."},
      {"dropout-before-batch-norm",
       "Dropout changes the variance of what is behind it, in training alone: the moving variance "
       "is that of training and too large for predictions (Li et al. 2018, arXiv 1801.05134)."},
      {"weight-decay-on-gamma-beta",
       "Decay is to keep kernels small. It pulls gamma to 0, where the layer passes on nothing, "
       "and "
       "beta away from where it is needed; what follows rescales to undo it."},
      {"bias-before-batch-norm",
       "Batch norm subtracts the mean, and the bias with it: it has no effect and no gradient, and "
       "costs memory and time."},
  };
  return known;
}

std::string_view to_string(Severity severity) {
  if (severity == Severity::error) return "error";
  return severity == Severity::warning ? "warn" : "info";
}

}  // namespace evenkeel
