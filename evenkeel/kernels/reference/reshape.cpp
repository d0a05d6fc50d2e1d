// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/reference/copy.h"
#include "evenkeel/kernels/reference/entries.h"

namespace evenkeel::reference {
namespace {

struct ReshapeKernel : CopyKernel<Reshape> {
  static constexpr std::string_view name = "reference/reshape";
};

}  // namespace

KernelEntry reshape() { return entry_of<ReshapeKernel>(); }

}  // namespace evenkeel::reference
