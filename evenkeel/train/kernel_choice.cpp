// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/kernel_choice.h"

#include "evenkeel/base/error.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/kernels/kernel.h"

namespace evenkeel {
namespace {

KernelPreference kernels_named(const std::string& name) {
  if (const auto preference = parse_kernel_preference(name)) return *preference;
  throw InvalidArgument("kernels",
                        "expected auto, native, onednn or reference, got '" + name + "'" +
                            did_you_mean(name, {"auto", "native", "onednn", "reference"}));
}

}  // namespace

KernelPreference usable_kernels(const std::string& name) {
  const KernelPreference preference = kernels_named(name);
  if (preference == KernelPreference::onednn && onednn_kernels().empty())
    throw InvalidArgument("kernels",
                          "expected auto, native or reference, got 'onednn': this "
                          "library was built without oneDNN");
  return preference;
}

}  // namespace evenkeel
