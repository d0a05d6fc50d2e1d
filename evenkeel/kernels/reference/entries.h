// One function a reference kernel, each defined beside its code; reference_kernels() lists them.
#pragma once

#include "evenkeel/kernels/kernel.h"

namespace evenkeel::reference {

KernelEntry adam();
KernelEntry add();
KernelEntry batch_norm_apply();
KernelEntry batch_norm_coefficients();
KernelEntry batch_norm_grad_apply();
KernelEntry batch_norm_grad_sums();
KernelEntry bias_add();
KernelEntry bias_grad();
KernelEntry channel_affine();
KernelEntry channel_moments();
KernelEntry constant();
KernelEntry conv2d();
KernelEntry conv2d_grad_data();
KernelEntry conv2d_grad_kernel();
KernelEntry fused();
KernelEntry increment();
KernelEntry matmul();
KernelEntry max_pool2d();
KernelEntry max_pool2d_grad();
KernelEntry mean();
KernelEntry mean_grad();
KernelEntry merge_moments();
KernelEntry relu();
KernelEntry relu_grad();
KernelEntry reorder();
KernelEntry reshape();
KernelEntry scale();
KernelEntry scale_axis();
KernelEntry softmax();
KernelEntry softmax_cross_entropy();
KernelEntry sum();
KernelEntry update_moving();

}  // namespace evenkeel::reference
