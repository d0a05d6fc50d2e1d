// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and SIGTERM, asked about between two steps.
#pragma once

#include <atomic>
#include <csignal>
#include <thread>

namespace evenkeel::cli {

// While one exists, the first signals are only counted; the third ends the process at once.
// (Programs such as `timeout` send the same signal twice.) A thread of its own waits for them, and
// every other has them blocked: no handler may run on a thread that computes, because oneDNN's
// matmul points the stack pointer into its packed operands (oneDNN issue 4845, mended in 3.11). So
// it has to exist before the threads that compute do: they inherit the mask.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  bool requested() const { return seen_ > 0; }

 private:
  void wait();

  sigset_t before_ = {};
  std::atomic<int> seen_ = 0;
  std::atomic<bool> over_ = false;
  std::thread waiting_;
};

}  // namespace evenkeel::cli
