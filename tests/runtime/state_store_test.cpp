// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/runtime/state_store.h"

#include <gtest/gtest.h>

namespace evenkeel {
namespace {

Graph with_states(const std::vector<std::string>& names) {
  Graph graph("states");
  for (const std::string& name : names)
    graph.add(State{{DType::f32, {3}}, Role::parameter, Initializer::ones}, {}, name);
  return graph;
}

TEST(StateStore, GrowsWithoutMovingWhatIsThere) {
  StateStore store(with_states({"a", "b"}), 1);
  const std::byte* a = store.bytes(store.entry("a")).data();
  const std::byte* b = store.bytes(store.entry("b")).data();
  store.set("b", Tensor::of<float>({3}, {1, 2, 3}));
  store.extend(with_states({"b", "c", "a", "d"}));
  ASSERT_EQ(store.entries().size(), 4U);
  EXPECT_EQ(store.entries()[2].name, "c");
  EXPECT_EQ(store.bytes(store.entry("a")).data(), a);
  EXPECT_EQ(store.bytes(store.entry("b")).data(), b);
  EXPECT_EQ(store.get("b"), Tensor::of<float>({3}, {1, 2, 3}));
  EXPECT_EQ(store.get("c"), Tensor::of<float>({3}, {0, 0, 0}));
  for (const char* name : {"c", "d"})
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(store.bytes(store.entry(name)).data()) % kAlignment,
              0U);
  store.extend(with_states({"a"}));
  EXPECT_EQ(store.entries().size(), 4U);
}

TEST(StateStore, ACopyOfOneThatHasGrownIsWhole) {
  StateStore store(with_states({"a"}), 1);
  store.extend(with_states({"b"}));
  store.set("b", Tensor::of<float>({3}, {4, 5, 6}));
  const StateStore copy = store;
  store.set("b", Tensor::of<float>({3}, {7, 8, 9}));
  EXPECT_EQ(copy.get("a"), Tensor::of<float>({3}, {1, 1, 1}));
  EXPECT_EQ(copy.get("b"), Tensor::of<float>({3}, {4, 5, 6}));
}

}  // namespace
}  // namespace evenkeel
