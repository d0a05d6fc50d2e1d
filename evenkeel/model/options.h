// SPDX-License-Identifier: Apache-2.0
// What layers are told: sizes, padding, activations, initial values. Every field has a default.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/graph/attribute_types.h"

namespace evenkeel {

// uint8 images H x W x C, on the way in multiplied by a factor and then, where asked for, brought
// to (x - mean) / deviation of each channel: preprocessing belongs to the model.
struct ImageInput {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 0;
  double factor = 1;
  std::vector<double> mean = {};  // none: not normalised
  std::vector<double> deviation = {};
  ImageInput scale(double by) const {
    ImageInput result = *this;
    result.factor = by;
    return result;
  }
  // One of each a channel, of pixels as scale() leaves them, whichever is called first; deviations
  // above 0. data/channel_statistics.h measures them.
  ImageInput normalise(std::vector<double> by_mean, std::vector<double> by_deviation) const {
    ImageInput result = *this;
    result.mean = std::move(by_mean);
    result.deviation = std::move(by_deviation);
    return result;
  }
};
inline ImageInput image(std::int64_t height, std::int64_t width, std::int64_t channels) {
  return {height, width, channels};
}

// Height and width: 3 is 3 x 3, {3, 5} is 3 high and 5 wide.
struct Size2 {
  std::int64_t height;
  std::int64_t width;
  Size2(std::int64_t both) : height(both), width(both) {}
  Size2(std::int64_t h, std::int64_t w) : height(h), width(w) {}
};

// valid: none. same: output = ceil(input / stride), what is odd goes behind, as TensorFlow pads.
enum class Padding { valid, same };

// `Padding::same`, or the four sides {top, bottom, left, right}.
struct ImagePadding {
  Padding rule = Padding::valid;
  std::optional<Padding4> sides = {};
  ImagePadding(Padding by_rule) : rule(by_rule) {}
  ImagePadding(std::int64_t top, std::int64_t bottom, std::int64_t left, std::int64_t right)
      : sides(Padding4{top, bottom, left, right}) {}
};

// leaky_relu has slope 0.01; layers::leaky_relu takes another.
enum class Activation { none, relu, leaky_relu, relu6, sigmoid, tanh, softmax };

// An initialiser, with its number where it has one: `Initializer::he_normal`,
// `InitialValue::constant(0.1)`, `InitialValue::truncated_normal(0.1)`.
struct InitialValue {
  Initializer initializer;
  double value = 0;
  InitialValue(Initializer which) : initializer(which) {}
  static InitialValue constant(double value) { return {Initializer::constant, value}; }
  // Of this standard deviation before it is cut off at two of them.
  static InitialValue truncated_normal(double deviation) {
    return {Initializer::truncated_normal, deviation};
  }

 private:
  InitialValue(Initializer which, double number) : initializer(which), value(number) {}
};

struct Conv2dOptions {
  Size2 stride = 1;
  ImagePadding padding = Padding::valid;
  Activation activation = Activation::none;
  bool bias = true;
  std::string name = {};  // default: kind and number, "conv1"
  Size2 dilation = 1;     // distance of two taps
  std::int64_t groups = 1;
  InitialValue kernel = Initializer::glorot_uniform;
  InitialValue bias_value = Initializer::zeros;
};

struct DepthwiseConv2dOptions {
  std::int64_t multiplier = 1;  // output channels for each input channel
  Size2 stride = 1;
  ImagePadding padding = Padding::valid;
  Activation activation = Activation::none;
  bool bias = true;
  std::string name = {};
  Size2 dilation = 1;
  InitialValue kernel = Initializer::glorot_uniform;
  InitialValue bias_value = Initializer::zeros;
};

struct MaxPool2dOptions {
  Size2 stride = 0;  // 0: the window
  ImagePadding padding = Padding::valid;
  std::string name = {};
};

struct AvgPool2dOptions {
  Size2 stride = 0;  // 0: the window
  ImagePadding padding = Padding::valid;
  bool count_padding = false;  // true: padding counts as zeros, as in PyTorch
  std::string name = {};
};

struct DenseOptions {
  Activation activation = Activation::none;
  bool bias = true;
  std::string name = {};
  InitialValue kernel = Initializer::glorot_uniform;
  InitialValue bias_value = Initializer::zeros;
};

// How the moving statistics follow the batches'. Never a bare "momentum", which means opposite
// things.
class Decay {
 public:
  // moving <- keep moving + (1 - keep) batch; 0 < keep < 1 (TensorFlow's "momentum"), or
  // InvalidArgument.
  EVENKEEL_API static Decay keep(double fraction);
  // moving <- (1 - take) moving + take batch; 0 < take < 1 (PyTorch's "momentum"), or
  // InvalidArgument.
  EVENKEEL_API static Decay take(double fraction);
  double kept() const { return keep_; }

