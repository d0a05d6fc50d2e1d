// SPDX-License-Identifier: Apache-2.0
// A program as a child process, with its output in a file.
#pragma once

#include <fcntl.h>
#include <signal.h>  // NOLINT: kill is POSIX, <csignal> need not have it
#include <stdlib.h>  // NOLINT: setenv is POSIX, <cstdlib> need not have it
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/support/idx_files.h"

namespace evenkeel::test {

using Environment = std::map<std::string, std::string>;

// stdout and stderr go to `output`. Killed at the latest when the object goes.
class Process {
 public:
  Process(std::vector<std::string> command, const Environment& environment,
          const std::filesystem::path& output) {
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    id_ = ::fork();
    if (id_ != 0) return;
    const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || ::dup2(file, 1) < 0 || ::dup2(file, 2) < 0) ::_exit(126);
    for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  ~Process() { kill(); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool running() {
    if (id_ > 0 && ::waitpid(id_, &status_, WNOHANG) == id_) id_ = 0;
    return id_ > 0;
  }
  // kill -9. False where it had ended by itself.
  bool kill() {
    if (!running()) return false;
    ::kill(id_, SIGKILL);
    wait();
    return WIFSIGNALED(status_);
  }
  // The exit code, or 128 and the signal that ended it.
  int wait() {
    if (id_ > 0) ::waitpid(id_, &status_, 0);
    id_ = 0;
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
  }

 private:
  pid_t id_ = 0;
  int status_ = 0;
};

struct Ran {
  int code = 0;
  std::string output;
};

inline std::string read_text(const std::filesystem::path& path) {
  const ByteVector bytes = read_bytes(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Runs a program to its end.
inline Ran run(const std::vector<std::string>& command, const Environment& environment = {}) {
  const TemporaryFolder folder;
  Process process(command, environment, folder / "output");
  const int code = process.wait();
  return {code, read_text(folder / "output")};
}

}  // namespace evenkeel::test
