// SPDX-License-Identifier: Apache-2.0
// Processes of this program side by side: a new one as soon as another has ended, and nothing done
// in between.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace evenkeel {

struct Work {
  std::size_t id = 0;  // the caller's
  std::vector<std::string> words;
  std::filesystem::path out;
  std::filesystem::path errors;
};

struct ProcessOptions {
  int jobs = 1;
  // Asked while there is a place; empty: nothing now, so that it is asked again once one has ended.
  std::function<std::optional<Work>()> next;
  // With its exit code, 128 + signal where one ended it.
  std::function<void(std::size_t id, int code)> ended;
  std::function<bool()> stop = {};  // asked about ten times a second
  std::function<void()> tick = {};  // as often
};

// Until `next` has nothing more and all have ended. False where `stop` ended it: those under way
// are asked to end, waited for and told to `ended`. What a function throws ends them too.
bool run_processes(const ProcessOptions& options);

}  // namespace evenkeel
