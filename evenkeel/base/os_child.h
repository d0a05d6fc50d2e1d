// SPDX-License-Identifier: Apache-2.0
// Runs of this very program beside it, as processes of their own.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace evenkeel::os {

// This program once more, with other words, an empty standard input, and what it prints in a file.
// It is ended and waited for where the object goes first.
class ChildProcess {
 public:
  // RuntimeFailure where it cannot be started.
  ChildProcess(const std::vector<std::string>& words, const std::filesystem::path& out,
               const std::filesystem::path& errors);
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ChildProcess(const ChildProcess&) = delete;

  // Its exit code (128 + signal where one ended it) once it has ended; empty while it runs.
  std::optional<int> ended();
  // Asks it to end, by SIGTERM.
  void end();

 private:
  int process_ = -1;  // below 0: waited for already, or moved from
  int code_ = 0;
};

// Makes the system end this process where the one that started it ends.
void end_with_parent();

}  // namespace evenkeel::os
