// SPDX-License-Identifier: Apache-2.0
// Predictor: what it gives for images in any form, grouping and number of threads.
#include "evenkeel/train/predictor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "evenkeel/base/random.h"
#include "tests/train/predictor_network.h"

namespace evenkeel {
namespace {

using test::probabilities_of;
using test::small_set;
using test::trained_network;

constexpr std::size_t kPredictedImage = 28 * 28;

std::vector<float> floats_of(std::span<const std::uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

TEST(PredictorPixels, FloatsGiveTheBytesOfTheSameValuesAsBytes) {
  const Predictor predictor(trained_network());
  for (const std::size_t count : {1, 2, 100}) {
    const Dataset images = small_set(count, 2);
    EXPECT_EQ(probabilities_of(predictor, floats_of(images.images()), count),
              probabilities_of(predictor, images.images(), count));
  }
}

TEST(PredictorPixels, FloatsAreNotRounded) {
  const Predictor predictor(trained_network());
  const Dataset images = small_set(1, 2);
  std::vector<float> shifted = floats_of(images.images());
  for (float& value : shifted) value += 0.4F;
  EXPECT_NE(probabilities_of(predictor, shifted, 1),
            probabilities_of(predictor, images.images(), 1));
}

// Random frames and strides against the same pixels copied densely; the seed is the round.
TEST(PredictorStrides, GiveTheBytesOfADenseCopy) {
  const Predictor predictor(trained_network());
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Random random(seed, Purpose::test, 3);
    const auto draw = [&](std::uint64_t index, std::int64_t least, std::int64_t range) {
      return least +
             static_cast<std::int64_t>(random.below(index, static_cast<std::uint64_t>(range)));
    };
    ImageLayout layout;
    layout.count = draw(0, 1, 4);
    layout.pixel_stride = draw(1, 1, 4);
    layout.row_stride = draw(2, 28 * layout.pixel_stride, 200);
    layout.image_stride = draw(3, 1, 28 * layout.row_stride + 99);  // images may overlap
    const std::int64_t end = (layout.count - 1) * layout.image_stride + 27 * layout.row_stride +
                             27 * layout.pixel_stride + 1;
    std::vector<std::uint8_t> frame(static_cast<std::size_t>(end));
    for (std::size_t i = 0; i < frame.size(); ++i)
      frame[i] = static_cast<std::uint8_t>(random.below(10 + i, 256));
    std::vector<std::uint8_t> dense;
    for (std::int64_t n = 0; n < layout.count; ++n)
      for (std::int64_t y = 0; y < 28; ++y)
        for (std::int64_t x = 0; x < 28; ++x)
          dense.push_back(frame[static_cast<std::size_t>(
              n * layout.image_stride + y * layout.row_stride + x * layout.pixel_stride)]);

    const auto count = static_cast<std::size_t>(layout.count);
    const auto expected = probabilities_of(predictor, dense, count);
    EXPECT_EQ(probabilities_of(predictor, frame, count, layout), expected) << "seed " << seed;
    EXPECT_EQ(probabilities_of(predictor, floats_of(frame), count, layout), expected)
        << "seed " << seed;
    // One value less and the last image reaches behind the end.
    frame.pop_back();
    EXPECT_THROW(probabilities_of(predictor, frame, count, layout), InvalidArgument)
        << "seed " << seed;
  }
}

TEST(PredictorStrides, ResultsMayLieApart) {
  const Predictor predictor(trained_network());
  const Dataset images = small_set(5, 2);
  const auto expected = probabilities_of(predictor, images.images(), 5);
  std::vector<float> table(4 * 13 + 10, -1);
  predictor.probabilities(images.images(), table, 13);
  for (std::size_t i = 0; i < table.size(); ++i)
    EXPECT_EQ(table[i], i % 13 < 10 ? expected[i / 13 * 10 + i % 13] : -1) << i;
}

TEST(PredictorClasses, AreThoseOfTheLargestProbabilityInEveryForm) {
  const Predictor predictor(trained_network());
  const Dataset images = small_set(150, 2);
  const auto p = probabilities_of(predictor, images.images(), 150);
  std::vector<float> logits(1500);
  predictor.logits(images.images(), logits);
  std::vector<std::uint8_t> bytes(150);
  std::vector<std::int64_t> numbers(150);
  predictor.classes(images.images(), bytes);
  predictor.classes(floats_of(images.images()), numbers);
  for (std::ptrdiff_t i = 0; i < 150; ++i) {
    const auto best = std::max_element(p.begin() + 10 * i, p.begin() + 10 * (i + 1)) - p.begin();
    EXPECT_EQ(bytes[static_cast<std::size_t>(i)], best - 10 * i);
    EXPECT_EQ(numbers[static_cast<std::size_t>(i)], best - 10 * i);
    EXPECT_EQ(
        std::max_element(logits.begin() + 10 * i, logits.begin() + 10 * (i + 1)) - logits.begin(),
        best);
  }
  EXPECT_EQ(predictor.classify(images.image(7)), numbers[7]);
}

TEST(PredictorNeighbours, HaveNoInfluenceWhateverTheyAreAndWhereverTheImageStands) {
  for (const std::int64_t slice : {0, 1, 7, 16, 128}) {
    const Predictor predictor(trained_network(), {.slice = slice});
    const Dataset first = small_set(200, 2);
    std::vector<std::uint8_t> other(200 * kPredictedImage, 255);
    const auto expected = probabilities_of(predictor, first.images(), 200);
    for (const std::size_t kept : {0U, 1U, 15U, 16U, 127U, 128U, 199U}) {
      auto mixed = other;
      std::copy_n(first.images().begin() + static_cast<std::ptrdiff_t>(kept * kPredictedImage),
                  kPredictedImage,
                  mixed.begin() + static_cast<std::ptrdiff_t>(kept * kPredictedImage));
      const auto p = probabilities_of(predictor, mixed, 200);
      EXPECT_TRUE(std::equal(p.begin() + static_cast<std::ptrdiff_t>(kept * 10),
                             p.begin() + static_cast<std::ptrdiff_t>(kept * 10 + 10),
                             expected.begin() + static_cast<std::ptrdiff_t>(kept * 10)))
          << "slice " << slice << " image " << kept;
    }
  }
}

TEST(PredictorSlices, OneSliceGivesTheSameBytesForAnyGrouping) {
  const Dataset images = small_set(200, 2);
  for (const std::int64_t slice : {1, 5, 16}) {
    const Predictor predictor(trained_network(), {.slice = slice});
    const auto expected = probabilities_of(predictor, images.images(), 200);
    for (const std::size_t group : {1U, 3U, 16U, 150U}) {
      std::vector<float> p;
      for (std::size_t begin = 0; begin < 200; begin += group) {
        const std::size_t n = std::min<std::size_t>(group, 200 - begin);
        const auto part = probabilities_of(
            predictor, images.images().subspan(begin * kPredictedImage, n * kPredictedImage), n);
        p.insert(p.end(), part.begin(), part.end());
      }
      EXPECT_EQ(p, expected) << "slice " << slice << " group " << group;
    }
  }
}

TEST(PredictorSlices, TheOwnChoiceDiffersByRoundingAlone) {
  const Dataset images = small_set(200, 2);
  const Predictor predictor(trained_network());
  const auto expected = probabilities_of(predictor, images.images(), 200);
  for (const std::size_t count : {1U, 2U, 96U, 97U, 129U}) {
    const auto p =
        probabilities_of(predictor, images.images().first(count * kPredictedImage), count);
    for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(p[i], expected[i], 1e-5) << count;
  }
}

TEST(PredictorThreads, ManyAtOnceGiveTheBytesOfOne) {
  const Dataset images = small_set(130, 2);
  const auto floats = floats_of(images.images());
  for (const int inner : {1, 2}) {
    const Predictor predictor(trained_network(), {.threads = inner});
    const std::vector<std::size_t> counts = {1, 3, 130};
    std::vector<std::vector<float>> expected;
    expected.reserve(counts.size());
    for (const std::size_t count : counts)
      expected.push_back(
          probabilities_of(predictor, images.images().first(count * kPredictedImage), count));
    std::vector<int> wrong(8, 0);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < wrong.size(); ++t)
      threads.emplace_back([&, t] {
        for (std::size_t round = 0; round < 12; ++round) {
          const std::size_t which = (t + round) % counts.size();
          const std::size_t n = counts[which];
          const auto p =
              (t + round) % 2 == 0
                  ? probabilities_of(predictor, images.images().first(n * kPredictedImage), n)
                  : probabilities_of(predictor, std::span(floats).first(n * kPredictedImage), n);
          wrong[t] += p == expected[which] ? 0 : 1;
        }
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, std::vector<int>(wrong.size(), 0)) << inner << " threads a call";
  }
}

TEST(PredictorSnapshot, FurtherTrainingAndTheEndOfTheTrainerChangeNothing) {
  const Dataset images = small_set(20, 2);
  std::vector<float> before;
  const Predictor predictor = [&] {
    Trainer trainer = trained_network();
    Predictor snapshot(trainer);
    before = probabilities_of(snapshot, images.images(), 20);
    trainer.fit(small_set(300, 1), {.epochs = 4, .batch_size = 32});
    EXPECT_NE(probabilities_of(Predictor(trainer), images.images(), 20), before);
    return snapshot;
  }();
  EXPECT_EQ(probabilities_of(predictor, images.images(), 20), before);
  EXPECT_EQ(probabilities_of(predictor, images.image(0), 1),
            probabilities_of(Predictor(trained_network()), images.image(0), 1));
}

TEST(PredictorSnapshot, LoadedGivesTheBytesOfTheTrainersOwn) {
  const test::TemporaryFolder folder;
  const Dataset images = small_set(20, 2);
  Trainer trainer = trained_network();
  trainer.save(folder / "net.safetensors");
  EXPECT_EQ(probabilities_of(Predictor::load(folder / "net.safetensors"), images.images(), 20),
            probabilities_of(Predictor(trainer), images.images(), 20));
}

}  // namespace
}  // namespace evenkeel
