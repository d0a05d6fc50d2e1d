// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/worthwhile_threads.h"

#include <gtest/gtest.h>

#include "evenkeel/model/networks.h"

namespace evenkeel {
namespace {

TEST(WorthwhileThreads, AreFewerForSmallSteps) {
  const Graph small = mlp({.widths = {100, 100, 100}}).graph();
  EXPECT_EQ(worthwhile_threads(small, 60, 2), 1);
  EXPECT_EQ(worthwhile_threads(small, 600, 2), 2);
  const Graph large = mnist_cnn().graph();
  EXPECT_EQ(worthwhile_threads(large, 128, 2), 2);
  EXPECT_EQ(worthwhile_threads(large, 128, 64), 64);
  EXPECT_EQ(worthwhile_threads(large, 1, 64), 1);
}

TEST(WorthwhileThreads, AreNeverMoreThanThereAre) {
  EXPECT_EQ(worthwhile_threads(mnist_cnn().graph(), 128, 1), 1);
}

}  // namespace
}  // namespace evenkeel
