// SPDX-License-Identifier: Apache-2.0
// Losses beside softmax cross-entropy, and top-k.
#include <cmath>

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/rowwise.h"

namespace evenkeel::native {
namespace {

struct LossAndSlope {
  double loss;
  double slope;
};

// z: [N,K], labels: [N] or targets: [N,K] -> losses: [N], correct: [N], dz: [N,K]; Self::term(z, t)
// is the loss of one element and its derivative.
template <typename Self, typename OpType>
struct MeanOverClasses : LossKernel {
  using Op = OpType;
  using LossKernel::LossKernel;
  void run(const Args& args, Range) const {
    const Targets<float> targets(args.inputs[1], given, K);
    for (std::int64_t n = 0; n < N; ++n) {
      const float* z = in<float>(args, 0) + n * K;
      float* dz = out<float>(args, 2) + n * K;
      // Before dz may overwrite z.
      out<std::int32_t>(args, 1)[n] = is_correct(z, targets, n, K, Self::kThreshold) ? 1 : 0;
      double sum = 0;
      for (std::int64_t k = 0; k < K; ++k) {
        const LossAndSlope term = Self::term(static_cast<double>(z[k]), targets.at(n, k));
        sum += term.loss;
        dz[k] = static_cast<float>(term.slope / static_cast<double>(K));
      }
      out<float>(args, 0)[n] = static_cast<float>(sum / static_cast<double>(K));
    }
  }
};

struct SigmoidCrossEntropyKernel : MeanOverClasses<SigmoidCrossEntropyKernel, SigmoidCrossEntropy> {
  static constexpr std::string_view name = "native/sigmoid_cross_entropy";
  static constexpr double kThreshold = 0;
  using MeanOverClasses::MeanOverClasses;
  static LossAndSlope term(double z, double t) {
    const double e = std::exp(-std::abs(z));
    const double loss = std::max(z, 0.0) - z * t + std::log1p(e);
    const double sigmoid = (z < 0 ? e : 1) / (1 + e);
    return {std::isnan(z) ? z : loss, sigmoid - t};
  }
};

struct MeanSquaredErrorKernel : MeanOverClasses<MeanSquaredErrorKernel, MeanSquaredError> {
  static constexpr std::string_view name = "native/mean_squared_error";
  static constexpr double kThreshold = 0.5;
  using MeanOverClasses::MeanOverClasses;
  static LossAndSlope term(double y, double t) { return {(y - t) * (y - t), 2 * (y - t)}; }
};

// z: [N,K], labels: [N] or targets: [N,K] -> [N].
struct InTopKKernel : RowwiseKernel {
  using Op = InTopK;
  static constexpr std::string_view name = "native/in_top_k";
  static constexpr Accuracy accuracy = Accuracy::exact;
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) {
    const ValueType& given = call.inputs[1];
    return is_dense(call.inputs[0], DType::f32) && is_dense(call.outputs[0], DType::i32) &&
           (is_dense(given, DType::i32) || is_dense(given, DType::f32));
  }
  explicit InTopKKernel(const Call& call)
      : RowwiseKernel(call), most(std::get<Op>(call.op).k), given(call.inputs[1].dtype) {}
  void run(const Args& args, Range) const {
    const Targets<float> targets(args.inputs[1], given, K);
    for (std::int64_t n = 0; n < N; ++n) {
      const float* z = in<float>(args, 0) + n * K;
      const std::int64_t label = targets.label(n);
      std::int64_t ahead = 0;
      for (std::int64_t k = 0; label >= 0 && k < K; ++k)
        ahead += z[k] > z[label] || (z[k] == z[label] && k < label) ? 1 : 0;
      const bool in = label >= 0 && !std::isnan(z[label]) && ahead < most;
      out<std::int32_t>(args, 0)[n] = in ? 1 : 0;
    }
  }
  std::int64_t most;
  DType given;
};

}  // namespace

KernelEntry sigmoid_cross_entropy() { return entry_of<SigmoidCrossEntropyKernel>(); }
KernelEntry mean_squared_error() { return entry_of<MeanSquaredErrorKernel>(); }
KernelEntry in_top_k() { return entry_of<InTopKKernel>(); }

}  // namespace evenkeel::native
