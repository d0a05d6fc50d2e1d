// SPDX-License-Identifier: Apache-2.0
// One process at a time in a run's folder.
#pragma once

#include <filesystem>
#include <optional>

#include "evenkeel/base/os_lock.h"

namespace evenkeel {

// Holds "<folder>/lock" as long as it lives; the system lets go of it when the process ends,
// however that comes about, and the file that stays means nothing.
class EVENKEEL_API RunLock {
 public:
  // Nothing for the folder that it holds already, and lets go of another. InvalidArgument where
  // someone else holds the folder; RuntimeFailure where the file cannot be made.
  void take(const std::filesystem::path& folder);

 private:
  std::filesystem::path folder_;
  std::optional<os::FileLock> lock_;
};

// Whether someone holds the folder at this moment; changes nothing. False where nobody can say.
EVENKEEL_API bool run_in_use(const std::filesystem::path& folder);

}  // namespace evenkeel
