// SPDX-License-Identifier: Apache-2.0
// The list of oneDNN's kernels, and the layouts that they ask for.
#include "evenkeel/base/error.h"
#include "tests/kernels/onednn/harness.h"

namespace evenkeel::onednn_test {
namespace {

TEST(OneDnnKernels, TeamStandsBeforeLane) {
  const auto entries = onednn_kernels();
  ASSERT_EQ(entries.size() % 2, 0U);
  for (std::size_t i = 0; i < entries.size(); i += 2) {
    EXPECT_EQ(entries[i].op, entries[i + 1].op);
    EXPECT_EQ(entries[i].kind, KernelKind::team);
    EXPECT_EQ(entries[i + 1].kind, KernelKind::lane);
  }
}

TEST(OneDnnKernels, MakingARefusedCallIsAFailureOfOurs) {
  const Call call = call_of(MatMul{}, {Tensor(DType::f64, {2, 3}), Tensor(DType::f64, {3, 4})});
  EXPECT_FALSE(entry("onednn/matmul/lane").accepts(call));
  EXPECT_THROW(entry("onednn/matmul/lane").needs(call), RuntimeFailure);
  EXPECT_THROW(entry("onednn/matmul/lane").make(call), RuntimeFailure);
}

// Whatever form the kernels of any instruction set ask for, the way there and back changes nothing.
TEST(OneDnnReorder, ThereAndBackIsTheSame) {
  Dice dice(7);
  for (const Shape& shape : {Shape{5, 5, 1, 32}, Shape{5, 5, 32, 64}, Shape{3, 3, 5, 7},
                             Shape{1, 1, 17, 33}, Shape{3, 2, 40, 24}}) {
    const Tensor kernel = dice.tensor(shape);
    const ValueType dense = {DType::f32, shape};
    for (const std::string form : {"Acdb16a", "Acdb8a", "ABcd16b16a", "ABcd8b8a", "Bcda16b"}) {
      SCOPED_TRACE(form + " of " + to_string(shape));
      const Layout layout = {"onednn:" + form};
      Call call = {Reorder{layout, 1}, {dense}, {dense}, 2};
      ASSERT_TRUE(entry("onednn/reorder/team").accepts(call));
      ASSERT_TRUE(entry("onednn/reorder/lane").accepts(call));
      ValueType packed = {DType::f32, shape, layout, 4 * 64 * 64 * 25};
      Buffer bytes(kernel.bytes.size());
      std::memcpy(bytes.data(), kernel.bytes.data(), kernel.bytes.size());
      Buffer back = in_layout(in_layout(std::move(bytes), dense, packed), packed, dense);
      EXPECT_EQ(std::memcmp(back.data(), kernel.bytes.data(), kernel.bytes.size()), 0);
    }
  }
}

// Forms of kernels of groups name how many there are.
TEST(OneDnnReorder, OfGroupsThereAndBackIsTheSame) {
  struct Form {
    Shape shape;
    std::string form;
  };
  Dice dice(8);
  for (const auto& [shape, form] :
       {Form{{3, 3, 1, 32}, "onednn:32:Abcde16a"}, Form{{3, 3, 1, 20}, "onednn:20:Abcde8a"},
        Form{{3, 3, 16, 64}, "onednn:4:aBCde16b16c"}, Form{{1, 2, 5, 21}, "onednn:3:aBCde8b8c"}}) {
    SCOPED_TRACE(form + " of " + to_string(shape));
    const Tensor kernel = dice.tensor(shape);
    const ValueType dense = {DType::f32, shape};
    const ValueType packed = {DType::f32, shape, {form}, 4 * 64 * 64 * 25};
    Buffer bytes(kernel.bytes.size());
    std::memcpy(bytes.data(), kernel.bytes.data(), kernel.bytes.size());
    Buffer back = in_layout(in_layout(std::move(bytes), dense, packed), packed, dense);
    EXPECT_EQ(std::memcmp(back.data(), kernel.bytes.data(), kernel.bytes.size()), 0);
  }
}

// What convolutions of groups ask for, the reorder makes: 64 channels are packed here or nowhere.
TEST(OneDnnReorder, MakesWhatGroupedConvolutionsAskFor) {
  for (const std::int64_t groups : {4, 64}) {
    Conv2d op;
    op.groups = groups;
    const Tensor kernel(DType::f32, {3, 3, 64 / groups, 64});
    const Call call = call_of(op, {Tensor(DType::f32, {2, 9, 9, 64}), kernel});
    const Needs needs = entry("onednn/conv2d/lane").needs(call);
    const ValueType& wanted = needs.inputs[1];
    if (wanted.layout.dense()) continue;
    EXPECT_EQ(wanted.layout.form.rfind("onednn:" + std::to_string(groups) + ":", 0), 0U)
        << wanted.layout.form;
    const ValueType dense = {DType::f32, kernel.shape};
    const Call reorder = {Reorder{wanted.layout, wanted.packed_bytes}, {dense}, {wanted}};
    EXPECT_TRUE(entry("onednn/reorder/lane").accepts(reorder));
    // The same form for another number of groups is another layout.
    const Call other = {Reorder{{}, 0}, {{DType::f32, {3, 3, 7, 63}, wanted.layout, 1}}, {dense}};
    EXPECT_FALSE(entry("onednn/reorder/lane").accepts(other));
  }
}

TEST(OneDnnReorder, LeavesOtherFormsToOthers) {
  const ValueType dense = {DType::f32, {3, 3, 4, 4}};
  for (const std::string form : {"", "onednn:", "onednn:no such", "winograd", "onednn:abcde",
                                 "onednn:3:abcde", "onednn:0:abcde", "onednn:-2:abcde",
                                 "onednn:2:abcd", "onednn:99999999999999999999:abcde"}) {
    const Call call = {Reorder{{form}, 0}, {dense}, {dense}};
    EXPECT_FALSE(entry("onednn/reorder/lane").accepts(call)) << form;
  }
  const ValueType flat = {DType::f32, {3, 4}};
  const Call call = {Reorder{{"onednn:ab"}, 48}, {flat}, {flat}};
  EXPECT_FALSE(entry("onednn/reorder/lane").accepts(call));
}

}  // namespace
}  // namespace evenkeel::onednn_test