 private:
  explicit Decay(double keep) : keep_(keep) {}
  double keep_;
};

// Moving statistics are the mean over all updates: the n-th (from 0) keeps n / (n + 1) (PyTorch's
// momentum=None).
struct Cumulative {};

// `Decay::keep(0.9)`, `Decay::take(0.1)` or `Cumulative{}`.
class MovingRule {
 public:
  MovingRule(Decay decay) : keep_(decay.kept()) {}
  MovingRule(Cumulative) : keep_(1) {}
  bool cumulative() const { return keep_ == 1; }
  double kept() const { return keep_; }  // at most; 1 for Cumulative

 private:
  double keep_;
};

// A penalty l1 sum |p| + l2 sum p^2 on a tensor, as Keras has it: training adds its gradient,
// l1 sign(p) + 2 l2 p, ahead of clipping and of the optimiser. The loss shown is without it.
struct Penalty {
  double l1 = 0;
  double l2 = 0;
};

// What each update brings a tensor back to, by Keras's formulas (graph/ops/parameter_rules.h); the
// norm is that of the tensor as a whole.
class Constraint {
 public:
  Constraint() = default;  // none
  static Constraint non_negative() { return {Bound::non_negative, 0, 0, 1}; }
  static Constraint max_norm(double largest) { return {Bound::max_norm, 0, largest, 1}; }
  static Constraint unit_norm() { return {Bound::unit_norm, 0, 0, 1}; }
  // rate: how much of the way into the range an update goes.
  static Constraint min_max_norm(double smallest, double largest, double rate = 1) {
    return {Bound::min_max_norm, smallest, largest, rate};
  }
  Bound bound() const { return bound_; }
  double smallest() const { return smallest_; }
  double largest() const { return largest_; }
  double rate() const { return rate_; }

 private:
  Constraint(Bound bound, double smallest, double largest, double rate)
      : bound_(bound), smallest_(smallest), largest_(largest), rate_(rate) {}
  Bound bound_ = Bound::none;
  double smallest_ = 0;
  double largest_ = 0;
  double rate_ = 1;
};

struct LayerNormOptions {
  double epsilon = 1e-5;
  bool center = true;  // false: no beta
  bool scale = true;   // false: no gamma
  std::string name = {};
};

struct GroupNormOptions {
  double epsilon = 1e-5;
  bool center = true;  // false: no beta
  bool scale = true;   // false: no gamma
  std::string name = {};
};

// A limit of batch renormalisation: a number, or one that follows the updates seen.
class RenormLimit {
 public:
  RenormLimit(double constant) : from_(constant), to_(constant) {}
  // `from` until `begin` updates, `to` from `end` on, a straight line between.
  static RenormLimit linear(double from, double to, std::int64_t begin, std::int64_t end) {
    RenormLimit limit(from);
    limit.to_ = to;
    limit.begin_ = begin;
    limit.end_ = end;
    return limit;
  }
  static RenormLimit none() { return std::numeric_limits<double>::infinity(); }
  double from() const { return from_; }
  double to() const { return to_; }
  std::int64_t begin() const { return begin_; }
  std::int64_t end() const { return end_; }

