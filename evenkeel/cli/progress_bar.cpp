// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/progress_bar.h"

#include <iostream>

#include "evenkeel/base/os.h"
#include "evenkeel/base/os_machine.h"

namespace evenkeel::cli {
namespace {

constexpr int kStandardError = 2;
constexpr std::chrono::milliseconds kBetween(100);
constexpr const char kEraseLine[] = "\r\x1b[K";

// One column less: a full line would make some terminals go to the next.
int width() { return os::terminal_width(kStandardError) - 1; }

}  // namespace

ProgressBar::ProgressBar()
    : terminal_(os::is_terminal(kStandardError)), blocks_(os::locale_is_utf8()) {}

void ProgressBar::show(Progress progress) {
  if (!due()) return;
  progress.blocks = blocks_;
  draw(progress_line(progress, width()));
}

void ProgressBar::show_line(const std::string& text) {
  if (due()) draw(first_columns(text, width()));
}

bool ProgressBar::due() {
  if (!terminal_) return false;
  const auto now = std::chrono::steady_clock::now();
  if (drawn_ && now - *drawn_ < kBetween) return false;
  drawn_ = now;
  return true;
}

void ProgressBar::draw(const std::string& line) {
  std::cerr << kEraseLine << line << std::flush;
  shown_ = true;
}

void ProgressBar::clear() {
  if (!shown_) return;
  std::cerr << kEraseLine << std::flush;
  shown_ = false;
}

}  // namespace evenkeel::cli
