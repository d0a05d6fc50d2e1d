// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and SIGTERM, asked about between two steps.
#pragma once

namespace evenkeel::cli {

// While one exists, the first signals are only remembered; the third ends the process at once.
// (Programs such as `timeout` send the same signal twice.)
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  bool requested() const;
};

}  // namespace evenkeel::cli
