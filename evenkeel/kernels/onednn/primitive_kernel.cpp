// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/onednn/primitive_kernel.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/kernels/flops.h"
#include "evenkeel/kernels/onednn/engine.h"

namespace evenkeel::onednn {
namespace {

// The memory handles of one lane, made once: a run only points them at its operands.
struct Handles {
  std::vector<dnnl::memory> memories;
  std::vector<dnnl_exec_arg_t> arguments;
};
struct Context final : KernelContext {
  Context() : stream(cpu_engine()) {}
  void add(const std::vector<Operand>& operands) {
    Handles& handles = parts.emplace_back();
    for (const Operand& operand : operands) {
      void* const bytes = operand.source == Source::zero ? &zero : DNNL_MEMORY_NONE;
      handles.memories.emplace_back(operand.memory, cpu_engine(), bytes);
      handles.arguments.push_back({operand.argument, handles.memories.back().get()});
    }
  }
  dnnl::stream stream;
  std::vector<Handles> parts;
  float zero = 0;
};

void* bytes_of(const Operand& operand, const Args& args) {
  // oneDNN takes every operand without const; it does not write to inputs.
  void* const bytes = operand.source == Source::input
                          ? const_cast<void*>(args.inputs[operand.index])
                      : operand.source == Source::output ? args.outputs[operand.index]
                                                         : args.scratch;
  return static_cast<std::byte*>(bytes) + operand.offset;
}

std::size_t scratch_of(const dnnl::primitive_desc_base& primitive) {
  return primitive.query_md(dnnl::query::exec_arg_md, DNNL_ARG_SCRATCHPAD).get_size();
}

// With the primitive's own scratch among them.
std::vector<Operand> all_operands(const dnnl::primitive_desc_base& primitive,
                                  std::vector<Operand> operands) {
  if (scratch_of(primitive) > 0)
    operands.push_back({DNNL_ARG_SCRATCHPAD,
                        primitive.query_md(dnnl::query::exec_arg_md, DNNL_ARG_SCRATCHPAD),
                        Source::scratch});
  return operands;
}

}  // namespace

Recipe recipe_of(const Call& call, const dnnl::primitive_desc_base& primitive) {
  Recipe recipe = {primitive, {}, dense_needs(call)};
  recipe.needs.accuracy = Accuracy::reordered;
  recipe.needs.flops = flops_of(call);
  recipe.needs.scratch_bytes = scratch_of(primitive);
  return recipe;
}

void add_part(Recipe& recipe, Part part) {
  std::size_t& scratch = recipe.needs.scratch_bytes;
  scratch = std::max(scratch, scratch_of(part.primitive));
  recipe.more.push_back(std::move(part));
}

PrimitiveKernel::PrimitiveKernel(const Call&, const Recipe& recipe, int threads)
    : threads_(threads) {
  const auto add = [&](const dnnl::primitive_desc_base& primitive,
                       const std::vector<Operand>& operands) {
    parts_.push_back({dnnl::primitive(primitive.get()), all_operands(primitive, operands)});
  };
  add(recipe.primitive, recipe.operands);
  for (const Part& part : recipe.more) add(part.primitive, part.operands);
}

std::unique_ptr<KernelContext> PrimitiveKernel::make_context() const {
  try {
    auto context = std::make_unique<Context>();
    for (const Planned& part : parts_) context->add(part.operands);
    return context;
  } catch (const dnnl::error& error) {
    throw RuntimeFailure("oneDNN", std::string("expected memory handles, got: ") + error.what());
  }
}

void PrimitiveKernel::run(const Args& args, Range) const noexcept {
  auto& context = static_cast<Context&>(*args.context);
  const ThreadScope scope(threads_);
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    const std::vector<Operand>& operands = parts_[p].operands;
    Handles& handles = context.parts[p];
    for (std::size_t i = 0; i < operands.size(); ++i)
      if (operands[i].source != Source::zero)
        dnnl_memory_set_data_handle(handles.memories[i].get(), bytes_of(operands[i], args));
    const dnnl_status_t status = dnnl_primitive_execute(
        parts_[p].primitive.get(), context.stream.get(), static_cast<int>(handles.arguments.size()),
        handles.arguments.data());
    if (status == dnnl_success) continue;
    // A run cannot throw; all bits set is NaN, which the step's guard finds.
    for (const Operand& operand : operands)
      if (operand.source == Source::output)
        std::memset(bytes_of(operand, args), 0xff, operand.memory.get_size());
  }
}

}  // namespace evenkeel::onednn
