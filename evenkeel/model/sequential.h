// Layers one after the other.
//   Sequential("tiny", image(28, 28, 1).scale(1 / 255.0)).conv2d(8, 3).flatten().dense(10).build()
#pragma once

#include <memory>
#include <string>

#include "evenkeel/model/model.h"

namespace evenkeel {

enum class Padding { valid, same };
enum class Activation { none, relu };

// uint8 images H x W x C, multiplied by a factor on the way in: preprocessing belongs to the model.
struct ImageInput {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 0;
  double factor = 1;
  ImageInput scale(double by) const {
    ImageInput result = *this;
    result.factor = by;
    return result;
  }
};
inline ImageInput image(std::int64_t height, std::int64_t width, std::int64_t channels) {
  return {height, width, channels, 1};
}

struct Conv2dOptions {
  std::int64_t stride = 1;
  Padding padding = Padding::valid;  // same: output = ceil(input / stride), as TensorFlow pads
  Activation activation = Activation::none;
  bool bias = true;
  std::string name = {};  // default: kind and number, "conv1"
};

struct MaxPool2dOptions {
  std::int64_t stride = 0;  // 0: the window
  Padding padding = Padding::valid;
  std::string name = {};
};

struct DenseOptions {
  Activation activation = Activation::none;
  bool bias = true;
  std::string name = {};
};

// How the moving statistics follow the batches'. Never a bare "momentum", which means opposite
// things.
class Decay {
 public:
  // moving <- keep moving + (1 - keep) batch; 0 < keep < 1 (TensorFlow's "momentum").
  static Decay keep(double fraction) { return Decay(fraction); }
  // moving <- (1 - take) moving + take batch; 0 < take < 1 (PyTorch's "momentum").
  static Decay take(double fraction) { return Decay(1 - fraction); }
  double kept() const { return keep_; }

 private:
  explicit Decay(double keep) : keep_(keep) {}
  double keep_;
};

struct BatchNormOptions {
  double epsilon = 1e-3;
  Decay decay = Decay::keep(0.99);
  // The n-th update (from 0) keeps min(keep, n / (n + 1)); false: plain keep, as TensorFlow.
  bool count_weighted = true;
  MovingVariance variance = MovingVariance::population;
  std::string name = {};
};

// Each call adds a layer; InvalidArgument names the layer that does not fit.
class EVENKEEL_API Sequential {
 public:
  Sequential(std::string name, const ImageInput& input);
  ~Sequential();
  Sequential(Sequential&&) noexcept;

  Sequential& conv2d(std::int64_t filters, std::int64_t kernel, const Conv2dOptions& options = {});
  Sequential& max_pool2d(std::int64_t window, const MaxPool2dOptions& options = {});
  Sequential& flatten();
  Sequential& batch_norm(const BatchNormOptions& options = {});
  Sequential& dense(std::int64_t units, const DenseOptions& options = {});
  Sequential& relu();
  // The last layer must give [N, classes].
  Model build() const;

 private:
  class Builder;
  std::unique_ptr<Builder> builder_;
};

}  // namespace evenkeel
