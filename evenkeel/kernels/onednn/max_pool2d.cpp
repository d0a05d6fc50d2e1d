// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/onednn/max_pool2d.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <utility>

#include "evenkeel/base/threads.h"
#include "evenkeel/kernels/onednn/pooling.h"

namespace evenkeel::onednn {
namespace {

// True where each of x[0, count) is a number above the lowest float; chunks, so that it vectorises.
bool all_ordinary(const float* x, std::int64_t count) {
  constexpr std::int64_t kChunk = 4096;
  for (std::int64_t begin = 0; begin < count; begin += kChunk) {
    int odd = 0;
    for (std::int64_t i = begin; i < std::min(begin + kChunk, count); ++i)
      odd |= static_cast<int>(!(x[i] > std::numeric_limits<float>::lowest()));
    if (odd != 0) return false;
  }
  return true;
}

bool all_ordinary(const float* x, std::int64_t count, int threads) {
  if (threads == 1) return all_ordinary(x, count);
  std::atomic<bool> ordinary = true;
  run_lanes(threads, count, [&](int, std::int64_t begin, std::int64_t end) {
    if (!all_ordinary(x + begin, end - begin)) ordinary = false;
  });
  return ordinary;
}

// The first maximum of one window and channel; x: the image's channel, y, position: its result.
void pool_window(const MaxPool2d& op, const Shape& shape, std::int64_t top, std::int64_t left,
                 const float* x, float& y, std::uint8_t& position) {
  const std::int64_t H = shape[1], W = shape[2], C = shape[3];
  bool first = true;
  for (std::int64_t r = std::max<std::int64_t>(0, -top); r < std::min(op.window[0], H - top); ++r)
    for (std::int64_t s = std::max<std::int64_t>(0, -left); s < std::min(op.window[1], W - left);
         ++s) {
      const float value = x[((top + r) * W + left + s) * C];
      if (!first && (value <= y || std::isnan(y))) continue;
      first = false;
      y = value;
      position = static_cast<std::uint8_t>(r * op.window[1] + s);
    }
}

// x: [N,H,W,C] -> y: [N,P,Q,C], argmax: u8[N,P,Q,C].
void pool_plainly(const MaxPool2d& op, const Shape& x_shape, const Shape& y_shape, const float* x,
                  float* y, std::uint8_t* argmax) {
  const std::int64_t image = x_shape.elements_per_sample();
  for (std::int64_t n = 0; n < y_shape[0]; ++n)
    for (std::int64_t p = 0; p < y_shape[1]; ++p)
      for (std::int64_t q = 0; q < y_shape[2]; ++q)
        for (std::int64_t c = 0; c < y_shape[3]; ++c)
          pool_window(op, x_shape, p * op.stride[0] - op.padding[0],
                      q * op.stride[1] - op.padding[2], x + n * image + c, *y++, *argmax++);
}

}  // namespace

// x: [N,H,W,C] -> y: [N,P,Q,C], argmax: u8[N,P,Q,C].
std::optional<Recipe> max_pool2d(const Call& call) {
  const Pooling pooling(std::get<MaxPool2d>(call.op), call.inputs[0], call.outputs[0]);
  const auto primitive = pooling.forward();
  if (!pooling.argmax_is_workspace(primitive)) return std::nullopt;
  Recipe recipe = recipe_of(call, primitive);
  recipe.needs.accuracy = Accuracy::exact;
  recipe.operands = {{DNNL_ARG_SRC, pooling.x, Source::input, 0},
                     {DNNL_ARG_DST, pooling.y, Source::output, 0},
                     {DNNL_ARG_WORKSPACE, primitive.workspace_desc(), Source::output, 1}};
  return recipe;
}

MaxPool2dKernel::MaxPool2dKernel(const Call& call, const Recipe& recipe, int threads)
    : primitive_(call, recipe, threads),
      op_(std::get<MaxPool2d>(call.op)),
      x_(call.inputs[0].shape),
      y_(call.outputs[0].shape),
      threads_(threads) {}

std::unique_ptr<KernelContext> MaxPool2dKernel::make_context() const {
  return primitive_.make_context();
}

void MaxPool2dKernel::run(const Args& args, Range range) const noexcept {
  const auto* x = static_cast<const float*>(args.inputs[0]);
  if (all_ordinary(x, x_.elements(), threads_))
    primitive_.run(args, range);
  else
    pool_plainly(op_, x_, y_, x, static_cast<float*>(args.outputs[0]),
                 static_cast<std::uint8_t*>(args.outputs[1]));
}

}  // namespace evenkeel::onednn
