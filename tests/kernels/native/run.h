// SPDX-License-Identifier: Apache-2.0
// Runs one kernel as an executor would, with guards around its outputs.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "evenkeel/base/tensor.h"
#include "evenkeel/graph/graph.h"
#include "evenkeel/kernels/kernel.h"

namespace evenkeel::native_test {

inline constexpr std::size_t kCanary = 64;
inline constexpr std::byte kFiller{0xA5};

struct Free {
  void operator()(std::byte* bytes) const { ::operator delete (bytes, std::align_val_t{64}); }
};
using Block = std::unique_ptr<std::byte, Free>;
inline Block block(std::size_t bytes) {
  return Block(static_cast<std::byte*>(::operator new (bytes, std::align_val_t{64})));
}

// Outputs by the op's shape rule.
inline Call call_of(const Op& op, const std::vector<Tensor>& inputs) {
  Graph graph("test");
  std::vector<Value> values;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    values.push_back(graph.add(Input{{inputs[i].dtype, inputs[i].shape}}, {}));
  const Value value = graph.add(op, values);
  Call call;
  call.op = op;
  for (const Value input : values) call.inputs.push_back(graph.type(input));
  call.outputs = graph.node(value).outputs;
  return call;
}

// Runs over the ranges that `cuts` make of the kernel's extent, the inputs at places with nothing
// behind them, the outputs between canaries.
inline std::vector<Tensor> run(const KernelEntry& entry, const Call& call,
                               const std::vector<Tensor>& inputs,
                               const std::vector<std::int64_t>& cuts = {},
                               std::pair<int, int> in_place = {-1, -1}) {
  const Needs needs = entry.needs(call);
  std::vector<Block> blocks;
  std::vector<const void*> in;
  std::vector<void*> out;
  for (const Tensor& input : inputs) {
    blocks.push_back(block(input.bytes.size()));
    std::memcpy(blocks.back().get(), input.bytes.data(), input.bytes.size());
    in.push_back(blocks.back().get());
  }
  for (const ValueType& type : call.outputs) {
    const auto size = static_cast<std::size_t>(type.bytes());
    blocks.push_back(block(size + 2 * kCanary));
    std::memset(blocks.back().get(), static_cast<int>(kFiller), size + 2 * kCanary);
    out.push_back(blocks.back().get() + kCanary);
  }
  if (in_place.first >= 0) {
    const std::size_t input = static_cast<std::size_t>(in_place.first);
    void* shared = out[static_cast<std::size_t>(in_place.second)];
    std::memcpy(shared, inputs[input].bytes.data(), inputs[input].bytes.size());
    in[input] = shared;
  }
  const Block scratch = block(needs.scratch_bytes + 1);
  const auto kernel = entry.make(call);
  const auto context = kernel->make_context();
  const Args args = {in.data(), out.data(), scratch.get(), context.get()};
  std::int64_t begin = 0;
  for (const std::int64_t cut : cuts) {
    kernel->run(args, {begin, cut});
    begin = cut;
  }
  kernel->run(args, {begin, needs.extent});
  std::vector<Tensor> results;
  for (std::size_t i = 0; i < out.size(); ++i) {
    Tensor result(call.outputs[i].dtype, call.outputs[i].shape);
    const std::byte* bytes = static_cast<std::byte*>(out[i]);
    const std::byte* end = bytes + result.bytes.size();
    std::copy(bytes, end, result.bytes.begin());
    const auto untouched = [](std::byte b) { return b == kFiller; };
    EXPECT_TRUE(std::all_of(bytes - kCanary, bytes, untouched)) << entry.name << " wrote before";
    EXPECT_TRUE(std::all_of(end, end + kCanary, untouched)) << entry.name << " wrote behind";
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace evenkeel::native_test
