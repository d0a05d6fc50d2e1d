// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Tensor four_images() {
  return Tensor::of<std::uint8_t>({4, 1, 2, 1}, {0, 1, 10, 11, 20, 21, 30, 31});
}

TEST(Dataset, shows_images_labels_and_shape) {
  const Dataset data("own", four_images(), {0, 1, 2, 1}, 3);
  EXPECT_EQ(data.name(), "own");
  EXPECT_EQ(data.size(), 4);
  EXPECT_EQ(data.classes(), 3);
  EXPECT_EQ(data.image_shape(), Shape({1, 2, 1}));
  EXPECT_THAT(data.image(2), ElementsAre(20, 21));
  EXPECT_THAT(data.labels(), ElementsAre(0, 1, 2, 1));
  EXPECT_THROW(data.image(4), InvalidArgument);
  EXPECT_THROW(data.image(-1), InvalidArgument);
}

TEST(Dataset, subsets_share_the_bytes_and_outlive_the_whole) {
  Dataset part;
  const std::uint8_t* bytes = nullptr;
  {
    const Dataset whole("own", four_images(), {0, 1, 2, 1}, 3);
    part = whole.subset(1, 4).subset(0, 2);
    bytes = whole.image(1).data();
  }
  EXPECT_EQ(part.images().data(), bytes);
  EXPECT_EQ(part.size(), 2);
  EXPECT_THAT(part.images(), ElementsAre(10, 11, 20, 21));
  EXPECT_THAT(part.labels(), ElementsAre(1, 2));
  EXPECT_EQ(part.subset(2, 2).size(), 0);
}

TEST(Dataset, selects_images_in_any_order_and_outlives_the_whole) {
  Dataset part;
  const std::uint8_t* bytes = nullptr;
  {
    const Dataset whole =
        Dataset("own", four_images(), {0, 1, 2, 1}, 3).one_hot().with_sample_weights({1, 2, 3, 4});
    bytes = whole.image(3).data();
    const std::vector<std::uint32_t> indices = {3, 0, 3, 1};
    part = whole.select(indices);
  }
  EXPECT_EQ(part.size(), 4);
  EXPECT_EQ(part.image(0).data(), bytes);
  EXPECT_THAT(part.image(3), ElementsAre(10, 11));
  EXPECT_THAT(part.labels(), ElementsAre(1, 0, 1, 1));
  EXPECT_THAT(part.sample_weights(), ElementsAre(4, 1, 4, 2));
  EXPECT_THAT(part.subset(1, 2).targets(), ElementsAre(1, 0, 0));
  EXPECT_THAT(part.images(), ElementsAre(30, 31, 0, 1, 30, 31, 10, 11));
  EXPECT_EQ(part.images().data(), Dataset(part).images().data()) << "copied once";
}

TEST(Dataset, divides_what_was_selected_further) {
  const Dataset whole("own", four_images(), {0, 1, 2, 1}, 3);
  const std::vector<std::uint32_t> first = {3, 2, 0};
  const std::vector<std::uint32_t> then = {2, 0};
  const Dataset part = whole.select(first);
  EXPECT_THAT(part.subset(1, 3).images(), ElementsAre(20, 21, 0, 1));
  EXPECT_THAT(part.subset(1, 3).labels(), ElementsAre(2, 0));
  EXPECT_THAT(part.select(then).images(), ElementsAre(0, 1, 30, 31));
  EXPECT_THAT(part.select(then).one_hot().image(1), ElementsAre(30, 31));
  EXPECT_EQ(part.select({}).size(), 0);
  EXPECT_TRUE(part.select({}).images().empty());
  EXPECT_EQ(part.subset(0, 0).size(), 0);
}

TEST(Dataset, refuses_to_select_an_image_that_is_not_there) {
  const Dataset data("own", four_images(), {0, 1, 2, 1}, 3);
  const std::vector<std::uint32_t> wrong = {0, 4};
  EXPECT_THROW(data.select(wrong), InvalidArgument);
}

TEST(Dataset, knows_whether_two_share_their_images) {
  const Dataset data("own", four_images(), {0, 1, 2, 1}, 3);
  const std::vector<std::uint32_t> indices = {3, 0};
  const std::vector<std::uint32_t> others = {0, 3};
  EXPECT_TRUE(data.shares_images_with(data.one_hot()));
  EXPECT_TRUE(data.subset(1, 3).shares_images_with(data.subset(0, 3).subset(1, 3)));
  EXPECT_FALSE(data.subset(1, 3).shares_images_with(data.subset(0, 2)));
  EXPECT_TRUE(data.select(indices).shares_images_with(data.select(indices)));
  EXPECT_FALSE(data.select(indices).shares_images_with(data.select(others)));
  EXPECT_FALSE(data.shares_images_with(Dataset("own", four_images(), {0, 1, 2, 1}, 3)));
}

