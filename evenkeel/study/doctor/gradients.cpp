// SPDX-License-Identifier: Apache-2.0
// The gradient of one batch, kernel by kernel.
#include <algorithm>
#include <cmath>

#include "evenkeel/study/doctor/examination.h"

namespace evenkeel::doctor {
namespace {

constexpr double kVanished = 1e-4;  // of the largest root mean square among the layers
constexpr double kExploded = 100;   // times the norm of the weights

double root_mean_square(const KernelMeasured& kernel) {
  return kernel.gradient_norm / std::sqrt(static_cast<double>(kernel.elements));
}

}  // namespace

void find_in_gradients(const Examination& examination, Findings& findings) {
  if (!examination.measured || examination.measured->kernels.empty()) return;
  const auto& kernels = examination.measured->kernels;
  const auto largest = std::max_element(
      kernels.begin(), kernels.end(),
      [](const auto& a, const auto& b) { return root_mean_square(a) < root_mean_square(b); });
  for (const KernelMeasured& kernel : kernels) {
    const double rms = root_mean_square(kernel);
    const double most = root_mean_square(*largest);
    const std::map<std::string, double> numbers = {{"gradient_norm", kernel.gradient_norm},
                                                   {"weight_norm", kernel.weight_norm},
                                                   {"gradient_rms", rms},
                                                   {"largest_rms", most}};
    if (rms < kVanished * most)
      findings.add(
          Severity::warning, "vanishing-gradients", kernel.layer,
          "the gradient of its weights has a root mean square of " + text(rms) + ", that of " +
              largest->layer + " " + text(most),
          numbers,
          "Batch norm before each activation; ReLU in place of sigmoid and tanh; he_normal "
          "or glorot_uniform as initial weights; or shortcuts around layers.");
    if (kernel.weight_norm > 0 && kernel.gradient_norm > kExploded * kernel.weight_norm)
      findings.add(Severity::warning, "exploding-gradients", kernel.layer,
                   "the gradient of its weights has norm " + text(kernel.gradient_norm) +
                       ", the weights themselves " + text(kernel.weight_norm),
                   numbers,
                   "Scale the input (1/255 for pixels) and the targets; smaller initial weights; "
                   "--clip-norm 1 until it trains; or batch norm before each activation.");
  }
}

}  // namespace evenkeel::doctor
