// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/orthogonal.h"

namespace evenkeel {
namespace {

constexpr int kSteps = 5;
constexpr double kA = 3.4445;
constexpr double kB = -4.7750;
constexpr double kC = 2.0315;
// Added to |u|^2: PyTorch's least norm of 1e-7.
constexpr double kSmallestSquare = 1e-14;

// u / |u|.
Value normalised(Graph& graph, Value u, const std::string& name) {
  const DType dtype = graph.type(u).dtype;
  const Value squares = graph.add(SquaredNorm{}, {u}, name + "/squares");
  const Value inverse = graph.add(InverseDeviation{kSmallestSquare}, {squares}, name + "/inverse");
  const Value factor = graph.add(Scale{1, dtype}, {inverse}, name + "/factor");
  return graph.add(ScaleAxis{0}, {u, factor}, name + "/normalised");
}

// a X + (b A + c A A) X, or with X^T X as A: a X + X (b A + c A A).
Value stepped(Graph& graph, Value x, bool tall, const std::string& name) {
  const DType dtype = graph.type(x).dtype;
  const auto sum = [&](double p, Value a, double q, Value b) {
    const Value first = graph.add(Scale{p, dtype}, {a}, name + "/scaled");
    const Value second = q == 1 ? b : graph.add(Scale{q, dtype}, {b}, name + "/scaled");
    return graph.add(Add{}, {first, second}, name + "/sum");
  };
  const Value gram = graph.add(MatMul{tall, !tall}, {x, x}, name + "/gram");
  const Value square = graph.add(MatMul{}, {gram, gram}, name + "/square");
  const Value factor = sum(kB, gram, kC, square);
  const Value change = tall ? graph.add(MatMul{}, {x, factor}, name + "/change")
                            : graph.add(MatMul{}, {factor, x}, name + "/change");
  return sum(kA, x, 1, change);
}

}  // namespace

Value add_orthogonalised(Graph& graph, Value u, const std::string& name) {
  const Shape shape = graph.type(u).shape;
  const bool tall = shape[0] > shape[1];
  Value x = normalised(graph, u, name);
  for (int step = 0; step < kSteps; ++step) x = stepped(graph, x, tall, name);
  return x;
}

}  // namespace evenkeel
