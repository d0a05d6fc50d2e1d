#include "evenkeel/kernels/dropout_mask.h"
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

namespace evenkeel::native {
namespace {

// x, y: [N,..], seed, step: i64[], samples: i64[N].
struct DropoutApplyKernel : ElementwiseKernel {
  using Op = DropoutApply;
  static constexpr std::string_view name = "native/dropout_apply";
  static constexpr std::array in_place = {InPlace{0, 0}};
  static bool accepts(const Call& call) {
    for (std::size_t i = 1; i < 4; ++i)
      if (!is_dense(call.inputs[i], DType::i64)) return false;
    return is_dense(call.inputs[0], DType::f32) && is_dense(call.outputs[0], DType::f32);
  }
  explicit DropoutApplyKernel(const Call& call)
      : ElementwiseKernel(call),
        op(std::get<Op>(call.op)),
        each(call.inputs[0].shape.elements_per_sample()) {}
  void run(const Args& args, Range range) const {
    const DropoutMask mask(op.rate, op.stream, *in<std::int64_t>(args, 1),
                           *in<std::int64_t>(args, 2));
    const auto scale = static_cast<float>(1 / (1 - op.rate));
    const Elements e = elements(range);
    const auto end = static_cast<std::int64_t>(e.end);
    for (auto at = static_cast<std::int64_t>(e.begin); at < end;) {
      const std::int64_t n = at / each;
      const float* x = in<float>(args, 0) + n * each;
      float* y = out<float>(args, 0) + n * each;
      const std::int64_t last = std::min(end - n * each, each);
      mask.for_each(in<std::int64_t>(args, 3)[n], at - n * each, last,
                    [&](std::int64_t i, bool keeps) { y[i] = keeps ? x[i] * scale : 0.0F; });
      at = n * each + last;
    }
  }
  DropoutApply op;
  std::int64_t each;  // elements of a sample
};

}  // namespace

KernelEntry dropout_apply() { return entry_of<DropoutApplyKernel>(); }

}  // namespace evenkeel::native
