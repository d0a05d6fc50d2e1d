// SPDX-License-Identifier: Apache-2.0
// The closed list of ops. A graph is data: an op is one of these structs in a variant.
#pragma once

#include <string_view>
#include <utility>
#include <variant>

#include "evenkeel/graph/ops/activations.h"
#include "evenkeel/graph/ops/adagrad.h"
#include "evenkeel/graph/ops/adam.h"
#include "evenkeel/graph/ops/avg_pool2d.h"
#include "evenkeel/graph/ops/batch_norm.h"
#include "evenkeel/graph/ops/batch_norm_groups.h"
#include "evenkeel/graph/ops/batch_norm_variance.h"
#include "evenkeel/graph/ops/batch_norm_weights.h"
#include "evenkeel/graph/ops/bias_add.h"
#include "evenkeel/graph/ops/cast.h"
#include "evenkeel/graph/ops/clip.h"
#include "evenkeel/graph/ops/concat.h"
#include "evenkeel/graph/ops/conv2d.h"
#include "evenkeel/graph/ops/dropout.h"
#include "evenkeel/graph/ops/elementwise.h"
#include "evenkeel/graph/ops/fft2d.h"
#include "evenkeel/graph/ops/fused.h"
#include "evenkeel/graph/ops/group_norm.h"
#include "evenkeel/graph/ops/layer_norm.h"
#include "evenkeel/graph/ops/leaves.h"
#include "evenkeel/graph/ops/losses.h"
#include "evenkeel/graph/ops/matmul.h"
#include "evenkeel/graph/ops/max_pool2d.h"
#include "evenkeel/graph/ops/moving_average.h"
#include "evenkeel/graph/ops/parameter_rules.h"
#include "evenkeel/graph/ops/reduce.h"
#include "evenkeel/graph/ops/relu.h"
#include "evenkeel/graph/ops/reorder.h"
#include "evenkeel/graph/ops/reshape.h"
#include "evenkeel/graph/ops/rmsprop.h"
#include "evenkeel/graph/ops/sgd.h"
#include "evenkeel/graph/ops/softmax_cross_entropy.h"
#include "evenkeel/graph/ops/spectral_conv2d.h"
#include "evenkeel/graph/ops/tiled_fft2d.h"
#include "evenkeel/graph/ops/transpose.h"
#include "evenkeel/graph/ops/unpooled_conv2d.h"
#include "evenkeel/graph/ops/unpooled_fft2d.h"
#include "evenkeel/graph/ops/winograd_conv2d.h"

namespace evenkeel {

// The one place that lists every op.
using AnyOp = std::variant<
    Input, State, Constant, Scale, Add, ScaleAxis, Increment, BiasAdd, BiasGrad, Relu, ReluGrad,
    Reshape, Conv2d, Conv2dGradData, Conv2dGradKernel, MaxPool2d, MaxPool2dGrad, MatMul, BatchNorm,
    ChannelMoments, MergeMoments, MergeSampleMoments, BatchNormApply, ChannelAffine,
    BatchNormGradSums, BatchNormGradApply, UpdateMoving, Softmax, SoftmaxCrossEntropy, Mean,
    MeanGrad, Sum, AdamUpdate, Fused, Reorder, LeakyRelu, LeakyReluGrad, Relu6, Relu6Grad, Sigmoid,
    SigmoidGrad, Tanh, TanhGrad, AvgPool2d, AvgPool2dGrad, Concat, Slice, ZeroPad, Dropout,
    DropoutApply, SoftmaxGrad, SigmoidCrossEntropy, MeanSquaredError, InTopK, SgdUpdate,
    RmspropUpdate, SquaredNorm, ClipFactor, Multiply, GroupNorm, GroupNormGrad, LayerNorm,
    LayerNormGrad, Transpose, PenaltyGrad, Constrain, GroupMoments, GroupSums, MeanMoments,
    WeightMoments, Outer, Divide, Difference, Clamp, StopGradient, MovingAverage, PiecewiseLinear,
    Deviation, ChannelVariance, ChannelVarianceGrad, InverseDeviation, ChannelMomentsGrad, Fft2d,
    InverseFft2d, SpectralKernel, SpectralConv2d, SpectralConv2dGradKernel,
    UnpooledConv2dGradKernel, WinogradKernel, WinogradConv2d, WinogradConv2dGradKernel,
    WinogradKernelGrad, AdagradUpdate, Cast, UnpooledFft2d, TiledFft2d, InverseTiledFft2d>;

// One of them. Not the variant itself: what copies, moves and compares all ops is compiled once,
// not in every file that has a graph.
class EVENKEEL_API Op : public AnyOp {
 public:
  Op();
  // Of AnyOp's alternatives.
  template <typename T, typename = decltype(T::fields)>
  Op(T op) : AnyOp(std::in_place_type<T>, std::move(op)) {}
  Op(AnyOp&& op);
  Op(const Op&);
  Op(Op&&) noexcept;
  Op& operator=(const Op&);
  Op& operator=(Op&&) noexcept;
  ~Op();
  EVENKEEL_API friend bool operator==(const Op& a, const Op& b);
};

EVENKEEL_API std::string_view name_of(const Op& op);

// Of relu, leaky_relu, relu6, sigmoid and tanh.
EVENKEEL_API bool is_activation(const Op& op);

// True where a gradient rule stands beside the op.
template <typename T>
concept Differentiable = requires(const T& op, GradientScope& scope) {
  op.gradient(scope);
};

}  // namespace evenkeel
