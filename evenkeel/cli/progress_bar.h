// SPDX-License-Identifier: Apache-2.0
// The progress line on a terminal; silent where stderr is none.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "evenkeel/report/progress.h"

namespace evenkeel::cli {

class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Draws at most ten times a second; with blocks where the terminal takes UTF-8.
  void show(Progress progress);
  // The same with any text, cut to the terminal's width.
  void show_line(const std::string& text);
  // Takes the line away, before anything else is printed.
  void clear();

 private:
  bool due();
  void draw(const std::string& line);

  bool terminal_;
  bool blocks_;
  bool shown_ = false;
  std::optional<std::chrono::steady_clock::time_point> drawn_;
};

}  // namespace evenkeel::cli
