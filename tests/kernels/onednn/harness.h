// SPDX-License-Identifier: Apache-2.0
// Runs oneDNN's table entries on dense tensors, as an executor would: operands in the layouts that
// the kernel asks for, aligned scratch, a context a lane.
#pragma once

#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "evenkeel/base/random.h"
#include "evenkeel/base/tensor.h"
#include "evenkeel/kernels/kernel.h"

namespace evenkeel::onednn_test {

inline const KernelEntry& entry(std::string_view name) {
  for (const KernelEntry& candidate : onednn_kernels())
    if (candidate.name == name) return candidate;
  throw std::runtime_error("no entry " + std::string(name));
}

// Bytes at a 64-byte boundary, filled with 0xff (NaN), between canaries.
class Buffer {
 public:
  explicit Buffer(std::size_t size)
      : size_(size), bytes_(size + 2 * kGuard + 64, std::byte{0xff}) {}
  std::byte* data() {
    const auto address = reinterpret_cast<std::uintptr_t>(bytes_.data()) + kGuard;
    return bytes_.data() + kGuard + (64 - address % 64) % 64;
  }
  bool guards_intact() {
    const auto untouched = [](std::byte b) { return b == std::byte{0xff}; };
    return std::all_of(data() - kGuard, data(), untouched) &&
           std::all_of(data() + size_, data() + size_ + kGuard, untouched);
  }

 private:
  static constexpr std::size_t kGuard = 256;
  std::size_t size_;
  std::vector<std::byte> bytes_;
};

inline std::size_t size_in_bytes(const ValueType& type) {
  return static_cast<std::size_t>(type.bytes());
}

// A kernel made for a call, which any number of lanes may run.
struct Made {
  Needs needs;
  std::unique_ptr<const Kernel> kernel;
  Made(const KernelEntry& entry, const Call& call)
      : needs(entry.needs(call)), kernel(entry.make(call)) {}
};

// Operands in the kernel's own layouts.
inline std::vector<Buffer> run_packed(const Made& made, std::vector<Buffer>& inputs) {
  const auto context = made.kernel->make_context();
  Buffer scratch(made.needs.scratch_bytes);
  std::vector<Buffer> outputs;
  for (const ValueType& type : made.needs.outputs) outputs.emplace_back(size_in_bytes(type));
  const auto data = [](Buffer& buffer) { return buffer.data(); };
  std::vector<const void*> in(inputs.size());
  std::vector<void*> out(outputs.size());
  std::transform(inputs.begin(), inputs.end(), in.begin(), data);
  std::transform(outputs.begin(), outputs.end(), out.begin(), data);
  made.kernel->run({in.data(), out.data(), scratch.data(), context.get()}, {0, 1});
  EXPECT_TRUE(scratch.guards_intact());
  for (Buffer& buffer : outputs) EXPECT_TRUE(buffer.guards_intact());
  return outputs;
}

// The value in another layout, through the reorder kernel.
inline Buffer in_layout(Buffer bytes, const ValueType& from, const ValueType& to) {
  if (from == to) return bytes;
  const Call call = {Reorder{to.layout, to.packed_bytes}, {from}, {to}};
  const KernelEntry& reorder = entry("onednn/reorder/lane");
  EXPECT_TRUE(reorder.accepts(call)) << to_string(from) << " -> " << to_string(to);
  std::vector<Buffer> inputs;
  inputs.push_back(std::move(bytes));
  return std::move(run_packed(Made(reorder, call), inputs)[0]);
}

inline std::vector<Tensor> run_dense(const Made& made, const Call& call,
                                     const std::vector<Tensor>& inputs) {
  std::vector<Buffer> packed;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Buffer bytes(inputs[i].bytes.size());
    std::memcpy(bytes.data(), inputs[i].bytes.data(), inputs[i].bytes.size());
    packed.push_back(in_layout(std::move(bytes), call.inputs[i], made.needs.inputs[i]));
  }
  std::vector<Buffer> outputs = run_packed(made, packed);
  std::vector<Tensor> results;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const ValueType& type = call.outputs[i];
    Buffer dense = in_layout(std::move(outputs[i]), made.needs.outputs[i], type);
    results.emplace_back(type.dtype, type.shape);
    std::memcpy(results.back().bytes.data(), dense.data(), results.back().bytes.size());
  }
  return results;
}

inline Call call_of(const Op& op, const std::vector<Tensor>& inputs, int threads = 1) {
  Call call = {op, {}, {}, threads};
  for (const Tensor& tensor : inputs) call.inputs.push_back({tensor.dtype, tensor.shape});
  call.outputs = std::visit(
      [&](const auto& any) { return any.infer(ShapeScope("test", any.name, call.inputs)); }, op);
  return call;
}

// Runs `name` (without /team or /lane) as a team of 1 and 2 threads, as a lane outside a region and
// as two lanes inside one, each twice; checks that results repeat to the byte and that the number
// of threads is left alone. Returns one result of each way.
inline std::vector<std::vector<Tensor>> run_every_way(const std::string& name, const Op& op,
                                                      const std::vector<Tensor>& inputs) {
  std::vector<std::vector<Tensor>> results;
  const int threads_before = omp_get_max_threads();
  const auto run = [&](const std::string& kind, int threads) {
    const Call call = call_of(op, inputs, threads);
    EXPECT_TRUE(entry(name + kind).accepts(call));
    const Made made(entry(name + kind), call);
    results.push_back(run_dense(made, call, inputs));
    EXPECT_EQ(run_dense(made, call, inputs), results.back()) << kind << ": not repeatable";
    EXPECT_EQ(omp_get_max_threads(), threads_before) << kind;
  };
  run("/team", 1);
  run("/team", 2);
  run("/lane", 2);
  const Call call = call_of(op, inputs, 2);
  const Made made(entry(name + "/lane"), call);
  std::vector<std::vector<Tensor>> lanes(2);
#pragma omp parallel num_threads(2)
  lanes[static_cast<std::size_t>(omp_get_thread_num())] = run_dense(made, call, inputs);
  EXPECT_EQ(lanes[0], results.back()) << "a lane inside a region differs from one outside";
  EXPECT_EQ(lanes[1], results.back());
  EXPECT_EQ(omp_get_max_threads(), threads_before);
  return results;
}

// Random numbers of one test case.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed, Purpose::test, 0) {}
  // In [low, high].
  std::int64_t number(std::int64_t low, std::int64_t high) {
    const auto count = static_cast<std::uint64_t>(high - low + 1);
    return low + static_cast<std::int64_t>(random_.below(next_++, count));
  }
  Tensor tensor(Shape shape) {
    Tensor tensor(DType::f32, std::move(shape));
    for (float& value : tensor.values<float>())
      value = static_cast<float>(2 * random_.uniform(next_++) - 1);
    return tensor;
  }

 private:
  Random random_;
  std::uint64_t next_ = 0;
};

// A sum of products in double, and how far any order of summing in float may be from it.
struct Sum {
  double value = 0;
  double magnitude = 0;
  int terms = 0;
  void add(double product) {
    value += product;
    magnitude += std::abs(product);
    ++terms;
  }
  double tolerance() const {
    return (terms + 2) * static_cast<double>(std::numeric_limits<float>::epsilon()) * magnitude;
  }
};

inline void expect_near(const Tensor& result, const std::vector<Sum>& expected) {
  const auto values = result.values<float>();
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    ASSERT_NEAR(values[i], expected[i].value, expected[i].tolerance()) << "at " << i;
}

}  // namespace evenkeel::onednn_test
