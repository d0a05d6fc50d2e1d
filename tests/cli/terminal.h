// SPDX-License-Identifier: Apache-2.0
// A terminal for the command to write to.
#pragma once

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace evenkeel::test {

class Terminal {
 public:
  explicit Terminal(unsigned short columns) : screen_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    struct winsize size {};
    size.ws_col = columns;
    if (screen_ < 0 || ::grantpt(screen_) + ::unlockpt(screen_) != 0 ||
        ::ioctl(screen_, TIOCSWINSZ, &size) != 0)
      throw std::runtime_error("no terminal to be had");
    // Held open, so that what was written stays to be read.
    other_end_ = ::open(path().c_str(), O_RDWR | O_NOCTTY);
  }
  ~Terminal() {
    ::close(other_end_);
    ::close(screen_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  std::string path() const { return ::ptsname(screen_); }

  // All that was written since the last call, by processes that have ended. A few kB fit.
  std::string read_all() {
    // Comes last, so that reading ends.
    constexpr char kMark = '\x01';
    if (::write(other_end_, &kMark, 1) != 1) throw std::runtime_error("cannot write to a terminal");
    std::string seen;
    while (seen.empty() || seen.back() != kMark) {
      std::array<char, 4096> part = {};
      const ssize_t count = ::read(screen_, part.data(), part.size());
      if (count <= 0) throw std::runtime_error("cannot read from a terminal");
      seen.append(part.data(), static_cast<std::size_t>(count));
    }
    seen.pop_back();
    return seen;
  }

 private:
  int screen_;
  int other_end_ = -1;
};

}  // namespace evenkeel::test
