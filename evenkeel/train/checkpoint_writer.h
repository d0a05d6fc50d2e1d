// SPDX-License-Identifier: Apache-2.0
// Checkpoints written beside training.
#pragma once

#include <atomic>
#include <exception>
#include <filesystem>
#include <functional>
#include <optional>
#include <thread>

#include "evenkeel/formats/safetensors.h"
#include "evenkeel/train/trainer.h"

namespace evenkeel {

// save() copies the state between two steps; a thread of low priority does the rest: checksums,
// header, fsync, rename. The files are those of Trainer::save(), byte for byte. One checkpoint is
// under way at most, and none waits: a copy costs disk space, and a newer one is worth more.
class EVENKEEL_API CheckpointWriter {
 public:
  CheckpointWriter() = default;
  // Waits; what failed is not heard of any more.
  ~CheckpointWriter();
  CheckpointWriter(const CheckpointWriter&) = delete;
  CheckpointWriter& operator=(const CheckpointWriter&) = delete;

  // Nothing is being written: save() and wait() would not wait. Takes no lock.
  bool idle() const { return !busy_.load(std::memory_order_acquire); }

  // Waits for the one before. RuntimeFailure where the copy cannot be made, or with what the one
  // before failed of; then nothing is under way. `after` is called in the writing thread once the
  // file is safe on disk, `before` ahead of that; neither must throw.
  void save(const Trainer& trainer, const std::filesystem::path& path,
            std::function<void()> after = {}, std::function<void()> before = {});
  // Until what is under way is safe on disk. RuntimeFailure with what it failed of, once.
  void wait();

 private:
  void finish();

  std::optional<StagedSafetensors> staged_;
  std::function<void()> before_;
  std::function<void()> after_;
  std::exception_ptr fault_;
  std::atomic<bool> busy_ = false;
  std::thread thread_;
};

}  // namespace evenkeel
