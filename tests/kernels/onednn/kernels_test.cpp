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

TEST(OneDnnReorder, LeavesOtherFormsToOthers) {
  const ValueType dense = {DType::f32, {3, 3, 4, 4}};
  for (const std::string form : {"", "onednn:", "onednn:no such", "winograd", "onednn:abcde"}) {
    const Call call = {Reorder{{form}, 0}, {dense}, {dense}};
    EXPECT_FALSE(entry("onednn/reorder/lane").accepts(call)) << form;
  }
  const ValueType flat = {DType::f32, {3, 4}};
  const Call call = {Reorder{{"onednn:ab"}, 48}, {flat}, {flat}};
  EXPECT_FALSE(entry("onednn/reorder/lane").accepts(call));
}

}  // namespace
}  // namespace evenkeel::onednn_test
