// SPDX-License-Identifier: Apache-2.0
#include "tests/support/batch_norm_golden.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/support/paths.h"

namespace evenkeel::test {
namespace {

using Json = nlohmann::json;

GoldenStep step_of(const Json& json) {
  GoldenStep step;
  for (const auto& [key, value] : json.items())
    if (key == "t")
      step.t = value.get<std::int64_t>();
    else
      step.tensors[key] = value.get<std::vector<double>>();
  return step;
}

GoldenBatchNorm case_of(const std::string& file, const Json& json) {
  GoldenBatchNorm result;
  result.name = file + "/" + json.at("name").get<std::string>();
  result.float32 = json.at("dtype").get<std::string>() == "float32";
  result.shape = Shape(json.at("shape").get<std::vector<std::int64_t>>());
  for (const auto& [key, value] : json.at("start").items())
    result.start[key] = value.get<std::vector<double>>();
  for (const Json& step : json.at("steps")) result.steps.push_back(step_of(step));
  result.inference = step_of(json.at("inference"));
  return result;
}

std::vector<GoldenBatchNorm> read_all() {
  std::vector<GoldenBatchNorm> cases;
  for (const char* file : {"pytorch", "keras", "tf1", "formulas"}) {
    std::ifstream stream(std::string(test::kSourceDir) + "/tests/golden/batch_norm/" + file +
                         ".json");
    const Json parsed = Json::parse(stream);
    for (const Json& json : parsed.at("cases")) cases.push_back(case_of(file, json));
  }
  return cases;
}

const std::vector<GoldenBatchNorm>& cases() {
  static const std::vector<GoldenBatchNorm> read = read_all();
  return read;
}

// Element i of that input; C: the extent of x's last axis.
double element(const std::string& input, std::int64_t i, std::int64_t C, std::int64_t t) {
  const auto fraction = [](std::int64_t numerator, double denominator) {
    return static_cast<double>(numerator) / denominator;
  };
  if (input == "x") return fraction((37 * i + 101 * t) % 257, 64) - 2 + fraction(i % C, 8);
  if (input == "dy") return fraction((53 * i + 29 * t) % 127, 64) - 1;
  if (input == "weights") return fraction((13 * i + 7 * t) % 5, 4);
  if (input == "mask") return (13 * i + 7 * t) % 5 != 0 ? 1 : 0;
  throw std::invalid_argument("no golden input '" + input + "'");
}

Shape shape_of(const std::string& input, const Shape& x) {
  if (input == "weights") return {x[0]};
  if (input == "mask") return Shape(std::vector<std::int64_t>(x.begin(), x.end() - 1));
  return x;
}

}  // namespace

const GoldenBatchNorm& golden_batch_norm(const std::string& name) {
  for (const GoldenBatchNorm& each : cases())
    if (each.name == name) return each;
  throw std::invalid_argument("no golden case '" + name + "'");
}

std::vector<std::string> golden_batch_norm_names() {
  std::vector<std::string> names;
  for (const GoldenBatchNorm& each : cases()) names.push_back(each.name);
  return names;
}

Tensor golden_batch_norm_input(const std::string& input, const Shape& x, std::int64_t t,
                               DType dtype) {
  Tensor tensor(dtype, shape_of(input, x));
  const std::int64_t count = tensor.shape.elements();
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const double value = element(input, i, x.back(), t);
    if (dtype == DType::f64)
      tensor.values<double>()[at] = value;
    else
      tensor.values<float>()[at] = static_cast<float>(value);
  }
  return tensor;
}

}  // namespace evenkeel::test
