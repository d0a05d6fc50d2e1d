// SPDX-License-Identifier: Apache-2.0
// A oneDNN primitive behind the kernel interface.
#pragma once

#include <memory>
#include <vector>

#include "evenkeel/kernels/onednn/recipe.h"

namespace evenkeel::onednn {

class PrimitiveKernel final : public Kernel {
 public:
  // The recipe was made, and the primitive runs, on `threads` threads.
  PrimitiveKernel(const Call& call, const Recipe& recipe, int threads);
  std::unique_ptr<KernelContext> make_context() const override;
  void run(const Args& args, Range range) const noexcept override;

 private:
  struct Planned {
    dnnl::primitive primitive;
    std::vector<Operand> operands;
  };
  std::vector<Planned> parts_;
  int threads_;
};

}  // namespace evenkeel::onednn
