// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/interrupt.h"

#include <atomic>
#include <csignal>

namespace evenkeel::cli {
namespace {

constexpr int kSignalsToEnd = 3;
// The one thing that the handler writes. It runs in whatever thread the signal finds.
std::atomic<int> signals_seen = 0;
static_assert(std::atomic<int>::is_always_lock_free, "a handler must not wait for a lock");

extern "C" void remember_signal(int signal) {
  if (++signals_seen < kSignalsToEnd) return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

Interruption::Interruption() {
  signals_seen = 0;
  std::signal(SIGINT, remember_signal);
  std::signal(SIGTERM, remember_signal);
}

Interruption::~Interruption() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

bool Interruption::requested() const { return signals_seen > 0; }

}  // namespace evenkeel::cli
