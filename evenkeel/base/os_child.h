// SPDX-License-Identifier: Apache-2.0
// Runs of this very program beside it, as processes of their own.
#pragma once

#include <chrono>
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
  friend void wait_for_any(const std::vector<const ChildProcess*>&, std::chrono::milliseconds);

  int process_ = -1;  // below 0: waited for already, or moved from
  int handle_ = -1;   // readable once it has ended; below 0: the system has no such thing
  int code_ = 0;
};

// Sleeps until one of them has ended, and no longer than `most`.
void wait_for_any(const std::vector<const ChildProcess*>& children, std::chrono::milliseconds most);

// Makes the system end this process where the one that started it ends.
void end_with_parent();
// Ctrl-C on the terminal is then the parent's alone to hear.
void leave_process_group();

}  // namespace evenkeel::os
