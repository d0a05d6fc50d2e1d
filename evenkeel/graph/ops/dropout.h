// SPDX-License-Identifier: Apache-2.0
// Dropout (Srivastava et al. 2014), inverted: what is kept grows, so that inference does nothing.
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// The layer, without a mode: to_training and to_inference replace it; a plan never holds it.
struct Dropout {
  static constexpr std::string_view name = "dropout";
  double rate = 0.5;  // the fraction that becomes 0, in [0,1)
  static constexpr auto fields = std::tuple{field("rate", &Dropout::rate)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const Dropout&, const Dropout&) = default;
};

// y = keeps ? x / (1 - rate) : 0. Whether an element is kept is a function of (seed, step, sample,
// stream, index within the sample) alone: neither batch nor threads nor order matter.
// Inputs (x: [N,..], seed: i64[], step: i64[], samples: i64[N]); its own gradient.
struct DropoutApply {
  static constexpr std::string_view name = "dropout_apply";
  double rate = 0.5;
  std::int64_t stream = 0;  // tells the layers of a network apart
  static constexpr auto fields =
      std::tuple{field("rate", &DropoutApply::rate), field("stream", &DropoutApply::stream)};
  Types infer(const ShapeScope& in) const;
  void gradient(GradientScope& scope) const;
  friend bool operator==(const DropoutApply&, const DropoutApply&) = default;
};

}  // namespace evenkeel
