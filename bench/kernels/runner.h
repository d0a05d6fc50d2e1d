// SPDX-License-Identifier: Apache-2.0
// Runs one node of a graph by itself, divided among threads as a plan would divide it.
#pragma once

#include <memory>
#include <vector>

#include "evenkeel/base/buffer.h"
#include "evenkeel/compile/assignment.h"

namespace evenkeel::bench {

class Runner {
 public:
  // Operands of plausible numbers, in the layouts that the kernel wants.
  Runner(const Graph& graph, NodeId node, std::int64_t batch, int threads,
         const Assignment& assigned);
  void run();

 private:
  struct Operand {
    Buffer memory;
    std::int64_t stride;  // bytes from slice to slice
  };
  Operand operand(const ValueType& type, bool sliced) const;

  PhaseKind kind_;
  std::int64_t extent_;        // of what is divided
  std::int64_t block_extent_;  // of one slice's call
  int threads_;
  std::unique_ptr<const Kernel> kernel_;
  std::vector<Operand> inputs_, outputs_;
  std::vector<std::unique_ptr<KernelContext>> contexts_;
  std::vector<Buffer> scratch_;
};

// The node by one kernel on its own grid, with no slices.
Assignment unsliced(const Graph& graph, NodeId node, std::int64_t batch, int threads,
                    const KernelEntry& entry);

}  // namespace evenkeel::bench
