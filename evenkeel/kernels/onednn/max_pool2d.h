// SPDX-License-Identifier: Apache-2.0
// Max-pooling, with what oneDNN leaves out.
#pragma once

#include "evenkeel/kernels/onednn/primitive_kernel.h"

namespace evenkeel::onednn {

// oneDNN passes over NaN and starts from the lowest finite float; where x holds either, the plain
// loops here say what MaxPool2d means.
class MaxPool2dKernel final : public Kernel {
 public:
  MaxPool2dKernel(const Call& call, const Recipe& recipe, int threads);
  std::unique_ptr<KernelContext> make_context() const override;
  void run(const Args& args, Range range) const noexcept override;

 private:
  PrimitiveKernel primitive_;
  MaxPool2d op_;
  Shape x_, y_;
  int threads_;
};

}  // namespace evenkeel::onednn
