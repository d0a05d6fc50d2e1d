// SPDX-License-Identifier: Apache-2.0
// Every native kernel's error, on every instruction set, within a bound of its own: what was
// measured over many seeds and a small margin. A kernel that rounds as the reference does has 1.
#include <set>

#include "tests/kernels/accuracy/operands.h"

namespace evenkeel::native_test {
namespace {

// 1.01: as the reference; 0.01: in double throughout. Sums in float stand beside a reference that
// adds in double.
const std::vector<Case> kCases = {
    {"matmul", 0.8, [](Draw& d) { return product(d, d.between(8, 70), d.coin(), d.coin()); }},
    {"matmul_few_rows", 0.65, [](Draw& d) { return product_of_few_rows(d); }},
    {"matmul_narrow", 0.8, [](Draw& d) { return narrow_product(d); }},
    {"fused_matmul_narrow", 0.9, [](Draw& d) { return with_epilogue(d, narrow_product(d)); }},
    {"fused_matmul", 0.9, [](Draw& d) { return fused_product(d, d.between(8, 70)); }},
    {"fused_matmul_few_rows", 0.65,
     [](Draw& d) { return with_epilogue(d, product_of_few_rows(d)); }},
    {"matmul_few_rows_bf16", 0.65, [](Draw& d) { return narrowed(product_of_few_rows(d)); }},
    {"fused_matmul_few_rows_bf16", 0.65,
     [](Draw& d) { return narrowed(with_epilogue(d, product_of_few_rows(d))); }},
    {"fft2d", 3.7,
     [](Draw& d) {
       const std::int64_t n = 2 * d.between(4, 6);
       return Drawn{Fft2d{n, {0, 0}}, {d.data({2, n - 1, n - 2, d.between(1, 40)})}};
     }},
    {"inverse_fft2d", 7.5,
     [](Draw& d) {
       const Tensor x = d.data({2, 9, 10, d.between(1, 40)});
       return Drawn{InverseFft2d{12, {1, 1}, {9, 10}}, run_reference(Fft2d{12, {1, 1}}, {x})};
     }},
    {"fused_inverse_fft2d", 7.5,
     [](Draw& d) {
       const std::int64_t C = d.between(1, 40);
       Fused op = {InverseFft2d{12, {1, 1}, {9, 10}}, {BiasAdd{}, Relu{}}};
       if (d.coin()) op.epilogue.emplace_back(MaxPool2d{});
       const Tensor Z = run_reference(Fft2d{12, {1, 1}}, {d.data({2, 9, 10, C})})[0];
       return Drawn{op, {Z, d.normal({C})}};
     }},
    {"unpooled_fft2d", 3.7,
     [](Draw& d) {
       UnpooledFft2d op = {2 * d.between(4, 6)};
       op.map = {op.size - 1, op.size - 2};
       const Shape pooled = {2, op.map[0] / 2, op.map[1] / 2, d.between(1, 40)};
       Tensor argmax(DType::u8, pooled);
       for (std::uint8_t& place : argmax.values<std::uint8_t>())
         place = static_cast<std::uint8_t>(d.between(0, 3));
       return Drawn{op, {d.data(pooled), argmax}};
     }},
    {"tiled_fft2d", 3.7,
     [](Draw& d) {
       return Drawn{TiledFft2d{12, {2, 2}, {2, 2}, {8, 8}, {12, 12}},
                    {d.data({2, 16, 15, d.between(1, 40)})}};
     }},
    {"inverse_tiled_fft2d", 7.5,
     [](Draw& d) {
       const TiledFft2d op = {12, {2, 2}, {2, 2}, {8, 8}, {12, 12}};
       const Tensor Z = run_reference(op, {d.data({2, 16, 15, d.between(1, 40)})})[0];
       return Drawn{InverseTiledFft2d{12, {2, 2}, {2, 2}, {8, 8}, {12, 12}, {16, 15}}, {Z}};
     }},
    {"fused_matmul_adam", 1.02, [](Draw& d) { return product_and_adam(d); }},
    {"spectral_conv2d", 1.6,
     [](Draw& d) {
       const std::int64_t C = d.between(1, 70), K = d.between(1, 70);
       const SpectralKernel blocks = {.conjugate = d.coin()};
       return Drawn{SpectralConv2d{K},
                    {d.normal({d.between(1, 20), 5, 2, C}),
                     run_reference(blocks, {d.normal({5, 2, C, K})})[0]}};
     }},
    {"spectral_kernel", 1.01,
     [](Draw& d) {
       return Drawn{SpectralKernel{d.coin(), d.coin()},
                    {d.normal({5, 2, d.between(1, 70), d.between(1, 70)})}};
     }},
    {"spectral_conv2d_grad_kernel", 1.6,
     [](Draw& d) {
       const std::int64_t N = d.between(10, 70);
       return Drawn{SpectralConv2dGradKernel{}, {d.normal({N, 5, 2, 20}), d.normal({N, 5, 2, 30})}};
     }},
    {"fused_conv2d_pooled", 1.01,
     [](Draw& d) {
       const Fused op = {Conv2d{{1, 1}, {2, 2, 2, 2}}, {BiasAdd{}, Relu{}, MaxPool2d{}}};
       const std::int64_t C = d.between(1, 3), K = d.between(1, 70);
       return Drawn{op, {d.data({2, 9, 8, C}), d.normal({5, 5, C, K}), d.normal({K})}};
     }},
    {"conv2d", 1.1,
     [](Draw& d) {
       const Strided z(d);
       return Drawn{z.op, {z.x(d), z.kernel(d)}};
     }},
    {"fused_conv2d", 1.1,
     [](Draw& d) {
       const Strided z(d);
       return Drawn{Fused{z.op, {BiasAdd{}, Relu{}}}, {z.x(d), z.kernel(d), d.normal({z.K})}};
     }},
    // The reference adds up sums of a tap, this all products in a row.
    {"conv2d_grad_data", 3.5,
     [](Draw& d) {
       const Strided z(d);
       return Drawn{Conv2dGradData{z.op.stride, z.op.padding, {2 * z.P, 2 * z.Q}},
                    {z.dy(d), z.kernel(d)}};
     }},
    {"conv2d_grad_kernel", 1.1,
     [](Draw& d) {
       const Strided z(d);
       return Drawn{Conv2dGradKernel{z.op.stride, z.op.padding, {3, 3}}, {z.x(d), z.dy(d)}};
     }},
    {"unpooled_conv2d_grad_kernel", 0.9,
     [](Draw& d) {
       UnpooledConv2dGradKernel op = {{1, 1}, {2, 2, 2, 2}, {5, 5}};
       op.size = {12, 10};
       const Shape pooled = {d.between(2, 9), 6, 5, d.between(1, 40)};
       Tensor argmax(DType::u8, pooled);
       for (std::uint8_t& place : argmax.values<std::uint8_t>())
         place = static_cast<std::uint8_t>(d.between(0, 3));
       return Drawn{op, {d.data({pooled[0], 12, 10, 1}), d.normal(pooled), argmax}};
     }},
    {"scale", 1.01,
     [](Draw& d) {
       return unary(d, Scale{1 / 255.0, DType::f32});
     }},
    {"scale_bytes", 1.01,
     [](Draw& d) {
       Tensor x(DType::u8, shape(d));
       for (std::uint8_t& value : x.values<std::uint8_t>())
         value = static_cast<std::uint8_t>(d.between(0, 255));
       return Drawn{Scale{1 / 255.0, DType::f32}, {x}};
     }},
    {"add", 1.01, [](Draw& d) { return slope_of(d, Add{}, false); }},
    {"fused_add_relu", 1.01,
     [](Draw& d) {
       return slope_of(d, Fused{Add{}, {Relu{}}}, false);
     }},
    {"fused_add_relu_grad", 1.01,
     [](Draw& d) {
       const Shape s = shape(d);
       return Drawn{Fused{Add{}, {ReluGrad{}}}, {d.normal(s), d.normal(s), d.data(s)}};
     }},
    {"multiply", 1.01, [](Draw& d) { return slope_of(d, Multiply{}, false); }},
    {"scale_axis", 1.01,
     [](Draw& d) {
       const Tensor x = d.data(shape(d));
       return Drawn{ScaleAxis{0}, {x, d.normal({x.shape[0]})}};
     }},
    {"bias_add", 1.01,
     [](Draw& d) {
       const Tensor x = d.data(shape(d));
       return Drawn{BiasAdd{}, {x, d.normal({x.shape.back()})}};
     }},
    {"bias_grad", 4.1, [](Draw& d) { return unary(d, BiasGrad{}); }},
    {"leaky_relu", 1.01, [](Draw& d) { return unary(d, LeakyRelu{0.3}); }},
    {"leaky_relu_grad", 1.01, [](Draw& d) { return slope_of(d, LeakyReluGrad{0.3}, false); }},
    {"sigmoid", 1.65, [](Draw& d) { return unary(d, Sigmoid{}); }},
    {"sigmoid_grad", 1.01, [](Draw& d) { return slope_of(d, SigmoidGrad{}, true); }},
    {"tanh", 1.5, [](Draw& d) { return unary(d, Tanh{}); }},
    {"tanh_grad", 1.01, [](Draw& d) { return slope_of(d, TanhGrad{}, true); }},
    {"avg_pool2d", 1.01,
     [](Draw& d) {
       return Drawn{AvgPool2d{{3, 3}, {2, 2}}, {d.data({3, 9, 8, d.between(1, 70)})}};
     }},
    {"avg_pool2d_grad", 1.01,
     [](Draw& d) {
       return Drawn{AvgPool2dGrad{{3, 3}, {2, 2}, {}, {9, 9}},
                    {d.data({3, 4, 4, d.between(1, 70)})}};
     }},
    {"dropout_apply", 1.01,
     [](Draw& d) {
       Tensor samples(DType::i64, {7});
       return Drawn{DropoutApply{0.3, 2},
                    {d.data({7, d.between(1, 900)}), d.count(99), d.count(99), samples}};
     }},
    {"channel_moments", 3.8, [](Draw& d) { return unary(d, ChannelMoments{}); }},
    {"channel_moments_of_each_sample", 2.2, [](Draw& d) { return unary(d, ChannelMoments{true}); }},
    {"channel_variance", 1.01,
     [](Draw& d) {
       return Drawn{ChannelVariance{}, moments(d.data(shape(d)))};
     }},
    {"merge_moments", 0.01,
     [](Draw& d) {
       const Shape s = shape(d);
       return Drawn{MergeMoments{}, joined(moments(d.data(s)), moments(d.normal(s, 2)))};
     }},
    {"merge_sample_moments", 0.01,
     [](Draw& d) {
       return Drawn{MergeSampleMoments{}, moments(d.data(shape(d)), true)};
     }},
    {"group_moments", 0.01,
     [](Draw& d) {
       const Tensor x = d.data({12, 5, d.between(1, 70)});
       return Drawn{GroupMoments{3}, moments(x, true)};
     }},
    {"group_sums", 1.01,
     [](Draw& d) {
       return Drawn{GroupSums{3}, {d.data({12, d.between(1, 70)})}};
     }},
    {"mean_moments", 0.01,
     [](Draw& d) {
       const Tensor x = d.data({12, 5, d.between(1, 70)});
       return Drawn{MeanMoments{}, run_reference(GroupMoments{3}, moments(x, true))};
     }},
    {"weight_moments", 0.01,
     [](Draw& d) {
       const Tensor x = d.data({12, 5, d.between(1, 70)});
       const auto m = moments(x, true);
       return Drawn{WeightMoments{}, {m[0], m[2], d.squares({12})}};
     }},
    {"outer", 1.01,
     [](Draw& d) {
       return Drawn{Outer{}, {d.data({12}), d.normal({40})}};
     }},
    {"channel_moments_grad", 1.01,
     [](Draw& d) {
       const Tensor x = d.data(shape(d));
       const auto m = moments(x);
       return Drawn{ChannelMomentsGrad{},
                    {x, m[0], m[1], d.normal_f64(m[0].shape), d.normal_f64(m[0].shape)}};
     }},
    {"batch_norm_apply", 1.01,
     [](Draw& d) {
       const Tensor x = d.data(shape(d));
       const Shape C = {x.shape.back()};
       return Drawn{BatchNormApply{},
                    joined(joined({x}, moments(x)), {d.normal(C, 1, 0.3), d.normal(C)})};
     }},
    {"fused_batch_norm_apply", 1.01,
     [](Draw& d) {
       const Tensor x = d.data(shape(d));
       const Shape C = {x.shape.back()};
       return Drawn{
           Fused{BatchNormApply{}, {Add{}, Relu{}}},
           joined(joined({x}, moments(x)), {d.normal(C, 1, 0.3), d.normal(C), d.normal(x.shape)})};
     }},
    {"channel_affine", 1.01,
     [](Draw& d) {
       const Tensor x = d.data(shape(d));
       const Shape C = {x.shape.back()};
       return Drawn{ChannelAffine{}, {x, d.normal(C), d.normal(C, 1, 0.3), d.normal(C)}};
     }},
    {"batch_norm_grad_sums", 8.4,
     [](Draw& d) {
       const Tensor x = d.data(shape(d));
       return Drawn{BatchNormGradSums{}, joined({d.normal(x.shape), x}, moments(x))};
     }},
    {"batch_norm_grad_apply", 1.25,
     [](Draw& d) {
       const Tensor x = d.data(shape(d));
       const Shape C = {x.shape.back()};
       return Drawn{BatchNormGradApply{},
                    joined(joined({d.normal(x.shape), x}, moments(x)),
                           {d.normal(C, 1, 0.3), d.normal(C, 0, 9), d.normal(C, 0, 9)})};
     }},
    {"update_moving", 1.01,
     [](Draw& d) {
       const Tensor x = d.data(shape(d));
       const Shape C = {x.shape.back()};
       return Drawn{UpdateMoving{}, joined({d.normal(C), d.squares(C), d.count(200)}, moments(x))};
     }},
    {"group_norm", 2.0, [](Draw& d) { return norm(d, GroupNorm{3}, 3 * d.between(2, 20)); }},
    {"group_norm_grad", 2.6,
     [](Draw& d) { return norm_slope(d, GroupNormGrad{3}, 3 * d.between(2, 20)); }},
    {"layer_norm", 2.1, [](Draw& d) { return norm(d, LayerNorm{}, d.between(8, 70)); }},
    {"layer_norm_grad", 2.8,
     [](Draw& d) { return norm_slope(d, LayerNormGrad{}, d.between(8, 70)); }},
    {"softmax", 1.1,
     [](Draw& d) {
       return Drawn{Softmax{}, {d.normal({d.between(2, 140), d.between(2, 40)}, 0, 4)}};
     }},
    {"softmax_grad", 1.01,
     [](Draw& d) {
       const Shape s = {d.between(2, 140), d.between(2, 40)};
       return Drawn{SoftmaxGrad{}, {d.normal(s), run_reference(Softmax{}, {d.normal(s)})[0]}};
     }},
    {"softmax_cross_entropy", 1.1, [](Draw& d) { return loss(d, SoftmaxCrossEntropy{}); }},
    {"sigmoid_cross_entropy", 1.01, [](Draw& d) { return loss(d, SigmoidCrossEntropy{}); }},
    {"mean_squared_error", 1.01, [](Draw& d) { return loss(d, MeanSquaredError{}); }},
    {"mean", 1.01, [](Draw& d) { return unary(d, Mean{}); }},
    {"mean_grad", 1.01,
     [](Draw& d) {
       return Drawn{MeanGrad{}, {d.normal({}), d.data(shape(d))}};
     }},
    {"adam", 1.01, [](Draw& d) { return adam_case(d, AdamForm::tensorflow); }},
    {"adam_of_pytorch", 1.01, [](Draw& d) { return adam_case(d, AdamForm::pytorch); }},
    {"sgd", 1.01,
     [](Draw& d) {
       const Shape s = {d.between(1, 40000)};
       return Drawn{SgdUpdate{0.9, true, 0.01},
                    {d.normal(s), d.normal(s), d.normal(s), Tensor::of({}, std::vector{0.013})}};
     }},
    {"adagrad", 1.01,
     [](Draw& d) {
       const Shape s = {d.between(1, 40000)};
       return Drawn{AdagradUpdate{1e-10, 0.01},
                    {d.normal(s), d.squares(s), d.normal(s), Tensor::of({}, std::vector{0.013})}};
     }},
    {"rmsprop", 1.01,
     [](Draw& d) {
       const Shape s = {d.between(1, 40000)};
       return Drawn{RmspropUpdate{0.9, 1e-8, 0, 0.01},
                    {d.normal(s), d.squares(s), d.normal(s), Tensor::of({}, std::vector{0.013})}};
     }},
    {"moving_average", 2.0,
     [](Draw& d) {
       const Shape s = {d.between(1, 40000)};
       const Tensor seen = Tensor::of({}, std::vector<std::int64_t>{d.between(0, 40)});
       return Drawn{MovingAverage{0.9, true, 3}, {d.data(s), seen, d.data(s)}};
     }},
    {"squared_norm", 0.01, [](Draw& d) { return unary(d, SquaredNorm{}); }},
    {"clip_factor", 0.01,
     [](Draw& d) {
       return Drawn{ClipFactor{2.5},
                    {Tensor::of({}, std::vector{1.0 + static_cast<double>(d.between(0, 99))})}};
     }},
};

// They move, choose or count numbers: other tests want the reference's bytes of them.
const std::set<std::string_view> kExact = {
    "native/relu",       "native/relu_grad",  "native/relu6",
    "native/relu6_grad", "native/max_pool2d", "native/max_pool2d_grad",
    "native/concat",     "native/slice",      "native/zero_pad",
    "native/transpose",  "native/in_top_k",   "native/increment",
    "native/sum",        "native/cast"};
// Bias, ReLU and max-pool: the sum of a bias is bias_add's. Winograd's: WinogradAccuracy, in units
// of a direct convolution.
const std::set<std::string_view> kOfOthers = {
    "native/fused/max_pool2d", "native/winograd_kernel", "native/winograd_conv2d",
    "native/winograd_conv2d_grad_kernel", "native/winograd_kernel_grad",
    // Its parts to the last bit: NativeWinograd.
    "native/fused/winograd_conv2d", "native/fused/winograd_conv2d_grad_kernel"};

class NativeAccuracy : public ::testing::TestWithParam<Case> {};

TEST_P(NativeAccuracy, IsWithinItsBound) {
  const Case& of = GetParam();
  for (const Numbers numbers : {Numbers::normal, Numbers::pixels}) {
    std::vector<std::vector<Error>> errors;
    for (std::uint32_t seed = 1; seed <= 12; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      Draw draw(seed, numbers);
      const Drawn drawn = of.draw(draw);
      measure(drawn.op, drawn.inputs, errors);
    }
    const std::vector<std::string> sets = instruction_sets();
    for (std::size_t set = 0; set < sets.size(); ++set)
      for (std::size_t i = 0; i < errors[set].size(); ++i)
        EXPECT_LE(errors[set][i].in_units(), of.bound)
            << sets[set] << (numbers == Numbers::normal ? ", normal" : ", pixels") << ", output "
            << i << ", seeds 1 to 12";
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, NativeAccuracy, ::testing::ValuesIn(kCases),
                         [](const auto& of) { return std::string(of.param.name); });

TEST(NativeAccuracy, IsMeasuredOfEveryKernel) {
  std::set<std::string_view> measured = kExact;
  measured.insert(kOfOthers.begin(), kOfOthers.end());
  for (const Case& of : kCases) {
    Draw draw(1, Numbers::normal);
    const Drawn drawn = of.draw(draw);
    measured.insert(entry_for(native_kernels(), call_of(drawn.op, drawn.inputs)).name);
  }
  for (const KernelEntry& entry : native_kernels())
    EXPECT_TRUE(measured.contains(entry.name)) << entry.name << " has no line in kCases";
}

}  // namespace
}  // namespace evenkeel::native_test
