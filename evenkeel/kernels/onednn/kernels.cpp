// SPDX-License-Identifier: Apache-2.0
// The list of oneDNN's kernels, team before lane.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/kernels/onednn/engine.h"
#include "evenkeel/kernels/onednn/max_pool2d.h"
#include "evenkeel/kernels/onednn/primitive_kernel.h"
#include "evenkeel/kernels/onednn/recipe.h"

namespace evenkeel {
namespace onednn {
namespace {

using MakeRecipe = std::optional<Recipe> (*)(const Call&);

int threads_of(const Call& call, KernelKind kind) {
  return kind == KernelKind::team ? call.threads : 1;
}

// Whether the operands are what every recipe expects: a reorder's may be packed, an argmax is u8.
bool plain_operands(const Call& call) {
  if (std::holds_alternative<Reorder>(call.op)) return true;
  const auto plain = [](const ValueType& type) {
    return is_plain(type) || is_plain(type, DType::u8);
  };
  return is_plain(call.inputs[0]) && is_plain(call.outputs[0]) &&
         std::all_of(call.inputs.begin(), call.inputs.end(), plain);
}

template <MakeRecipe make_recipe, KernelKind kind>
std::optional<Recipe> recipe_for(const Call& call) {
  if (!plain_operands(call)) return std::nullopt;
  const ThreadScope scope(threads_of(call, kind));
  return make_recipe(call);
}

template <MakeRecipe make_recipe, KernelKind kind>
bool accepts(const Call& call) {
  try {
    return recipe_for<make_recipe, kind>(call).has_value();
  } catch (const dnnl::error&) {
    return false;
  }
}

// For calls that were accepted: what fails now is out of memory or a bug.
template <MakeRecipe make_recipe, KernelKind kind>
Recipe accepted_recipe(const Call& call) {
  const std::string where(name_of(call.op));
  try {
    if (auto recipe = recipe_for<make_recipe, kind>(call)) return *std::move(recipe);
  } catch (const dnnl::error& error) {
    throw RuntimeFailure(where, std::string("expected oneDNN to plan it, got: ") + error.what());
  }
  throw RuntimeFailure(where, "expected a call that oneDNN accepts: please report it");
}

template <typename OpType, MakeRecipe make_recipe, KernelKind kind, typename KernelType>
KernelEntry entry(std::string_view name) {
  KernelEntry result = {};
  result.op = op_index<OpType>;
  result.name = name;
  result.backend = Backend::onednn;
  result.kind = kind;
  result.grid = Grid::whole;
  result.accepts = accepts<make_recipe, kind>;
  result.needs = [](const Call& call) { return accepted_recipe<make_recipe, kind>(call).needs; };
  result.make = [](const Call& call) -> std::unique_ptr<const Kernel> {
    const Recipe recipe = accepted_recipe<make_recipe, kind>(call);
    const int threads = threads_of(call, kind);
    const ThreadScope scope(threads);
    try {
      return std::make_unique<const KernelType>(call, recipe, threads);
    } catch (const dnnl::error& error) {
      throw RuntimeFailure(std::string(name_of(call.op)),
                           std::string("expected oneDNN to build it, got: ") + error.what());
    }
  };
  return result;
}

template <typename OpType, MakeRecipe make_recipe, typename KernelType = PrimitiveKernel>
constexpr auto team = entry<OpType, make_recipe, KernelKind::team, KernelType>;
template <typename OpType, MakeRecipe make_recipe, typename KernelType = PrimitiveKernel>
constexpr auto lane = entry<OpType, make_recipe, KernelKind::lane, KernelType>;

}  // namespace
}  // namespace onednn

std::span<const KernelEntry> onednn_kernels() {
  using namespace onednn;
  static const std::array entries = {
      team<Conv2d, conv2d>("onednn/conv2d/team"),
      lane<Conv2d, conv2d>("onednn/conv2d/lane"),
      team<Conv2dGradData, conv2d_grad_data>("onednn/conv2d_grad_data/team"),
      lane<Conv2dGradData, conv2d_grad_data>("onednn/conv2d_grad_data/lane"),
      team<Conv2dGradKernel, conv2d_grad_kernel>("onednn/conv2d_grad_kernel/team"),
      lane<Conv2dGradKernel, conv2d_grad_kernel>("onednn/conv2d_grad_kernel/lane"),
      team<MatMul, matmul>("onednn/matmul/team"),
      lane<MatMul, matmul>("onednn/matmul/lane"),
      team<Fused, fused>("onednn/fused/team"),
      lane<Fused, fused>("onednn/fused/lane"),
      team<MaxPool2d, max_pool2d, MaxPool2dKernel>("onednn/max_pool2d/team"),
      lane<MaxPool2d, max_pool2d, MaxPool2dKernel>("onednn/max_pool2d/lane"),
      team<MaxPool2dGrad, max_pool2d_grad>("onednn/max_pool2d_grad/team"),
      lane<MaxPool2dGrad, max_pool2d_grad>("onednn/max_pool2d_grad/lane"),
      team<Reorder, reorder>("onednn/reorder/team"),
      lane<Reorder, reorder>("onednn/reorder/lane"),
  };
  return entries;
}

}  // namespace evenkeel
