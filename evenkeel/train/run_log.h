// SPDX-License-Identifier: Apache-2.0
// log.txt of a run's folder: what was said while it ran, behind the seconds since it started.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "evenkeel/base/os_append.h"

namespace evenkeel {

// "[    12.345] saved runs/001-mnist-cnn/step-00000429.safetensors"; each process adds its lines
// behind those of the one before, after one with the time: "[     0.000] 2026-02-28T09:07:05Z".
class EVENKEEL_API RunLog {
 public:
  // RuntimeFailure where the file cannot be written, as in add().
  explicit RunLog(const std::filesystem::path& folder);
  void add(const std::string& text);

 private:
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  os::AppendFile file_;
};

}  // namespace evenkeel
