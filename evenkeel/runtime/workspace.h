// SPDX-License-Identifier: Apache-2.0
// The memory that plans compute in: what lives within a run. State lives elsewhere (StateStore).
#pragma once

#include <cstddef>
#include <vector>

#include "evenkeel/base/buffer.h"

namespace evenkeel {

// Executors that run one after another can share one: training and evaluation need no more then
// than the larger of the two. Memory that was handed out stays where it is.
class Workspace {
 public:
  // At least `bytes`; the same memory for everyone who asks for no more than there is.
  std::byte* arena(std::size_t bytes) { return at_least(arenas_, bytes, bytes); }
  // Made with room for a plan that needs a little more: what nobody touches is not occupied.
  std::byte* scratch(std::size_t worker, std::size_t bytes) {
    if (worker >= workers_.size()) workers_.resize(worker + 1);
    return at_least(workers_[worker], bytes, 2 * bytes);
  }

  // Says who runs now. False: someone else ran since `user` did, whatever it kept here is lost.
  bool take(const void* user) {
    const bool was_last = last_ == user;
    last_ = user;
    return was_last;
  }

 private:
  // Of growing size: earlier ones are in use by who asked for them.
  static std::byte* at_least(std::vector<Buffer>& buffers, std::size_t bytes, std::size_t room) {
    if (buffers.empty() || buffers.back().size() < bytes) buffers.emplace_back(room);
    return buffers.back().data();
  }

  std::vector<Buffer> arenas_;
  std::vector<std::vector<Buffer>> workers_;
  const void* last_ = nullptr;
};

}  // namespace evenkeel
