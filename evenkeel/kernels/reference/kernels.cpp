// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "evenkeel/kernels/reference/entries.h"
#include "evenkeel/kernels/reference/reference_kernel.h"

namespace evenkeel {
namespace reference {

bool all_dense(const Call& call) {
  const auto dense = [](const ValueType& type) {
    return type.layout.dense() && !type.shape.dynamic();
  };
  return std::all_of(call.inputs.begin(), call.inputs.end(), dense) &&
         std::all_of(call.outputs.begin(), call.outputs.end(), dense);
}

}  // namespace reference

std::span<const KernelEntry> reference_kernels() {
  using namespace reference;
  // In the order of the ops in op.h.
  static const std::array entries = {
      constant(),
      scale(),
      add(),
      scale_axis(),
      increment(),
      bias_add(),
      bias_grad(),
      relu(),
      relu_grad(),
      reshape(),
      conv2d(),
      conv2d_grad_data(),
      conv2d_grad_kernel(),
      max_pool2d(),
      max_pool2d_grad(),
      matmul(),
      channel_moments(),
      merge_moments(),
      merge_sample_moments(),
      batch_norm_apply(),
      channel_affine(),
      batch_norm_grad_sums(),
      batch_norm_grad_apply(),
      update_moving(),
      softmax(),
      softmax_cross_entropy(),
      mean(),
      mean_grad(),
      sum(),
      adam(),
      fused(),
      reorder(),
      leaky_relu(),
      leaky_relu_grad(),
      relu6(),
      relu6_grad(),
      sigmoid(),
      sigmoid_grad(),
      tanh(),
      tanh_grad(),
      avg_pool2d(),
      avg_pool2d_grad(),
      concat(),
      slice(),
      zero_pad(),
      dropout_apply(),
      softmax_grad(),
      sigmoid_cross_entropy(),
      mean_squared_error(),
      in_top_k(),
      sgd(),
      rmsprop(),
      adagrad(),
      squared_norm(),
      clip_factor(),
      multiply(),
      group_norm(),
      group_norm_grad(),
      layer_norm(),
      layer_norm_grad(),
      transpose(),
      penalty_grad(),
      constrain(),
      group_moments(),
      group_sums(),
      mean_moments(),
      weight_moments(),
      outer(),
      divide(),
      difference(),
      clamp(),
      stop_gradient(),
      moving_average(),
      piecewise_linear(),
      deviation(),
      channel_variance(),
      channel_variance_grad(),
      inverse_deviation(),
      channel_moments_grad(),
      fft2d(),
      inverse_fft2d(),
      spectral_kernel(),
      spectral_conv2d(),
      spectral_conv2d_grad_kernel(),
      unpooled_conv2d_grad_kernel(),
      winograd_kernel(),
      winograd_conv2d(),
      winograd_conv2d_grad_kernel(),
      winograd_kernel_grad(),
      cast(),
      unpooled_fft2d(),
      tiled_fft2d(),
      inverse_tiled_fft2d(),
  };
  return entries;
}

}  // namespace evenkeel
