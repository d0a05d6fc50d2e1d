// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/runtime/state_store.h"

#include <cstring>

#include "evenkeel/base/float_mode.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/model/initialise.h"

namespace evenkeel {

StateStore::StateStore(const Graph& graph) { extend(graph); }

StateStore::StateStore(const Graph& graph, std::uint64_t seed) : StateStore(graph) {
  const DefaultFloatMode mode;
  std::size_t at = 0;
  for (const Node& node : graph.nodes()) {
    const auto* state = std::get_if<State>(&node.op);
    if (state == nullptr) continue;
    const Entry& entry = entries_[at++];
    // The memory is zero already, and most of it need not be touched before the first step.
    if (state->initializer != Initializer::zeros) initialise(*state, node.name, seed, bytes(entry));
  }
}

void StateStore::extend(const Graph& graph) {
  std::size_t size = 0;
  for (const Node& node : graph.nodes()) {
    const auto* state = std::get_if<State>(&node.op);
    if (state == nullptr || contains(node.name)) continue;
    index_[node.name] = entries_.size();
    entries_.push_back({node.name, state->type, state->role, size, blocks_.size()});
    size += align_up(static_cast<std::size_t>(state->type.bytes()));
  }
  if (size > 0 || blocks_.empty()) blocks_.emplace_back(size);
}

StateStore::StateStore(const StateStore& other)
    : entries_(other.entries_), index_(other.index_), version_(other.version_) {
  for (const Buffer& block : other.blocks_) {
    Buffer& copy = blocks_.emplace_back(block.size());
    if (copy.size() > 0) std::memcpy(copy.data(), block.data(), copy.size());
  }
}

StateStore& StateStore::operator=(const StateStore& other) {
  if (this != &other) *this = StateStore(other);
  return *this;
}

const StateStore::Entry& StateStore::entry(const std::string& name) const {
  const auto found = index_.find(name);
  if (found != index_.end()) return entries_[found->second];
  std::vector<std::string> names;
  for (const Entry& entry : entries_) names.push_back(entry.name);
  throw InvalidArgument(name, "expected the name of a state tensor" + did_you_mean(name, names));
}

std::span<std::byte> StateStore::bytes(const Entry& entry) const {
  return {blocks_[entry.block].data() + entry.offset, static_cast<std::size_t>(entry.type.bytes())};
}

Tensor StateStore::get(const std::string& name) const {
  const Entry& found = entry(name);
  Tensor tensor(found.type.dtype, found.type.shape);
  const auto source = bytes(found);
  if (!source.empty()) std::memcpy(tensor.bytes.data(), source.data(), source.size());
  return tensor;
}

void StateStore::set(const std::string& name, const Tensor& tensor) {
  const Entry& found = entry(name);
  if (tensor.dtype != found.type.dtype || tensor.shape != found.type.shape)
    throw InvalidArgument(name, "expected " + to_string(found.type) + ", got " +
                                    std::string(to_string(tensor.dtype)) + to_string(tensor.shape));
  const auto target = bytes(found);
  if (!target.empty()) std::memcpy(target.data(), tensor.bytes.data(), target.size());
  touch();
}

}  // namespace evenkeel
