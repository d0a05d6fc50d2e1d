// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

namespace evenkeel {
namespace native {

bool all_f32(const Call& call) {
  for (const ValueType& type : call.inputs)
    if (!is_dense(type, DType::f32)) return false;
  for (const ValueType& type : call.outputs)
    if (!is_dense(type, DType::f32)) return false;
  return true;
}

bool all_f32_but_moments(const Call& call, std::size_t first) {
  for (std::size_t i = 0; i < call.inputs.size(); ++i)
    if (!is_dense(call.inputs[i], first <= i && i < first + 3 ? DType::f64 : DType::f32))
      return false;
  for (const ValueType& type : call.outputs)
    if (!is_dense(type, DType::f32)) return false;
  return true;
}

bool all_inputs_f64(const Call& call) {
  return std::all_of(call.inputs.begin(), call.inputs.end(),
                     [](const ValueType& type) { return is_dense(type, DType::f64); });
}

}  // namespace native

std::span<const KernelEntry> native_kernels() {
  using namespace native;
  // Of two kernels of one op, the better first; otherwise in the order of the ops.
  static const std::array entries = {
      scale(),
      scale_bytes(),
      add(),
      fused_add_relu(),
      fused_add_relu_grad(),
      multiply(),
      scale_axis(),
      increment(),
      bias_add(),
      bias_grad(),
      relu(),
      relu_grad(),
      leaky_relu(),
      leaky_relu_grad(),
      relu6(),
      relu6_grad(),
      sigmoid(),
      sigmoid_grad(),
      tanh(),
      tanh_grad(),
      matmul_narrow(),
      matmul(),
      matmul_few_rows(),
      matmul_few_rows_bf16(),
      fused_matmul_adam(),
      fused_matmul_narrow(),
      fused_matmul(),
      fused_matmul_few_rows(),
      fused_matmul_few_rows_bf16(),
      max_pool2d(),
      fused_max_pool2d(),
      conv2d(),
      conv2d_grad_data(),
      conv2d_grad_kernel(),
      conv2d_pooled(),
      fused_conv2d(),
      max_pool2d_grad(),
      avg_pool2d(),
      avg_pool2d_grad(),
      concat(),
      slice(),
      zero_pad(),
      transpose(),
      dropout_apply(),
      channel_moments(),
      channel_variance(),
      merge_moments(),
      merge_sample_moments(),
      batch_norm_apply(),
      fused_batch_norm_apply(),
      channel_affine(),
      batch_norm_grad_sums(),
      batch_norm_grad_apply(),
      update_moving(),
      group_moments(),
      group_sums(),
      mean_moments(),
      weight_moments(),
      outer(),
      channel_moments_grad(),
      group_norm(),
      group_norm_grad(),
      layer_norm(),
      layer_norm_grad(),
      softmax(),
      softmax_grad(),
      softmax_cross_entropy(),
      sigmoid_cross_entropy(),
      mean_squared_error(),
      in_top_k(),
      mean(),
      mean_grad(),
      sum(),
      adam(),
      sgd(),
      rmsprop(),
      moving_average(),
      adagrad(),
      squared_norm(),
      clip_factor(),
      fft2d(),
      inverse_fft2d(),
      fused_inverse_fft2d(),
      unpooled_fft2d(),
      tiled_fft2d(),
      inverse_tiled_fft2d(),
      spectral_kernel(),
      spectral_conv2d(),
      spectral_conv2d_grad_kernel(),
      unpooled_conv2d_grad_kernel(),
      winograd_kernel(),
      winograd_conv2d(),
      fused_winograd_conv2d(),
      winograd_conv2d_grad_kernel(),
      fused_winograd_conv2d_grad_kernel(),
      winograd_kernel_grad(),
      cast(),
  };
  return entries;
}

}  // namespace evenkeel
