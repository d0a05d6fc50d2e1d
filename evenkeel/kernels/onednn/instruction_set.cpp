// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/instruction_set.h"

#include <oneapi/dnnl/dnnl.hpp>

#include "evenkeel/base/error.h"

namespace evenkeel {

void limit_onednn(const std::string& name) {
  // avx512: oneDNN's own choice is no wider for f32. Elsewhere than on x86 it has no such limit.
  if (name != "avx2" && name != "portable") return;
  const auto limit = name == "avx2" ? dnnl::cpu_isa::avx2 : dnnl::cpu_isa::sse41;
  const dnnl::status status = dnnl::set_max_cpu_isa(limit);
  if (status == dnnl::status::success || dnnl::get_effective_cpu_isa() == limit) return;
  throw RuntimeFailure("instruction set",
                       "expected oneDNN to begin with " + name +
                           ", but it has begun already; choose before the first network is "
                           "compiled");
}

}  // namespace evenkeel
