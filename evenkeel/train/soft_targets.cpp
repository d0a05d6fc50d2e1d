// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/soft_targets.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "evenkeel/base/error.h"
#include "evenkeel/compile/plan.h"

namespace evenkeel {
namespace {

constexpr std::string_view kTargetsInput = "labels/targets";

const char* name_of(const SoftTargets& soft) {
  return soft.smoothing != 0 ? "label smoothing" : "class weights";
}

}  // namespace

void require_valid(const SoftTargets& soft) {
  if (!(soft.smoothing >= 0 && soft.smoothing < 1))
    throw InvalidArgument("label smoothing", "expected at least 0 and below 1, got " +
                                                 std::to_string(soft.smoothing) +
                                                 "; 0.1 is usual, 0 is none");
  for (std::size_t k = 0; k < soft.class_weights.size(); ++k)
    if (!(soft.class_weights[k] > 0) || !std::isfinite(soft.class_weights[k]))
      throw InvalidArgument("class weights", "expected finite numbers above 0, got " +
                                                 std::to_string(soft.class_weights[k]) +
                                                 " for class " + std::to_string(k) +
                                                 "; leave out the images of a class that is not "
                                                 "to count");
}

void require_valid(const SoftTargets& soft, Loss loss, std::int64_t classes) {
  require_valid(soft);
  if (!soft.any()) return;
  if (loss != Loss::softmax_cross_entropy)
    throw InvalidArgument(name_of(soft), "expected the loss softmax_cross_entropy with it, got " +
                                             std::string(to_string(loss)) + "; leave it out");
  const auto given = static_cast<std::int64_t>(soft.class_weights.size());
  if (given != 0 && given != classes)
    throw InvalidArgument("class weights", "expected " + std::to_string(classes) +
                                               ", one for each class, got " +
                                               std::to_string(given));
}

void require_classes(const SoftTargets& soft, const Dataset& data) {
  if (!soft.any() || !data.has_targets()) return;
  throw InvalidArgument(name_of(soft), "expected a data set with classes, '" + data.name() +
                                           "' has targets, which say themselves how soft and how "
                                           "heavy they are; leave it out");
}

void soften(const SoftTargets& soft, std::span<const std::int32_t> labels, std::span<double> out) {
  const std::size_t N = labels.size();
  const std::size_t K = N > 0 ? out.size() / N : 0;
  const auto weight = [&](std::size_t k) {
    return soft.class_weights.empty() ? 1 : soft.class_weights[k];
  };
  double sum = 0;
  for (const std::int32_t label : labels) sum += weight(static_cast<std::size_t>(label));
  const double scale = static_cast<double>(N) / sum;
  const double everywhere = soft.smoothing / static_cast<double>(K);
  for (std::size_t i = 0; i < N; ++i) {
    const std::span<double> row = out.subspan(i * K, K);
    for (std::size_t k = 0; k < K; ++k) row[k] = scale * everywhere * weight(k);
    const auto y = static_cast<std::size_t>(labels[i]);
    row[y] += scale * (1 - soft.smoothing) * weight(y);
  }
}

void feed_softened(Executor& executor, const SoftTargets& soft) {
  const auto& ports = executor.plan().inputs;
  const auto port = std::find_if(ports.begin(), ports.end(),
                                 [](const auto& p) { return p.name == kTargetsInput; });
  if (port == ports.end()) return;
  std::vector<double> targets(static_cast<std::size_t>(port->type.shape.elements()));
  soften(soft, executor.input_as<std::int32_t>("labels"), targets);
  const auto put = [&](auto to) {
    std::transform(targets.begin(), targets.end(), to.begin(),
                   [](double t) { return static_cast<typename decltype(to)::value_type>(t); });
  };
  if (port->type.dtype == DType::f64)
    put(executor.input_as<double>(kTargetsInput));
  else
    put(executor.input_as<float>(kTargetsInput));
}

}  // namespace evenkeel
