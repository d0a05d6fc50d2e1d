// Predicting with a trained network: a snapshot of its own, usable from many threads at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "evenkeel/base/export.h"
#include "evenkeel/model/model.h"

namespace evenkeel {

class Trainer;

struct PredictorOptions {
  int threads = 1;  // of one call
};

// Batch norm uses the moving statistics, so an image's result never depends on its neighbours; it
// is folded where probes allow it, as in Evaluator. One image alone has a plan of its own, whose
// rounding may differ from that of many.
// Const calls are safe from any thread; none keeps the caller's buffers.
class EVENKEEL_API Predictor {
 public:
  // From a checkpoint. DataError for a damaged file, UntrainedStatistics naming the layer where no
  // training step has updated the moving statistics.
  static Predictor load(const std::filesystem::path& path, const PredictorOptions& options = {});
  // From a trainer's state as it is now.
  explicit Predictor(const Trainer& trainer, const PredictorOptions& options = {});
  ~Predictor();
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;

  // images: uint8 [n,H,W,C], result: [n,K] softmax probabilities; n follows from the sizes.
  // InvalidArgument where they don't fit the network or each other.
  void probabilities(std::span<const std::uint8_t> images, std::span<float> result) const;
  // The most probable class of one image.
  std::int64_t classify(std::span<const std::uint8_t> image) const;
  const Model& model() const;

 private:
  class Impl;
  explicit Predictor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
