// SPDX-License-Identifier: Apache-2.0
// What stands beside an image in a call never changes its prediction.
#include <algorithm>
#include <numeric>

#include "evenkeel/train/predictor.h"
#include "tests/train/property_network.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

constexpr std::size_t kPixels = 28 * 28;
constexpr std::size_t kClasses = 10;
using Logits = std::vector<float>;

// `group` images a call; the last call has what is left.
Logits predict(const Predictor& predictor, std::span<const std::uint8_t> images,
               std::size_t group) {
  const std::size_t count = images.size() / kPixels;
  Logits result(count * kClasses);
  for (std::size_t from = 0; from < count; from += group) {
    const std::size_t here = std::min(group, count - from);
    predictor.logits(ImageView(images.subspan(from * kPixels, here * kPixels)),
                     std::span(result).subspan(from * kClasses, here * kClasses));
  }
  return result;
}

std::vector<std::size_t> drawn_order(std::size_t count) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  const auto seed = *rc::gen::inRange<std::uint64_t>(0, 1000).as("order");
  Draw draw(seed);
  for (std::size_t i = count; i > 1; --i)
    std::swap(order[i - 1],
              order[static_cast<std::size_t>(draw.integer(0, static_cast<std::int64_t>(i) - 1))]);
  return order;
}

// Rows of `width` elements: row i of the result is row order[i].
template <typename T>
std::vector<T> reordered(std::span<const T> rows, const std::vector<std::size_t>& order,
                         std::size_t width) {
  std::vector<T> result;
  for (const std::size_t row : order)
    result.insert(result.end(), rows.begin() + static_cast<std::ptrdiff_t>(row * width),
                  rows.begin() + static_cast<std::ptrdiff_t>((row + 1) * width));
  return result;
}

double largest_distance(const Logits& a, const Logits& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - b[i]));
  return largest;
}

Trainer drawn_trainer() {
  Trainer trainer(drawn_network(5), softmax_cross_entropy(), Adam{.learning_rate = 1e-3},
                  {.seed = 1, .threads = 1});
  trainer.fit(small_data(60), {.epochs = 1, .batch_size = 20});
  return trainer;
}

TEST(BatchInvariance, OfOnePlanIsOfBytes) {
  check_property(25, [] {
    const Trainer trainer = drawn_trainer();
    const PredictorOptions options{
        .threads = *rc::gen::inRange(1, 5).as("threads"),
        .slice = *rc::gen::inRange<std::int64_t>(1, 40).as("slice"),
        .kernels = *rc::gen::element(std::string("auto"), std::string("native"))};
    const Predictor predictor(trainer, options);
    const auto count = *rc::gen::inRange<std::size_t>(1, 90).as("images");
    const Dataset unseen = small_data(count, 2);
    const Logits all = predict(predictor, unseen.images(), count);
    for (const std::size_t group : {std::size_t{1}, std::size_t{7}})
      RC_ASSERT(predict(predictor, unseen.images(), group) == all);
    const auto order = drawn_order(count);
    const auto images = reordered(unseen.images(), order, kPixels);
    RC_ASSERT(predict(predictor, images, count) ==
              reordered(std::span<const float>(all), order, kClasses));
  });
}

// Three plans by the number of images in a call, whose sums round differently.
TEST(BatchInvariance, OfTheFastestPlansIsWithinRounding) {
  check_property(10, [] {
    const Predictor predictor(drawn_trainer());
    const auto count = *rc::gen::inRange<std::size_t>(97, 200).as("images");
    const Dataset unseen = small_data(count, 2);
    const Logits all = predict(predictor, unseen.images(), count);
    const double largest = largest_distance(all, Logits(all.size(), 0));
    for (const std::size_t group : {1, 7, 96})
      RC_ASSERT(largest_distance(predict(predictor, unseen.images(), group), all) <=
                1e-5 * largest);
  });
}

// Loss and accuracy are of the images, whatever their order.
TEST(BatchInvariance, OfAnEvaluationIsWithinTheRoundingOfItsSum) {
  check_property(10, [] {
    Trainer trainer = drawn_trainer();
    const auto count = *rc::gen::inRange<std::size_t>(1, 300).as("images");
    const Dataset unseen = small_data(count, 2);
    const auto order = drawn_order(count);
    const Shape shape{static_cast<std::int64_t>(count), 28, 28, 1};
    const Dataset shuffled(
        "shuffled", Tensor::of<std::uint8_t>(shape, reordered(unseen.images(), order, kPixels)),
        reordered(unseen.labels(), order, 1), 10);
    const Evaluation a = trainer.evaluate(unseen);
    const Evaluation b = trainer.evaluate(shuffled);
    RC_ASSERT(a.correct == b.correct);
    RC_ASSERT(std::abs(a.loss - b.loss) <= 1e-12 * a.loss);
  });
}

}  // namespace
}  // namespace evenkeel::test
