// Softmax and its cross-entropy. Rows are short (K classes), so plain loops in double.
#include <cmath>
#include <limits>

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

namespace evenkeel::native {
namespace {

// The first largest; NaN is never larger.
std::int64_t first_largest(const float* z, std::int64_t K) {
  std::int64_t best = 0;
  for (std::int64_t k = 1; k < K; ++k)
    if (z[k] > z[best]) best = k;
  return best;
}

// e[k] = exp(z[k] - shift), their sum returned; e may be z.
double exponentials(const float* z, float shift, std::int64_t K, float* e) {
  double sum = 0;
  for (std::int64_t k = 0; k < K; ++k) {
    const double value = std::exp(static_cast<double>(z[k]) - shift);
    sum += value;
    e[k] = static_cast<float>(value);
  }
  return sum;
}

void divide(float* e, double sum, std::int64_t K) {
  const double inverse = 1 / sum;
  for (std::int64_t k = 0; k < K; ++k) e[k] = static_cast<float>(e[k] * inverse);
}

struct RowwiseKernel {
  static constexpr Grid grid = Grid::whole;
  static constexpr Accuracy accuracy = Accuracy::reordered;
  explicit RowwiseKernel(const Call& call)
      : N(rows_of(call.inputs[0]).rows), K(rows_of(call.inputs[0]).channels) {}
  std::int64_t N;
  std::int64_t K;
};

// z, y: [N,K].
struct SoftmaxKernel : RowwiseKernel {
  using Op = Softmax;
  static constexpr std::string_view name = "native/softmax";
  static constexpr std::array in_place = {InPlace{0, 0}};
  static bool accepts(const Call& call) { return all_f32(call); }
  using RowwiseKernel::RowwiseKernel;
  void run(const Args& args, Range) const {
    for (std::int64_t n = 0; n < N; ++n) {
      const float* z = in<float>(args, 0) + n * K;
      float* y = out<float>(args, 0) + n * K;
      divide(y, exponentials(z, z[first_largest(z, K)], K, y), K);
    }
  }
};

// z: [N,K], labels: [N] -> losses: [N], correct: [N], dz: [N,K].
struct SoftmaxCrossEntropyKernel : RowwiseKernel {
  using Op = SoftmaxCrossEntropy;
  static constexpr std::string_view name = "native/softmax_cross_entropy";
  static constexpr std::array in_place = {InPlace{0, 2}};
  static bool accepts(const Call& call) {
    return is_dense(call.inputs[0], DType::f32) && is_dense(call.inputs[1], DType::i32) &&
           is_dense(call.outputs[0], DType::f32) && is_dense(call.outputs[1], DType::i32) &&
           is_dense(call.outputs[2], DType::f32);
  }
  using RowwiseKernel::RowwiseKernel;
  void run(const Args& args, Range) const {
    for (std::int64_t n = 0; n < N; ++n) {
      const float* z = in<float>(args, 0) + n * K;
      float* dz = out<float>(args, 2) + n * K;
      const std::int32_t label = in<std::int32_t>(args, 1)[n];
      const bool known = label >= 0 && label < K;
      const std::int64_t best = first_largest(z, K);
      const float largest = z[best];
      // Read before dz may overwrite it.
      const double of_label = known ? z[label] : 0;
      double sum = exponentials(z, largest, K, dz);
      // Makes the loss and the whole row of dz NaN.
      if (!known) sum = std::numeric_limits<double>::quiet_NaN();
      divide(dz, sum, K);
      if (known) dz[label] -= 1;
      out<float>(args, 0)[n] = static_cast<float>(std::log(sum) - (of_label - largest));
      out<std::int32_t>(args, 1)[n] = best == label ? 1 : 0;
    }
  }
};

}  // namespace

KernelEntry softmax() { return entry_of<SoftmaxKernel>(); }
KernelEntry softmax_cross_entropy() { return entry_of<SoftmaxCrossEntropyKernel>(); }

}  // namespace evenkeel::native
