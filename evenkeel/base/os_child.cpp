// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/os_child.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"

namespace evenkeel::os {
namespace {

constexpr const char kNameFlag[] = "evenkeel";

// The program as it was started, also where its file has been replaced since. An emulator, whose
// own file that is, is told in EVENKEEL_COMMAND how to start the program.
std::string this_program() { return environment("EVENKEEL_COMMAND").value_or("/proc/self/exe"); }

// A descriptor for a process, Linux 5.3's pidfd_open; below 0 on older ones.
int handle_of(int process) {
  constexpr long kPidfdOpen = 434;  // on every machine
  return static_cast<int>(::syscall(kPidfdOpen, process, 0));
}

class FileActions {
 public:
  FileActions() { ::posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  void open(int descriptor, const std::string& path, int flags) {
    constexpr mode_t kMode = 0666;
    ::posix_spawn_file_actions_addopen(&actions_, descriptor, path.c_str(), flags, kMode);
  }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_ = {};
};

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& words, const std::filesystem::path& out,
                           const std::filesystem::path& errors) {
  std::vector<std::string> kept = {kNameFlag};
  kept.insert(kept.end(), words.begin(), words.end());
  std::vector<char*> pointers;
  pointers.reserve(kept.size() + 1);
  for (std::string& word : kept) pointers.push_back(word.data());
  pointers.push_back(nullptr);

  // The signals that are blocked here are not blocked there.
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);

  FileActions actions;
  actions.open(STDIN_FILENO, "/dev/null", O_RDONLY);
  actions.open(STDOUT_FILENO, out.string(), O_WRONLY | O_CREAT | O_TRUNC);
  actions.open(STDERR_FILENO, errors.string(), O_WRONLY | O_CREAT | O_TRUNC);
  const int error = ::posix_spawn(&process_, this_program().c_str(), actions.get(), &attributes,
                                  pointers.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0)
    throw RuntimeFailure("process", "evenkeel could not be started once more: " +
                                        std::generic_category().message(error));
  handle_ = handle_of(process_);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : process_(std::exchange(other.process_, -1)),
      handle_(std::exchange(other.handle_, -1)),
      code_(other.code_) {}

ChildProcess::~ChildProcess() {
  if (handle_ >= 0) ::close(handle_);
  if (process_ < 0) return;
  end();
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<int> ChildProcess::ended() {
  if (process_ < 0) return code_;
  int status = 0;
  if (::waitpid(process_, &status, WNOHANG) != process_) return std::nullopt;
  process_ = -1;
  constexpr int kBySignal = 128;
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : kBySignal + WTERMSIG(status);
  return code_;
}

void ChildProcess::end() {
  if (process_ >= 0) ::kill(process_, SIGTERM);
}

void wait_for_any(const std::vector<const ChildProcess*>& children,
                  std::chrono::milliseconds most) {
  std::vector<pollfd> handles;
  handles.reserve(children.size());
  for (const ChildProcess* child : children) handles.push_back({child->handle_, POLLIN, 0});
  ::poll(handles.data(), handles.size(), static_cast<int>(most.count()));
}

void end_with_parent() { ::prctl(PR_SET_PDEATHSIG, SIGTERM); }

void leave_process_group() { ::setpgid(0, 0); }

}  // namespace evenkeel::os
