// SPDX-License-Identifier: Apache-2.0
// Runs the command as a person's shell would: arguments, environment, folder; what it printed.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/idx_files.h"
#include "tests/support/paths.h"

namespace evenkeel::test {

struct Outcome {
  int code = 0;  // minus the signal that ended it
  std::string out;
  std::string err;
};

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

// A folder to work in, with a home of its own and no network.
class CommandLine {
 public:
  CommandLine() {
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string text = *entry;
      const std::size_t equals = text.find('=');
      environment_[text.substr(0, equals)] = text.substr(equals + 1);
    }
    environment_.erase("EVENKEEL_DATA");
    environment_.erase("EVENKEEL_DUMP");
    environment_["HOME"] = folder_.path();
    environment_["XDG_CACHE_HOME"] = folder_ / ".cache";
    environment_["https_proxy"] = environment_["HTTPS_PROXY"] = "http://127.0.0.1:9";
    environment_["no_proxy"] = environment_["NO_PROXY"] = "";
  }

  std::filesystem::path path(const std::string& name) const { return folder_ / name; }
  void set(const std::string& name, const std::string& value) { environment_[name] = value; }
  // stdout, or stderr, goes there instead, as to a terminal.
  void redirect_output(const std::string& path) { standard_output_ = path; }
  void redirect_errors(const std::string& path) { errors_ = path; }

  // Gives the process; what it prints goes to files in the folder.
  pid_t start(const std::vector<std::string>& arguments) {
    std::vector<std::string> words = {test::kBinary};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return start_program(words);
  }
  Outcome run(const std::vector<std::string>& arguments) { return finish(start(arguments)); }
  // Another program, such as a shell that runs the command.
  Outcome run_program(const std::vector<std::string>& words) {
    return finish(start_program(words));
  }

  Outcome finish(pid_t process) {
    int status = 0;
    while (::waitpid(process, &status, 0) < 0) {
    }
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return {code, standard_output_.empty() ? read(output_) : "",
            errors_.empty() ? read(error_output_) : ""};
  }

 private:
  static std::string read(const std::string& path) {
    const ByteVector bytes = read_bytes(path);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  pid_t start_program(std::vector<std::string> words) {
    std::vector<std::string> settings;
    for (const auto& [name, value] : environment_) settings.push_back(name + "=" + value);
    const std::string output = standard_output_.empty() ? output_ : standard_output_;
    const std::string errors = errors_.empty() ? error_output_ : errors_;
    constexpr int kWrite = O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY;
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), kWrite, 0600);
    ::posix_spawn_file_actions_addopen(&actions, 2, errors.c_str(), kWrite, 0600);
    ::posix_spawn_file_actions_addchdir_np(&actions, folder_.path().c_str());
    pid_t process = 0;
    const int error = ::posix_spawn(&process, words[0].c_str(), &actions, nullptr,
                                    pointers(words).data(), pointers(settings).data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("cannot start " + words[0]);
    return process;
  }

  static std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> result;
    result.reserve(words.size() + 1);
    for (std::string& word : words) result.push_back(word.data());
    result.push_back(nullptr);
    return result;
  }

  TemporaryFolder folder_;
  std::map<std::string, std::string> environment_;
  std::string output_ = folder_ / ".stdout";
  std::string error_output_ = folder_ / ".stderr";
  std::string standard_output_;  // empty: output_
  std::string errors_;           // empty: error_output_
};

}  // namespace evenkeel::test
