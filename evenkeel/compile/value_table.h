// SPDX-License-Identifier: Apache-2.0
// Side tables of lowering: which values share memory, who makes and who reads them.
#pragma once

#include <vector>

#include "evenkeel/compile/assignment.h"

namespace evenkeel {

// Values are numbered through; a reshape's output is its input's value.
class ValueTable {
 public:
  explicit ValueTable(const Graph& graph);

  int of(Value value) const {
    return root_[static_cast<std::size_t>(first_[value.node]) + value.output];
  }
  int count() const { return static_cast<int>(root_.size()); }
  Value maker(int value) const { return makers_[static_cast<std::size_t>(value)]; }
  // Nodes with a kernel that read the value.
  const std::vector<NodeId>& readers(int value) const {
    return readers_[static_cast<std::size_t>(value)];
  }
  // Read as an output, guard, check or update.
  bool outside(int value) const { return outside_[static_cast<std::size_t>(value)]; }

 private:
  std::vector<int> first_;
  std::vector<int> root_;
  std::vector<Value> makers_;
  std::vector<std::vector<NodeId>> readers_;
  std::vector<bool> outside_;
};

}  // namespace evenkeel
