// SPDX-License-Identifier: Apache-2.0
// A call as oneDNN would compute it: what each op's file makes, and what the table's functions
// (accepts, needs, make) are derived from.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <vector>

#include "evenkeel/kernels/kernel.h"
#include "evenkeel/kernels/onednn/layouts.h"

namespace evenkeel::onednn {

enum class Source : std::uint8_t { input, output, scratch, zero };

// One argument of a primitive: DNNL_ARG_*, its memory, and where its bytes are.
struct Operand {
  int argument;
  Memory memory;
  Source source;
  std::size_t index = 0;   // of the input or output
  std::size_t offset = 0;  // in bytes
};

// A primitive and what it reads and writes.
struct Part {
  dnnl::primitive_desc_base primitive;
  std::vector<Operand> operands;
};

struct Recipe {
  dnnl::primitive_desc_base primitive;
  std::vector<Operand> operands;
  Needs needs;
  std::vector<Part> more = {};  // run behind it, in this order
};

// Each takes the call's threads from OpenMP's present setting; empty where oneDNN cannot do it (it
// may also throw dnnl::error for that).
std::optional<Recipe> conv2d(const Call& call);
std::optional<Recipe> conv2d_grad_data(const Call& call);
std::optional<Recipe> conv2d_grad_kernel(const Call& call);
std::optional<Recipe> fused(const Call& call);
std::optional<Recipe> matmul(const Call& call);
std::optional<Recipe> max_pool2d(const Call& call);
std::optional<Recipe> max_pool2d_grad(const Call& call);
std::optional<Recipe> reorder(const Call& call);

// The recipe's beginning: needs in the call's own types, scratch as the primitive asks for it.
Recipe recipe_of(const Call& call, const dnnl::primitive_desc_base& primitive);

// Adds a part to the recipe, and the scratch that it needs.
void add_part(Recipe& recipe, Part part);

// What follows a convolution or matmul.
struct Epilogue {
  bool bias = false;
  bool relu = false;
};
std::optional<Recipe> conv2d(const Call& call, const Conv2d& op, Epilogue epilogue);
std::optional<Recipe> matmul(const Call& call, const MatMul& op, Epilogue epilogue);
// Attributes with ReLU behind a result of `rank` dimensions, and the operand that it takes.
dnnl::primitive_attr attributes_for(Epilogue epilogue);
Operand relu_operand(std::size_t rank);

}  // namespace evenkeel::onednn
