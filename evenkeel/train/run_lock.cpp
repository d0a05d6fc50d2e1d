// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/run_lock.h"

#include <chrono>
#include <system_error>
#include <thread>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;

constexpr const char kLockFile[] = "lock";
// Someone who asks whether the folder is locked holds it for a moment.
constexpr int kAttempts = 4;
constexpr std::chrono::milliseconds kBetween(25);

}  // namespace

void RunLock::take(const fs::path& folder) {
  std::error_code error;
  if (lock_ && fs::equivalent(folder, folder_, error)) return;
  for (int attempt = 1;; ++attempt) {
    os::FileLock lock(folder / kLockFile);
    if (lock.held()) {
      lock_.reset();
      lock_.emplace(std::move(lock));
      folder_ = folder;
      return;
    }
    if (attempt == kAttempts) break;
    std::this_thread::sleep_for(kBetween);
  }
  throw InvalidArgument(folder.string(),
                        "expected the folder of a run that nobody trains in, another process is "
                        "training there; wait until it ends, stop it, or name another folder");
}

bool run_in_use(const fs::path& folder) { return os::is_locked(folder / kLockFile); }

}  // namespace evenkeel
