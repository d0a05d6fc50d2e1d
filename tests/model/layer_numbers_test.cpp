// SPDX-License-Identifier: Apache-2.0
// Layers made of more than one op, or of another layer's: their numbers, worked out by hand.
#include <gtest/gtest.h>

#include "evenkeel/graph/graph.h"
#include "evenkeel/kernels/reference/interpreter.h"
#include "evenkeel/model/layers.h"
#include "tests/support/compare.h"

namespace evenkeel {
namespace {

using test::close;

// What the layer gives for uint8 images [N,H,W,C], unscaled.
Tensor output_for(const Layer& layer, const Tensor& images, NamedTensors weights = {}) {
  const Shape& shape = images.shape;
  Scope s("numbers", image(shape[1], shape[2], shape[3]));
  const Value y = layer(s, s.images());
  weights["images"] = images;
  return Interpreter(s.graph(), shape[0]).run(weights).at(y);
}

Tensor bytes_of(const Shape& shape, const std::vector<std::uint8_t>& pixels) {
  return Tensor::of(shape, pixels);
}

// Two images, 2x3 pixels of two channels.
Tensor two_images() {
  return bytes_of({2, 2, 3, 2}, {1, 20, 4, 10, 2, 60,  //
                                 3, 30, 9, 50, 5, 40,  //
                                 7, 8,  7, 2,  7, 8,   //
                                 7, 2,  7, 8,  7, 2});
}

TEST(LayerNumbers, GlobalMaxPoolingTakesTheLargestOfEachChannel) {
  const Tensor y = output_for(layers::global_max_pool2d(), two_images());
  EXPECT_EQ(y.shape, (Shape{2, 2}));
  EXPECT_TRUE(close(y, {9, 60, 7, 8}));
}

TEST(LayerNumbers, GlobalAveragePoolingTakesTheMeanOfEachChannel) {
  const Tensor y = output_for(layers::global_avg_pool2d(), two_images());
  EXPECT_EQ(y.shape, (Shape{2, 2}));
  EXPECT_TRUE(close(y, {4, 35, 7, 5}, 1e-6));
}

// 3x5 pixels: row and column as digits, the second channel with a 1 before them.
Tensor numbered_pixels() {
  std::vector<std::uint8_t> pixels;
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column < 5; ++column)
      for (const int channel : {0, 100})
        pixels.push_back(static_cast<std::uint8_t>(channel + 10 * row + column));
  return bytes_of({1, 3, 5, 2}, pixels);
}

TEST(LayerNumbers, SubsamplingTakesEverySecondPixelFromTheFirstWithZeroChannelsBehind) {
  const Tensor y = output_for(layers::subsample(2, 5), numbered_pixels());
  EXPECT_EQ(y.shape, (Shape{1, 2, 3, 5}));
  EXPECT_TRUE(close(y, {0,  100, 0, 0, 0, 2,  102, 0, 0, 0, 4,  104, 0, 0, 0,  //
                        20, 120, 0, 0, 0, 22, 122, 0, 0, 0, 24, 124, 0, 0, 0}));
}

TEST(LayerNumbers, SubsamplingByHeightAndWidthApartKeepsItsChannels) {
  const Tensor y = output_for(layers::subsample({2, 3}, 2), numbered_pixels());
  EXPECT_EQ(y.shape, (Shape{1, 2, 2, 2}));
  EXPECT_TRUE(close(y, {0, 100, 3, 103, 20, 120, 23, 123}));
}

// Filters 0 and 1 read channel 0, filters 2 and 3 channel 1: top left; the sum of all; bottom right
// without top left; twice top right.
TEST(LayerNumbers, DepthwiseConvolutionGivesEachChannelFiltersOfItsOwn) {
  const Tensor x = bytes_of({1, 3, 3, 2}, {1, 1, 2, 0, 3, 2,  //
                                           4, 0, 5, 3, 6, 0,  //
                                           7, 4, 8, 0, 9, 5});
  const Tensor kernel = Tensor::of<float>({2, 2, 1, 4}, {1, 1, -1, 0, 0, 1, 0, 2,  //
                                                         0, 1, 0, 0, 0, 1, 1, 0});
  const Tensor bias = Tensor::of<float>({4}, {0, 0.5, 0, -1});
  const Tensor y = output_for(layers::depthwise_conv2d(2, {.multiplier = 2}), x,
                              {{"conv1/kernel", kernel}, {"conv1/bias", bias}});
  EXPECT_EQ(y.shape, (Shape{1, 2, 2, 4}));
  EXPECT_TRUE(close(y, {1, 12.5, 2, -1, 2, 16.5, 0, 3,  //
                        4, 24.5, 0, 5, 5, 28.5, 2, -1}));
}

}  // namespace
}  // namespace evenkeel
