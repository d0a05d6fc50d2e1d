// SPDX-License-Identifier: Apache-2.0
#include <pwd.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

#include "evenkeel/base/os.h"

namespace evenkeel::os {
namespace {

std::filesystem::path home_directory() {
  if (const auto home = environment("HOME")) return *home;
  std::vector<char> buffer(16384);
  struct passwd entry {};
  struct passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || !found)
    return {};
  return found->pw_dir;
}

}  // namespace

std::optional<std::string> environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::filesystem::path user_cache_directory() {
  // The XDG rules say that a relative path there is to be ignored.
  if (const auto cache = environment("XDG_CACHE_HOME"); cache && cache->front() == '/')
    return std::filesystem::path(*cache) / "evenkeel";
  const std::filesystem::path home = home_directory();
  return home.empty() ? home : home / ".cache" / "evenkeel";
}

bool is_terminal(int file_descriptor) { return ::isatty(file_descriptor) == 1; }

int terminal_width(int file_descriptor, int otherwise) {
  struct winsize size {};
  if (::ioctl(file_descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return otherwise;
  return size.ws_col;
}

int usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  // Fails only beyond 1024 processors.
  if (::sched_getaffinity(0, sizeof set, &set) != 0)
    return static_cast<int>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  return std::max(1, CPU_COUNT(&set));
}

std::size_t peak_resident_bytes() {
  struct rusage usage {};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return static_cast<std::size_t>(usage.ru_maxrss) * 1024;  // Linux counts in KiB
}

void lower_thread_priority() {
  // Linux keeps niceness for each thread, whatever POSIX says; 10 is a weight of 110 to 1024. Lower
  // ones could wait for seconds, and the end of a run for them.
  constexpr int kNice = 10;
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
}

double seconds_since_process_start() {
  // /proc/self/stat: "pid (name) state ...", field 22 is the start in clock ticks since boot; the
  // name may hold spaces and brackets, so fields are counted from the last ')'.
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0.0;
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  double ticks = 0.0;
  fields >> ticks;

  struct timespec now {};
  if (!fields || ::clock_gettime(CLOCK_BOOTTIME, &now) != 0) return 0.0;
  const double started = ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
  const double seconds =
      static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9 - started;
  return seconds > 0.0 ? seconds : 0.0;
}

}  // namespace evenkeel::os
