// SPDX-License-Identifier: Apache-2.0
// What normalises each sample by itself runs slice by slice, beside the convolution before it.
#include <gtest/gtest.h>

#include "evenkeel/compile/assignment.h"
#include "evenkeel/graph/graph.h"

namespace evenkeel {
namespace {

TEST(SampleNorms, RunInSlicesByNativeKernels) {
  Graph graph("g");
  const Value x = graph.add(Input{{DType::f32, {kBatch, 7, 7, 96}}}, {}, "x");
  const Value v = graph.add(State{{DType::f32, {96}}, Role::gamma}, {}, "v");
  for (const Value norm :
       {graph.add(GroupNorm{8}, {x, v, v}), graph.add(GroupNorm{96}, {x, v, v}),
        graph.add(GroupNormGrad{8}, {x, x, v}), graph.add(LayerNorm{}, {x, v, v}),
        graph.add(LayerNormGrad{}, {x, x, v})}) {
    SCOPED_TRACE(graph.node(norm).name);
    for (const int threads : {1, 4}) {
      const Assignment result = assign(graph, norm.node, 64, {threads});
      EXPECT_EQ(result.kind, PhaseKind::samples);
      EXPECT_EQ(result.extent, 64 / slice_of(64));
      EXPECT_EQ(result.entry->backend, Backend::native);
    }
  }
}

}  // namespace
}  // namespace evenkeel
