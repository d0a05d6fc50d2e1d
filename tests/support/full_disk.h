// SPDX-License-Identifier: Apache-2.0
// A disk that has no room left, as far as one process goes: the system's limit on the size of
// files, which fails a write in the same way but for errno.
#pragma once

#include <sys/resource.h>

#include <csignal>

namespace evenkeel::test {

// No file can be written behind so many bytes for as long as it lives.
class FullBehind {
 public:
  explicit FullBehind(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const struct rlimit limit { bytes, before_.rlim_max };
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullBehind() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullBehind(const FullBehind&) = delete;
  FullBehind& operator=(const FullBehind&) = delete;

 private:
  struct rlimit before_ {};
  void (*handler_)(int);
};

}  // namespace evenkeel::test
