// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/text.h"

#include <gtest/gtest.h>

#include "evenkeel/graph/op_text.h"
#include "tests/support/random_graph.h"

namespace evenkeel {
namespace {

TEST(GraphText, is_readable) {
  Graph graph("small");
  const Value w = graph.add(State{{DType::f64, {}}, Role::statistic, Initializer::constant, 0.1},
                            {}, "layer/w");
  const Value x = graph.add(Input{{DType::f32, {kBatch, 4, 4, 2}}}, {}, "x");
  const Value p = graph.add(MaxPool2d{}, {x}, "pool");
  const Value one = graph.add(Constant{{DType::f64, {}}, 1}, {}, "one");
  graph.update(w, graph.add(Add{}, {w, one}, "next"));
  graph.guard(p);
  graph.check_after({p.node, 1});
  graph.output("y", p);
  EXPECT_EQ(to_text(graph), R"(graph small
@layer/w = state {type f64[], role statistic, initializer constant, value 0.1} : f64[]
%x = input {type f32[N,4,4,2]} : f32[N,4,4,2]
%pool, %pool.1 = max_pool2d %x {window [2,2], stride [2,2], padding [0,0,0,0]} : f32[N,2,2,2], u8[N,2,2,2]
%one = constant {type f64[], value 1} : f64[]
%next = add @layer/w, %one : f64[]
update @layer/w <- %next
guard %pool
check %pool.1
output y = %pool
)");
}

TEST(GraphText, of_random_steps_parses_back) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Graph graph = test::random_step(seed);
    ASSERT_EQ(parse_graph(to_text(graph)), graph) << "seed " << seed;
  }
}

TEST(GraphText, keeps_any_name) {
  const std::vector<std::string> names = {"plain/name_1+x.y-z",
                                          "ends.1",
                                          "ends.1/more",
                                          "a b",
                                          "\"quoted\"\\",
                                          "line\nbreak\t\x01",
                                          "%x",
                                          "f\xc3\xa4hre",
                                          "x = relu",
                                          ".5",
                                          "1e5"};
  for (const std::string& name : names) {
    Graph graph(name);
    const Value x = graph.add(Input{{DType::f32, {1, 2, 2, 1}}}, {}, name);
    const Value p = graph.add(MaxPool2d{}, {x}, name + "x");
    graph.output(name, {p.node, 1});
    EXPECT_EQ(parse_graph(to_text(graph)), graph) << to_text(graph);
  }
}

TEST(GraphText, keeps_every_double) {
  for (const double value :
       {0.1, 1 / 3.0, 5e-324, 1.7976931348623157e308, -0.0, 1e22, 123456.789}) {
    Graph graph;
    graph.add(Constant{{DType::f64, {}}, value}, {});
    const Graph parsed = parse_graph(to_text(graph));
    EXPECT_EQ(std::get<Constant>(parsed.node(0).op).value, value);
  }
}

TEST(GraphText, keeps_packed_layouts) {
  Graph graph;
  const Value x = graph.add(Input{{DType::f32, {kBatch, 3}}}, {}, "x");
  graph.add(Reorder{{"blocked:16 <a>"}, 640}, {x}, "packed");
  EXPECT_EQ(parse_graph(to_text(graph)), graph);
  EXPECT_EQ(to_string(ValueType{DType::f32, {2}, {"blocked16"}, 64}), "f32[2]<blocked16:64>");
}

TEST(GraphText, keeps_the_layouts_of_a_lowered_graph) {
  Graph graph;
  const Value x = graph.add(Input{{DType::f32, {kBatch, 3}}}, {}, "x");
  const Value y = graph.add(Relu{}, {x}, "y");
  graph.set_layout(y, {"blocked16"}, 640);
  EXPECT_NE(to_text(graph).find("%y = relu %x : f32[N,3]<blocked16:640>"), std::string::npos);
  EXPECT_EQ(parse_graph(to_text(graph)), graph);
}

TEST(GraphText, ignores_blank_lines_and_blanks) {
  EXPECT_EQ(parse_graph("\n  graph g\r\n\n\t%x=input{type f32[ 2 , 3 ]}:f32[2,3]\r\n"),
            parse_graph("graph g\n%x = input {type f32[2,3]} : f32[2,3]\n"));
}

Op read_back(const Op& op) {
  const std::string text = attributes_text(op);
  TextCursor in(text, 1);
  Op result = read_op_attributes(in, op.index());
  in.expect_end();
  return result;
}

template <std::size_t... Index>
std::vector<Op> every_op(std::index_sequence<Index...>) {
  return {Op(AnyOp(std::in_place_index<Index>))...};
}

TEST(AttributesText, of_every_op_reads_back) {
  for (const Op& op : every_op(std::make_index_sequence<std::variant_size_v<AnyOp>>()))
    EXPECT_EQ(read_back(op), op) << name_of(op) << " " << attributes_text(op);
}

TEST(AttributesText, of_unusual_attributes_reads_back) {
  const std::vector<Op> ops = {Conv2d{{2, 3}, {0, 1, 2, 3}},
                               Fused{Conv2d{{2, 3}, {0, 1, 2, 3}}, {BiasAdd{}, Relu{}, BiasAdd{}}},
                               Fused{MatMul{true, true}, {}},
                               Fused{WinogradConv2d{2, {1, 0, 1, 0}, 7},
                                     {ChannelMoments{true}},
                                     {BatchNormApply{0.5}, Relu{}}},
                               Fused{BatchNormApply{}, {Add{}, Relu{}}},
                               BatchNormGradSums{0.1, true, true},
                               Fused{MaxPool2d{{3, 2}}, {BiasAdd{}, Relu{}}},
                               Reorder{{"a \"strange\" form"}, 12},
                               Reshape{{kBatch, 2, 3}},
                               Reshape{{}},
                               ScaleAxis{-1},
                               AdamUpdate{0.5, 0.25, 1e-300, AdamForm::pytorch},
                               BatchNorm{0.125, 0.5, false, MovingVariance::sample},
                               Input{{DType::boolean, {kBatch}, {"bits"}, 3}}};
  for (const Op& op : ops) EXPECT_EQ(read_back(op), op) << attributes_text(op);
}

TEST(AttributesText, of_an_op_of_ops) {
  EXPECT_EQ(attributes_text(Fused{Conv2d{}, {BiasAdd{}, Relu{}}}),
            "{core conv2d {stride [1,1], padding [0,0,0,0]}, epilogue [bias_add, relu]}");
  EXPECT_EQ(attributes_text(Relu{}), "");
}

}  // namespace
}  // namespace evenkeel