 private:
  double from_;
  double to_;
  std::int64_t begin_ = 0;
  std::int64_t end_ = 0;
};

// What batch norm takes for a batch in training. Inference is the same for all: by the moving
// statistics.
struct WholeBatch {};

// Ghost batch norm (Hoffer, Hubara & Soudry 2017): groups of `size` samples, each by statistics of
// its own. The batch must be a multiple of `size`.
struct Ghost {
  std::int64_t size = 32;
  Grouping grouping = Grouping::consecutive;
  GhostStatistics statistics = GhostStatistics::merged;
};

// Batch renormalisation (Ioffe 2017): y = gamma (xhat r + d) + beta with r = s / S in [rmin, rmax]
// and d = (mean - M) / S in [-dmax, dmax], M and S being moving statistics; no gradient through r
// and d. The paper goes from rmax 1 and dmax 0, plain batch norm, to 3 and 5:
// {.rmax = RenormLimit::linear(1, 3, 5000, 40000), .dmax = RenormLimit::linear(0, 5, 5000, 25000)}.
struct Renorm {
  RenormLimit rmax = 3;
  std::optional<RenormLimit> rmin = {};  // default: 1 / rmax
  RenormLimit dmax = 5;
  RenormMoves moves = RenormMoves::variance;
  // Of M and S, where deviations move: default the layer's. By variance, M and S are the layer's
  // moving statistics themselves.
  std::optional<Decay> decay = {};
};

using BatchKind = std::variant<WholeBatch, Ghost, Renorm>;

struct BatchNormOptions {
  double epsilon = 1e-3;
  // Of 0.9 and 0.99 the better on the reference network (docs/compare.md, "Measured: statistics").
  MovingRule decay = Decay::keep(0.9);
  // The n-th update (from 0) keeps min(keep, n / (n + 1)); false: plain keep, as TensorFlow.
  bool count_weighted = true;
  MovingVariance variance = MovingVariance::population;
  std::string name = {};
  // Which axes of [N,..] keep statistics of their own, one for each index of them in this order;
  // negative ones count from the end, and 0, the batch, is none.
  std::vector<std::int64_t> axes = {-1};
  bool center = true;  // false: no beta
  bool scale = true;   // false: no gamma
  InitialValue gamma = Initializer::ones;
  InitialValue beta = Initializer::zeros;
  InitialValue moving_mean = Initializer::zeros;
  InitialValue moving_variance = Initializer::ones;  // at least 0
  Penalty gamma_penalty = {};
  Penalty beta_penalty = {};
  Constraint gamma_constraint = {};
  Constraint beta_constraint = {};
  // Training normalises with the moving statistics and leaves those, gamma and beta as they are;
  // usually by freeze() (model/freeze.h), on a network that has been trained.
  bool frozen = false;
  BatchKind batch = WholeBatch{};
};

// Batch norm as others have it where nothing is said, all by the plain rule:
//   tf1    tf.layers.batch_normalization: keep 0.99, epsilon 1e-3; the moving variance is the
//          sample's where TensorFlow takes its fused kernel (x of rank 4 or 5, statistics along one
//          axis, the first or the last, of the whole batch), else the population's
//   keras  keep 0.99, epsilon 1e-3, the population's
//   torch  take 0.1, epsilon 1e-5, the sample's
enum class Preset { tf1, keras, torch };
// For x of that rank, [N,C] being 2: `chosen` with the preset's epsilon, decay, count_weighted and
// variance. Throws InvalidArgument for a rank below 2.
EVENKEEL_API BatchNormOptions options_of(Preset preset, std::size_t rank,
                                         BatchNormOptions chosen = {});

}  // namespace evenkeel
