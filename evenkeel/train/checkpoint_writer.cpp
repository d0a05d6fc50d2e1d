// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/checkpoint_writer.h"

#include <system_error>
#include <utility>

#include "evenkeel/base/os.h"

namespace evenkeel {

CheckpointWriter::~CheckpointWriter() {
  if (thread_.joinable()) thread_.join();
}

void CheckpointWriter::save(const Trainer& trainer, const std::filesystem::path& path,
                            std::function<void()> after, std::function<void()> before) {
  wait();
  staged_.emplace(trainer.begin_save(path));
  before_ = std::move(before);
  after_ = std::move(after);
  busy_.store(true, std::memory_order_release);
  try {
    thread_ = std::thread([this] {
      // Training uses every core: a step must not wait for a checksum.
      os::lower_thread_priority();
      finish();
    });
  } catch (const std::system_error&) {
    finish();  // no thread to be had
  }
}

void CheckpointWriter::finish() {
  try {
    if (before_) before_();
    staged_->finish();
    if (after_) after_();
  } catch (...) {
    fault_ = std::current_exception();
  }
  staged_.reset();
  busy_.store(false, std::memory_order_release);
}

void CheckpointWriter::wait() {
  if (thread_.joinable()) thread_.join();
  if (fault_) std::rethrow_exception(std::exchange(fault_, nullptr));
}

}  // namespace evenkeel
