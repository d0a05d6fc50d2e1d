// SPDX-License-Identifier: Apache-2.0
// Predicting with a trained network: a snapshot of its own, usable from many threads at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "evenkeel/base/export.h"
#include "evenkeel/base/math.h"
#include "evenkeel/base/weights.h"
#include "evenkeel/model/model.h"
#include "evenkeel/train/image_view.h"

namespace evenkeel {

class Trainer;

struct PredictorOptions {
  int threads = 1;  // of one call
  // Images that are computed together, the last ones padded. 0: one alone, up to 96 in slices of
  // 16, more in slices of 128, which is fastest.
  std::int64_t slice = 0;
  std::string kernels = "auto";  // auto, native, onednn, reference
  Math math = Math::fast;
  Weights weights = Weights::f32;
};

// Batch norm uses the moving statistics, so what stands beside an image in a call never changes its
// result. It is folded where probes allow it, as in Evaluator. With slice 0 the number of images in
// the call chooses between three plans, whose sums may round differently in the last bits; with any
// other slice there is one plan, and a call of one image takes as long as one of `slice`.
// Const calls are safe from any thread; none keeps the caller's buffers. InvalidArgument where
// images or results don't fit the network or each other, or a pixel is not finite; RuntimeFailure
// where a logit is not: nothing in the results is then of use.
class EVENKEEL_API Predictor {
 public:
  // From a checkpoint. DataError for a damaged file, UntrainedStatistics naming the layer where no
  // training step has updated the moving statistics.
  static Predictor load(const std::filesystem::path& path, const PredictorOptions& options = {});
  // From a trainer's state as it is now, with the statistics that it evaluates with.
  explicit Predictor(const Trainer& trainer, const PredictorOptions& options = {});
  ~Predictor();
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;

  // images: n of [H,W,C]. result: [n,K], softmax or sigmoid of the logits by the loss trained with
  // (mean_squared_error: the outputs themselves), whose rows begin `row_stride` elements apart; 0:
  // no gap, and room for exactly n rows.
  void probabilities(const ImageView& images, std::span<float> result,
                     std::int64_t row_stride = 0) const;
  // The same before softmax or sigmoid.
  void logits(const ImageView& images, std::span<float> result, std::int64_t row_stride = 0) const;
  // The class with the largest logit, the first of equals; with K = 1 whether its probability is
  // above 0.5. result: [n]. Bytes where the network has
  // at most 256 classes.
  void classes(const ImageView& images, std::span<std::uint8_t> result) const;
  void classes(const ImageView& images, std::span<std::int64_t> result) const;
  // That of one image.
  std::int64_t classify(const ImageView& image) const;
  const Model& model() const;

 private:
  class Impl;
  explicit Predictor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
