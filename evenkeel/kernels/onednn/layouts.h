// SPDX-License-Identifier: Apache-2.0
// Our value types as oneDNN's memory descriptors, and the packed forms that oneDNN asks for as our
// layouts: "onednn:<its name of the form>", for kernels of G > 1 groups "onednn:<G>:<name>".
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <optional>

#include "evenkeel/graph/value.h"

namespace evenkeel::onednn {

using Memory = dnnl::memory::desc;

// True for dense f32 (or `dtype`) values without an empty or unbound dimension.
bool is_plain(const ValueType& type, DType dtype = DType::f32);

// [N,H,W,C], read as oneDNN's logical N C H W.
Memory image(const ValueType& type);
// [R,S,C/G,K], read as oneDNN's logical K C R S, or G K/G C/G R S where G > 1; any: in the form
// that the primitive likes best.
Memory kernel(const ValueType& type, std::int64_t groups = 1);
Memory any_kernel(const ValueType& type, std::int64_t groups = 1);
// [M,K] (transposed: read as [K,M]), and [K] as a row.
Memory matrix(const ValueType& type, bool transposed = false);
Memory row(const ValueType& type);
// [K], and a single number with as many dimensions as `rank`.
Memory vector(const ValueType& type);
Memory single(std::size_t rank);

// The kernel's type in the form `chosen`; empty where that form has no name.
std::optional<ValueType> in_form(const ValueType& type, const Memory& chosen,
                                 std::int64_t groups = 1);
// How many groups a packed form is for; 1 for the dense layout and for forms that are not oneDNN's.
std::int64_t groups_in(const Layout& layout);
// The memory of a kernel of that many groups in the form its layout names; empty for forms that are
// not oneDNN's.
std::optional<Memory> kernel_in(const ValueType& type, const Layout& layout, std::int64_t groups);

}  // namespace evenkeel::onednn
