// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/interrupt.h"

#include <csignal>

namespace evenkeel::cli {
namespace {

constexpr int kSignalsToEnd = 3;
volatile std::sig_atomic_t signals_seen = 0;  // the one thing that a handler may write

extern "C" void remember_signal(int signal) {
  signals_seen = signals_seen + 1;
  if (signals_seen < kSignalsToEnd) return;
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
