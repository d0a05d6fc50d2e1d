// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/reference/copy.h"
#include "evenkeel/kernels/reference/entries.h"

namespace evenkeel::reference {
namespace {

// Only from dense to dense; packed forms are their kernels' own secret.
struct ReorderKernel : CopyKernel<Reorder> {
  static constexpr std::string_view name = "reference/reorder";
};

}  // namespace

KernelEntry reorder() { return entry_of<ReorderKernel>(); }

}  // namespace evenkeel::reference