TEST(Dataset, refuses_a_subset_outside_of_it) {
  const Dataset data("own", four_images(), {0, 1, 2, 1}, 3);
  for (const auto& [begin, end] : {std::pair{-1, 2}, std::pair{2, 5}, std::pair{3, 2}})
    EXPECT_THROW(data.subset(begin, end), InvalidArgument);
}

TEST(Dataset, refuses_counts_that_disagree_and_labels_out_of_range) {
  const auto text = [](std::vector<std::int32_t> labels) -> std::string {
    try {
      Dataset("own", four_images(), std::move(labels), 3);
    } catch (const DataError& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  EXPECT_THAT(text({0, 1, 2}), HasSubstr("4 images and 3 labels"));
  EXPECT_THAT(text({0, 1, 2, 3}), HasSubstr("image 3 has 3"));
  EXPECT_THAT(text({0, -1, 2, 0}), HasSubstr("image 1 has -1"));
}

TEST(Dataset, refuses_images_of_another_dtype_or_rank) {
  const Tensor floats = Tensor::of<float>({1, 1, 1, 1}, {0});
  const Tensor flat = Tensor::of<std::uint8_t>({4}, {0, 1, 2, 3});
  EXPECT_THROW(Dataset("own", floats, {0}, 1), InvalidArgument);
  EXPECT_THROW(Dataset("own", flat, {0, 0, 0, 0}, 1), InvalidArgument);
}

TEST(Dataset, has_a_weight_for_each_image_where_it_was_given_some) {
  const Dataset data("own", four_images(), {0, 1, 2, 1}, 3);
  EXPECT_FALSE(data.has_sample_weights());
  const Dataset weighted = data.with_sample_weights({0, 1, 2.5, 1});
  EXPECT_THAT(weighted.sample_weights(), ElementsAre(0, 1, 2.5, 1));
  EXPECT_THAT(weighted.image(2), ElementsAre(20, 21));
  EXPECT_THAT(weighted.labels(), ElementsAre(0, 1, 2, 1));
  EXPECT_THAT(weighted.subset(1, 3).sample_weights(), ElementsAre(1, 2.5));
  EXPECT_THAT(weighted.one_hot().sample_weights(), ElementsAre(0, 1, 2.5, 1));
  EXPECT_THAT(data.one_hot().with_sample_weights({1, 1, 1, 1}).targets(),
              ElementsAre(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0));
}

TEST(Dataset, refuses_weights_that_cannot_be) {
  const Dataset data("own", four_images(), {0, 1, 2, 1}, 3);
  const auto message = [&](std::vector<float> weights) -> std::string {
    try {
      data.with_sample_weights(std::move(weights));
    } catch (const DataError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message({1, 2}), "[own] expected a weight for each of 4 images, got 2");
  EXPECT_THAT(message({1, -1, 1, 1}), HasSubstr("finite weights of at least 0, image 1 has -1"));
  EXPECT_THAT(message({1, 1, NAN, 1}), HasSubstr("image 2 has"));
  EXPECT_EQ(message({0, 0, 0, 0}), "[own] expected a weight above 0, all are 0");
}

TEST(Dataset, refuses_targets_that_cannot_be) {
  const Tensor images(DType::u8, {2, 3, 3, 1});
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  for (const Tensor& targets :
       {Tensor::of<float>({2, 2}, {1, 0, 0, kNaN}), Tensor::of<float>({2, 1}, {1, HUGE_VALF}),
        Tensor::of<float>({3, 2}, {1, 0, 0, 1, 1, 0}), Tensor::of<float>({2}, {1, 0}),
        Tensor::of<float>(Shape{}, {1}), Tensor(DType::i32, {2, 2}), Tensor(DType::f32, {2, 0})})
    EXPECT_THROW(Dataset("targets", images, targets), Error) << to_string(targets.shape);
  EXPECT_EQ(Dataset("targets", images, Tensor::of<float>({2, 2}, {1, 0, 0, 1})).classes(), 2);
}

TEST(Splits, are_found_by_name_and_a_wrong_name_is_corrected) {
  Splits splits;
  EXPECT_EQ(&splits.named("train"), &splits.train);
  EXPECT_EQ(&splits.named("validation"), &splits.validation);
  EXPECT_EQ(&splits.named("test"), &splits.test);
  try {
    splits.named("tset");
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'test'?"));
  }
}

}  // namespace
}  // namespace evenkeel
