// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/onednn/primitive_kernel.h"

#include <cstring>
#include <string>

#include "evenkeel/base/error.h"
#include "evenkeel/kernels/flops.h"
#include "evenkeel/kernels/onednn/engine.h"

namespace evenkeel::onednn {
namespace {

// The memory handles of one lane, made once: a run only points them at its operands.
struct Context final : KernelContext {
  explicit Context(const std::vector<Operand>& operands) : stream(cpu_engine()) {
    for (const Operand& operand : operands) {
      void* const bytes = operand.source == Source::zero ? &zero : DNNL_MEMORY_NONE;
      memories.emplace_back(operand.memory, cpu_engine(), bytes);
      arguments.push_back({operand.argument, memories.back().get()});
    }
  }
  dnnl::stream stream;
  std::vector<dnnl::memory> memories;
  std::vector<dnnl_exec_arg_t> arguments;
  float zero = 0;
};

void* bytes_of(const Operand& operand, const Args& args) {
  // oneDNN takes every operand without const; it does not write to inputs.
  if (operand.source == Source::input) return const_cast<void*>(args.inputs[operand.index]);
  return operand.source == Source::output ? args.outputs[operand.index] : args.scratch;
}

}  // namespace

Recipe recipe_of(const Call& call, const dnnl::primitive_desc_base& primitive) {
  Recipe recipe = {primitive, {}, dense_needs(call)};
  recipe.needs.accuracy = Accuracy::reordered;
  recipe.needs.flops = flops_of(call);
  const auto scratch = static_cast<std::size_t>(
      primitive.query_md(dnnl::query::exec_arg_md, DNNL_ARG_SCRATCHPAD).get_size());
  recipe.needs.scratch_bytes = scratch;
  return recipe;
}

PrimitiveKernel::PrimitiveKernel(const Call&, const Recipe& recipe, int threads)
    : primitive_(recipe.primitive.get()), operands_(recipe.operands), threads_(threads) {
  if (recipe.needs.scratch_bytes > 0)
    operands_.push_back({DNNL_ARG_SCRATCHPAD,
                         recipe.primitive.query_md(dnnl::query::exec_arg_md, DNNL_ARG_SCRATCHPAD),
                         Source::scratch});
}

std::unique_ptr<KernelContext> PrimitiveKernel::make_context() const {
  try {
    return std::make_unique<Context>(operands_);
  } catch (const dnnl::error& error) {
    throw RuntimeFailure("oneDNN", std::string("expected memory handles, got: ") + error.what());
  }
}

void PrimitiveKernel::run(const Args& args, Range) const noexcept {
  auto& context = static_cast<Context&>(*args.context);
  for (std::size_t i = 0; i < operands_.size(); ++i)
    if (operands_[i].source != Source::zero)
      dnnl_memory_set_data_handle(context.memories[i].get(), bytes_of(operands_[i], args));
  const ThreadScope scope(threads_);
  const dnnl_status_t status =
      dnnl_primitive_execute(primitive_.get(), context.stream.get(),
                             static_cast<int>(context.arguments.size()), context.arguments.data());
  if (status == dnnl_success) return;
  // A run cannot throw; all bits set is NaN, which the step's guard finds.
  for (const Operand& operand : operands_)
    if (operand.source == Source::output)
      std::memset(args.outputs[operand.index], 0xff, operand.memory.get_size());
}

}  // namespace evenkeel::onednn
