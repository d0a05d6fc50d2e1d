// SPDX-License-Identifier: Apache-2.0
// Transposing moves runs of floats that lie together before and after.
#include <cstring>

#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

namespace evenkeel::native {
namespace {

// How one goes through x so that y is written from its begin to its end.
struct Walk {
  std::vector<std::size_t> extents;  // of y's axes but the last ones that lie together in x too
  std::vector<std::size_t> steps;    // in x, in elements
  std::size_t run = 1;

  Walk(const Shape& x, const std::vector<std::int64_t>& axes) {
    std::vector<std::size_t> step(x.rank(), 1);
    for (std::size_t axis = x.rank() - 1; axis-- > 0;)
      step[axis] = step[axis + 1] * static_cast<std::size_t>(x[axis + 1]);
    for (const std::int64_t axis : axes) {
      extents.push_back(static_cast<std::size_t>(x[static_cast<std::size_t>(axis)]));
      steps.push_back(step[static_cast<std::size_t>(axis)]);
    }
    while (!extents.empty() && (steps.back() == run || extents.back() == 1)) {
      run *= extents.back();
      extents.pop_back();
      steps.pop_back();
    }
  }

  // Returns where y goes on.
  float* copy(const float* x, float* y, std::size_t axis = 0) const {
    if (axis == extents.size()) {
      std::memcpy(y, x, run * sizeof(float));
      return y + run;
    }
    const std::size_t step = steps[axis];
    if (axis + 1 == extents.size() && run == 1) {
      for (std::size_t i = 0; i < extents[axis]; ++i) y[i] = x[i * step];
      return y + extents[axis];
    }
    for (std::size_t i = 0; i < extents[axis]; ++i) y = copy(x + i * step, y, axis + 1);
    return y;
  }
};

// x: [N,..] -> y: [N,..]
struct TransposeKernel {
  using Op = Transpose;
  static constexpr std::string_view name = "native/transpose";
  static constexpr Grid grid = Grid::whole;
  static constexpr Accuracy accuracy = Accuracy::exact;
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) { return all_f32(call); }
  explicit TransposeKernel(const Call& call)
      : walk(call.inputs[0].shape, std::get<Op>(call.op).axes) {}
  void run(const Args& args, Range) const { walk.copy(in<float>(args, 0), out<float>(args, 0)); }
  Walk walk;
};

}  // namespace

KernelEntry transpose() { return entry_of<TransposeKernel>(); }

}  // namespace evenkeel::native
