// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/onednn/layouts.h"

#include <oneapi/dnnl/dnnl_debug.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

namespace evenkeel::onednn {
namespace {

using Tag = dnnl::memory::format_tag;
constexpr auto kF32 = dnnl::memory::data_type::f32;
constexpr std::string_view kLayoutPrefix = "onednn:";

// K C R S, or G K/G C/G R S.
dnnl::memory::dims kernel_dims(const ValueType& type, std::int64_t groups) {
  const Shape& w = type.shape;
  if (groups == 1) return {w[3], w[2], w[0], w[1]};
  return {groups, w[3] / groups, w[2], w[0], w[1]};
}

Memory kernel_as(const ValueType& type, std::int64_t groups, Tag tag) {
  return {kernel_dims(type, groups), kF32, tag};
}

// The first form of oneDNN's list that `matches`. Its descriptors cannot be built from strides and
// blocks, only from this list (762 names in 3.2; 0.3 ms).
template <typename Matches>
std::optional<Tag> find_tag(const Matches& matches) {
  for (int tag = dnnl_format_tag_any + 1; tag < dnnl_format_tag_last; ++tag)
    if (matches(static_cast<dnnl_format_tag_t>(tag))) return static_cast<Tag>(tag);
  return std::nullopt;
}

bool is_kernel_tag(const dnnl::memory::dims& dims, dnnl_format_tag_t tag, const Memory& expected) {
  dnnl_memory_desc_t made = nullptr;
  const int rank = static_cast<int>(dims.size());
  if (dnnl_memory_desc_create_with_tag(&made, rank, dims.data(), dnnl_f32, tag) != dnnl_success)
    return false;
  return Memory(made) == expected;
}

// What stands behind the prefix and the number of groups.
std::string_view form_name(const Layout& layout) {
  std::string_view name = layout.form;
  name.remove_prefix(kLayoutPrefix.size());
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

}  // namespace

bool is_plain(const ValueType& type, DType dtype) {
  return type.dtype == dtype && type.layout.dense() &&
         std::all_of(type.shape.begin(), type.shape.end(), [](auto extent) { return extent > 0; });
}

Memory image(const ValueType& type) {
  const Shape& x = type.shape;
  return {{x[0], x[3], x[1], x[2]}, kF32, Tag::nhwc};
}

Memory kernel(const ValueType& type, std::int64_t groups) {
  return kernel_as(type, groups, groups == 1 ? Tag::hwio : Tag::hwigo);
}
Memory any_kernel(const ValueType& type, std::int64_t groups) {
  return kernel_as(type, groups, Tag::any);
}

Memory matrix(const ValueType& type, bool transposed) {
  const Shape& a = type.shape;
  if (transposed) return {{a[1], a[0]}, kF32, Tag::ba};
  return {{a[0], a[1]}, kF32, Tag::ab};
}

Memory row(const ValueType& type) { return {{1, type.shape[0]}, kF32, Tag::ab}; }
Memory vector(const ValueType& type) { return {{type.shape[0]}, kF32, Tag::a}; }
Memory single(std::size_t rank) {
  const dnnl::memory::dims ones(rank, 1);
  return {ones, kF32, ones};
}

std::optional<ValueType> in_form(const ValueType& type, const Memory& chosen, std::int64_t groups) {
  ValueType result = type;
  if (chosen == kernel(type, groups)) return result;
  const auto dims = kernel_dims(type, groups);
  const auto tag = find_tag([&](auto candidate) { return is_kernel_tag(dims, candidate, chosen); });
  if (!tag) return std::nullopt;
  const auto c_tag = static_cast<dnnl_format_tag_t>(*tag);
  result.layout.form = std::string(kLayoutPrefix) +
                       (groups == 1 ? "" : std::to_string(groups) + ":") + dnnl_fmt_tag2str(c_tag);
  result.packed_bytes = static_cast<std::int64_t>(chosen.get_size());
  return result;
}

std::int64_t groups_in(const Layout& layout) {
  const std::string_view form = layout.form;
  if (!form.starts_with(kLayoutPrefix)) return 1;
  std::int64_t groups = 1;
  std::from_chars(form.data() + kLayoutPrefix.size(), form.data() + form.size(), groups);
  return groups;
}

std::optional<Memory> kernel_in(const ValueType& type, const Layout& layout, std::int64_t groups) {
  if (layout.dense()) return kernel(type, groups);
  if (!std::string_view(layout.form).starts_with(kLayoutPrefix) || groups_in(layout) != groups)
    return std::nullopt;
  const std::string_view name = form_name(layout);
  const auto tag = find_tag([&](auto candidate) { return name == dnnl_fmt_tag2str(candidate); });
  if (!tag) return std::nullopt;
  return kernel_as(type, groups, *tag);
}

}  // namespace evenkeel::onednn
