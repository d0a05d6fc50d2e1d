// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/run_log.h"

#include <fmt/format.h>

#include <sstream>

#include "evenkeel/base/os_machine.h"

namespace evenkeel {

RunLog::RunLog(const std::filesystem::path& folder) : file_(folder / "log.txt") {
  add(os::utc_text(os::wall_clock()));
}

void RunLog::add(const std::string& text) {
  const std::chrono::duration<double> since = std::chrono::steady_clock::now() - started_;
  std::string lines;
  std::istringstream from(text);
  for (std::string line; std::getline(from, line);)
    lines += fmt::format("[{:10.3f}] {}\n", since.count(), line);
  file_.append(std::as_bytes(std::span(lines)));
}

}  // namespace evenkeel
