// SPDX-License-Identifier: Apache-2.0
// environment.json of a run's folder: {"sessions": [...]}, one for each process that trained in it,
// with "started" (UTC), "step" that it went on from, "version", "instruction_set", "threads",
// "onednn", "processor", "cores", "system", "compiler", "host" and "command" (its words).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "evenkeel/train/run_folder.h"

namespace evenkeel {

// Adds this process. A file that cannot be read is begun anew, of which `tell` hears.
// RuntimeFailure where it cannot be written.
EVENKEEL_API void add_session(const std::filesystem::path& folder, std::int64_t step, int threads,
                              const Tell& tell);

// What is told of a session without its machine; texts are empty where the file does not say.
struct Session {
  std::string started;
  std::int64_t step = 0;
  std::string version;
  std::string host;
};
// In the order of the file; none where there is no file. DataError where it cannot be read.
EVENKEEL_API std::vector<Session> read_sessions(const std::filesystem::path& folder);

}  // namespace evenkeel
