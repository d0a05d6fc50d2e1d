// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/hash.h"

#include <gtest/gtest.h>

#include <set>

namespace evenkeel {
namespace {

TEST(HashOfOp, is_equal_for_equal_ops) {
  EXPECT_EQ(hash_of(Conv2d{{2, 1}, {1, 1, 0, 0}}), hash_of(Conv2d{{2, 1}, {1, 1, 0, 0}}));
  EXPECT_EQ(hash_of(Fused{MatMul{}, {BiasAdd{}, Relu{}}}),
            hash_of(Fused{MatMul{}, {BiasAdd{}, Relu{}}}));
  ASSERT_EQ(Scale{0.0}, Scale{-0.0});
  EXPECT_EQ(hash_of(Scale{0.0}), hash_of(Scale{-0.0}));
}

TEST(HashOfOp, differs_in_the_op_and_in_each_attribute) {
  const std::vector<Op> ops = {Relu{},
                               Add{},
                               Conv2d{},
                               Conv2d{{2, 1}},
                               Conv2d{{1, 2}},
                               Conv2d{{1, 1}, {1, 0, 0, 0}},
                               MatMul{},
                               MatMul{true, false},
                               MatMul{false, true},
                               Reshape{{2, 3}},
                               Reshape{{3, 2}},
                               Reshape{{kBatch, 2}},
                               Scale{2},
                               Scale{2, DType::f64},
                               Input{{DType::f32, {3}}},
                               State{{DType::f32, {3}}},
                               State{{DType::f32, {3}}, Role::slot},
                               Reorder{{"a"}, 8},
                               Reorder{{"b"}, 8},
                               Reorder{{"b"}, 9},
                               Fused{MatMul{}, {}},
                               Fused{MatMul{}, {Relu{}}},
                               Fused{MatMul{}, {BiasAdd{}}},
                               Fused{Conv2d{}, {Relu{}}},
                               Fused{MaxPool2d{}, {Relu{}}},
                               AdamUpdate{},
                               AdamUpdate{0.9, 0.999, 1e-8, AdamForm::pytorch}};
  std::set<std::size_t> hashes;
  for (const Op& op : ops) hashes.insert(hash_of(op));
  EXPECT_EQ(hashes.size(), ops.size());
}

}  // namespace
}  // namespace evenkeel
