// SPDX-License-Identifier: Apache-2.0
// The order of the samples in a batch is none of batch norm's business: statistics, loss and the
// gradients of gamma and beta are equal within rounding, y and dx go with their sample.
#include <cmath>
#include <cstring>
#include <numeric>

#include "evenkeel/model/layers.h"
#include "tests/support/batch_norm_run.h"
#include "tests/support/compare.h"
#include "tests/train/property_network.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

using Order = std::vector<std::size_t>;

Order drawn_order(std::size_t count, Draw& draw) {
  Order order(count);
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = count; i > 1; --i)
    std::swap(order[i - 1],
              order[static_cast<std::size_t>(draw.integer(0, static_cast<std::int64_t>(i) - 1))]);
  return order;
}

// Sample i of the result is sample order[i].
Tensor reordered(const Tensor& tensor, const Order& order) {
  Tensor result(tensor.dtype, tensor.shape);
  const std::size_t sample = tensor.bytes.size() / order.size();
  for (std::size_t i = 0; i < order.size(); ++i)
    std::memcpy(result.bytes.data() + i * sample, tensor.bytes.data() + order[i] * sample, sample);
  return result;
}

Tensor as(DType dtype, const Tensor& tensor) {
  if (dtype == DType::f64) return tensor;
  Tensor result(dtype, tensor.shape);
  const auto from = tensor.values<double>();
  for (std::size_t i = 0; i < from.size(); ++i)
    result.values<float>()[i] = static_cast<float>(from[i]);
  return result;
}

// N of 2 to 40 samples, C of 1 to 40 channels, ranks 2 to 5.
Shape drawn_shape() {
  std::vector<std::int64_t> dims = {*rc::gen::inRange<std::int64_t>(2, 41).as("N")};
  const auto positions = *rc::gen::inRange(0, 4).as("axes between N and C");
  for (int i = 0; i < positions; ++i) dims.push_back(*rc::gen::inRange<std::int64_t>(1, 4));
  dims.push_back(*rc::gen::inRange<std::int64_t>(1, 41).as("C"));
  return Shape(dims);
}

void expect_permuted(Engine engine) {
  BatchNormOptions options = drawn_batch_norm();
  options.name = kLayer;
  options.epsilon = 1e-2;
  const BuildLayer build = [=](Scope& s, Value x) { return layers::batch_norm(options)(s, x); };
  const Shape shape = drawn_shape();
  Draw draw(*rc::gen::inRange<std::uint64_t>(0, 1000).as("stream of the numbers"));
  const DType dtype = engine == Engine::plan_f32 ? DType::f32 : DType::f64;
  const Tensor x = as(dtype, draw.uniform_tensor(shape, -1, 2));
  const Tensor dy = as(dtype, draw.uniform_tensor(shape));
  const Order order = drawn_order(static_cast<std::size_t>(shape[0]), draw);

  const auto straight = BatchNormRun(build, shape, {}, engine).step(x, dy);
  const auto mixed =
      BatchNormRun(build, shape, {}, engine).step(reordered(x, order), reordered(dy, order));
  const std::int64_t each = shape.elements() / shape.back();
  const auto M = static_cast<double>(each);
  // A sum of M numbers rounds M times; 1 / sqrt(epsilon) multiplies by at most 10, in dx twice.
  const double rounding = (M + 16) * (dtype == DType::f32 ? 0x1p-24 : 0x1p-53);
  for (const auto& [name, tensor] : straight) {
    const bool by_sample = name == "y" || name == "dx";
    const double floor = by_sample ? 100 : 20 * M;
    require(close(mixed.at(name), by_sample ? reordered(tensor, order) : tensor, rounding, floor),
            name);
  }
}

TEST(BatchPermutation, MovesOutputsAndKeepsStatisticsInDouble) {
  check_property(60, [] { expect_permuted(Engine::interpreter_f64); });
}

TEST(BatchPermutation, MovesOutputsAndKeepsStatisticsInAPlan) {
  check_property(60, [] { expect_permuted(Engine::plan_f32); });
}

// fit() shuffles by its seed, so two seeds would begin with other weights: the data are reordered.
TEST(BatchPermutation, KeepsLossAndStatisticsOfAWholeNetwork) {
  check_property(15, [] {
    const Model model = drawn_network();
    const auto count = *rc::gen::inRange<std::size_t>(8, 60).as("images");
    Draw draw(*rc::gen::inRange<std::uint64_t>(0, 1000).as("order"));
    const Order order = drawn_order(count, draw);
    const Dataset data = small_data(count);
    Tensor images(DType::u8, {static_cast<std::int64_t>(count), 28, 28, 1});
    std::memcpy(images.bytes.data(), data.images().data(), images.bytes.size());
    std::vector<std::int32_t> labels;
    for (const std::size_t i : order) labels.push_back(data.labels()[i]);
    const Dataset mixed("mixed", reordered(images, order), labels, 10);

    const auto step = [&](const Dataset& batch, double& loss) {
      Trainer trainer(model, softmax_cross_entropy(), Sgd{.learning_rate = 0.1},
                      {.seed = 1, .threads = 2});
      const Callback watch{
          .on_batch = [&](Trainer&, const BatchEvent& event) { loss = event.loss; }};
      trainer.fit(batch, {.epochs = 1, .batch_size = batch.size(), .callbacks = {watch}});
      return trainer;
    };
    double straight_loss = 0;
    double mixed_loss = 0;
    const Trainer straight = step(data, straight_loss);
    const Trainer other = step(mixed, mixed_loss);
    RC_ASSERT(straight_loss > 0);
    RC_ASSERT(std::abs(straight_loss - mixed_loss) <= 1e-5 * straight_loss);
    for (const std::string& name : straight.state_names())
      if (name.find("moving") != std::string::npos)
        require(close(other.state(name), straight.state(name), 1e-5, 1), name);
  });
}

}  // namespace
}  // namespace evenkeel::test
