// SPDX-License-Identifier: Apache-2.0
// The memory that plans compute in: what lives within a run. State lives elsewhere (StateStore).
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "evenkeel/base/buffer.h"

namespace evenkeel {

// Executors that run one after another can share one: training and evaluation need no more then
// than the larger of the two. Memory that was handed out stays where it is.
class Workspace {
 public:
  // spare: the most bytes by which a later plan may need more than an earlier one and still share
  // its arena. They are reserved: what nobody touches is not occupied.
  explicit Workspace(std::size_t spare = 0) : spare_(spare) {}

  // At least `bytes`; the same memory for everyone who asks for no more than there is.
  std::byte* arena(std::size_t bytes) {
    return at_least(arenas_, bytes, bytes + std::min(bytes, spare_));
  }
  // A worker's, of a plan with `used` bytes of the arena. Made with as much room again; but behind
  // the arena where that was asked for more, so that a plan of less in all occupies nothing anew.
  std::byte* scratch(std::size_t worker, std::size_t bytes, std::size_t used) {
    if (worker >= workers_.size()) workers_.resize(worker + 1);
    const std::size_t begin = in_pages(used) + worker * in_pages(bytes);
    const auto& made = workers_[worker];
    const bool enough = !made.empty() && made.back().asked >= bytes;
    if (!enough && begin + bytes <= arena_bytes()) return arenas_.back().memory.data() + begin;
    return at_least(workers_[worker], bytes, 2 * bytes);
  }

  // The most that an arena was asked for: another plan of no more occupies nothing anew.
  std::size_t arena_bytes() const { return arenas_.empty() ? 0 : arenas_.back().asked; }
  // All that can be occupied by now.
  std::size_t bytes() const {
    std::size_t sum = sum_of(arenas_);
    for (const auto& scratches : workers_) sum += sum_of(scratches);
    return sum;
  }

  // Says who runs now. False: someone else ran since `user` did, whatever it kept here is lost.
  bool take(const void* user) {
    const bool was_last = last_ == user;
    last_ = user;
    return was_last;
  }

 private:
  static std::size_t in_pages(std::size_t bytes) {
    constexpr std::size_t kPage = 4096;
    return (bytes + kPage - 1) / kPage * kPage;
  }

  struct Block {
    Buffer memory;
    std::size_t asked = 0;
  };

  // Of growing size: earlier ones are in use by who asked for them.
  static std::byte* at_least(std::vector<Block>& blocks, std::size_t bytes, std::size_t room) {
    if (blocks.empty() || blocks.back().memory.size() < bytes) blocks.push_back({Buffer(room)});
    Block& block = blocks.back();
    block.asked = std::max(block.asked, bytes);
    return block.memory.data();
  }
  static std::size_t sum_of(const std::vector<Block>& blocks) {
    std::size_t sum = 0;
    for (const Block& block : blocks) sum += block.asked;
    return sum;
  }

  std::size_t spare_;
  std::vector<Block> arenas_;
  std::vector<std::vector<Block>> workers_;
  const void* last_ = nullptr;
};

}  // namespace evenkeel
