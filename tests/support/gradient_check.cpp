// SPDX-License-Identifier: Apache-2.0
#include "tests/support/gradient_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "evenkeel/base/os.h"
#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/ops.h"
#include "tests/support/compare.h"
#include "tests/support/finite.h"

namespace evenkeel::test {
namespace {

constexpr double kStep = 0x1p-10;
constexpr std::size_t kElementsChecked = 12;  // single elements a leaf
constexpr int kDirections = 2;                // random directions through all elements of a leaf

using Direction = std::vector<double>;

Tensor moved(const Tensor& from, const Direction& direction, double step) {
  Tensor result = from;
  const auto values = result.values<double>();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += step * direction[i];
  return result;
}

double dot(const Tensor& gradient, const Direction& direction) {
  const auto values = gradient.values<double>();
  return std::inner_product(values.begin(), values.end(), direction.begin(), 0.0);
}

double largest(const Tensor& tensor) {
  double result = 0;
  for (const double value : tensor.values<double>()) result = std::max(result, std::abs(value));
  return result;
}

std::vector<Direction> directions_of(std::size_t count, Draw& draw) {
  std::vector<Direction> result;
  for (std::size_t i = 0; i < std::min(count, kElementsChecked); ++i) {
    const bool all = count <= kElementsChecked;
    const std::int64_t last = static_cast<std::int64_t>(count) - 1;
    result.emplace_back(count, 0.0)[all ? i : static_cast<std::size_t>(draw.integer(0, last))] = 1;
  }
  for (int i = 0; i < kDirections; ++i)
    std::generate_n(std::back_inserter(result.emplace_back()), count,
                    [&] { return draw.uniform(-1, 1); });
  return result;
}

}  // namespace

std::uint64_t test_seed() {
  const auto text = os::environment("EVENKEEL_TEST_SEED");
  return text ? std::stoull(*text) : 20240607;
}

double Draw::uniform(double low, double high) {
  return low + (high - low) * random_.uniform(next_++);
}

std::int64_t Draw::integer(std::int64_t low, std::int64_t high) {
  const auto bound = static_cast<std::uint64_t>(high - low + 1);
  return low + static_cast<std::int64_t>(random_.below(next_++, bound));
}

Tensor Draw::uniform_tensor(const Shape& shape, double low, double high) {
  Tensor result(DType::f64, shape);
  for (double& value : result.values<double>()) value = uniform(low, high);
  return result;
}

Tensor Draw::away_from_zero(const Shape& shape, double margin) {
  Tensor result(DType::f64, shape);
  for (double& value : result.values<double>())
    value = (coin() ? 1 : -1) * uniform(margin, 1 + margin);
  return result;
}

Tensor Draw::distinct(const Shape& shape) {
  Tensor result(DType::f64, shape);
  const auto values = result.values<double>();
  std::iota(values.begin(), values.end(), -static_cast<double>(values.size()) / 2);
  for (double& value : values) value = value / 8 + uniform(0, 1.0 / 16);
  for (std::size_t i = values.size(); i > 1; --i)
    std::swap(values[i - 1],
              values[static_cast<std::size_t>(integer(0, static_cast<std::int64_t>(i) - 1))]);
  return result;
}

void for_random_cases(int count, const std::function<void(Draw&)>& check) {
  for (int i = 0; i < count && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE("case " + std::to_string(i) +
                 ", repeat with EVENKEEL_TEST_SEED=" + std::to_string(test_seed()));
    Draw draw(static_cast<std::uint64_t>(i));
    check(draw);
  }
}

double central_difference(const std::function<double(double)>& f, double h) {
  const auto slope = [&](double step) { return (f(step) - f(-step)) / (2 * step); };
  const double whole = slope(h);
  const double half = slope(h / 2);
  const double quarter = slope(h / 4);
  const double coarse = (4 * half - whole) / 3;
  const double fine = (4 * quarter - half) / 3;
  return (16 * fine - coarse) / 15;
}

Value GradientCase::input(const std::string& name, const Tensor& values) {
  leaves_.push_back(fixed(name, values));
  return leaves_.back();
}

Value GradientCase::parameter(const std::string& name, const Tensor& values) {
  feeds_[name] = values;
  leaves_.push_back(ops::parameter(graph, name, values.shape, Initializer::zeros, values.dtype));
  return leaves_.back();
}

Value GradientCase::fixed(const std::string& name, const Tensor& values) {
  feeds_[name] = values;
  return ops::input(graph, name, values.dtype, values.shape);
}

Value GradientCase::statistic(const std::string& name, const Tensor& values) {
  feeds_[name] = values;
  return graph.add(State{{values.dtype, values.shape}, Role::statistic}, {}, name);
}

Value GradientCase::weighted_sum(Value y) {
  const std::int64_t count = graph.type(y).shape.elements();
  const Value row = ops::reshape(graph, y, {1, count});
  const Value weights = fixed("weights", draw_.uniform_tensor({count, 1}));
  return ops::mean(graph, ops::matmul(graph, row, weights));
}

void GradientCase::check(Value loss, double tolerance) {
  const Interpreter forward(graph, 1);
  const std::vector<Value> by_leaf = gradients(graph, loss, leaves_);
  const Interpretation both = Interpreter(graph, 1).run(feeds_);
  ASSERT_EQ(both.at(loss), forward.run(feeds_).at(loss)) << "gradients change the loss";
  double scale = 0;
  for (const Value gradient : by_leaf) scale = std::max(scale, largest(both.at(gradient)));
  EXPECT_GT(scale, 0) << "every gradient is zero";
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    const Tensor& gradient = both.at(by_leaf[i]);
    SCOPED_TRACE("gradient by " + graph.node(leaves_[i]).name + " " + to_string(gradient.shape));
    ASSERT_EQ(graph.type(by_leaf[i]), graph.type(leaves_[i]));
    ASSERT_TRUE(finite(gradient));
    // Elements far below the largest are sums that cancelled: their error is relative to its size.
    const double floor = std::max(1e-2 * largest(gradient), 1e-3 * scale);
    check_leaf(forward, loss, leaves_[i], gradient, tolerance, floor);
  }
}

void GradientCase::check_leaf(const Interpreter& forward, Value loss, Value leaf,
                              const Tensor& gradient, double tolerance, double floor) {
  const std::string& name = graph.node(leaf).name;
  const Tensor at = feeds_.at(name);
  NamedTensors feeds = feeds_;
  for (const Direction& direction : directions_of(at.values<double>().size(), draw_)) {
    const double numeric = central_difference(
        [&](double step) {
          feeds[name] = moved(at, direction, step);
          return forward.run(feeds).at(loss).values<double>()[0];
        },
        kStep);
    const double analytic = dot(gradient, direction);
    const double scale = std::max({std::abs(numeric), std::abs(analytic), floor});
    ASSERT_LE(std::abs(numeric - analytic), tolerance * scale)
        << "analytic " << analytic << ", numeric " << numeric;
  }
}

}  // namespace evenkeel::test
