// SPDX-License-Identifier: Apache-2.0
// How the learning rate changes over a run: a pure function of the step, so that resuming needs
// nothing but the step.
#pragma once

#include <cstdint>
#include <string_view>

#include "evenkeel/base/export.h"

namespace evenkeel {

// t: completed steps; T: the run's steps (epochs x batches), or `steps` where that is not 0. Past T
// the last rate stays.
//   constant   base
//   step       base factor^floor(t / every)                              (PyTorch's StepLR)
//   exponential  base factor^(t / every), every 1 unless told         (PyTorch's ExponentialLR)
//   cosine     low + (base - low) (1 + cos(pi t / T)) / 2, low = base floor  (Loshchilov & Hutter
//              2017; CosineAnnealingLR)
//   one_cycle  from base/25 up to base at 30 % and down to base/250,000, by cosines  (Smith & Topin
//              2018; PyTorch's OneCycleLR without its cycle of momentum)
// warm_up(w): over the first w steps from base start to base in a line (LinearLR), then the
// schedule over what is left.
class EVENKEEL_API Schedule {
 public:
  enum class Kind { constant, step, cosine, one_cycle, exponential };

  Schedule() = default;
  static Schedule constant() { return {}; }
  static Schedule step(std::int64_t every, double factor = 0.1);
  static Schedule exponential(double factor, std::int64_t every = 1);
  static Schedule cosine(double floor = 0, std::int64_t steps = 0);
  static Schedule one_cycle(std::int64_t steps = 0);
  // The same behind a warm-up; one_cycle has one of its own and takes no other.
  Schedule warm_up(std::int64_t steps, double start = 0.1) const;

  // The rate of the step after `completed` ones, in a run of `total`.
  double rate(double base, std::int64_t completed, std::int64_t total) const;

  // What it was made of, for checkpoints and displays; InvalidArgument where that makes no sense.
  struct Settings {
    Kind kind = Kind::constant;
    std::int64_t steps = 0;
    std::int64_t every = 0;
    double factor = 0.1;
    double floor = 0;
    std::int64_t warm_up = 0;
    double warm_up_start = 0.1;
    friend bool operator==(const Settings&, const Settings&) = default;
  };
  explicit Schedule(const Settings& settings);
  const Settings& settings() const { return settings_; }
  friend bool operator==(const Schedule&, const Schedule&) = default;

 private:
  Settings settings_;
};

// "constant", "step", "cosine", "one-cycle", "exponential".
EVENKEEL_API std::string_view to_string(Schedule::Kind kind);

}  // namespace evenkeel
