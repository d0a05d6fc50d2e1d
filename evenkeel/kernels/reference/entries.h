// SPDX-License-Identifier: Apache-2.0
// One function a reference kernel, each defined beside its code; reference_kernels() lists them.
#pragma once

#include "evenkeel/kernels/kernel.h"

namespace evenkeel::reference {

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
KernelEntry channel_variance_grad();
KernelEntry clip_factor();
KernelEntry concat();
KernelEntry constant();
KernelEntry constrain();
KernelEntry conv2d();
KernelEntry conv2d_grad_data();
KernelEntry conv2d_grad_kernel();
KernelEntry dropout_apply();
KernelEntry fft2d();
KernelEntry fused();
KernelEntry group_moments();
KernelEntry group_norm();
KernelEntry group_norm_grad();
KernelEntry group_sums();
KernelEntry in_top_k();
KernelEntry increment();
KernelEntry inverse_deviation();
KernelEntry inverse_fft2d();
KernelEntry layer_norm();
KernelEntry layer_norm_grad();
KernelEntry leaky_relu();
KernelEntry leaky_relu_grad();
KernelEntry matmul();
KernelEntry max_pool2d();
KernelEntry max_pool2d_grad();
KernelEntry mean();
KernelEntry mean_grad();
KernelEntry mean_moments();
KernelEntry mean_squared_error();
KernelEntry merge_moments();
KernelEntry merge_sample_moments();
KernelEntry multiply();
KernelEntry outer();
KernelEntry penalty_grad();
KernelEntry relu();
KernelEntry relu6();
KernelEntry relu6_grad();
KernelEntry relu_grad();
KernelEntry renorm_correction();
KernelEntry reorder();
KernelEntry reshape();
KernelEntry rmsprop();
KernelEntry scale();
KernelEntry scale_axis();
KernelEntry sgd();
KernelEntry sigmoid();
KernelEntry sigmoid_cross_entropy();
KernelEntry sigmoid_grad();
KernelEntry slice();
KernelEntry softmax();
KernelEntry softmax_cross_entropy();
KernelEntry softmax_grad();
KernelEntry spectral_conv2d();
KernelEntry spectral_conv2d_grad_kernel();
KernelEntry unpooled_conv2d_grad_kernel();
KernelEntry squared_norm();
KernelEntry sum();
KernelEntry tanh();
KernelEntry tanh_grad();
KernelEntry transpose();
KernelEntry update_deviation();
KernelEntry update_moving();
KernelEntry weight_moments();
KernelEntry zero_pad();

}  // namespace evenkeel::reference
