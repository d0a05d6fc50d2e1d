// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/progress_bar.h"

#include <iostream>

#include "evenkeel/base/os.h"

namespace evenkeel::cli {
namespace {

constexpr int kStandardError = 2;
constexpr std::chrono::milliseconds kBetween(100);
constexpr const char kEraseLine[] = "\r\x1b[K";

}  // namespace

ProgressBar::ProgressBar() : terminal_(os::is_terminal(kStandardError)) {}

void ProgressBar::show(const Progress& progress) {
  if (!terminal_) return;
  const auto now = std::chrono::steady_clock::now();
  if (drawn_ && now - *drawn_ < kBetween) return;
  drawn_ = now;
  // One column less: a full line would make some terminals go to the next.
  const int width = os::terminal_width(kStandardError) - 1;
  std::cerr << kEraseLine << progress_line(progress, width) << std::flush;
  shown_ = true;
}

void ProgressBar::clear() {
  if (!shown_) return;
  std::cerr << kEraseLine << std::flush;
  shown_ = false;
}

}  // namespace evenkeel::cli
