// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/processes.h"

#include <chrono>
#include <list>

#include "evenkeel/base/os_child.h"

namespace evenkeel {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks(100);

class Pool {
 public:
  explicit Pool(const ProcessOptions& options) : options_(options) {}

  bool run() {
    while (true) {
      if (options_.stop && options_.stop()) return stop();
      fill();
      if (working_.empty()) return true;
      wait();
      collect();
      if (options_.tick) options_.tick();
    }
  }

 private:
  struct Working {
    std::size_t id;
    os::ChildProcess process;
  };

  void fill() {
    while (static_cast<int>(working_.size()) < options_.jobs) {
      const std::optional<Work> work = options_.next();
      if (!work) return;
      working_.push_back({work->id, os::ChildProcess(work->words, work->out, work->errors)});
    }
  }

  void wait() {
    std::vector<const os::ChildProcess*> processes;
    for (const Working& each : working_) processes.push_back(&each.process);
    os::wait_for_any(processes, kBetweenLooks);
  }

  // Takes those away that have ended.
  void collect() {
    for (auto each = working_.begin(); each != working_.end();) {
      const auto code = each->process.ended();
      if (!code) {
        ++each;
        continue;
      }
      const std::size_t id = each->id;
      each = working_.erase(each);
      options_.ended(id, *code);
    }
  }

  bool stop() {
    for (Working& each : working_) each.process.end();
    while (!working_.empty()) {
      wait();
      collect();
    }
    return false;
  }

  const ProcessOptions& options_;
  std::list<Working> working_;
};

}  // namespace

bool run_processes(const ProcessOptions& options) { return Pool(options).run(); }

}  // namespace evenkeel
