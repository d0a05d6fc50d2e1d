// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/networks.h"

#include "evenkeel/base/error.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/model/networks/families.h"

namespace evenkeel {
namespace {

constexpr int kWidest = 1000;

// Of mlp: its two layers, or as many of the first one's width as it is to have.
std::vector<std::int64_t> widths_of(const NetworkSize& size) {
  std::vector<std::int64_t> widths = MlpOptions{}.widths;
  if (size.depth > 0) widths.assign(static_cast<std::size_t>(size.depth), widths[0]);
  for (std::int64_t& width : widths) width = widened(width, size.width);
  return widths;
}

[[noreturn]] void fail_unknown(std::string_view name) {
  std::string known;
  for (const std::string& other : network_names()) known += (known.empty() ? "" : ", ") + other;
  throw InvalidArgument("model", "expected one of " + known + ", got '" + std::string(name) + "'" +
                                     did_you_mean(name, network_names()));
}

}  // namespace

std::vector<std::string> network_names() {
  return {"mnist-cnn", "mnist-99", "mlp", "resnet20", "resnet20-projection"};
}

Model network(std::string_view name, const ImageInput& input, std::int64_t classes,
              const NetworkSize& size) {
  if (!(size.width > 0 && size.width < kWidest))
    throw InvalidArgument("width", "expected a factor above 0 and below " +
                                       std::to_string(kWidest) + ", got " +
                                       std::to_string(size.width));
  const bool residual = name == "resnet20" || name == "resnet20-projection";
  if (size.depth != 0 && name != "mlp" && !residual)
    throw InvalidArgument("depth", "expected mlp or a resnet with it: " + std::string(name) +
                                       " has a depth of its own");
  if (name == "mnist-cnn") return mnist_cnn_for(input, classes, false, size.width);
  if (name == "mnist-99") return mnist_99_for(input, classes, size.width);
  if (name == "mlp") return mlp({.input = input, .widths = widths_of(size), .classes = classes});
  if (residual)
    return resnet({.blocks = size.depth == 0 ? 3 : size.depth,
                   .shortcut = name == "resnet20" ? Shortcut::subsample : Shortcut::projection,
                   .input = input,
                   .classes = classes,
                   .width = size.width});
  fail_unknown(name);
}

Model network(std::string_view name, const NetworkSize& size) {
  const bool residual = name.starts_with("resnet");
  return network(name, (residual ? image(32, 32, 3) : image(28, 28, 1)).scale(1 / 255.0), 10, size);
}

}  // namespace evenkeel
