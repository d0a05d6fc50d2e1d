// SPDX-License-Identifier: Apache-2.0
// Everything that a run remembers between steps: named tensors.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "evenkeel/base/buffer.h"
#include "evenkeel/base/tensor.h"
#include "evenkeel/graph/graph.h"

namespace evenkeel {

// Tensors live at fixed 64-byte aligned places from construction on. `version` counts changes, so
// that a plan knows when what it prepared from the state is stale.
class EVENKEEL_API StateStore {
 public:
  struct Entry {
    std::string name;
    ValueType type;
    Role role = Role::parameter;
    std::size_t offset = 0;
    std::size_t block = 0;  // of memory
  };

  StateStore() = default;
  // The states of `graph`, with their initial values for `seed`.
  StateStore(const Graph& graph, std::uint64_t seed);
  // All of them zero, to be set.
  explicit StateStore(const Graph& graph);
  StateStore(const StateStore& other);
  StateStore& operator=(const StateStore& other);
  StateStore(StateStore&&) = default;
  StateStore& operator=(StateStore&&) = default;
  ~StateStore() = default;

  const std::vector<Entry>& entries() const { return entries_; }
  bool contains(const std::string& name) const { return index_.count(name) > 0; }
  // Adds those states of `graph` that are not there yet, zero, in memory of their own: the others
  // stay at their places.
  void extend(const Graph& graph);
  // Throws InvalidArgument with the nearest name.
  const Entry& entry(const std::string& name) const;
  std::span<std::byte> bytes(const Entry& entry) const;

  Tensor get(const std::string& name) const;
  // Throws InvalidArgument where dtype or shape differ from the entry's.
  void set(const std::string& name, const Tensor& tensor);

  std::uint64_t version() const { return version_; }
  void touch() { ++version_; }

 private:
  std::vector<Entry> entries_;
  std::map<std::string, std::size_t> index_;
  std::vector<Buffer> blocks_;
  std::uint64_t version_ = 1;
};

}  // namespace evenkeel
