// SPDX-License-Identifier: Apache-2.0
// What callers of Predictor can get wrong, and checkpoints that hold no such network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "evenkeel/formats/safetensors.h"
#include "tests/train/predictor_network.h"

namespace evenkeel {
namespace {

using test::trained_network;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();

template <typename ErrorType>
std::string refusal(const std::function<void()>& function) {
  try {
    function();
  } catch (const ErrorType& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(PredictorWrongUse, NamesWhatWasExpectedAndWhatCame) {
  const Predictor predictor(trained_network());
  const auto with = [&](std::size_t pixels, const ImageLayout& layout, std::size_t results = 10) {
    return refusal<InvalidArgument>([&] {
      std::vector<float> p(results);
      predictor.probabilities(ImageView(std::vector<std::uint8_t>(pixels), layout), p);
    });
  };
  EXPECT_THAT(with(783, {}), AllOf(HasSubstr("[small]"), HasSubstr("784"), HasSubstr("got 783")));
  EXPECT_THAT(with(0, {}), HasSubstr("got 0"));
  EXPECT_THAT(with(2 * 784, {}), HasSubstr("2 rows of 10"));
  EXPECT_THAT(with(784, {}, 9), HasSubstr("got 9"));
  EXPECT_THAT(with(784, {.count = 2}, 20), HasSubstr("reach to value 1568"));
  EXPECT_THAT(with(784, {.count = -1}), HasSubstr("at least 0"));
  EXPECT_THAT(with(784, {.count = 1, .row_stride = -28}), HasSubstr("at least 0"));
  EXPECT_THAT(with(784, {.row_stride = 28}), HasSubstr("number of images"));
  EXPECT_THAT(with(784, {.count = 1, .row_stride = 29}), HasSubstr("reach to value 811"));
}

TEST(PredictorWrongUse, PixelsThatOverlapAreRefused) {
  const Predictor colour = [] {
    Trainer trainer(Sequential("rgb", image(2, 2, 3).scale(1 / 255.0)).flatten().dense(2).build(),
                    softmax_cross_entropy(), Adam{}, {.threads = 1});
    return Predictor(trainer);
  }();
  const std::vector<std::uint8_t> pixels(100);
  std::vector<float> p(2);
  EXPECT_THAT(refusal<InvalidArgument>([&] {
                colour.probabilities(ImageView(pixels, {.count = 1, .pixel_stride = 2}), p);
              }),
              HasSubstr("pixel_stride of at least 3"));
  colour.probabilities(ImageView(pixels, {.count = 1, .pixel_stride = 4}), p);
}

TEST(PredictorWrongUse, StridesThatOverflowAreRefused) {
  const Predictor predictor(trained_network());
  const std::vector<std::uint8_t> pixels(784);
  std::vector<float> p(10);
  for (const ImageLayout& layout :
       {ImageLayout{.count = 1, .row_stride = kHuge}, ImageLayout{.count = kHuge},
        ImageLayout{.count = 1, .pixel_stride = kHuge},
        ImageLayout{.count = 2, .image_stride = kHuge},
        ImageLayout{.count = 3, .image_stride = kHuge / 2 + 1},
        ImageLayout{.count = kHuge, .image_stride = 1},
        ImageLayout{.count = 2, .row_stride = kHuge / 28, .pixel_stride = kHuge / 28}})
    EXPECT_THAT(
        refusal<InvalidArgument>([&] { predictor.probabilities(ImageView(pixels, layout), p); }),
        HasSubstr("within the 784 values"));
}

TEST(PredictorWrongUse, ResultsMustHaveTheirRoom) {
  const Predictor predictor(trained_network());
  const std::vector<std::uint8_t> pixels(3 * 784);
  const auto with = [&](std::size_t room, std::int64_t stride) {
    return refusal<InvalidArgument>([&] {
      std::vector<float> p(room);
      predictor.logits(pixels, p, stride);
    });
  };
  EXPECT_THAT(with(31, 0), HasSubstr("3 rows of 10"));
  EXPECT_THAT(with(33, 12), HasSubstr("12 apart"));
  EXPECT_EQ(with(34, 12), "nothing was thrown");
  EXPECT_THAT(with(300, 9), HasSubstr("row_stride of 0 or at least 10"));
  EXPECT_THAT(with(300, -1), HasSubstr("row_stride"));
  EXPECT_THAT(with(300, kHuge), HasSubstr("3 rows of 10"));
  std::vector<std::int64_t> two(2);
  EXPECT_THAT(refusal<InvalidArgument>([&] { predictor.classes(pixels, two); }),
              HasSubstr("room for 3 classes, got 2"));
  EXPECT_THAT(refusal<InvalidArgument>([&] { predictor.classify(pixels); }),
              HasSubstr("room for 3"));
}

TEST(PredictorWrongUse, APixelThatIsNotFiniteNamesItsImage) {
  const Predictor predictor(trained_network());
  std::vector<float> pixels(3 * 784);
  pixels[2 * 784 + 5] = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> p(30);
  EXPECT_THAT(refusal<InvalidArgument>([&] { predictor.probabilities(pixels, p); }),
              HasSubstr("image 2 of the call has nan"));
  EXPECT_NO_THROW(
      predictor.probabilities(std::span(pixels).first(2 * 784), std::span(p).first(20)));
}

TEST(PredictorWrongUse, OptionsThatMakeNoSense) {
  const Trainer trainer = trained_network();
  EXPECT_THAT(refusal<InvalidArgument>([&] { Predictor(trainer, {.threads = 0}); }),
              HasSubstr("got 0"));
  EXPECT_THAT(refusal<InvalidArgument>([&] { Predictor(trainer, {.slice = -1}); }),
              HasSubstr("got -1"));
}

TEST(PredictorWrongUse, BytesHoldAtMost256Classes) {
  Trainer trainer(Sequential("many", image(2, 2, 1)).flatten().dense(257).build(),
                  softmax_cross_entropy(), Adam{}, {.threads = 1});
  const Predictor predictor(trainer);
  const std::vector<std::uint8_t> pixels(4);
  std::vector<std::uint8_t> bytes(1);
  std::vector<std::int64_t> numbers(1);
  EXPECT_THAT(refusal<InvalidArgument>([&] { predictor.classes(pixels, bytes); }),
              HasSubstr("257"));
  EXPECT_NO_THROW(predictor.classes(pixels, numbers));
}

TEST(PredictorWeights, ThatGiveNoFiniteLogitAreNamed) {
  Trainer trainer = trained_network();
  Tensor bias = trainer.state("dense2/bias");
  bias.values<float>()[3] = std::numeric_limits<float>::infinity();
  trainer.set_state("dense2/bias", bias);
  const Predictor predictor(trainer);
  EXPECT_THAT(refusal<RuntimeFailure>([&] { predictor.classify(std::vector<float>(784)); }),
              HasSubstr("image 0 of the call gives inf"));
}

TEST(PredictorCheckpoint, WithTensorsOfAnotherNetworkIsADataError) {
  const test::TemporaryFolder folder;
  trained_network().save(folder / "good.safetensors");
  const auto refused = [&](const std::function<void(SafetensorsFile&)>& change) {
    SafetensorsFile file = SafetensorsFile::read(folder / "good.safetensors");
    change(file);
    TensorViews views;
    for (const auto& [name, tensor] : file.tensors) views[name] = tensor;
    write_safetensors(folder / "changed.safetensors", views, file.metadata);
    return refusal<DataError>([&] { Predictor::load(folder / "changed.safetensors"); });
  };
  EXPECT_EQ(refused([](SafetensorsFile&) {}), "nothing was thrown");
  EXPECT_THAT(refused([](SafetensorsFile& file) { file.tensors.erase("dense1/kernel"); }),
              AllOf(HasSubstr("changed.safetensors"), HasSubstr("dense1/kernel")));
  EXPECT_THAT(refused([](SafetensorsFile& file) {
                file.tensors["dense2/bias"] = Tensor(DType::f32, Shape{11});
              }),
              AllOf(HasSubstr("dense2/bias"), HasSubstr("f32[11]"), HasSubstr("f32[10]")));
  EXPECT_THAT(refused([](SafetensorsFile& file) {
                file.tensors["bn1/moving_variance"].values<float>()[0] = -1;
              }),
              HasSubstr("bn1/moving_variance"));
  EXPECT_THAT(refusal<DataError>([&] { Predictor::load(folder / "missing"); }),
              HasSubstr("missing"));
}

}  // namespace
}  // namespace evenkeel
