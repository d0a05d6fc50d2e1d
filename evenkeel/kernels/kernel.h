// SPDX-License-Identifier: Apache-2.0
// The contract between the planner and the code that computes: what a kernel can do, what it needs,
// and how it is called. Buffers are pointers only from here on down.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "evenkeel/graph/op.h"

namespace evenkeel {

// One op on bound shapes. `threads` is what a team kernel may use; a lane kernel always uses one.
struct Call {
  Op op;
  Types inputs;
  Types outputs;
  int threads = 1;
};

enum class Backend : std::uint8_t { native, onednn, reference };
std::string_view to_string(Backend backend);

// lane: sequential over a range of blocks, never opens a parallel region.
// team: owns all threads while it runs, alone in its phase.
enum class KernelKind : std::uint8_t { lane, team };

// How a lane kernel divides a whole value among lanes: not at all (extent 1), by blocks of channels
// (the last axis; every operand is read and written only in the block's channels), or by blocks of
// elements (each operand only in the block's own elements).
// Besides, every lane kernel can be made for a slice of the batch: its call then has the slice's N.
enum class Grid : std::uint8_t { whole, channels, elements };

// exact: the order of operations is the reference's; reordered: sums may be taken in another order.
enum class Accuracy : std::uint8_t { exact, reordered };

struct Needs {
  Types inputs;                   // the call's types with the layouts that the kernel wants
  Types outputs;                  // and those that it makes
  std::size_t scratch_bytes = 0;  // per lane, 64-byte aligned
  std::vector<std::pair<int, int>> in_place = {};  // (input, output) that may share memory
  std::int64_t extent = 1;                         // blocks of the grid
  std::vector<int> whole = {};  // inputs that a block reads whole, whatever their shape
  Accuracy accuracy = Accuracy::exact;
  double flops = 0;  // of the whole call, multiply and add counted apart
};

// Mutable helpers of one kernel for one lane of one executor (oneDNN's memory handles).
class KernelContext {
 public:
  virtual ~KernelContext() = default;
};

// Operands in the op's order, at the first sample of the slice; 64-byte aligned at a value's start.
struct Args {
  const void* const* inputs;
  void* const* outputs;
  std::byte* scratch;
  KernelContext* context;
};

// Blocks [begin, end) of the kernel's extent.
struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 1;
};

// Made once for a call, then immutable: may run on many lanes at once.
class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual std::unique_ptr<KernelContext> make_context() const { return nullptr; }
  virtual void run(const Args& args, Range range) const noexcept = 0;
};

struct KernelEntry {
  std::size_t op;         // index in the variant Op: op_index<Conv2d>
  std::string_view name;  // "onednn/conv2d/lane"
  Backend backend;
  KernelKind kind;
  Grid grid;
  // These see the call's types in dense layout.
  bool (*accepts)(const Call& call);
  Needs (*needs)(const Call& call);
  std::unique_ptr<const Kernel> (*make)(const Call& call);
};

template <typename OpType, std::size_t I = 0>
constexpr std::size_t find_op_index() {
  if constexpr (std::is_same_v<std::variant_alternative_t<I, AnyOp>, OpType>)
    return I;
  else
    return find_op_index<OpType, I + 1>();
}
template <typename OpType>
inline constexpr std::size_t op_index = find_op_index<OpType>();

// Each backend's list, best kernel of an op first. Explicit lists, no registration at start-up.
std::span<const KernelEntry> native_kernels();
std::span<const KernelEntry> reference_kernels();
std::span<const KernelEntry> onednn_kernels();  // empty where built without oneDNN

// Needs of a kernel that takes and makes dense values.
inline Needs dense_needs(const Call& call, std::int64_t extent = 1) {
  Needs needs;
  needs.inputs = call.inputs;
  needs.outputs = call.outputs;
  needs.extent = extent;
  return needs;
}

}  // namespace evenkeel
