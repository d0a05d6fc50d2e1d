// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/base/random.h"
#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/text.h"
#include "tests/support/graph_checks.h"
#include "tests/support/random_graph.h"

namespace evenkeel {
namespace {

std::string error_of(const std::string& text) {
  try {
    parse_graph(text);
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}

// The error of these lines after "graph g" and one input; the first of them is line 3.
std::string error_after_x(const std::string& lines) {
  return error_of("graph g\n%x = input {type f32[N,3]} : f32[N,3]\n" + lines);
}

TEST(ParseGraph, wants_a_header) {
  EXPECT_EQ(error_of(""), "[line 1] expected 'graph' and a name, got an empty text");
  EXPECT_EQ(error_of("\n\n%x = relu"), "[line 3] expected 'graph ', got \"%x = relu\"");
  EXPECT_EQ(error_of("graph"), "[line 1] expected 'graph ', got \"graph\"");
  EXPECT_EQ(error_of("graph g h"), "[line 1] expected the end of the line, got \"h\"");
}

TEST(ParseGraph, names_the_line_of_an_unknown_word) {
  EXPECT_EQ(error_after_x("%y = relv %x : f32[N,3]"),
            "[line 3] expected an op, got \"relv %x : f32[N,3]\"; did you mean 'relu'?");
  EXPECT_EQ(error_after_x("\nupdat @x <- %x"),
            "[line 4] expected a node, update, guard, check or output, got \"updat @x <- %x\"");
  EXPECT_EQ(
      error_after_x("%y = reshape %x {shap [N,3]} : f32[N,3]"),
      "[line 3] expected an attribute, got \"shap [N,3]} : f32[N,3]\"; did you mean 'shape'?");
  EXPECT_EQ(error_after_x("%y = input {type f16[3]} : f16[3]"),
            "[line 3] expected a dtype (f32, f64, bf16, u8, i32, i64 or bool), got \"f16[3]} : "
            "f16[3]\"");
  EXPECT_EQ(error_after_x("%y = relu %z : f32[N,3]"),
            "[line 3] [g] no node is named 'z'; did you mean 'x'?");
}

TEST(ParseGraph, names_the_line_of_a_shape_error) {
  EXPECT_EQ(error_after_x("%y = max_pool2d %x : f32[N,3]"),
            "[line 3] [y] max_pool2d: expected input 0 of rank 4, got f32[N,3]");
  EXPECT_EQ(error_after_x("%y = relu %x : f32[N,4]"),
            "[line 3] expected the type f32[N,3], which follows from the inputs, got \"f32[N,4]\"");
  EXPECT_EQ(error_after_x("%y = relu %x : f32[N,3]<a:-5>"),
            "[line 3] [y] expected dimensions of at least 1 (N only in front), at most 2^40 "
            "elements and bytes only where packed, got f32[N,3]<a:-5>");
  EXPECT_EQ(error_after_x("%y = reorder %x {to \"a\", bytes 16} : f32[N,3]<b:16>"),
            "[line 3] expected the type f32[N,3]<a:16>, which follows from the inputs, got "
            "\"f32[N,3]<b:16>\"");
  EXPECT_EQ(error_after_x("%y, %y.1 = relu %x : f32[N,3], f32[N,3]"),
            "[line 3] expected 1 outputs of 'y', got 2");
  EXPECT_EQ(error_after_x("%y = relu %x.1 : f32[N,3]"),
            "[line 3] [x] expected a value of this graph, got output 1 of node 0");
}

TEST(ParseGraph, refuses_attributes_twice_or_out_of_range) {
  EXPECT_EQ(error_after_x("%y = reshape %x {shape [3], shape [3]} : f32[3]"),
            "[line 3] expected each attribute once, got 'shape' twice");
  EXPECT_EQ(error_after_x("%y = scale %x {factor abc} : f32[N,3]"),
            "[line 3] expected a number, got \"abc} : f32[N,3]\"");
  EXPECT_EQ(error_after_x("%y = scale %x {factor 1e999} : f32[N,3]"),
            "[line 3] expected a number, got \"1e999} : f32[N,3]\"");
  EXPECT_EQ(error_after_x("%y = scale_axis %x, %x {axis 9223372036854775808} : f32[N,3]"),
            "[line 3] expected a whole number of 64 bits, got \"9223372036854775808} : "
            "f32[N,3]\"");
  EXPECT_EQ(error_after_x("%y = reshape %x {shape [-1,3]} : f32[N,3]"),
            "[line 3] expected dimensions of at least 1, with N only in front, got -1");
  EXPECT_EQ(error_after_x("%y = reshape %x {shape [3,N]} : f32[3,N]"),
            "[line 3] expected dimensions of at least 1, with N only in front, got N");
  EXPECT_EQ(error_after_x("%y = reshape %x {shape [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]} : f32[3]"),
            "[line 3] expected at most 16 dimensions, got more");
}

TEST(ParseGraph, refuses_names_that_do_not_stand_for_one_node) {
  EXPECT_EQ(error_after_x("%x = relu %x : f32[N,3]"),
            "[line 3] expected a new name, got 'x' again");
  EXPECT_EQ(error_after_x("%y, %z = relu %x : f32[N,3]"),
            "[line 3] expected a node's outputs in order: %x, %x.1, ...");
  EXPECT_EQ(error_after_x("%y = relu @x : f32[N,3]"),
            "[line 3] expected @ before the name of a state and % before any other, got '@x'");
  EXPECT_EQ(error_after_x("%w = state {type f32[3]} : f32[3]"),
            "[line 3] expected @ before the name of a state and % before any other, got '%w'");
  EXPECT_EQ(error_after_x("%\"y = relu %x : f32[N,3]"),
            "[line 3] expected a closing quote, got the end of the line");
}

TEST(ParseGraph, names_the_line_of_a_wrong_update) {
  EXPECT_EQ(error_after_x("update %x <- %x"),
            "[line 3] [x] expected a state to update, got input node");
  EXPECT_EQ(error_after_x("output y %x"), "[line 3] expected '=', got \"%x\"");
  EXPECT_EQ(error_after_x("guard %x %x"), "[line 3] expected the end of the line, got \"%x\"");
}

TEST(ParseGraph, shows_only_the_beginning_of_what_came) {
  EXPECT_THAT(
      error_of(std::string(100000, 'g')),
      testing::StrEq("[line 1] expected 'graph ', got \"" + std::string(40, 'g') + "\"..."));
  EXPECT_LT(error_after_x("%y = " + std::string(100000, 'y') + " %x").size(), 200U);
}

// Whatever the text, it parses or is a DataError.
void parse_anything(const std::string& text) {
  try {
    const Graph graph = parse_graph(text);
    EXPECT_EQ(parse_graph(to_text(graph)), graph);
  } catch (const DataError&) {
    // The other way to be right.
  }
}

TEST(ParseGraph, survives_texts_cut_anywhere) {
  const std::string text = to_text(test::random_step(3));
  for (std::size_t length = 0; length < text.size(); length += 7)
    parse_anything(text.substr(0, length));
}

TEST(ParseGraph, survives_random_damage) {
  constexpr std::string_view kBytes = "%@\"\\{}[],.:<>=-N019ef \n\r\x01\xff";
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Random random(seed, Purpose::test, 7);
    std::string text = to_text(test::random_step(seed % 10));
    for (std::uint64_t change = 0; change < 1 + seed % 4; ++change) {
      const std::size_t place = random.below(4 * change, text.size());
      const char byte = kBytes[random.below(4 * change + 1, kBytes.size())];
      switch (random.below(4 * change + 2, 3)) {
        case 0:
          text[place] = byte;
          break;
        case 1:
          text.insert(place, 1, byte);
          break;
        default:
          text.erase(place, 1 + random.below(4 * change + 3, 20));
      }
    }
    parse_anything(text);
  }
}

}  // namespace
}  // namespace evenkeel
