// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/suggest.h"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

const std::vector<std::string> kKnown = {"mnist", "fashion-mnist", "mnist-cnn"};

TEST(DidYouMean, finds_swapped_missing_extra_and_wrong_letters) {
  EXPECT_EQ(did_you_mean("mnits", kKnown), "; did you mean 'mnist'?");
  EXPECT_EQ(did_you_mean("mnst", kKnown), "; did you mean 'mnist'?");
  EXPECT_EQ(did_you_mean("mnistt", kKnown), "; did you mean 'mnist'?");
  EXPECT_EQ(did_you_mean("mnist_cnn", kKnown), "; did you mean 'mnist-cnn'?");
  EXPECT_EQ(did_you_mean("fashon-mnist", kKnown), "; did you mean 'fashion-mnist'?");
}

TEST(DidYouMean, says_nothing_when_nothing_is_near) {
  EXPECT_EQ(did_you_mean("resnet", kKnown), "");
  EXPECT_EQ(did_you_mean("", kKnown), "");
  EXPECT_EQ(did_you_mean("mnist", {}), "");
}

TEST(DidYouMean, prefers_the_nearest_and_then_the_first) {
  EXPECT_EQ(did_you_mean("abcd", {"abxx", "abcx", "xbcd"}), "; did you mean 'abcx'?");
}

}  // namespace
}  // namespace evenkeel
