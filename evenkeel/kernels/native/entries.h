// SPDX-License-Identifier: Apache-2.0
// One function a native kernel, each defined beside its code; native_kernels() lists them.
#pragma once

#include "evenkeel/kernels/kernel.h"

namespace evenkeel::native {

KernelEntry adam();
KernelEntry add();
KernelEntry avg_pool2d();
KernelEntry avg_pool2d_grad();
KernelEntry batch_norm_apply();
KernelEntry batch_norm_grad_apply();
KernelEntry batch_norm_grad_sums();
KernelEntry bias_add();
KernelEntry bias_grad();
KernelEntry channel_affine();
KernelEntry channel_moments();
KernelEntry channel_moments_grad();
KernelEntry channel_variance();
KernelEntry clip_factor();
KernelEntry concat();
KernelEntry dropout_apply();
KernelEntry fft2d();
KernelEntry group_moments();
KernelEntry group_norm();
KernelEntry group_norm_grad();
KernelEntry group_sums();
KernelEntry in_top_k();
KernelEntry increment();
KernelEntry inverse_fft2d();
KernelEntry layer_norm();
KernelEntry layer_norm_grad();
KernelEntry leaky_relu();
KernelEntry leaky_relu_grad();
KernelEntry matmul();
KernelEntry matmul_few_rows();
KernelEntry fused_matmul();
KernelEntry fused_matmul_adam();
KernelEntry fused_matmul_few_rows();
KernelEntry max_pool2d();
KernelEntry fused_max_pool2d();
KernelEntry conv2d_pooled();
KernelEntry max_pool2d_grad();
KernelEntry mean();
KernelEntry mean_grad();
KernelEntry mean_moments();
KernelEntry mean_squared_error();
KernelEntry merge_moments();
KernelEntry merge_sample_moments();
KernelEntry multiply();
KernelEntry outer();
KernelEntry relu();
KernelEntry relu6();
KernelEntry relu6_grad();
KernelEntry relu_grad();
KernelEntry rmsprop();
KernelEntry scale();
KernelEntry scale_axis();
KernelEntry scale_bytes();
KernelEntry sgd();
KernelEntry sigmoid();
KernelEntry sigmoid_cross_entropy();
KernelEntry sigmoid_grad();
KernelEntry slice();
KernelEntry softmax();
KernelEntry softmax_cross_entropy();
KernelEntry softmax_grad();
KernelEntry spectral_kernel();
KernelEntry spectral_conv2d();
KernelEntry spectral_conv2d_grad_kernel();
KernelEntry unpooled_conv2d_grad_kernel();
KernelEntry squared_norm();
KernelEntry sum();
KernelEntry tanh();
KernelEntry tanh_grad();
KernelEntry transpose();
KernelEntry update_moving();
KernelEntry weight_moments();
KernelEntry winograd_conv2d();
KernelEntry winograd_conv2d_grad_kernel();
KernelEntry winograd_kernel();
KernelEntry winograd_kernel_grad();
KernelEntry zero_pad();

}  // namespace evenkeel::native
